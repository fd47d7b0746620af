"""Which distribution to install for a name that is not installed: the one place where the kernel knows of plugins."""

EVERYTHING = "'qtrader[standard]'"
"""What to install for everything that a backtest needs, as a shell reads it."""

HINTS = {
    ("service", "data"): "qtrader-service-data",
    ("service", "strategy"): "qtrader-service-strategy",
    ("service", "manager"): "qtrader-service-manager",
    ("service", "execution"): "qtrader-service-execution",
    ("service", "portfolio"): "qtrader-service-portfolio",
    ("service", "reporting"): "qtrader-service-reporting",
    ("data-source", "arrow"): "qtrader-data-arrow",
    ("data-source", "csv"): "qtrader-data-csv",
    ("data-source", "parquet"): "qtrader-data-parquet",
    ("data-source", "samples"): "qtrader-data-samples",
    ("fill-policy", "next-open"): "qtrader-fill-next-open",
    ("fill-policy", "close"): "qtrader-fill-close",
    ("commission", "none"): "qtrader-costs",
    ("commission", "per-share"): "qtrader-costs",
    ("commission", "percent"): "qtrader-costs",
    ("slippage", "none"): "qtrader-costs",
    ("slippage", "bps"): "qtrader-costs",
    ("sizer", "fixed"): "qtrader-risk-fixed",
    ("sizer", "equity"): "qtrader-risk-equity",
    ("sizer", "risk-per-trade"): "qtrader-risk-stop",
    ("sizer", "volatility-target"): "qtrader-risk-volatility",
    ("sizer", "kelly"): "qtrader-risk-kelly",
    ("sizer", "risk-parity"): "qtrader-risk-parity",
    ("risk-policy", "naive"): "qtrader-policy-naive",
    ("strategy", "buy-and-hold"): "qtrader-strategy-buy-and-hold",
    ("strategy", "sma-cross"): "qtrader-strategy-sma-cross",
}
"""(kind, name) -> distribution."""
