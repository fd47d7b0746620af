"""QTrader: event-driven backtesting and trading."""
