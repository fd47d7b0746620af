"""Risk policy: naive."""
