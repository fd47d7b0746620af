"""The types of event fields: how each is read, how it is written in a contract, and what may stand in it.

A type is ``Annotated[<Python type>, <marker>]``. The marker reads what users and documents hand in, refuses what the
contract refuses, and tells the log which column the field needs. Nothing is rounded and no float becomes a decimal.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AllowInfNan, BeforeValidator, GetCoreSchemaHandler, Strict, StringConstraints, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from qtrader.ports.decimals import plain

COMPLETE = {"document": "complete"}
"""The validation context of contract documents: every field is there, null where there is none, decimals are text."""
_YEARS = range(1700, 2200)
_TIME = re.compile(r"(1[7-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
_DATE = re.compile(r"(1[7-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}")


@cache
def decimal_pattern(places: int, sign: str = "-?") -> re.Pattern[str]:
    """What the text of a decimal with so many places must look like; the contracts have the same pattern."""
    return re.compile(rf"{sign}(0|[1-9][0-9]{{0,{37 - places}}})(\.[0-9]{{1,{places}}})?")


@dataclass(frozen=True, slots=True)
class Digits:
    """A decimal of at most 38 digits, ``places`` of them after the point, within bounds. In JSON it is text."""

    places: int
    minimum: Decimal | None = None
    above: Decimal | None = None
    maximum: Decimal | None = None

    def read(self, value: object) -> Decimal:
        """Take a Decimal, an int or plain text; refuse floats and everything that does not fit."""
        number = value if isinstance(value, Decimal) else self._parse(value)
        if not self.fits(number):
            whole = 38 - self.places
            raise ValueError(f"{value!r} does not fit: at most {whole} digits before and {self.places} after the point")
        if self.minimum is not None and number < self.minimum:
            raise ValueError(f"{plain(number)!r} is below {self.minimum}")
        if self.above is not None and number <= self.above:
            raise ValueError(f"{plain(number)!r} is not above {self.above}")
        if self.maximum is not None and number > self.maximum:
            raise ValueError(f"{plain(number)!r} is above {self.maximum}")
        return number

    def fits(self, number: Decimal) -> bool:
        """Whether a column of 38 digits, ``places`` of them after the point, holds the number exactly."""
        if not number.is_finite():
            return False
        text = str(number)
        if len(text) <= self.places and "E" not in text:
            return True  # too short to be anything else: the quick answer for what markets trade at
        if number.adjusted() >= 38 - self.places:
            return number.is_zero()
        exponent = number.as_tuple().exponent
        return isinstance(exponent, int) and (exponent >= -self.places or self._trailing_zeros(number, exponent))

    def _trailing_zeros(self, number: Decimal, exponent: int) -> bool:
        surplus = -exponent - self.places
        digits = number.as_tuple().digits
        return number.is_zero() or (len(digits) > surplus and not any(digits[-surplus:]))

    def _parse(self, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(
                f"{value!r} is a {type(value).__name__}; write a Decimal or its text, such as Decimal('{value}')"
            )
        signed = self.minimum is None and self.above is None
        if isinstance(value, str) and not decimal_pattern(self.places, "-?" if signed else "").fullmatch(value):
            raise ValueError(f"{value!r} is not a plain decimal such as '10.25', of at most {self.places} places")
        return Decimal(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read with ``read``, from documents text only; write as plain text."""
        return core_schema.with_info_plain_validator_function(self._read_from, serialization=_writer(plain))

    def _read_from(self, value: object, info: ValidationInfo) -> Decimal:
        if info.context is COMPLETE and not isinstance(value, str):
            raise ValueError(f"{value!r} is a {type(value).__name__}; a document has decimals as text")
        return self.read(value)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``minimum`` to 2^53 - 1, the largest that every JSON reader keeps. ``1.0`` is read as 1."""

    minimum: int = 0
    maximum: int = 2**53 - 1

    def read(self, value: object) -> int:
        """Take an int, or a float that is whole; refuse text and booleans."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value % 1 != 0:
            raise ValueError(f"{value!r} is not a whole number")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value!r} is not between {self.minimum} and {self.maximum}")
        return int(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read with ``read``."""
        return _read_and_write(self.read, None)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, aware and in UTC, to the microsecond: ``2024-01-31T21:00:00.000000Z``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read with ``read_time``, write with ``time_text``."""
        return _read_and_write(read_time, time_text)


@dataclass(frozen=True, slots=True)
class Day:
    """A session date: ``2024-01-31``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read with ``read_date``."""
        return _read_and_write(read_date, date.isoformat)


def _read_and_write(read: Any, write: Any) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(read, serialization=_writer(write) if write else None)


def _writer(write: Any) -> core_schema.PlainSerializerFunctionSerSchema:
    return core_schema.plain_serializer_function_ser_schema(write, when_used="json")


def read_time(value: object) -> datetime:
    """An aware datetime, or contract text; as UTC. Raises ValueError for naive times and other forms."""
    if isinstance(value, str):
        if not _TIME.fullmatch(value):
            raise ValueError(f"{value!r} is not a UTC time such as '2024-01-31T21:00:00.000000Z'")
        return datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is not a datetime")
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()!r} has no time zone; add tzinfo=UTC")
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    if moment.year not in _YEARS:
        raise ValueError(f"{moment.isoformat()!r} is not between 1700 and 2199")
    return moment


