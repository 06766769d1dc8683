"""Reads Terraform plans, with or without the source beside them."""
