"""Data source: Arrow tables, IPC files and dataset folders."""
