from collections.abc import Callable

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.providers import ServiceProvider


class NewsService:
    """Reads nothing."""


PROVIDER = ServiceProvider("news", "Read the news", f"{__name__}:NewsService", ("bar@market",), ("news",))


@hookimpl
def qtrader_services() -> tuple[ServiceProvider, ...]:
    return (PROVIDER,)


def test_qtrader_services_says_what_a_service_consumes_and_emits(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_services]))

    assert catalogue.provider("service", "news") == PROVIDER


def test_qtrader_services_names_the_class_of_a_service(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_services]))

    assert catalogue.load("service", "news").__name__ == "NewsService"
