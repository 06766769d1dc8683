"""Security Hub, and AWS Config, which its standards need."""
