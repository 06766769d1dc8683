"""The trail: what records, and where that is kept."""
