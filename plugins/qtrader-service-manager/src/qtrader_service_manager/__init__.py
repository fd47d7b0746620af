"""Manager service: from signal to sized order, by policy."""
