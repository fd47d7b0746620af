"""The types of single settings: exact decimals, days, symbols, names, and the place where a value was written."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from qtrader.errors import ConfigError
from qtrader.ports.data import INTERVALS, Interval
from qtrader.suggest import did_you_mean

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")


class SettingFault(ValueError):  # noqa: N818 - a fault of the value
    """A value that the schema's types allow and its rules do not; ``key`` names the part of the section at fault."""

    def __init__(self, message: str, key: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.key = key


class UnreadKey(ValueError):  # noqa: N818 - named for the state it reports
    """A key that only Python code may set was written in a file."""


def second(names: Sequence[str]) -> int:
    """Index of the first name that was there before, 0 when all differ."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            return index
        seen.add(name)
    return 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value of the configuration was written, for messages and for relative paths.

    ``where`` is ``config/sma_cross.yaml:12``, ``--set``, ``argument`` or empty; ``key`` is its key path; relative paths
    in the value start at ``folder``.
    """

    where: str
    key: str
    folder: Path

    def error(self, problem: str) -> ConfigError:
        """Make the error that says what is wrong here: ``problem`` quotes the value and says what to do."""
        return ConfigError(": ".join(part for part in (self.where, self.key, problem) if part))


def _exact(value: object) -> object:
    """Read a Python float as the decimal text it prints, never as its binary value; text is plain digits."""
    wrong_text = isinstance(value, str) and not _NUMBER.fullmatch(value)
    if wrong_text or isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        raise SettingFault(f"{_quoted(value)} is not a number. Write it with digits, such as 0.005")
    return Decimal(repr(value)) if isinstance(value, float) else value


def _sane(value: Decimal) -> Decimal:
    """Refuse numbers that no ledger column can hold; they would only serve to fill the memory."""
    if not -20 < value.adjusted() < 20 or len(value.as_tuple().digits) > 38:
        raise SettingFault(
            f"{_quoted(str(value))} is too large, too small or too long. Write at most 38 digits, below 10^20"
        )
    return value


def _whole(value: object) -> object:
    """Read digits and whole numbers: pydantic alone would also take ``1_0``, ``20.0`` and ``True``."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise SettingFault(f"{_quoted(value)} is not a whole number. Write digits only, such as 4")


def _truth(value: object) -> object:
    """Read ``true`` and ``false``: pydantic alone would also take ``yes``, ``on``, ``1`` and ``T``."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise SettingFault(f"{_quoted(value)} is neither true nor false. Write one of the two")


def _day(value: object) -> object:
    """Read ``2000-03-01`` and nothing else: pydantic alone would also take seconds since 1970 and times of day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise SettingFault(f"{_quoted(value)} is not a date. Write it as YYYY-MM-DD, such as 2000-03-01")


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _symbol(value: str) -> str:
    if not value or len(value) > 64 or value != value.strip():
        raise SettingFault(f"{_quoted(value)} is not a symbol. Write 1 to 64 characters without spaces around them")
    return value


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise SettingFault(f"{_quoted(value)} is not a currency code. Write three capital letters, such as USD")
    return value


def _pair(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}/[A-Z]{3}", value) or value[:3] == value[4:]:
        raise SettingFault(f"{_quoted(value)} is not a pair of currencies. Write two codes, such as EUR/USD")
    return value


def _strategy_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value):
        raise SettingFault(
            f"{_quoted(value)} is not a strategy name. Write 1 to 64 letters, digits, '_', '.' or '-', "
            "beginning with a letter or digit"
        )
    return value


def _run_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,47}", value):
        raise SettingFault(
            f"{_quoted(value)} is not a run name. Write 1 to 48 small letters, digits, '_' or '-', "
            "beginning with a letter or digit"
        )
    return value


def _interval(value: object) -> object:
    """One interval, or a list of them, the finest first."""
    listed = value if isinstance(value, list) else [value]
    for index, one in enumerate(listed):
        key = (index,) if isinstance(value, list) else ()
        if one not in INTERVALS:
            near = did_you_mean(str(one), INTERVALS)
            raise SettingFault(f"{_quoted(one)} is not an interval. Write one of {', '.join(INTERVALS)}.{near}", key)
        if one in listed[:index]:
            raise SettingFault(f"{_quoted(one)} is listed twice. List each interval once", key)
        if INTERVALS.index(one) < INTERVALS.index(listed[0]):
            raise SettingFault(
                f"{_quoted(one)} is finer than {_quoted(listed[0])}, which is the first and so the one that is traded "
                f"at. Write the finest interval first",
                key,
            )
    if not listed:
        raise SettingFault("it names no interval. Write one, such as 1d, or a list, such as [1m, 1d]")
    return value


Exact = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_sane)]
ExactNonNegative = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_sane), Field(ge=0)]
ExactPositive = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_sane), Field(gt=0)]
Participation = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_sane), Field(gt=0, le=1)]
Day = Annotated[date, BeforeValidator(_day)]
Symbol = Annotated[str, AfterValidator(_symbol)]
Currency = Annotated[str, AfterValidator(_currency)]
Pair = Annotated[str, AfterValidator(_pair)]
Days = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=366)]
Digits = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=18)]
Truth = Annotated[bool, BeforeValidator(_truth)]
RunName = Annotated[str, AfterValidator(_run_name)]
Intervals = Annotated[Interval | list[Interval], BeforeValidator(_interval)]
StrategyName = Annotated[str, AfterValidator(_strategy_name)]
