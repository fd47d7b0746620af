"""Who delivers which symbol: a built source, what the configuration declares about it, and its instruments."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from qtrader.errors import ConfigError, DataError
from qtrader.events import InstrumentValue
from qtrader.ports import CorporateAction, DataSource, Instrument, Interval, SourceFacts, by_ex_date, read_actions
from qtrader.ports.settings import DataSettings, InstrumentSettings, SourceSettings

from .answers import delivered, facts_of, things
from .bad_rows import BadRowsError, Sheet
from .normalise import Reading, Rows
from .times import is_zone

Build = Callable[[str, Any], Any]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Supply:
    """One entry of ``data_sources``, built, with the facts that hold for it."""

    settings: SourceSettings
    source: DataSource
    facts: SourceFacts
    known_actions: tuple[CorporateAction, ...] | None = None
    """What the entry's own actions file says; None when it names none."""

    def instrument(
        self, symbol: str, overrides: InstrumentSettings | None, *, place: str = "data.symbols"
    ) -> Instrument:
        """What is known of a symbol. DataError when the source has not got it, ConfigError when too little is known."""
        with naming(self.settings):
            offered = {
                one.symbol: one for one in things(self.source, "instruments", self.source.instruments(), Instrument)
            }
        if symbol not in offered:
            raise DataError(f"{place}: {self._unknown(symbol, sorted(offered))}")
        found = offered[symbol]
        settings = self.settings
        said: dict[str, Any] = {
            "calendar": settings.calendar,
            "currency": settings.currency,
            "asset_class": settings.asset_class,
        }
        if overrides is not None:
            said |= {key: value for key, value in overrides.model_dump(exclude={"source"}).items() if value is not None}
        changes = {key: value for key, value in said.items() if value is not None}
        if changes.get("calendar", found.calendar) != found.calendar:
            changes.setdefault("zone", "")
        found = replace(found, **changes)
        for key, example in (("calendar", "XNYS, or 24/7 for UTC days"), ("currency", "USD")):
            if not getattr(found, key):
                raise settings.place(key).error(
                    f"the {key} of {symbol!r} is not declared; say which, e.g. {key}: {example}"
                )
        return found

    def rows(
        self, instrument: Instrument, interval: Interval, end: date | None
    ) -> tuple[Rows | None, list[BadRowsError]]:
        """The checked rows of a symbol, and those left out because they cannot be bars, by what is wrong with them.

        Raises BadRowsError, a DataError, for the first of these unless the entry says ``on_bad_rows: drop``.
        """
        reading = Reading(self.facts, instrument, interval, self.settings.crossed_quotes == "keep")
        sheet = self.sheet(instrument.symbol, interval, end)
        return reading.sift(sheet) if self.settings.on_bad_rows == "drop" else (reading.strict(sheet), [])

    def sheet(self, symbol: str, interval: Interval, end: date | None) -> Sheet:
        """The rows of a symbol as the source delivers them."""
        answer = self.source.bars(symbol, interval, None, end)
        return Sheet.of(delivered(self.source, symbol, answer).read_all(), symbol)

    def _unknown(self, symbol: str, offered: list[str]) -> str:
        near = get_close_matches(symbol, offered, n=1)
        listed = ", ".join(offered[:SHOWN]) + (f" and {len(offered) - SHOWN} more" if len(offered) > SHOWN else "")
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"source {self.settings.use!r} has no symbol {symbol!r}; it has {listed or 'none'}.{hint}"

    def actions(self, symbol: str) -> tuple[Sequence[CorporateAction], bool]:
        """The corporate actions of a symbol by ex-date, and whether anybody claims to know them all."""
        if self.known_actions is not None:
            return by_ex_date(self.known_actions, symbol), True
        given = things(self.source, "actions", self.source.actions(symbol), CorporateAction)
        return by_ex_date(given), self.facts.knows_actions

    def doubt(self, symbol: str) -> str:
        """What speaks against an actions file that has nothing about a symbol; empty where nothing does."""
        given = self.known_actions
        if given is None or any(action.symbol == symbol for action in given):
            return ""
        if not given:
            return "the file of actions has no rows"
        offered = {one.symbol for one in self.source.instruments()}
        strange = sorted({action.symbol for action in given} - offered)
        told = ", ".join(strange[:SHOWN]) + (" and others" if len(strange) > SHOWN else "")
        return (
            f"the file of actions has no row of it, but rows of {told}, which the source does not have" if told else ""
        )


