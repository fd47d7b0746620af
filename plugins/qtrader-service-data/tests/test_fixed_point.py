import re
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from qtrader.errors import DataError
from qtrader.ports import Origin
from qtrader_service_data.bad_rows import Sheet
from qtrader_service_data.fixed_point import Volume, prices, volumes


def sheet(**columns: Any) -> Sheet:
    return Sheet(pa.table(columns), "X")


def fixed(
    values: list[Any], kind: pa.DataType | None = None, decimals: int | None = None, scale: int | None = None
) -> tuple[list[int], int]:
    units, found = prices(sheet(close=pa.array(values, kind)), ["close"], decimals, scale)
    return units["close"].tolist(), found


def volume(values: list[Any], kind: pa.DataType | None = None) -> Volume | None:
    return volumes(sheet(volume=pa.array(values, kind)))


class TestFloats:
    def test_take_the_fewest_decimals_that_are_exact(self) -> None:
        assert fixed([101.25, 88.9, 7.0]) == ([10125, 8890, 700], 2)

    def test_keep_eight_decimals_untold(self) -> None:
        assert fixed([0.00012345]) == ([12345], 8)

    def test_of_more_decimals_are_refused_with_row_and_value(self) -> None:
        with pytest.raises(
            DataError, match=r"X: row 2 .*: close 1\.123456789 needs more than 8 decimals; .*decimals=4"
        ):
            fixed([1.5, 1.123456789])

    def test_are_rounded_to_declared_decimals(self) -> None:
        assert fixed([0.1 + 0.2, 4.186662803811], decimals=4) == ([3000, 41867], 4)

    def test_beyond_the_instruments_decimals_are_refused(self) -> None:
        with pytest.raises(DataError, match=r"row 1 .*: close 1\.125 has more than 2 decimals; raise price_decimals"):
            fixed([1.125], scale=2)

    def test_take_the_instruments_decimals_where_fewer_would_do(self) -> None:
        assert fixed([1.5], scale=4) == ([15000], 4)

    def test_too_large_to_be_exact_are_refused(self) -> None:
        with pytest.raises(DataError, match="is too large for 8 decimals in a float"):
            fixed([1e9], decimals=8)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_that_are_no_numbers_are_refused(self, value: float) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: close (nan|inf) is not a number"):
            prices(sheet(close=pa.array([1.0, value], from_pandas=False)), ["close"], None, None)

    def test_of_32_bits_are_refused(self) -> None:
        with pytest.raises(
            DataError, match="column close is float; use decimal, integer or float64, for a float32 holds"
        ):
            fixed([1.5], pa.float32())

    def test_agree_with_decimal_arithmetic_on_every_cent_up_to_a_thousand(self) -> None:
        cents = list(range(1, 100_000))

        assert fixed([cent / 100 for cent in cents]) == (cents, 2)

    def test_share_one_scale_over_all_columns(self) -> None:
        units, scale = prices(sheet(open=[1.5], close=[1.125]), ["open", "close"], None, None)

        assert (units["open"].tolist(), units["close"].tolist(), scale) == ([1500], [1125], 3)


class TestDecimals:
    def test_are_exact_at_the_fewest_places(self) -> None:
        assert fixed([Decimal("118.5600"), Decimal("438.1799")], pa.decimal128(38, 18)) == ([1185600, 4381799], 4)

    def test_of_all_widths_are_read(self) -> None:
        assert fixed([Decimal("1.25")], pa.decimal256(50, 10)) == ([125], 2)

    def test_in_a_slice_are_read_from_its_place(self) -> None:
        whole = pa.array([Decimal("1.5"), Decimal("2.5"), Decimal("3.5")], pa.decimal128(9, 1))

        units, _ = prices(sheet(close=whole.slice(1, 2)), ["close"], None, None)

        assert units["close"].tolist() == [25, 35]

    def test_too_large_for_64_bits_are_refused(self) -> None:
        with pytest.raises(DataError, match="does not fit 64 bits with 0 decimals"):
            fixed([Decimal(2**63)], pa.decimal128(38, 0))

    def test_are_not_rounded_to_declared_decimals(self) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: close 1\.125 does not fit 2 decimals"):
            fixed([Decimal("1.5"), Decimal("1.125")], pa.decimal128(9, 3), decimals=2)


class TestIntegers:
    def test_are_units(self) -> None:
        assert fixed([7, 8], pa.int32()) == ([7, 8], 0)

    def test_are_scaled_up_beside_fractions(self) -> None:
        assert prices(sheet(open=[7], close=[7.25]), ["open", "close"], None, None)[0]["open"].tolist() == [700]

    def test_that_overflow_when_scaled_are_refused(self) -> None:
        with pytest.raises(DataError, match="does not fit 64 bits with 4 decimals"):
            fixed([10**16], scale=4)

    def test_beyond_64_bits_are_refused(self) -> None:
        with pytest.raises(DataError, match="too large for 64 bits"):
            fixed([2**63], pa.uint64())


