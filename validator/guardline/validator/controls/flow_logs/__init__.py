"""Practice flow-logs: every VPC has a flow log of all traffic."""
