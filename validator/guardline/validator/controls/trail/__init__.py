"""Practice trail: management and S3 data events of every region are recorded."""
