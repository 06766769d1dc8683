"""What the controls of several practices share."""
