"""VPC flow logs: the logs, the VPCs that are logged already, and the alert for new VPCs."""
