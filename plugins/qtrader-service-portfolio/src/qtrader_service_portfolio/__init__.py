"""Portfolio service: lots, cash, profit and loss, valuations."""