def where(data: DataSettings, key: str) -> str:
    """Begin a message about a key of the ``data`` section with the file and line where it was written."""
    written = data.place(key).where
    return f"{written}: data.{key}" if written else f"data.{key}"


@contextmanager
def naming(settings: SourceSettings, key: str = "") -> Iterator[None]:
    """Begin messages about data with the entry of ``data_sources``, or its key, that the data came from."""
    try:
        yield
    except (DataError, ConfigError) as error:
        place = settings.place(key)
        told = ": ".join(part for part in (place.where, place.key, str(error)) if part)
        raise (ConfigError if isinstance(error, ConfigError) else DataError)(told) from error


def open_supply(name: str, sources: Mapping[str, SourceSettings], build: Build) -> Supply:
    """Build the source behind an entry of ``data_sources`` and settle what is declared about it."""
    settings = sources.get(name)
    if settings is None:
        near = get_close_matches(name, sorted(sources), n=1)
        listed = ", ".join(sorted(sources)) or "none"
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"data.source: no data source is called {name!r}; there is {listed}.{hint}")
    supply = build_supply(settings, build)
    if supply.facts.prices is None:
        raise settings.place("prices").error(
            "it is not declared what the prices are; say prices: raw (as traded), split-adjusted or total-return"
        )
    return supply


def build_supply(settings: SourceSettings, build: Build) -> Supply:
    """Build the source behind an entry with what is declared about it, be it enough for a run or not."""
    source: DataSource = build("data-source", _with_file(settings))
    with naming(settings):
        facts = _declared(facts_of(source), settings)
    if facts.zone is not None and not is_zone(facts.zone):
        raise settings.place("zone").error(
            f"zone {facts.zone!r} is not known; write one such as America/New_York, or UTC"
        )
    return Supply(settings, source, facts, _known_actions(settings))


def _known_actions(settings: SourceSettings) -> tuple[CorporateAction, ...] | None:
    if settings.actions is None:
        return None
    with naming(settings, "actions"):
        return tuple(read_actions(_beside(settings, "actions", settings.actions)))


def _with_file(settings: SourceSettings) -> SourceSettings:
    """The entry with the options that are files made relative to the file that they were written in."""
    given = {key: settings.with_[key] for key in ("path", "checksums") if isinstance(settings.with_.get(key), str)}
    found = {key: _beside(settings, f"with.{key}", path) for key, path in given.items()}
    return settings.model_copy(update={"with_": {**settings.with_, **found}}) if found else settings


def _beside(settings: SourceSettings, key: str, path: str) -> str:
    return os.path.normpath(settings.place(key).folder / path)


def _declared(facts: SourceFacts, settings: SourceSettings) -> SourceFacts:
    said: dict[str, Any] = {
        "prices": settings.prices,
        "stamp": settings.stamp,
        "zone": settings.zone,
        "decimals": settings.decimals,
        "volume_decimals": settings.volume_decimals,
    }
    return replace(facts, **{key: value for key, value in said.items() if value is not None})


def check_instrument(instrument: Instrument) -> None:
    """Hold an instrument against its contract."""
    fields = {name: getattr(instrument, name) for name in Instrument.__dataclass_fields__}
    try:
        InstrumentValue(**fields)
    except ValidationError as error:
        raise DataError(f"instrument {instrument.symbol!r}: {_first(error)}") from None
    for rule in InstrumentValue.rules:
        if rule.broken(fields):
            raise DataError(f"instrument {instrument.symbol!r}: {rule.rule}: {rule.message}")


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    shown = f"{place} {problem['input']!r}: " if place else ""
    return f"{shown}{problem['msg']}"
