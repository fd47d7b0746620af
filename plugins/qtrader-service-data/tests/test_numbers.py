"""Text as numbers, held against Python's own decimals: the same value to the last digit, or refused."""

from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qtrader.errors import DataError
from qtrader_service_data.bad_rows import Sheet
from qtrader_service_data.numbers import numbers

digits = st.text("0123456789", max_size=45)
written = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "+", "-", " ", "00"]),
    digits,
    st.sampled_from(["", "."]),
    digits,
    st.sampled_from(["", "", "", "e5", "E-3", "e30", "e-30", "e999999999", "e-999999999", " ", "x", "e"]),
)


@given(st.lists(written | st.text(max_size=6), min_size=1, max_size=4))
@example(["1e30"])
@example(["1e-999999999"])
@example(["929546285364829467.019640080"])
def test_is_the_decimal_that_is_written_or_refused(texts: list[str]) -> None:
    try:
        found = numbers(Sheet(pa.table({"close": pa.array(texts, pa.string())}), "X"), "close").to_pylist()
    except DataError:
        return

    assert found == [Decimal(text.strip()) for text in texts]


@given(st.decimals(min_value=-(10**19), max_value=10**19, places=8))
def test_takes_every_number_that_fits(value: Decimal) -> None:
    found = numbers(Sheet(pa.table({"close": [str(value), f"{value:f}"]}), "X"), "close").to_pylist()

    assert found == [value, value]


@given(st.text(max_size=8))
def test_refuses_what_python_refuses(text: str) -> None:
    try:
        Decimal(text.strip())
    except InvalidOperation:
        with pytest.raises(DataError) as refused:
            numbers(Sheet(pa.table({"close": pa.array([text], pa.string())}), "X"), "close")
        assert repr(text) in str(refused.value)
