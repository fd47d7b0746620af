"""Run folders: finding one, reading one back whole, and noticing when somebody changed it."""

import json
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from event_samples import event
from market_builders import daily, day_ns, market, sessions, split
from qtrader import BacktestEngine, Result
from qtrader.archive import market_size, read_market, write_market
from qtrader.errors import RunError, StoreError, VerifyError
from qtrader.events import PriceBarEvent, SignalEvent
from qtrader.market import Market, ScheduledAction
from qtrader.ports import CorporateAction, Instrument
from qtrader.run_handles import find_run, list_runs
from qtrader.store import open_run, save, save_failed
from tiny_run import Strategy, engine, host, provider


def world(bars: int = 3) -> Market:
    return market(daily("A", range(10, 10 + bars)), daily("B", range(20, 20 + bars)), days=bars)


def stored(root: Path, made: BacktestEngine | None = None, **sections: Any) -> Result:
    """A small run in its folder."""
    made = made or engine(world(), **sections)
    result = made.run()
    save(result, root, config=made.config)
    return result


def runs_in(root: Path, *names: str) -> None:
    """Folders that look like runs, the first the oldest."""
    for age, name in enumerate(names):
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
        os.utime(folder / "manifest.json", (1_000_000 + age, 1_000_000 + age))


# finding a run


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("@last", "beta-777777"),
        ("@last~0", "beta-777777"),
        ("@last~1", "alpha-abd000"),
        ("@last~2", "alpha-abc999"),
        ("alpha-abc999", "alpha-abc999"),
        ("alpha-abd", "alpha-abd000"),
        ("b", "beta-777777"),
    ],
)
def test_a_run_is_found_by_age_id_or_prefix(tmp_path: Path, handle: str, name: str) -> None:
    runs_in(tmp_path, "alpha-abc999", "alpha-abd000", "beta-777777")

    assert find_run(handle, tmp_path).name == name


def test_a_run_is_found_by_its_folder_wherever_it_is(tmp_path: Path) -> None:
    runs_in(tmp_path / "elsewhere", "alpha-abc999")

    assert find_run(tmp_path / "elsewhere" / "alpha-abc999", tmp_path / "runs").name == "alpha-abc999"


def test_a_whole_id_wins_over_a_longer_one_that_begins_with_it(tmp_path: Path) -> None:
    runs_in(tmp_path, "alpha-abc999", "alpha-abc9990")

    assert find_run("alpha-abc999", tmp_path).name == "alpha-abc999"


@pytest.mark.parametrize(
    ("handle", "says"),
    [
        ("alpha", "'alpha' fits 2 runs: alpha-abc999, alpha-abd000; write more of it"),
        ("alhpa-abc999", "no run 'alhpa-abc999' in .*Did you mean 'alpha-abc999'"),
        ("gamma", "no run 'gamma' in .*Known: beta-777777, alpha-abd000, alpha-abc999"),
        ("@last~3", "there are only 3 runs"),
        ("@first", "'@first' is no run: write @last"),
        ("@last~x", "'@last~x' is no run"),
        ("@last~-1", "'@last~-1' is no run"),
    ],
)
def test_a_handle_that_names_no_run_is_refused_with_what_there_is(tmp_path: Path, handle: str, says: str) -> None:
    runs_in(tmp_path, "alpha-abc999", "alpha-abd000", "beta-777777")

    with pytest.raises(StoreError, match=says):
        find_run(handle, tmp_path)


def test_where_no_runs_are_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no runs in .*: run `qtrader backtest CONFIG` first"):
        find_run("@last", tmp_path)


def test_runs_are_listed_the_latest_first_without_half_written_ones(tmp_path: Path) -> None:
    runs_in(tmp_path, "old-1", "new-2", ".writing-x")
    (tmp_path / "no-run").mkdir()

    assert [folder.name for folder in list_runs(tmp_path)] == ["new-2", "old-1"]


# writing


def test_a_folder_is_named_by_the_run_and_its_digest(tmp_path: Path) -> None:
    result = stored(tmp_path)

    assert [folder.name for folder in list_runs(tmp_path)] == [f"tiny-{result.manifest['run_digest'][:6]}"]


def test_a_folder_holds_manifest_config_events_and_bars(tmp_path: Path) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None

    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    assert found == [
        "bars/0000.arrow",
        "bars/0001.arrow",
        "bars/market.json",
        "config.yaml",
        "events.arrow",
        "manifest.json",
    ]


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    made = engine(world())
    result = made.run()

    def fail(_: Path) -> Any:
        raise OSError("disk full")

    with pytest.raises(StoreError, match="the run cannot be written: disk full"):
        save(result, tmp_path, config=made.config, write_reports=fail)
    assert list(tmp_path.iterdir()) == []


