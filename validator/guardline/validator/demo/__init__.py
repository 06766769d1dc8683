"""The whole path on a local AWS, and the Terraform runner that it and the tests use."""
