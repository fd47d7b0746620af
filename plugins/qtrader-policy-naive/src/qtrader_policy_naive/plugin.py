"""Offers the risk policy naive."""

from qtrader import hookimpl
from qtrader.providers import PolicyDocument
from qtrader_policy_naive.naive import document


@hookimpl
def qtrader_risk_policies() -> list[PolicyDocument]:
    """Offer the simplest sensible policy; its document is read from the package when the hook is called."""
    return [PolicyDocument("naive", "A tenth of equity a position, market orders, no limits", document())]
