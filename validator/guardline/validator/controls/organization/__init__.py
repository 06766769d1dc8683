"""Practice organization: one administrator, and every member enabled."""
