"""A stand-in for the AWS provider, which Terraform itself plans and applies with: docs/provider-6.md tells of it."""
