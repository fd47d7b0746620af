"""What an event costs: the workloads of QTrader, its rivals in the same process conditions, and the ratios between."""
