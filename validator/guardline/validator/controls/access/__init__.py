"""Practice access: people have the rights that their work needs, and no more."""
