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
    ("fill-policy", "ohlc-path"): "qtrader-fill-ohlc-path",
    ("fill-policy", "quote"): "qtrader-fill-quote",
    ("commission", "flat"): "qtrader-costs",
    ("commission", "none"): "qtrader-costs",
    ("commission", "per-currency"): "qtrader-costs",
    ("commission", "tiered"): "qtrader-costs",
    ("commission", "per-share"): "qtrader-costs",
    ("commission", "percent"): "qtrader-costs",
    ("slippage", "none"): "qtrader-costs",
    ("slippage", "spread"): "qtrader-costs",
    ("slippage", "volatility"): "qtrader-costs",
    ("slippage", "volume-share"): "qtrader-costs",
    ("slippage", "bps"): "qtrader-costs",
    ("sizer", "fixed"): "qtrader-risk-fixed",
    ("sizer", "equity"): "qtrader-risk-equity",
    ("risk-limit", "position-size"): "qtrader-risk-limits",
    ("risk-limit", "concentration"): "qtrader-risk-limits",
    ("risk-limit", "sector"): "qtrader-risk-limits",
    ("risk-limit", "gross-leverage"): "qtrader-risk-limits",
    ("risk-limit", "net-leverage"): "qtrader-risk-limits",
    ("risk-limit", "daily-loss"): "qtrader-risk-limits",
    ("risk-limit", "participation"): "qtrader-risk-limits",
    ("risk-limit", "drawdown"): "qtrader-risk-drawdown",
    ("risk-limit", "buying-power"): "qtrader-risk-margin",
    ("sizer", "risk-per-trade"): "qtrader-risk-stop",
    ("sizer", "volatility-target"): "qtrader-risk-volatility",
    ("sizer", "kelly"): "qtrader-risk-kelly",
    ("sizer", "risk-parity"): "qtrader-risk-parity",
    ("risk-policy", "naive"): "qtrader-policy-naive",
    ("risk-policy", "prudent"): "qtrader-policy-prudent",
    ("strategy", "buy-and-hold"): "qtrader-strategy-buy-and-hold",
    ("strategy", "sma-cross"): "qtrader-strategy-sma-cross",
}
"""(kind, name) -> distribution."""

FREE = frozenset({("sizer", "kelly")})
"""Names that may be made anew where they are not installed: the example of docs/write-a-plugin.md."""
