"""Practice dns-logs: every VPC's DNS queries are logged."""
