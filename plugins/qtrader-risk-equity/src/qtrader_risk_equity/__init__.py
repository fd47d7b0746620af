"""Sizer: a fixed share of equity."""
