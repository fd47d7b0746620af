"""Data source: CSV files."""
