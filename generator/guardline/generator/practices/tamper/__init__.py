"""Watching GuardDuty itself: alarms, queries over the trail, and service control policies."""
