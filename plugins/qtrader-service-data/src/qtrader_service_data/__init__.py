"""Data service: sources merged into one timeline, sessions, corporate actions."""
