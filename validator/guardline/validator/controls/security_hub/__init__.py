"""Practice security-hub: findings and AWS Config records come together."""
