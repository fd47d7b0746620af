"""Risk policy: prudent."""
