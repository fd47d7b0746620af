"""What every strategy and every indicator must do."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

from qtrader.events import BaseEvent, PriceBarEvent
from qtrader.ports import Columns
from qtrader.testing.builders import bars
from qtrader.testing.stage import Stage
from qtrader.testing.tools import PureToolConformance

_WAVES = [100 + step - 2 * max(0, step - 12) + day % 3 for day in range(120) for step in [day * 5 % 24]]
_COLUMNS = ("open", "high", "low", "close", "volume")


class StrategyConformance(PureToolConformance):
    """A strategy has something to call, knows the past alone, and goes on from its snapshot.

    ``bars`` are the bars that it is shown; give others where it has nothing to say about these (two symbols, 120 days
    up and down).
    """

    bars: ClassVar[Sequence[PriceBarEvent]] = (*bars(_WAVES), *bars(list(reversed(_WAVES)), "IBM"))

    def _stage(self, shown: Sequence[PriceBarEvent]) -> Stage:
        """A stage for some of the bars, with the intervals of all."""
        return Stage(shown, {one.interval for one in self.bars})

    def _heard(self, stage: Stage, stop: int | None = None) -> list[Any]:
        return [(event.topic, event.time_ns, _payload(event)) for event in stage.play(self.tool, stop)]

    def test_it_can_be_called(self) -> None:
        """At least one of ``on_bar`` and ``on_bars``."""
        assert any(callable(getattr(self.tool, name, None)) for name in ("on_bar", "on_bars"))

    def test_what_can_be_saved_can_be_brought_back(self) -> None:
        """``snapshot`` and ``restore`` come together or not at all."""
        assert hasattr(self.tool, "snapshot") == hasattr(self.tool, "restore")

    def test_its_snapshot_is_plain_json(self) -> None:
        """A strategy with a snapshot can be stored and brought back."""
        if hasattr(self.tool, "snapshot"):
            state = json.loads(json.dumps(self.tool.snapshot()))
            again = replace(self.tool)
            again.restore(state)

            assert self.tool.snapshot() == again.snapshot()

    def test_it_says_something(self) -> None:
        """A strategy that is always silent would pass every other test."""
        said = self._heard(Stage(self.bars))

        assert said, "it said nothing: give the suite shorter options, or other bars"

    def test_two_runs_say_the_same(self) -> None:
        """A run works on a fresh copy, and nothing is remembered elsewhere."""
        assert self._heard(Stage(self.bars)) == self._heard(Stage(self.bars)), "the second run said something else"

    def test_later_bars_change_nothing(self) -> None:
        """Of a shorter story it says what it said of the longer one until then."""
        stage = Stage(self.bars)
        whole = self._heard(stage)
        for cut in _cuts(len(stage.instants)):
            shown = [bar for instant in stage.instants[:cut] for bar in instant]
            end = shown[-1].time_ns
            past = [one for one in whole if one[1] <= end]

            assert self._heard(self._stage(shown)) == past, (
                f"with bars after {shown[-1].time} it said something else before"
            )

    def test_stopped_anywhere_and_restored_it_says_the_same(self) -> None:
        """What it remembers is in its snapshot; without a snapshot it remembers nothing."""
        whole = self._heard(Stage(self.bars))
        for stop in _cuts(len(Stage(self.bars).instants)):
            resumed = self._heard(Stage(self.bars), stop)

            assert resumed == whole, f"stopped before bar {stop} and restored it said something else: see snapshot"


class IndicatorConformance:
    """An indicator gives the same bits in batch and bar by bar, and never knows the future."""

    tool: ClassVar[Any]
    columns: ClassVar[Columns]

    def _rows(self) -> list[tuple[float, ...]]:
        return list(zip(*(getattr(self.columns, name).tolist() for name in _COLUMNS), strict=True))

    def _follow(self, stream: Any, rows: Sequence[tuple[float, ...]]) -> list[float | None]:
        return [stream.update(*row) for row in rows]

    def test_there_are_more_bars_than_it_looks_back(self) -> None:
        """Otherwise it has no value at all, and every other test would hold."""
        assert len(self.columns) > self.tool.lookback + 1

    def test_stream_equals_batch_bit_for_bit(self) -> None:
        """Live and backtest agree."""
        batch = self.tool.over(self.columns).tolist()
        followed = self._follow(self.tool.stream(), self._rows())

        assert len(batch) == len(followed)
        for row, value in enumerate(followed):
            assert (value is None) == (row < self.tool.lookback), f"row {row}: {value}"
            assert value is None or _same(value, batch[row]), f"row {row}: {value} is not {batch[row]}"

    def test_later_bars_change_nothing(self) -> None:
        """What is known at a bar is what was known at that bar."""
        whole = self.tool.over(self.columns).tolist()
        for rows in range(self.tool.lookback + 1, len(self.columns)):
            names = ("time_ns", *_COLUMNS)
            cut = Columns(*(getattr(self.columns, name)[:rows] for name in names))
            for row, value in enumerate(self.tool.over(cut).tolist()):
                assert _same(value, whole[row]), f"row {row} of the first {rows}: {value} is not {whole[row]}"

    def test_a_stream_that_was_reset_begins_anew(self) -> None:
        """Nothing of the series before is left."""
        stream = self.tool.stream()
        first = self._follow(stream, self._rows())
        stream.reset()

        assert _all_same(self._follow(stream, self._rows()), first)

    def test_a_stream_stopped_anywhere_and_restored_goes_on(self) -> None:
        """Through JSON, to the same bits."""
        rows, stream = self._rows(), self.tool.stream()
        whole = self._follow(self.tool.stream(), rows)
        for row, (here, _) in enumerate(pairwise(rows)):
            stream.update(*here)
            again = self.tool.stream()
            again.restore(json.loads(json.dumps(stream.snapshot())))

            assert _all_same(self._follow(again, rows[row + 1 :]), whole[row + 1 :]), f"stopped after row {row}"


def _cuts(length: int) -> range:
    """Some places between the first instant and the last, a dozen at most."""
    return range(1, length, max(1, length // 12))


def _payload(event: BaseEvent) -> dict[str, Any]:
    return {name: value for name, value in event.__dict__.items() if name != "origin"}


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or (math.isnan(one) and math.isnan(other))


def _all_same(some: Sequence[float | None], others: Sequence[float | None]) -> bool:
    return len(some) == len(others) and all(map(_same, some, others))