def test_an_identical_rerun_changes_nothing_but_its_age(tmp_path: Path) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    os.utime(folder / "manifest.json", (1_000_000, 1_000_000))
    made = engine(world())
    again = save(made.run(), tmp_path, config=made.config)

    assert again.same_as is not None
    assert again.same_as.timestamp() == 1_000_000
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert (folder / "manifest.json").stat().st_mtime > 1_000_000


def test_another_result_of_the_same_run_is_an_alarm(tmp_path: Path) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**facts, "event_digest": "0" * 64}), encoding="utf-8")

    with pytest.raises(VerifyError, match=r"NOT REPRODUCIBLE.*gave digest 0{16} before and [0-9a-f]{16} now"):
        stored(tmp_path)


def test_runs_of_the_same_first_digits_get_folders_of_their_own(tmp_path: Path) -> None:
    made = engine(world())
    digest = made.run_state.digest
    other = tmp_path / f"tiny-{digest[:6]}"
    other.mkdir()
    (other / "manifest.json").write_text(json.dumps({"run_digest": digest[:6] + "0" * 58}), encoding="utf-8")
    result = stored(tmp_path, made)

    assert result.folder == tmp_path / f"tiny-{digest[:7]}"


def test_a_folder_of_that_name_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    made = engine(world())
    taken = tmp_path / f"tiny-{made.run_state.digest[:6]}"
    taken.mkdir()

    assert stored(tmp_path, made).folder == tmp_path / f"tiny-{made.run_state.digest[:7]}"
    assert list(taken.iterdir()) == []


# reading back


def test_a_run_read_back_has_every_event(tmp_path: Path) -> None:
    result = stored(tmp_path)

    assert list(open_run("@last", tmp_path, host=host()).log) == list(result.log)


def test_a_run_read_back_has_its_digest(tmp_path: Path) -> None:
    result = stored(tmp_path)
    again = open_run("@last", tmp_path, host=host())

    assert (result.digest, result.digest) == (again.digest, again.log.digest())


def test_a_run_without_archived_bars_has_every_other_event(tmp_path: Path) -> None:
    result = stored(tmp_path, runs={"archive": "never"})
    again = open_run("@last", tmp_path, host=host())

    assert list(again.log.discrete_events()) == list(result.log.discrete_events())
    assert len(again.log) == len(result.log)


def test_a_run_without_archived_bars_says_so_when_a_bar_is_asked_for(tmp_path: Path) -> None:
    stored(tmp_path, runs={"archive": "never"})

    with pytest.raises(StoreError, match="is a bar, and the run's bars were not archived"):
        list(open_run("@last", tmp_path, host=host()).log)


def test_a_bar_made_by_hand_is_kept_beside_the_market_s(tmp_path: Path) -> None:
    made = engine(world())
    made.event_bus.subscribe("valuation_trigger", lambda _: made.event_bus.publish(event(PriceBarEvent)))
    result = stored(tmp_path, made)
    again = open_run("@last", tmp_path, host=host())

    assert list(again.log) == list(result.log)
    assert again.manifest["counts"]["bar"] == sum(one.topic == "bar" for one in result.log) == 9


def test_counts_are_those_of_the_log(tmp_path: Path) -> None:
    result = stored(tmp_path)
    topics = [one.topic for one in result.log]

    assert result.manifest["counts"] == {
        topic: topics.count(topic) for topic in dict.fromkeys(["bar", *sorted(topics)])
    }


# runs that failed


class Crashing(Strategy):
    """Raises on the second day."""

    def say(self, kind: Any, about: Any = None) -> None:
        if self.wiring.market.time_ns > day_ns(1):
            raise ValueError("enough")
        super().say(kind, about)


class Untyped(Strategy):
    """Emits a float as a price on the second day, and crashes over it."""

    def say(self, kind: Any, about: Any = None) -> None:
        if self.wiring.market.time_ns < day_ns(1):
            super().say(kind, about)
            return
        values = {name: value for name, value in event(SignalEvent).__dict__.items() if name != "origin"}
        self.wiring.emitter.emit(SignalEvent, **{**values, "price": 1.5})


class UntypedAndCrashing(Untyped):
    """Crashes over its own mistake."""

    def say(self, kind: Any, about: Any = None) -> None:
        super().say(kind, about)
        if self.wiring.market.time_ns > day_ns(1):
            raise ValueError("enough")


