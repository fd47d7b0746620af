"""Offers the risk policy prudent."""

from qtrader import hookimpl
from qtrader.providers import PolicyDocument
from qtrader_policy_prudent.prudent import document


@hookimpl
def qtrader_risk_policies() -> list[PolicyDocument]:
    """Offer a policy with sizing by risk and six limits; its document is read when the hook is called."""
    return [PolicyDocument("prudent", "Positions of equal risk, six limits, no borrowed money", document())]
