"""Waivers: what somebody accepted for a time, in a file of its own or beside the resource."""
