"""Practice lists: trusted IP lists and threat lists."""