def failed(root: Path, strategy: type[Strategy]) -> tuple[str, Result]:
    """A run of a strategy that fails: what it said, and what is kept."""
    plugins = host(strategy=provider(strategy, ["bar"], ["signal"]))
    made = engine(world(), plugins)
    with pytest.raises(RunError) as caught:
        made.run()
    manifest, run = made.failure()
    folder = save_failed(run.log, manifest, root, config=made.config)
    return str(caught.value), open_run(folder, root, host=host())


@pytest.mark.parametrize("strategy", [Crashing, Untyped, UntypedAndCrashing])
def test_what_a_failed_run_committed_is_kept(tmp_path: Path, strategy: type[Strategy]) -> None:
    _, kept = failed(tmp_path, strategy)
    healthy = list(engine(world()).run().log)

    assert kept.manifest["status"] == "failed"
    assert (
        list(kept.log.discrete_events())[:5]
        == [replaced(one, kept.log.run) for one in healthy if one.topic != "bar"][:5]
    )


def replaced(one: Any, run: int) -> Any:
    """The event as it is in another run."""
    return type(one)(**{**one.__dict__, "origin": one.origin._replace(run=run)})


def test_a_run_that_broke_a_contract_keeps_what_came_before_it(tmp_path: Path) -> None:
    said, kept = failed(tmp_path, Untyped)

    assert "strategy/signal.v1: $.price" in said
    assert f"event {len(kept.log)} (signal) breaks its contract" in said


def test_the_manifest_of_a_failed_run_says_why(tmp_path: Path) -> None:
    _, kept = failed(tmp_path, Crashing)

    assert "ValueError: enough" in kept.manifest["error"]


def test_of_two_errors_the_first_is_the_reason(tmp_path: Path) -> None:
    """The event that broke its contract came before the crash, though the crash was noticed first."""
    _, kept = failed(tmp_path, UntypedAndCrashing)

    assert "(signal) breaks its contract" in kept.manifest["error"]
    assert "enough" in kept.manifest["error"]


def test_a_failed_run_gives_way_to_a_good_one(tmp_path: Path) -> None:
    made = engine(world())
    manifest = {**made.run().manifest, "status": "failed"}
    save_failed(made.run_state.log, manifest, tmp_path, config=made.config)
    stored(tmp_path)

    assert open_run("@last", tmp_path, host=host()).manifest["status"] == "done"


def test_a_good_run_never_gives_way_to_a_failed_one(tmp_path: Path) -> None:
    stored(tmp_path)
    made = engine(world())
    manifest = {**made.run().manifest, "status": "failed"}

    with pytest.raises(VerifyError, match="ran to the end before and failed now"):
        save_failed(made.run_state.log, manifest, tmp_path, config=made.config)


# tampering


def test_changed_events_are_noticed(tmp_path: Path) -> None:
    """The events of another run, put in place of these."""
    folder = stored(tmp_path).folder
    other = stored(tmp_path / "other", engine(world(4))).folder
    assert folder is not None
    assert other is not None
    (folder / "events.arrow").write_bytes((other / "events.arrow").read_bytes())

    with pytest.raises(StoreError, match=r"events\.arrow: the events are not those that were stored"):
        open_run(folder, host=host())


def test_changed_bars_are_noticed(tmp_path: Path) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None
    bars = folder / "bars"
    (bars / "0000.arrow").write_bytes((bars / "0001.arrow").read_bytes())

    with pytest.raises(StoreError, match=r"0000\.arrow: the bars of A are not those that were archived"):
        open_run(folder, host=host())


@pytest.mark.parametrize("name", ["events.arrow", "bars/0000.arrow", "bars/market.json", "manifest.json"])
def test_a_file_that_is_cut_is_noticed(tmp_path: Path, name: str) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None
    path = folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(StoreError, match=r"cannot be read|can be read"):
        open_run(folder, host=host())


@pytest.mark.parametrize("name", ["events.arrow", "bars/0000.arrow", "bars/market.json"])
def test_a_missing_file_is_noticed(tmp_path: Path, name: str) -> None:
    folder = stored(tmp_path).folder
    assert folder is not None
    (folder / name).unlink()

    with pytest.raises(StoreError, match="cannot be read"):
        open_run(folder, host=host())


# markets on disk

