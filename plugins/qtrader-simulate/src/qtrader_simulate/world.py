"""One world: bars and company acts as files, and the run that is played on them."""

import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from qtrader import BacktestEngine
from qtrader_simulate.features import dice, features_of

FIRST = date(2024, 1, 2)
LONGEST = 250
SHARE = Decimal("0.1")
CENT = Decimal("0.01")
FILLS = ("next-open", "ohlc-path", "close")
POLICY = """
policy: wild
version: 1
sizing: {{use: fixed, with: {{quantity: 60}}}}
signals: {{already_open: add, opposite_open: flip, shorts: {shorts}}}
orders: {{honour: [stop_loss, take_profit, order]}}
"""
ACTIONS = "symbol,action_type,ex_date,numerator,denominator,amount,currency,pay_date,value"


@cache
def exchange_sessions() -> tuple[date, ...]:
    """Sessions of the New York exchange, half days among them."""
    from exchange_calendars import get_calendar  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries about each other
        calendar = get_calendar("XNYS", start=FIRST.isoformat(), end="2025-06-30")
    return tuple(session.date() for session in calendar.sessions)


@dataclass(frozen=True)
class World:
    """What a seed draws, less the features that were left out by hand."""

    seed: int
    features: frozenset[str]

    @classmethod
    def of(cls, seed: int, without: frozenset[str] = frozenset()) -> "World":
        """The world of a seed."""
        return cls(seed, features_of(seed) - without)

    @property
    def chance(self) -> Random:
        """Fresh dice of the world: the same throws whoever asks."""
        return dice("world", self.seed)

    @property
    def symbols(self) -> list[str]:
        """One to six instruments."""
        return [f"S{number}" for number in range(self.chance.choice((1, 1, 2, 2, 3, 4, 6)))]

    @property
    def days(self) -> int:
        """Sessions: short worlds for the most part."""
        return dice("days", self.seed).choice((20, 30, 40, 60, 60, 100, LONGEST))

    @property
    def fill(self) -> str:
        """The fill policy."""
        return FILLS[self.seed % len(FILLS)]

    @property
    def sessions(self) -> list[date]:
        """The days on which there is trade."""
        if "exchange" in self.features:
            return list(exchange_sessions()[: self.days])
        return [FIRST + timedelta(days=number) for number in range(self.days)]

    def write(self, folder: Path) -> None:
        """Write bars, acts and the policy."""
        acts = [ACTIONS]
        for symbol in self.symbols:
            lines = self._write_bars(symbol, acts)
            (folder / f"{symbol}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "actions.csv").write_text("\n".join(acts) + "\n", encoding="utf-8")
        shorts = "true" if "flips" in self.features else "false"
        (folder / "wild.yaml").write_text(POLICY.format(shorts=shorts), encoding="utf-8")

    def _write_bars(self, symbol: str, acts: list[str]) -> list[str]:
        chance, sessions = dice("bars", self.seed, symbol), self.sessions
        price, lines = Decimal(chance.choice((2, 20, 60, 150, 400))), ["date,open,high,low,close,volume"]
        happens = {feature: chance.randrange(2, len(sessions)) for feature in ("splits", "dividends", "delistings")}
        has = {feature for feature in happens if feature in self.features and chance.random() < 0.5}
        last = happens["delistings"] if "delistings" in has else len(sessions)
        for number, session in enumerate(sessions):
            if number == last:
                acts.append(f"{symbol},delisting,{session},,,,,,{price / 2}")
                break
            if "splits" in has and number == happens["splits"]:
                price = max((price / 2).quantize(CENT), CENT)
                acts.append(f"{symbol},split,{session},2,1,,,,")
            elif "dividends" in has and number == happens["dividends"]:
                amount = max((price / 100).quantize(CENT), CENT)
                acts.append(f"{symbol},cash_dividend,{session},,,{amount},USD,{session},")
            elif "gaps" in self.features and number and chance.random() < 0.06:
                continue
            price = self._write_bar(chance, session, price, lines)
        return lines

    def _write_bar(self, chance: Random, session: date, price: Decimal, lines: list[str]) -> Decimal:
        wide = 100 if "jumps" in self.features and chance.random() < 0.1 else 30
        opened = price * Decimal(chance.randrange(1000 - wide, 1001 + wide)) / 1000
        closed = opened * Decimal(chance.randrange(960, 1041)) / 1000
        high = max(opened, closed) * Decimal(chance.randrange(1000, 1031)) / 1000
        low = min(opened, closed) * Decimal(chance.randrange(970, 1001)) / 1000
        halted = "halts" in self.features and chance.random() < 0.06
        prices = [max(one.quantize(CENT), CENT) for one in (opened, high, low, closed)]
        lines.append(f"{session},{','.join(map(str, prices))},{0 if halted else chance.randrange(200, 2000)}")
        return prices[3]

    def engine(self, folder: Path) -> BacktestEngine:
        """The run, wired and not yet played."""
        source: dict[str, Any] = {
            "use": "csv", "with": {"path": str(folder / "{symbol}.csv"), "symbols": self.symbols}, "prices": "raw",
            "stamp": "session", "calendar": "XNYS" if "exchange" in self.features else "24/7", "currency": "USD",
            "asset_class": "equity", "actions": str(folder / "actions.csv"),
        }  # fmt: skip
        options = {"seed": self.seed, "features": sorted(self.features)}
        execution: dict[str, Any] = {
            "fill": {"use": self.fill},
            "commission": {"use": "per-share", "with": {"rate": "0.01", "minimum": 1}},
            "slippage": {"use": "bps", "with": {"bps": 7}},
        }
        for feature, part in (("fees", "commission"), ("slippage", "slippage")):
            if feature not in self.features:
                execution[part] = {"use": "none"}
        if "shares" in self.features:
            execution["max_participation"] = str(SHARE)
        return BacktestEngine.from_config(
            {
                "name": "simulate",
                "data": {"source": "files", "symbols": self.symbols},
                "data_sources": {"files": source},
                "strategies": [{"name": "wild", "use": "qtrader_simulate.wild:Wild", "with": options}],
                "portfolio": {"cash": 1_000_000},
                "execution": execution,
                "risk": {"policy": "wild", "policies": [str(folder)]},
            }
        )
