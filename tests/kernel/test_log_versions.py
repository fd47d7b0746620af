"""A stored run whose plugin has moved on: read with newer event versions, or refused with what to install."""

from pathlib import Path

import pytest

from alerts import WAYS, importable, plugin, way, write_package
from market_builders import daily, market
from qtrader.contracts import to_contract
from qtrader.errors import StoreError
from qtrader.plugins import Host
from qtrader.store import open_run, save
from tiny_run import engine, host


@pytest.fixture
def old_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run with three alerts, written by the plugin when it had version 1 alone."""
    write_package(tmp_path)
    importable(tmp_path, monkeypatch)
    return stored(tmp_path / "runs", plugin([1]))


def stored(root: Path, plugins: Host) -> Path:
    made = engine(
        market(daily("A", [10, 11, 12]), daily("B", [20, 21, 22]), days=3), plugins, services=[{"use": "alerter"}]
    )
    return save(made.run(), root, config=made.config).folder


def test_old_events_are_read_as_the_newest_class(old_run: Path) -> None:
    read = open_run(old_run, host=plugin([1, 2, 3], WAYS))

    alerts = [to_contract(event) for event in read.log.discrete_events("alert")]
    assert [(one["event_version"], one["level"], one["urgency"], one["note"]) for one in alerts] == [
        (3, "10", "low", None),
        (3, "11", "low", None),
        (3, "12", "low", None),
    ]


def test_old_events_keep_their_places_times_and_ids(old_run: Path) -> None:
    before, after = (
        open_run(old_run, host=plugins).log.discrete_events() for plugins in (plugin([1]), plugin([1, 2, 3], WAYS))
    )

    assert [event.origin for event in after] == [event.origin for event in before]


def test_the_events_of_other_topics_stay_as_they_are(old_run: Path) -> None:
    logs = [open_run(old_run, host=plugins).log for plugins in (plugin([1]), plugin([1, 2, 3], WAYS))]

    before, after = ([event for event in log if event.topic != "alert"] for log in logs)
    assert after == before


def test_the_tables_have_the_newest_columns(old_run: Path) -> None:
    table = open_run(old_run, host=plugin([1, 2, 3], WAYS)).log.table("alert")

    assert table.column_names == ["seq", "time", "symbol", "level", "urgency", "note"]


def test_a_run_of_today_is_read_as_it_was_written(old_run: Path) -> None:
    folder = stored(old_run.parent / "today", plugin([1, 2, 3], WAYS))

    read = open_run(folder, host=plugin([1, 2, 3], WAYS))

    assert "upcast" not in read.manifest
    assert read.log.digest() == read.manifest["event_digest"]


def test_what_was_read_as_newer_is_told(old_run: Path) -> None:
    read = open_run(old_run, host=plugin([1, 2, 3], WAYS))

    assert read.manifest["upcast"] == {"alerter/alert.v1": "alerter/alert.v3"}


def test_a_changed_log_is_noticed_before_it_is_lifted(old_run: Path) -> None:
    other = stored(old_run.parent / "other", plugin([3]))
    (old_run / "events.arrow").write_bytes((other / "events.arrow").read_bytes())

    with pytest.raises(StoreError, match="the events are not those that were stored"):
        open_run(old_run, host=plugin([1, 2, 3], WAYS))


def test_a_log_of_a_version_that_is_gone_names_topic_version_and_plugin(old_run: Path) -> None:
    with pytest.raises(StoreError) as refused:
        open_run(old_run, host=plugin([3]))

    assert str(refused.value).startswith(
        f"{old_run}/events.arrow: the log holds topics that no installed plugin knows: alert in version 1."
    )


def test_a_log_of_a_plugin_that_is_gone_says_which_made_it(old_run: Path) -> None:
    with pytest.raises(StoreError, match=r"alert in version 1\. The run was made with alerts .* \(now not installed\)"):
        open_run(old_run, host=host())


def test_a_log_without_a_way_up_names_the_contracts(old_run: Path) -> None:
    with pytest.raises(StoreError, match=r"no upcaster leads from alerter/alert\.v1 on to alerter/alert\.v3"):
        open_run(old_run, host=plugin([1, 3]))


def test_an_upcaster_that_fails_is_named(old_run: Path) -> None:
    with pytest.raises(StoreError, match=r"older version: upcaster 'acme_alerts:raising' .* raised KeyError"):
        open_run(old_run, host=plugin([1, 3], [way(1, 3, "raising")]))
