"""Execution service: order lifecycle, fills, costs."""
