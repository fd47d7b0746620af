from collections.abc import Callable

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports.settings import Reference
from qtrader.providers import PolicyDocument

POLICY = PolicyDocument("careful", "One unit at a time", {"policy": "careful", "version": 1})


@hookimpl
def qtrader_risk_policies() -> list[PolicyDocument]:
    return [POLICY]


def test_qtrader_risk_policies_gives_a_document_by_name(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_risk_policies]))

    assert catalogue.build("risk-policy", Reference(use="careful")) is POLICY
