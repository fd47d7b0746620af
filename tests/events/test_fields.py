from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from event_samples import made
from qtrader.events import PriceBarEvent, fields

pytestmark = pytest.mark.events

TWENTY = "9" * 20
THIRTY = "9" * 30


def read(kind: Any, value: Any) -> Any:
    """Read one value as a field of this type would."""
    return TypeAdapter(kind).validate_python(value)


def written(kind: Any, value: Any) -> Any:
    """The JSON form of a value of this type."""
    return TypeAdapter(kind).dump_python(value, mode="json")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("10.25"), "10.25"),
        ("10.25", "10.25"),
        (10, "10"),
        ("0.00012345", "0.00012345"),
        ("-37.63", "-37.63"),
        ("1.50", "1.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E-18"), "0.000000000000000001"),
        (f"{TWENTY}.{'9' * 18}", f"{TWENTY}.{'9' * 18}"),
        (Decimal("-0"), "0"),
        ("-0", "0"),
        (Decimal("1." + "0" * 30), "1"),
    ],
)
def test_a_price_is_read_exactly_and_written_plainly(value: Any, expected: str) -> None:
    assert written(fields.Price, read(fields.Price, value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        10.25, True, None, b"10", float("nan"), Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), "NaN", "",
        " 10", "10 ", "10\n", "+10", "1e5", "1E-5", ".5", "5.", "05", "0x1A", "1_000", "1,000", "\uff11", f"1{TWENTY}",
        "0." + "0" * 18 + "1", Decimal("1E-19"), Decimal("1E+20"), Decimal("1E+999999"), 10**20,
    ],
)  # fmt: skip
def test_a_price_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Price, value)


def test_a_price_does_not_depend_on_the_decimal_context() -> None:
    with localcontext(prec=3):
        assert read(fields.Price, "1234.56789") == Decimal("1234.56789")


@pytest.mark.parametrize("value", [f"{THIRTY}.99999999", "-0.00000001", Decimal("2.5400000000")])
def test_money_takes_thirty_digits_and_eight_places(value: Any) -> None:
    assert read(fields.Money, value) == Decimal(value)


@pytest.mark.parametrize("value", [f"1{THIRTY}", "0.000000001", Decimal("0.000000001"), Decimal("1E+30")])
def test_money_refuses_what_its_column_cannot_hold(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Money, value)


def test_the_message_about_a_float_says_what_to_write() -> None:
    with pytest.raises(
        ValidationError, match=r"10.25 is a float; write a Decimal or its text, such as Decimal\('10.25'\)"
    ):
        read(fields.Price, 10.25)


@pytest.mark.parametrize("kind", [fields.PositivePrice, fields.PositiveQuantity])
@pytest.mark.parametrize("value", ["0", "0.000", "-0.000000000000000001", Decimal("-1"), "-0"])
def test_what_must_be_positive_refuses(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(kind, value)


@pytest.mark.parametrize("kind", [fields.PositivePrice, fields.PositiveQuantity])
def test_the_smallest_positive_is_taken(kind: Any) -> None:
    assert read(kind, "0.000000000000000001") == Decimal("1E-18")


@pytest.mark.parametrize("kind", [fields.NonNegativePrice, fields.NonNegativeQuantity, fields.NonNegativeMoney])
def test_what_may_be_zero_takes_zero(kind: Any) -> None:
    assert read(kind, "0") == 0


@pytest.mark.parametrize("kind", [fields.NonNegativePrice, fields.NonNegativeQuantity, fields.NonNegativeMoney])
def test_what_may_be_zero_refuses_less(kind: Any) -> None:
    with pytest.raises(ValidationError, match="is below 0"):
        read(kind, Decimal("-0.00000001"))


@pytest.mark.parametrize("value", ["0", "1", "0.5", "1.0"])
def test_a_share_takes(value: str) -> None:
    assert read(fields.Share, value) == Decimal(value)


@pytest.mark.parametrize("value", ["1.000000000000000001", "-0.1", "2"])
def test_a_share_refuses(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Share, value)


@pytest.mark.parametrize("value", [0, 1, 2**53 - 1, 3.0])
def test_a_count_takes(value: float) -> None:
    found = read(fields.Count, value)

    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("value", [-1, 2**53, 0.5, "1", True, None, float("nan"), float("inf")])
def test_a_count_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Count, value)


