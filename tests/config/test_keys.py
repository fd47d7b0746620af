"""The table of keys: every key of the schema is in it, with its meaning and its readers, and no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from qtrader.config import Override, load_config
from qtrader.config.complaints import model_at
from qtrader.config.explaining import pattern_of
from qtrader.config.keys import KEYS, TOOLS
from qtrader.config.layering import read_layers
from qtrader.config.spots import spots
from qtrader.ports.settings import Reference, RunSettings
from qtrader.wiring import SECTIONS


def _keys(model: type[BaseModel], before: str) -> Iterator[tuple[str, Any]]:
    """Every key that the schema reads, and what it holds there."""
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        mark = {list: "[]", dict: ".NAME"}.get(get_origin(field.annotation), "")
        inner = model_at(field.annotation, (0,) if mark else ())
        key = f"{before}{field.alias or name}{mark if inner else ''}"
        yield key, inner
        if inner is not None and inner is not Reference:
            yield from _keys(inner, f"{key}.")


SCHEMA = list(_keys(RunSettings, ""))
LEAVES = [key for key, inner in SCHEMA if inner is None or inner is Reference]


def test_every_key_has_its_meaning_and_readers() -> None:
    assert sorted(KEYS) == sorted(LEAVES), "write a line for each new key in qtrader/config/keys.py"


def test_every_reference_has_its_kind() -> None:
    references = [key for key, inner in SCHEMA if inner is not None and issubclass(inner, Reference)]

    assert sorted(TOOLS) == sorted(references)


@pytest.mark.parametrize("key", KEYS)
def test_a_reader_is_the_kernel_or_a_service_of_every_run(key: str) -> None:
    assert KEYS[key].readers
    assert set(KEYS[key].readers) <= {"kernel", *SECTIONS}


@pytest.mark.parametrize("key", KEYS)
def test_a_meaning_is_a_line(key: str) -> None:
    assert KEYS[key].text[0].isupper()
    assert "\n" not in KEYS[key].text
    assert not KEYS[key].text.endswith(".")


def test_references_are_found_wherever_they_are_written(files: Any) -> None:
    files.write(
        files.smallest
        + "execution: {fill: {use: a}, slippage: {use: b}}\nrisk: {sizing: {use: c}}\nservices: [{use: d}, {use: e}]\n"
    )

    found = [(pattern_of(spot.key), spot.kind) for spot in spots(read_layers(files.folder / "run.yaml", "run.yaml"))]

    assert found == [
        ("data_sources.NAME", "data-source"),
        ("strategies[]", "strategy"),
        ("execution.fill", "fill-policy"),
        ("execution.slippage", "slippage"),
        ("risk.sizing", "sizer"),
        ("services[]", "service"),
        ("services[]", "service"),
    ]


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        (("strategies", 3, "use"), "strategies[].use"),
        (("data_sources", "wiki", "with"), "data_sources.NAME.with"),
        (("data", "instruments", "BRK.B", "lot"), "data.instruments.NAME.lot"),
        (("data", "start"), "data.start"),
    ],
)
def test_a_key_path_becomes_the_tables(key: tuple[str | int, ...], pattern: str) -> None:
    assert pattern_of(key) == pattern


def test_the_table_is_what_users_read(files: Any, tmp_path: Path) -> None:
    """Each leaf of a configuration with every section in it is a key of the table."""
    named = (
        "data.instruments.IBM.lot",
        "portfolio.borrow.symbols.IBM.rate",
        "portfolio.margin_interest.currencies.EUR.rate",
        "portfolio.rates.EUR/USD.symbol",
    )
    config = load_config(files.write(files.smallest), [Override(key, "1") for key in named])

    def leaves(value: Any, key: tuple[str | int, ...]) -> Iterator[str]:
        if isinstance(value, dict) and value and pattern_of(key) not in KEYS:
            for name, part in value.items():
                yield from leaves(part, (*key, name))
        elif isinstance(value, list) and value and (isinstance(value[0], dict) or pattern_of((*key, 0)) in KEYS):
            yield from leaves(value[0], (*key, 0))
        else:
            yield pattern_of(key)

    assert set(leaves(config.effective, ())) - {"services"} <= set(KEYS)
    assert get_args(RunSettings.model_fields["services"].annotation) == (Reference,)
