"""Strategy service: runs strategies and publishes what they decide."""
