"""Strategy: long while the fast average is above the slow one."""