def time_text(moment: datetime) -> str:
    """The contract's text of a moment: UTC, six decimals, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_date(value: object) -> date:
    """A date, or ``YYYY-MM-DD``. Raises ValueError for datetimes and other forms."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"{value!r} is not a date such as '2024-01-31'")
    if value.year not in _YEARS:
        raise ValueError(f"{value.isoformat()!r} is not between 1700 and 2199")
    return value


K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(dict[K, V]):
    """A dict that cannot be changed, in key order, hashable where its values are."""

    def __init__(self, items: Any = (), /, **named: Any) -> None:
        super().__init__(sorted((dict(items, **named) if named or not isinstance(items, dict) else items).items()))

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a FrozenMap cannot be changed; make a new one: FrozenMap({**old, name: value})")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))

    def __reduce__(self) -> tuple[type["FrozenMap[K, V]"], tuple[dict[K, V]]]:
        return type(self), (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A dict of the named types, frozen after it was validated."""
        key, value = get_args(source) or (Any, Any)
        return core_schema.no_info_after_validator_function(cls, handler.generate_schema(dict[key, value]))  # type: ignore[valid-type]


def word_pattern(longest: int) -> str:
    """Printable ASCII of 1 to ``longest`` characters, spaces only inside."""
    return rf"^[!-~]([ -~]{{0,{longest - 2}}}[!-~])?$"


def _word(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, pattern=word_pattern(longest))


Price = Annotated[Decimal, Digits(18)]
"""A raw price per unit, or any other exact number; negative where markets make it so."""
PositivePrice = Annotated[Decimal, Digits(18, above=Decimal(0))]
"""A price above zero."""
NonNegativePrice = Annotated[Decimal, Digits(18, minimum=Decimal(0))]
"""A price difference of zero or more."""
Quantity = Annotated[Decimal, Digits(18)]
"""Units, short negative."""
PositiveQuantity = Annotated[Decimal, Digits(18, above=Decimal(0))]
"""Units, more than none."""
NonNegativeQuantity = Annotated[Decimal, Digits(18, minimum=Decimal(0))]
"""Units, none or more."""
Money = Annotated[Decimal, Digits(8)]
"""An amount in a currency, to 10^-8."""
NonNegativeMoney = Annotated[Decimal, Digits(8, minimum=Decimal(0))]
"""An amount of zero or more in a currency, to 10^-8."""
Share = Annotated[Decimal, Digits(18, minimum=Decimal(0), maximum=Decimal(1))]
"""A share of a whole, 0 to 1."""
Count = Annotated[int, Whole(0)]
"""A whole number, zero or more."""
PositiveCount = Annotated[int, Whole(1)]
"""A whole number, one or more."""
Flag = Annotated[bool, Strict()]
"""True or false, nothing else."""
Moment = Annotated[datetime, Instant()]
"""An aware time in UTC, to the microsecond."""
SessionDate = Annotated[date, Day()]
"""A session date of the instrument's calendar."""
Symbol = Annotated[str, _word(64)]
"""An instrument's symbol: printable ASCII, spaces only inside, at most 64 characters."""
Name = Annotated[str, _word(200)]
"""An id or a name: printable ASCII, spaces only inside, at most 200 characters."""
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][A-Z0-9]{2,11}$")]
"""A currency code: ISO 4217, or an exchange's code of 3 to 12 capitals and digits."""
UuidText = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
"""A UUID in small letters."""
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""A short code in small letters."""
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]
"""Words for people; not empty."""
DecimalText = Annotated[str, StringConstraints(strict=True, pattern=r"^-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,60})?$")]
"""A decimal as plain text, with up to 60 places: what ``plain`` writes."""
Key = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,63}$")]
"""The name of an entry in a map: letters, digits, underscores and dots."""
Number = Annotated[float, Strict(), AllowInfNan(False)]
"""A float that is a number."""
Scalar = Annotated[
    Annotated[bool, Strict()] | Annotated[int, Strict()] | Number | Annotated[str, Strict()] | None,
    BeforeValidator(lambda value: plain(value) if isinstance(value, Decimal) and value.is_finite() else value),
]
"""What a record can hold; a decimal becomes its text."""
