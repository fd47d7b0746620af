"""Sizer: a fixed quantity."""
