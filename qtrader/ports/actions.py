"""Corporate actions in a CSV file: the columns are the fields of ``CorporateAction``, an empty cell means unknown."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, get_args

from qtrader.errors import DataError
from qtrader.ports.data import ActionType, CorporateAction

NEEDED = ("symbol", "action_type", "ex_date")
NEEDED_BY_TYPE: dict[str, tuple[str, ...]] = {
    "split": ("numerator", "denominator"),
    "reverse_split": ("numerator", "denominator"),
    "stock_dividend": ("numerator", "denominator"),
    "cash_dividend": ("amount", "currency"),
    "spin_off": ("new_symbol", "ratio"),
    "rights": ("ratio", "subscription_price"),
    "symbol_change": ("new_symbol",),
    "delisting": ("value",),
}
_TEXT = {"symbol", "action_type", "currency", "amount_basis", "new_symbol"}
_DATES = {"ex_date", "record_date", "pay_date"}
_WHOLE = {"numerator", "denominator"}


def read_actions(path: str | Path, symbol: str | None = None) -> list[CorporateAction]:
    """Read the actions of one symbol, or of all, by ex-date. Raises DataError naming file, line and column."""
    file = Path(path)
    if not file.is_file():
        raise DataError(
            f"no actions file {str(file)!r}; say where the splits and dividends are, or leave 'actions' out"
        )
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        _check_header(reader.fieldnames or (), file)
        actions: dict[CorporateAction, int] = {}
        for row in reader:
            action = _action(row, f"{file}:{reader.line_num}")
            if action in actions:
                raise DataError(
                    f"{file}:{reader.line_num}: the {action.action_type} of {action.symbol} on {action.ex_date} is the "
                    f"same as on line {actions[action]}, and would be booked twice; remove one"
                )
            actions[action] = reader.line_num
    return by_ex_date(list(actions), symbol)


def by_ex_date(actions: Sequence[CorporateAction], symbol: str | None = None) -> list[CorporateAction]:
    """Actions of one symbol (None: of all) in the order of their ex-dates."""
    return sorted((action for action in actions if symbol in (None, action.symbol)), key=lambda action: action.ex_date)


def _check_header(names: Sequence[str], file: Path) -> None:
    known = [field.name for field in fields(CorporateAction)]
    if unknown := [name for name in names if name not in known]:
        raise DataError(f"{file}:1: unknown column {unknown[0]!r}; an actions file may have {', '.join(known)}")
    if missing := [name for name in NEEDED if name not in names]:
        raise DataError(f"{file}:1: no column {missing[0]!r}; it has {', '.join(names) or 'none'}")


def _action(row: Mapping[str, str | None], place: str) -> CorporateAction:
    if None in row or None in row.values():
        raise DataError(f"{place}: the row has not as many cells as the header; mend the row")
    values = {name: _value(name, text.strip(), place) for name, text in row.items() if text and text.strip()}
    kind = values.get("action_type")
    if "action_type" in values and kind not in get_args(ActionType):
        raise DataError(f"{place}: action_type {kind!r} is unknown; use one of {', '.join(get_args(ActionType))}")
    for name in (*NEEDED, *NEEDED_BY_TYPE.get(str(kind), ())):
        if name not in values:
            raise DataError(f"{place}: {name} is empty; a {kind or 'row'} needs it")
    return CorporateAction(**values)


def _value(name: str, text: str, place: str) -> Any:
    read: Callable[[str], Any]
    if name in _TEXT:
        return text
    read = date.fromisoformat if name in _DATES else int if name in _WHOLE else Decimal
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        form = (
            "a date like 2005-02-28" if name in _DATES else "a whole number" if name in _WHOLE else "a decimal number"
        )
        raise DataError(f"{place}: {name} is {text!r}; write {form}") from None
