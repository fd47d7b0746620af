"""Says what a run uses where its config is silent."""

from qtrader import hookimpl


@hookimpl
def qtrader_defaults() -> dict[str, str]:
    """Choose the plain tool of each kind."""
    return {
        "fill-policy": "next-open",
        "commission": "none",
        "slippage": "none",
        "risk-policy": "naive",
        "sizer": "equity",
    }
