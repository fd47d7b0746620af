"""Data source: thirteen years of real daily prices of four stocks."""
