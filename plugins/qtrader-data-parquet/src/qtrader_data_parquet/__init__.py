"""Data source: Parquet files."""
