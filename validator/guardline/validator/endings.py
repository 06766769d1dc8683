"""How the files of Terraform and OpenTofu source end.

Source: https://developer.hashicorp.com/terraform/language/files and
https://opentofu.org/docs/language/files/
"""

SOURCE = (".tf", ".tofu", ".tf.json", ".tofu.json")
