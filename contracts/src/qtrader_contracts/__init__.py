"""JSON Schema contracts of every QTrader event."""
