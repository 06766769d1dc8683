"""What is expected: accounts, regions, and what a spec requires of each practice."""
