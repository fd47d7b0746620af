"""The CSV file of corporate actions: every field, and what is said when a cell is wrong."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qtrader.errors import DataError
from qtrader.ports import CorporateAction, read_actions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "actions.csv"


class TestGoodFile:
    def test_cells_become_exact_values(self, file: Path) -> None:
        file.write_text(
            "symbol,action_type,ex_date,pay_date,amount,currency,withholding\n"
            "X,cash_dividend,2024-07-05,2024-07-19,0.820,USD,0.15\n"
        )

        assert read_actions(file) == [
            CorporateAction(
                "X", "cash_dividend", date(2024, 7, 5), pay_date=date(2024, 7, 19),
                amount=Decimal("0.820"), currency="USD", withholding=Decimal("0.15"),
            )
        ]  # fmt: skip

    def test_actions_come_by_ex_date(self, file: Path) -> None:
        file.write_text(
            "symbol,action_type,ex_date,numerator,denominator\nX,split,2024-07-05,2,1\nX,reverse_split,2024-07-03,1,10\n"
        )

        assert [action.action_type for action in read_actions(file)] == ["reverse_split", "split"]

    def test_one_symbol_can_be_asked_for(self, file: Path) -> None:
        file.write_text("symbol,action_type,ex_date,value\nX,delisting,2024-07-05,0\nY,delisting,2024-07-05,1.5\n")

        assert [action.value for action in read_actions(file, "Y")] == [Decimal("1.5")]

    def test_empty_cells_are_unknown(self, file: Path) -> None:
        file.write_text("symbol,action_type,ex_date,new_symbol,ratio,cash_amount\nX,merger,2024-07-05,, ,35\n")

        (action,) = read_actions(file)

        assert (action.new_symbol, action.ratio, action.cash_amount) == (None, None, 35)

    def test_a_byte_order_mark_is_no_column(self, file: Path) -> None:
        file.write_text("symbol,action_type,ex_date,new_symbol\nX,symbol_change,2024-07-05,Y\n", encoding="utf-8-sig")

        assert read_actions(file)[0].new_symbol == "Y"


class TestBadFile:
    def test_missing_is_named(self, file: Path) -> None:
        with pytest.raises(DataError, match=r"no actions file '.*actions\.csv'; say where"):
            read_actions(file)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("symbol,action_type,date\n", r"actions\.csv:1: unknown column 'date'; an actions file may have symbol,"),
            ("symbol,ex_date\n", r"actions\.csv:1: no column 'action_type'; it has symbol, ex_date"),
            ("", r"actions\.csv:1: no column 'symbol'; it has none"),
        ],
    )
    def test_header_is_quoted(self, file: Path, text: str, told: str) -> None:
        file.write_text(text)

        with pytest.raises(DataError, match=told):
            read_actions(file)

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("X,splitt,2024-07-05,2,1,,", r"action_type 'splitt' is unknown; use one of split, reverse_split"),
            ("X,split,05.07.2024,2,1,,", r"ex_date is '05\.07\.2024'; write a date like 2005-02-28"),
            ("X,split,2024-07-05,2.0,1,,", r"numerator is '2\.0'; write a whole number"),
            ("X,cash_dividend,2024-07-05,,,much,USD", r"amount is 'much'; write a decimal number"),
            ("X,cash_dividend,2024-07-05,,,0.82,", r"currency is empty; a cash_dividend needs it"),
            (",split,2024-07-05,2,1,,", r"symbol is empty; a split needs it"),
            ("X,,2024-07-05,2,1,,", r"action_type is empty; a row needs it"),
            ("X,split,2024-07-05,2,1", r"the row has not as many cells as the header"),
            ("X,split,2024-07-05,2,1,,,9", r"the row has not as many cells as the header"),
        ],
    )
    def test_cell_is_quoted_with_its_line(self, file: Path, row: str, told: str) -> None:
        head = "symbol,action_type,ex_date,numerator,denominator,amount,currency"
        file.write_text(f"{head}\nX,split,2024-07-05,2,1,,\n{row}\n")

        with pytest.raises(DataError, match=rf"actions\.csv:3: {told}"):
            read_actions(file)


def test_a_row_that_stands_twice_is_refused_with_both_lines(file: Path) -> None:
    row = "X,split,2024-07-05,4,1\n"
    file.write_text(f"symbol,action_type,ex_date,numerator,denominator\n{row}Y,split,2024-07-05,4,1\n{row}")

    with pytest.raises(DataError, match=r"actions\.csv:4: the split of X on 2024-07-05 is the same as on line 2"):
        read_actions(file)


def test_two_dividends_of_one_day_are_two(file: Path) -> None:
    head = "symbol,action_type,ex_date,amount,currency\n"
    file.write_text(f"{head}X,cash_dividend,2024-07-05,0.25,USD\nX,cash_dividend,2024-07-05,1.00,USD\n")

    assert [action.amount for action in read_actions(file)] == [Decimal("0.25"), Decimal("1.00")]
