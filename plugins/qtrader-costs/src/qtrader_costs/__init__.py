"""Commission and slippage models."""
