"""QTrader my-kind: my-template."""
