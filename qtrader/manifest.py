"""The manifest of a run: what it was made of, what came out, and how long it took. Only here are wall-clock facts."""

import platform
from typing import TYPE_CHECKING, Any

import importlib_metadata
import pyarrow as pa
import pyarrow.compute as pc

from qtrader.result import bars_of
from qtrader.suggest import did_you_mean

if TYPE_CHECKING:
    from qtrader.config import LoadedConfig
    from qtrader.wiring import Run

VERSION = 1


def make_manifest(run: "Run", config: "LoadedConfig", *, status: str, wall_s: float) -> dict[str, Any]:
    """Seal the log and describe the run; plain JSON values."""
    log = run.log
    digest = log.digest()
    counts = {"bar": 0, **dict(sorted(log.counts.items()))}
    counts["bar"] += log.bars  # beside those that were made by hand
    return {
        "version": VERSION,
        "run_id": run.run_id,
        "name": run.settings.name,
        "status": status,
        "run_digest": run.digest,
        "event_digest": digest,
        "block_digests": log.block_digests(),
        "counts": counts,
        "events": len(log),
        "trades": pc.sum(log.table("trade").column("closes_round_trip")).as_py() or 0,
        "mode": "dense",
        "mode_reason": "every bar is shown to every strategy" if run.settings.engine.mode == "auto" else "asked for",
        "identity": run.identity,
        "config": config.effective,
        "warnings": [*config.warnings, *run.market.warnings, *_warnings(run)],
        "python": platform.python_version(),
        "libraries": {name: importlib_metadata.version(name) for name in ("numpy", "pyarrow", "pydantic")},
        "timings": {"wall_s": round(wall_s, 6), "bars_per_second": round(log.bars / wall_s) if wall_s else 0},
    }


def _warnings(run: "Run") -> list[str]:
    """What the events themselves give to warn about."""
    warnings = []
    refused = 0
    if run.log.counts.get("signal_rejected", 0):
        told = [code for code in run.log.table("signal_rejected").column("code").to_pylist() if code != "at-target"]
        refused, codes = len(told), sorted(set(told))
    if refused:
        noun = "signal" if refused == 1 else "signals"
        warnings.append(f"{refused} {noun} refused ({', '.join(codes)}): qtrader log RUN --topic signal_rejected")
    fills = run.log.table("fill")
    again = fills.num_rows - pc.count_distinct(fills.column("fill_id")).as_py()
    if again:
        noun = "fill that was booked already was" if again == 1 else "fills that were booked already were"
        warnings.append(f"{again} {noun} published again and ignored: qtrader log RUN --topic fill")
    guesses = run.log.table("ambiguity")
    optimistic = fills.filter(fills.column("optimistic"))
    if not pc.all(pc.is_in(optimistic.column("fill_id"), guesses.column("fill_id")), min_count=0).as_py():
        warnings.append(
            "fills on the bar of the decision (same_bar): optimistic, the strategy could not have traded there"
        )
    return [*warnings, *_ambiguous(guesses, optimistic), *_undated(run), *_unknown_borrowed(run)]


def _ambiguous(guesses: pa.Table, optimistic: pa.Table) -> list[str]:
    """Bars in which only the unknown path decides between two orders of a group."""
    bars = bars_of(guesses)
    if not bars:
        return []
    better = pc.any(pc.is_in(guesses.column("fill_id"), optimistic.column("fill_id"))).as_py()
    booked = "the better outcome is booked: optimistic" if better else "the adverse outcome is booked"
    noun = "bar is" if bars == 1 else "bars are"
    told = f"{bars} {noun} ambiguous, two orders of a group would have filled inside; {booked}"
    return [f"{told}: qtrader log RUN --topic ambiguity"]


def _undated(run: "Run") -> list[str]:
    """Dividends that were booked on their ex-date, since nobody says when they were paid."""
    actions = run.log.table("corporate_action")
    columns = (actions.column(name).to_pylist() for name in ("action_id", "action_type", "pay_date"))
    undated = [one for one, kind, pay in zip(*columns, strict=True) if kind == "cash_dividend" and pay is None]
    if not undated:
        return []
    booked = set(run.log.table("cash").column("action_id").to_pylist())
    paid = [one for one in undated if one in booked]
    if len(paid) == 1:
        return [f"{paid[0]} has no pay date: the dividend was paid on its ex-date"]
    return [f"{len(paid)} dividends have no pay date and were paid on their ex-dates, first {paid[0]}"] if paid else []


def _unknown_borrowed(run: "Run") -> list[str]:
    """Borrow rates and shares of symbols that the run has not got: of a shared file, or misspelt."""
    symbols, borrow = run.market.symbols, run.settings.portfolio.borrow
    return [
        f"portfolio.borrow.{key}.{name}: it is not in data.symbols and changes nothing.{did_you_mean(name, symbols)}"
        for key, named in (("symbols", borrow.symbols), ("available", borrow.available))
        for name in sorted(set(named) - set(symbols))
    ]
