"""What is asked of the Terraform code itself."""
