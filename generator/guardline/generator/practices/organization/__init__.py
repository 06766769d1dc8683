"""An organization: who administers GuardDuty, and what the administrator sets for the members."""
