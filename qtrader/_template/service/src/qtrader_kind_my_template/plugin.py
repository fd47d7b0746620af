"""Offers my-template."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer my-template: what it listens to, and what it says (nothing)."""
    return [
        ServiceProvider(
            name="my-template",
            summary="Stop a run whose equity falls too low",
            target="qtrader_kind_my_template.my_template:MyTemplateService",
            consumes=("valuation",),
            emits=(),
        )
    ]
