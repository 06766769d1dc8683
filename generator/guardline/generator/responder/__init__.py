"""The function that answers GuardDuty's findings, as it runs in AWS Lambda: plain Python and boto3, nothing else.

It is written into the Terraform as it stands here, packed and, for people to read, unpacked. To add an action, add a
file to `actions` and a line to `ACTIONS` there.
"""
