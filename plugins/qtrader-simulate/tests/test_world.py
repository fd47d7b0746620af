"""Worlds are drawn from their seed alone."""

from pathlib import Path

from qtrader_simulate.features import FEATURES, features_of
from qtrader_simulate.world import World


def files(seed: int, folder: Path) -> dict[str, str]:
    folder.mkdir()
    World.of(seed).write(folder)
    return {file.name: file.read_text() for file in sorted(folder.iterdir())}


def test_a_seed_writes_the_same_files(tmp_path: Path) -> None:
    assert files(3, tmp_path / "a") == files(3, tmp_path / "b")
    assert files(3, tmp_path / "c") != files(4, tmp_path / "d")


def test_each_world_has_half_of_the_features_and_each_feature_some_worlds() -> None:
    drawn = [features_of(seed) for seed in range(100)]

    assert {len(one) for one in drawn} == {len(FEATURES) // 2}
    assert frozenset().union(*drawn) == set(FEATURES)


def test_features_are_left_out_by_hand() -> None:
    assert "splits" not in World.of(7, frozenset({"splits"})).features


def test_bars_are_bars(tmp_path: Path) -> None:
    for seed in range(20):
        for name, text in files(seed, tmp_path / str(seed)).items():
            if name.startswith("S"):
                for line in text.splitlines()[1:]:
                    opened, high, low, close, volume = map(float, line.split(",")[1:])
                    assert 0 < low <= min(opened, close) <= max(opened, close) <= high
                    assert volume >= 0


def test_the_exchange_has_half_days_and_holidays() -> None:
    world = next(one for seed in range(50) if "exchange" in (one := World.of(seed)).features and one.days == 250)

    assert len(world.sessions) == 250
    assert "2024-07-04" not in map(str, world.sessions)
