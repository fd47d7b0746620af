"""Case zl-01: what the fills of one order cost under several models, each handed what came before."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from qtrader.ports import CommissionModel, FillValue
from qtrader_costs.commission import Flat, Percent, PerShare

CASE = "cases/zl-01-partial-fill-commissions"


def model_of(row: dict[str, Any]) -> CommissionModel:
    """The model of a row, made from what a configuration would say."""
    cost, minimum = str(row["cost"]), str(row.get("min") or 0)
    if row["model"] == "per_trade":
        return TypeAdapter(Flat).validate_python({"amount": cost, "rounding": "none"})
    if row["model"] == "per_dollar":
        return TypeAdapter(Percent).validate_python({"rate": cost, "rounding": "none"})
    options = {"rate": cost, "minimum": minimum, "fixed": str(row.get("exchange_fee", 0)), "rounding": "none"}
    return TypeAdapter(PerShare).validate_python(options)


@pytest.fixture(scope="module")
def case(shared: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_each_fill_costs_what_the_case_says(case: dict[str, Any], side: Any) -> None:
    for row in case["expected"]["rows"]:
        model = model_of(row)
        filled = traded = charged = Decimal(0)
        fees = []
        for quantity, price in case["settings"]["fills"]:
            units, at = Decimal(quantity), Decimal(price)
            fees.append(model.fee(FillValue("A", side, units, at, filled=filled, traded=traded, charged=charged)))
            filled, traded, charged = filled + units, traded + units * at, charged + fees[-1]
        running = [sum(fees[: number + 1], Decimal(0)) for number in range(len(fees))]
        found = fees if "each" in row else running

        assert [float(one) for one in found] == pytest.approx(row.get("each", row.get("total")), abs=1e-7), row