class TestPrices:
    def test_must_be_there(self) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: close has no value"):
            fixed([1.5, None])

    @pytest.mark.parametrize("value", [0.0, -1.5])
    def test_must_be_above_zero(self, value: float) -> None:
        with pytest.raises(DataError, match=rf"row 1 .*: close {value} is not above zero"):
            fixed([value])

    def test_must_be_numbers(self) -> None:
        with pytest.raises(DataError, match=r"column close is bool; use decimal, integer or float64$"):
            fixed([True])

    def test_below_zero_are_taken_where_they_may_be(self) -> None:
        units, _ = prices(sheet(close=[-37.63, 0.0]), ["close"], None, None, negative=True)

        assert units["close"].tolist() == [-3763, 0]


class TestText:
    def test_is_read_digit_by_digit(self) -> None:
        assert fixed(["0.1", "0.30", " 2.5 ", "1e2"]) == ([1, 3, 25, 1000], 1)

    def test_beyond_what_a_float_holds_stays_exact(self) -> None:
        assert fixed(["9007199254740993", "1"]) == ([9007199254740993, 1], 0)

    def test_with_a_decimal_comma_is_read_when_that_is_declared(self) -> None:
        commas = Sheet(pa.table({"close": ["1,25", "7"]}), "X", Origin(decimal_point=","))

        assert prices(commas, ["close"], None, None)[0]["close"].tolist() == [125, 700]

    def test_with_a_point_beside_a_decimal_comma_is_refused(self) -> None:
        commas = Sheet(pa.table({"close": ["1,25", "1.250"]}), "X", Origin(decimal_point=","))

        with pytest.raises(DataError, match=r"row 2 .*: close '1\.250' is not a number with a decimal comma"):
            prices(commas, ["close"], None, None)

    @pytest.mark.parametrize("value", ["abc", "NaN", "inf", "1,5", "1_000", "0x10", "1.2.3", "--1", "١٢", "1 000"])
    def test_that_is_no_number_is_quoted(self, value: str) -> None:
        with pytest.raises(DataError, match=f"row 2 .*: close '{re.escape(value)}' is not a number"):
            fixed(["1.5", value])

    @pytest.mark.parametrize("value", ["0." + "1" * 19, "1" + "0" * 21, "1e999999999", "1e-999999999"])
    def test_that_nothing_can_hold_is_refused(self, value: str) -> None:
        with pytest.raises(DataError, match=r"row 2 .* is too large, or has more than 18 decimals"):
            fixed(["1.5", value])

    def test_of_more_than_twelve_decimals_is_asked_about(self) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: close '1\.1234567890123' needs more than 12 decimals"):
            fixed(["1.5", "1.1234567890123"])

    def test_of_nine_decimals_is_taken_untold(self) -> None:
        assert fixed(["143.372382812", "1"]) == ([143372382812, 1000000000], 9)

    def test_of_declared_decimals_is_taken(self) -> None:
        assert fixed(["1.123456789012345"], decimals=15) == ([1123456789012345], 15)

    def test_that_does_not_fit_64_bits_is_refused(self) -> None:
        with pytest.raises(DataError, match="does not fit 64 bits with 2 decimals"):
            fixed(["92233720368547758.08", "0.01"])


class TestVolumes:
    def test_may_be_fractions_at_their_own_scale(self) -> None:
        found = volume([0.5, 0.125])

        assert found is not None
        assert (found.units.tolist(), found.scale, found.known) == ([500, 125], 3, None)

    def test_that_are_missing_are_unknown_and_not_zero(self) -> None:
        found = volume([5, None, 0])

        assert found is not None
        assert found.known is not None
        assert (found.units.tolist(), found.known.tolist()) == ([5, 0, 0], [True, False, True])

    def test_that_are_all_missing_are_no_column(self) -> None:
        assert volume([None, None], pa.int64()) is None

    def test_of_no_column_are_unknown(self) -> None:
        assert volumes(sheet(close=[1])) is None

    def test_below_zero_are_refused(self) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: volume -1 is negative"):
            volume([1, -1])

    def test_that_are_not_a_number_are_refused(self) -> None:
        column = pa.array(np.array([1.0, np.nan]), from_pandas=False)

        with pytest.raises(DataError, match=r"volume nan is not a number; .*leave an unknown volume empty"):
            volumes(sheet(volume=column))

    def test_in_decimals_keep_missing_ones_unknown(self) -> None:
        found = volume([Decimal("1.50"), None], pa.decimal128(9, 2))

        assert found is not None
        assert (found.units.tolist(), found.scale) == ([15, 0], 1)
