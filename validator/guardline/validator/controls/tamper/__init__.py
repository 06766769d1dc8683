"""Practice tamper: who weakens GuardDuty is stopped or raises an alarm."""
