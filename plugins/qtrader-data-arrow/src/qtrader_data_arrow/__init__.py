"""Data source: Arrow tables, IPC files and dataset folders."""

from .arrow import ArrowSource

__all__ = ["ArrowSource"]
