"""Everything a backtest needs, in one name, and the defaults."""
