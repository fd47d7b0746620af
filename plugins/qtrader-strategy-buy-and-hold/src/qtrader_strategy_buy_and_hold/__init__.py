"""Strategy: buy on the first bar and hold."""
