"""Reporting service: metrics, equity curve and trade files."""