def test_a_positive_count_refuses_zero() -> None:
    with pytest.raises(ValidationError, match="is not between 1"):
        read(fields.PositiveCount, 0)


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_a_flag_takes_nothing_but_true_and_false(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Flag, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-06-07T20:00:00.000001Z", "2024-06-07T20:00:00.000001Z"),
        (datetime(2024, 6, 7, 20, tzinfo=UTC), "2024-06-07T20:00:00.000000Z"),
        (datetime(2024, 6, 7, 16, tzinfo=timezone(timedelta(hours=-4))), "2024-06-07T20:00:00.000000Z"),
        ("1700-01-01T00:00:00.000000Z", "1700-01-01T00:00:00.000000Z"),
        ("2199-12-31T23:59:59.999999Z", "2199-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_six_decimals(value: Any, expected: str) -> None:
    assert written(fields.Moment, read(fields.Moment, value)) == expected


def test_a_moment_is_kept_in_utc() -> None:
    there = datetime(2024, 6, 7, 16, tzinfo=timezone(timedelta(hours=-4)))

    assert read(fields.Moment, there).isoformat() == "2024-06-07T20:00:00+00:00"


@pytest.mark.parametrize(
    "value",
    [
        datetime(2024, 6, 7, 20),  # noqa: DTZ001
        "2024-06-07T20:00:00.000000", "2024-06-07T20:00:00Z", "2024-06-07T20:00:00.000Z",
        "2024-06-07 20:00:00.000000Z", "2024-06-07T20:00:00.000000+00:00", "2024-02-30T20:00:00.000000Z",
        "2024-06-07T24:00:00.000000Z", "2024-06-30T23:59:60.000000Z", "2024-06-07T20:00:00.0000001Z", "not-a-date",
        "1699-12-31T23:59:59.999999Z", datetime(2200, 1, 1, tzinfo=UTC), 1717790400, date(2024, 6, 7), None, "",
    ],
)  # fmt: skip
def test_a_moment_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Moment, value)


@pytest.mark.parametrize("value", [date(2024, 2, 29), "2024-02-29"])
def test_a_session_date_is_read(value: Any) -> None:
    assert read(fields.SessionDate, value) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "value",
    [
        "2023-02-29", "2024-2-29", "20240229", "29.02.2024", "2024-02-29T00:00:00.000000Z",
        datetime(2024, 2, 29, tzinfo=UTC), 19782, "1699-12-31", date(2200, 1, 1), None, "",
    ],
)  # fmt: skip
def test_a_session_date_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.SessionDate, value)


@pytest.mark.parametrize("value", ["A", "BRK B", "BRK.B", "EUR/USD", "^GSPC", "ON", "600519", "x" * 64])
def test_a_symbol_takes(value: str) -> None:
    assert read(fields.Symbol, value) == value


@pytest.mark.parametrize("value", ["", " A", "A ", "A\n", "A\tB", "\u00c4", "x" * 65, 600519, None, b"A"])
def test_a_symbol_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Symbol, value)


def test_a_name_takes_two_hundred_characters_and_no_more() -> None:
    assert read(fields.Name, "x" * 200)
    with pytest.raises(ValidationError):
        read(fields.Name, "x" * 201)


@pytest.mark.parametrize("value", ["USD", "USDT", "BTC2"])
def test_a_currency_takes(value: str) -> None:
    assert read(fields.Currency, value) == value


@pytest.mark.parametrize("value", ["usd", "US", "U$D", "1INCH", "X" * 13, "USD ", ""])
def test_a_currency_refuses(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Currency, value)


@pytest.mark.parametrize("value", ["", "Not_Slug", "1st", "a b", "x" * 65])
def test_a_slug_refuses(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Slug, value)


def test_a_text_may_not_be_empty() -> None:
    with pytest.raises(ValidationError):
        read(fields.Text, "")


@pytest.mark.parametrize("value", ["0.1", "-5", "1" * 38 + "." + "1" * 60])
def test_a_decimal_text_takes(value: str) -> None:
    assert read(fields.DecimalText, value) == value


@pytest.mark.parametrize("value", ["1e5", "NaN", "", "05", Decimal(1), 1])
def test_a_decimal_text_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.DecimalText, value)


@pytest.mark.parametrize("value", ["", "fast average", "1st", "x" * 65, 1])
def test_a_key_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.FrozenMap[fields.Key, fields.Scalar], {value: 1})


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", None])
def test_a_scalar_keeps_its_type(value: Any) -> None:
    found = read(fields.Scalar, value)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], {"a": 1}, date(2024, 1, 1)])
def test_a_scalar_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(fields.Scalar, value)


def test_a_decimal_in_a_record_becomes_text() -> None:
    assert read(fields.Scalar, Decimal("1E+2")) == "100"


def test_an_attribute_of_an_event_is_the_exact_decimal() -> None:
    assert made(PriceBarEvent, open="0.00012345", low="0", high="1", close="1").open == Decimal("0.00012345")
