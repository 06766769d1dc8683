"""The practices that a spec may ask for: one file each, with its block and the rules across its fields."""
