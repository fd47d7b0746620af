"""The settings of what one currency costs in another."""

from typing import Self

from pydantic import Field, model_validator

from qtrader.ports.sections import Section
from qtrader.ports.setting_types import Day, ExactPositive, SettingFault, Symbol


class PairRates(Section):
    """What a unit of a pair's first currency costs in its second: the closes of a symbol of the run, or a table by day.

    A day's rate holds from that day's session on, until the next day of the table.
    """

    symbol: Symbol | None = None
    table: dict[Day, ExactPositive] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.symbol is None) == (not self.table):
            raise SettingFault("a pair needs one of symbol and table. Name a symbol of the run, or give rates by day")
        return self
