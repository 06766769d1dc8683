"""Alerts to people, and the function that answers findings."""
