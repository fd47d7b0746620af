"""Case lot-01-fifo: seven sales against the same three lots, ordered by date of acquisition."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader.errors import LedgerError
from qtrader_service_portfolio import ClosedLot, Lot, LotTracker

SALES = (2, 4, 7, 9, 12, 15, 16)
Row = tuple[Decimal, Decimal, str]


@pytest.fixture
def case(shared: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shared / "cases/lot-01-fifo/case.json").read_text())
    return loaded


@pytest.fixture
def tracker(case: dict[str, Any]) -> LotTracker:
    """The case's lots, opened in the order in which it lists them."""
    tracker = LotTracker(long=case["settings"]["method"].lower(), on_excess="refuse")
    for quantity, cost, acquired in case["settings"]["lots"]:
        at = datetime.fromisoformat(acquired).replace(tzinfo=UTC)
        tracker.fill("buy", Decimal(quantity), Decimal(quantity) * Decimal(cost), at)
    return tracker


def row(lot: Lot, quantity: Decimal, cost: Decimal) -> Row:
    return quantity, cost / quantity, lot.opened.date().isoformat()


def sold(tracker: LotTracker, quantity: int) -> list[Row] | None:
    """What a sale takes, in order; None when it is refused."""
    try:
        matched = tracker.fill("sell", Decimal(quantity), Decimal(0), datetime(2015, 10, 5, tzinfo=UTC))
    except LedgerError:
        return None
    return [taken(part) for part in matched.closed]


def taken(part: ClosedLot) -> Row:
    return row(part.lot, part.quantity, part.cost)


def left(tracker: LotTracker) -> list[Row]:
    return [row(lot, lot.quantity, lot.cost) for lot in tracker.lots]


def expected(case: dict[str, Any], sale: int, name: str) -> list[Row] | None:
    (rows,) = (row[name] for row in case["expected"]["rows"] if row["sell"] == sale)
    return rows and [(Decimal(quantity), Decimal(cost), acquired) for quantity, cost, acquired in rows]


def test_every_sale_of_the_case_is_made(case: dict[str, Any]) -> None:
    assert tuple(row["sell"] for row in case["expected"]["rows"]) == SALES


@pytest.mark.parametrize("sale", SALES)
def test_lots_taken(case: dict[str, Any], tracker: LotTracker, sale: int) -> None:
    assert sold(tracker, sale) == expected(case, sale, "taken")


@pytest.mark.parametrize("sale", SALES)
def test_lots_left(case: dict[str, Any], tracker: LotTracker, sale: int) -> None:
    sold(tracker, sale)

    assert left(tracker) == (expected(case, sale, "left") or [])