FULL = Instrument(
    "A", asset_class="future", currency="EUR", calendar="XNYS", zone="Europe/Paris", price_decimals=2,
    tick=Decimal("0.05"), lot=Decimal("0.001"), multiplier=Decimal(50), listed=date(1999, 1, 4),
    delisted=date(2030, 1, 4), shortable=False, sector="Energy",
)  # fmt: skip
ACTIONS = [
    CorporateAction("A", "cash_dividend", date(2020, 1, 2), record_date=date(2020, 1, 3), pay_date=date(2020, 2, 3),
                    amount=Decimal("0.123456789"), currency="EUR", withholding=Decimal("0.15"),
                    amount_basis="pre_split"),
    CorporateAction("A", "split", date(2020, 1, 2), numerator=3, denominator=2, reference_price=Decimal("10.5")),
    CorporateAction("A", "spin_off", date(2020, 1, 2), new_symbol="C", ratio=Decimal("0.2"), cost_share=Decimal("0.1")),
    CorporateAction("A", "merger", date(2020, 1, 2), new_symbol="C", ratio=Decimal(1), cash_amount=Decimal("1.25")),
    CorporateAction("A", "rights", date(2020, 1, 2), ratio=Decimal("0.1"), subscription_price=Decimal(7)),
    CorporateAction("A", "symbol_change", date(2020, 1, 2), new_symbol="Z"),
    CorporateAction("A", "delisting", date(2020, 1, 2), value=Decimal("0.01")),
]  # fmt: skip


def through_disk(whole: Market, path: Path) -> Market:
    write_market(whole, path / "bars")
    return read_market(path / "bars")


def test_a_market_keeps_its_bars(tmp_path: Path) -> None:
    whole = market(daily("A", [10, 12, 11], live_from=1), daily("B", [7]), days=3)

    assert [one.digest for one in through_disk(whole, tmp_path).tables] == [one.digest for one in whole.tables]


def test_a_market_keeps_fractional_and_unknown_volume(tmp_path: Path) -> None:
    table = daily(
        "A", [10, 11, 12],
        volume=np.array([123456789, 0, 0]), volume_scale=8, volume_known=np.array([True, False, True]),
    )  # fmt: skip
    again = through_disk(market(table), tmp_path).tables[0]

    assert [again.volume_at(row) for row in range(3)] == [Decimal("1.23456789"), None, Decimal(0)]


def test_a_market_keeps_that_there_is_no_volume(tmp_path: Path) -> None:
    again = through_disk(market(daily("A", [10], volume=None)), tmp_path).tables[0]

    assert (again.volume, again.volume_at(0)) == (None, None)


def test_a_market_keeps_a_table_without_rows(tmp_path: Path) -> None:
    again = through_disk(market(daily("A", [])), tmp_path).tables[0]

    assert (len(again), again.close.dtype) == (0, np.int64)


def test_a_market_keeps_mid_prices_apart_from_trades(tmp_path: Path) -> None:
    assert through_disk(market(daily("A", [10], basis="mid")), tmp_path).tables[0].basis == "mid"


def test_a_market_keeps_every_fact_of_its_instruments(tmp_path: Path) -> None:
    table = replace(daily("A", [10]), instrument=FULL)

    assert through_disk(market(table), tmp_path).tables[0].instrument == FULL


def test_a_market_keeps_every_fact_of_its_actions(tmp_path: Path) -> None:
    scheduled = tuple(ScheduledAction(day_ns(1), f"a-{n}", one) for n, one in enumerate(ACTIONS))

    assert through_disk(market(daily("A", [10]), actions=scheduled), tmp_path).actions == scheduled


def test_a_market_keeps_sessions_year_view_and_warnings(tmp_path: Path) -> None:
    whole = Market(
        (daily("A", [10]),), (split("A", 1),), sessions(3), sessions_per_year=365, signal_view="raw", warnings=("thin",)
    )
    again = through_disk(whole, tmp_path)

    assert (again.sessions, again.sessions_per_year, again.signal_view, again.warnings) == (
        whole.sessions, 365, "raw", ("thin",),
    )  # fmt: skip


def test_the_size_of_a_market_is_that_of_its_columns() -> None:
    """Per row: time, open time, four prices and volume of 8 bytes, the session of 4."""
    assert market_size(market(daily("A", [10, 11, 12]))) == 3 * (7 * 8 + 4)


def test_a_file_of_bars_that_is_no_arrow_file_is_refused(tmp_path: Path) -> None:
    write_market(market(daily("A", [10])), tmp_path / "bars")
    (tmp_path / "bars" / "0000.arrow").write_bytes(b"no arrow")

    with pytest.raises(StoreError, match="the archived bars cannot be read"):
        read_market(tmp_path / "bars")
