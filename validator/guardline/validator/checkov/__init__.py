"""A bridge to checkov: what Guardline found, in checkov's own output."""
