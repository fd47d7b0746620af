"""Bid and ask beside the prices of trades, or in their place: the middle of both is the price then."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader import Quotes
from qtrader.errors import DataError
from qtrader.ports import PRICES, QUOTES, SIZES

from .bad_rows import Sheet
from .fixed_point import INT64, Volume, volumes
from .sessions import Int64s


@dataclass(frozen=True, slots=True)
class Quoted:
    """Eight columns of quotes at the scale of the prices, sizes as far as there are any, and where all are known."""

    prices: dict[str, Int64s]
    sizes: dict[str, Volume]
    known: NDArray[np.bool_] | None = None

    @property
    def crossed(self) -> NDArray[np.bool_]:
        """Rows where a bid is above its ask."""
        crossed: NDArray[np.bool_] = np.logical_or.reduce(
            [self.prices[f"bid_{name}"] > self.prices[f"ask_{name}"] for name in PRICES]
        )
        return crossed

    @property
    def crossed_close(self) -> NDArray[np.bool_]:
        """Rows where the last bid is above the last ask."""
        return np.asarray(self.prices["bid_close"] > self.prices["ask_close"])

    def take(self, chosen: "NDArray[np.bool_] | slice") -> "Quoted":
        """Some of the rows."""
        known = None if self.known is None else self.known[chosen]
        sizes = {name: volume.take(chosen) for name, volume in self.sizes.items()}
        return Quoted({name: column[chosen] for name, column in self.prices.items()}, sizes, known)

    def table(self) -> Quotes:
        """The columns as a bar table keeps them: both sizes at one scale."""
        scale = max((volume.scale for volume in self.sizes.values()), default=0)
        for name, volume in self.sizes.items():
            if int(volume.units.max(initial=0)) > INT64 // 10 ** (scale - volume.scale):
                raise DataError(f"column {name} does not fit 64 bits with {scale} decimals; give both sizes fewer")
        sizes = {name: volume.units * np.int64(10 ** (scale - volume.scale)) for name, volume in self.sizes.items()}
        known = {name: volume.known for name, volume in self.sizes.items() if volume.known is not None}
        return Quotes(self.prices, self.known, sizes, scale, known)


def quoted(sheet: Sheet, units: dict[str, Int64s], size_decimals: int | None) -> Quoted:
    """The quotes of a source's rows; a row where one of the eight prices is missing has none."""
    gaps = [np.asarray(pc.is_null(sheet.column(name))) for name in QUOTES]
    missing = np.logical_or.reduce(gaps)
    sizes = {name: volume for name in SIZES if (volume := volumes(sheet, size_decimals, name)) is not None}
    prices = {name: units[name] for name in QUOTES}
    if not missing.any():
        return Quoted(prices, sizes)
    return Quoted({name: np.where(missing, 0, column) for name, column in prices.items()}, sizes, ~missing)


def check_crossed(sheet: Sheet, quotes: Quoted) -> None:
    """Refuse rows whose bid is above their ask."""

    def cells(row: int) -> str:
        pairs = ((sheet.column(f"bid_{name}")[row], sheet.column(f"ask_{name}")[row], name) for name in PRICES)
        return ", ".join(f"{name} bid {bid.as_py()} ask {ask.as_py()}" for bid, ask, name in pairs)

    fix = "mend or remove the row, or say crossed_quotes: keep, and nothing ever fills there"
    sheet.refuse(
        quotes.crossed,
        "bid_close",
        "is above the ask: the quotes are crossed",
        fix,
        value=lambda row: f"({cells(row)})",
    )


def mids(sheet: Sheet, quotes: Quoted, scale: int) -> tuple[dict[str, Int64s], Quoted]:
    """(bid + ask) / 2 with one more decimal than the quotes, which come back at that scale too."""
    for name in QUOTES:
        sheet.refuse(
            np.abs(quotes.prices[name]) > INT64 // 10,
            name,
            f"does not fit 64 bits with {scale + 1} decimals",
            "mend the row",
        )
    middle = {name: (quotes.prices[f"bid_{name}"] + quotes.prices[f"ask_{name}"]) * np.int64(5) for name in PRICES}
    return middle, replace(quotes, prices={name: column * np.int64(10) for name, column in quotes.prices.items()})
