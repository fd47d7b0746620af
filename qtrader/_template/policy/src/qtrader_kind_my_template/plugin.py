"""Offers my-template."""

from qtrader import hookimpl
from qtrader.providers import PolicyDocument
from qtrader_kind_my_template.my_template import document


@hookimpl
def qtrader_risk_policies() -> list[PolicyDocument]:
    """Offer my-template; its document is read from the package when the hook is called."""
    return [PolicyDocument("my-template", "A twentieth of equity a position, market orders", document())]
