"""Configurations written in Python: the same keys and checks, Python's own types."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader.config import settings_from_dict
from qtrader.errors import ConfigError
from qtrader.ports.settings import PortfolioSettings, Reference, StrategySettings

SMALLEST: dict[str, Any] = {
    "data": {"source": "wiki", "symbols": ["IBM"]},
    "data_sources": {"wiki": {"use": "samples"}},
    "strategies": [{"name": "trend", "use": "sma-cross"}],
}


def load(**sections: Any) -> Any:
    return settings_from_dict(SMALLEST | sections, base_dir=Path("/somewhere"))


def fault(**sections: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        load(**sections)
    return str(refused.value)


def test_dictionary_and_file_give_the_same_configuration(files: Any) -> None:
    text = (
        files.smallest
        + "portfolio: {cash: 0.5}\nexecution: {fill: {use: x, with: {a: 20, b: 0.5, c: true, d: null}}}\n"
    )
    document = {
        "data": {"source": "wiki", "symbols": ("IBM", "AAPL")},
        "data_sources": {"wiki": Reference(use="samples")},
        "strategies": [Reference(use="sma-cross").model_dump(by_alias=True, exclude_unset=True) | {"name": "trend"}],
        "portfolio": PortfolioSettings(cash=Decimal("0.5")),
        "execution": {"fill": {"use": "x", "with": {"a": 20, "b": 0.5, "c": True, "d": None}}},
    }

    assert settings_from_dict(document).effective == files.load(text).effective


def test_float_is_the_decimal_that_it_prints() -> None:
    assert load(portfolio={"cash": 0.1}).settings.portfolio.cash == Decimal("0.1")


def test_date_is_taken() -> None:
    data = SMALLEST["data"] | {"start": date(2000, 3, 1)}

    assert load(data=data).effective["data"]["start"] == "2000-03-01"


def test_options_keep_their_types_for_the_tool() -> None:
    options = {"a": 20, "b": Decimal("0.5"), "c": [date(2000, 1, 1)]}

    assert load(execution={"fill": {"use": "x", "with": options}}).settings.execution.fill.with_ == options


def test_path_is_text() -> None:
    assert load(runs={"dir": Path("out")}).resolve("runs.dir") == Path("/somewhere/out")


def test_object_is_handed_over_untouched() -> None:
    strategy = object()
    loaded = load(strategies=[StrategySettings(name="trend", use="Mine", instance=strategy)])

    assert loaded.settings.strategies[0].instance is strategy


def test_object_never_reaches_the_effective_configuration() -> None:
    loaded = load(strategies=[{"name": "trend", "use": "Mine", "instance": object()}])

    assert loaded.effective["strategies"] == [
        {"name": "trend", "use": "Mine", "with": {}, "symbols": None, "intervals": None, "budget": None}
    ]


def test_origin_is_argument() -> None:
    assert load(name="demo").origin("name") == "argument"


def test_overrides_apply() -> None:
    assert settings_from_dict(SMALLEST, ["data.symbols=[AAPL]"]).settings.data.symbols == ["AAPL"]


def test_bases_apply(files: Any) -> None:
    files.write("name: below\n", "base.yaml")

    assert settings_from_dict(SMALLEST | {"base": ["base.yaml"]}, base_dir=files.folder).settings.name == "below"


def test_effective_configuration_loads_as_itself() -> None:
    loaded = load(data=SMALLEST["data"] | {"start": date(2000, 3, 1)})

    assert settings_from_dict(loaded.effective).effective == loaded.effective


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"nmae": "x"}, "argument: nmae: unknown key 'nmae'. Known here: data, data_sources, engine, execution, name, "
                        "portfolio, report, risk, runs, services, strategies. Did you mean 'name'?"),
        ({"name": 5}, "argument: name: 5 is not text. Write text; what YAML or Python reads otherwise goes in quotes."),
        ({"portfolio": {"cash": True}}, "argument: portfolio.cash: True is not a number. "
                                        "Write it with digits, such as 0.005."),
        ({"portfolio": {"cash": float("nan")}}, "argument: portfolio.cash: nan is not a number. "
                                                "Write it with digits, such as 0.005."),
        ({"portfolio": {1: 2}}, "argument: portfolio: the key 1 is not text. Write it as text."),
        ({"portfolio": {"cash": {1, 2}}}, "argument: portfolio.cash: a value of type 'set' is no setting. "
                                          "Give text, a number, a date, a list or a dict."),
        ({"name": "a\ud800"}, "argument: name: 'a\\ud800' holds control characters. Remove them."),
        ({"data_sources": {"wiki": {"use": "x", "decimals": True}}},
         "argument: data_sources.wiki.decimals: True is not a whole number. Write digits only, such as 4."),
        ({"data": SMALLEST["data"] | {"start": datetime(2000, 3, 1)}},  # noqa: DTZ001 - refused for being a time
         "argument: data.start: datetime.datetime(2000, 3, 1, 0, 0) is not a date. "
         "Write it as YYYY-MM-DD, such as 2000-03-01."),
    ],
)  # fmt: skip
def test_wrong_argument_is_refused(sections: dict[str, Any], message: str) -> None:
    assert fault(**sections) == message


def test_document_inside_itself_is_refused() -> None:
    document = dict(SMALLEST)
    document["runs"] = document

    assert fault(**document) == (
        "argument: runs.runs.runs: the value lies deeper than 50 levels. No setting lies that deep."
    )
