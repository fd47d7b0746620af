"""Which run somebody means: a folder, an id, a unique prefix, or how many runs ago it was."""

from collections.abc import Sequence
from pathlib import Path

from qtrader.errors import StoreError
from qtrader.suggest import did_you_mean

DEFAULT_ROOT = Path("runs")


def list_runs(root: Path = DEFAULT_ROOT) -> list[Path]:
    """Run folders, the latest first."""
    if not root.is_dir():
        return []
    found = [path.parent for path in root.glob("*/manifest.json") if not path.parent.name.startswith(".")]
    return sorted(found, key=lambda folder: ((folder / "manifest.json").stat().st_mtime_ns, folder.name), reverse=True)


def find_run(run: str | Path, root: str | Path = DEFAULT_ROOT) -> Path:
    """The folder of a run named by folder, id, unique prefix, ``@last`` or ``@last~1``. Raises StoreError."""
    text, root = str(run), Path(root)
    if (Path(text) / "manifest.json").is_file():
        return Path(text)
    runs = list_runs(root)
    if not runs:
        raise StoreError(
            f"no runs in {str(root)!r}: run `qtrader backtest CONFIG` first, or name the folder with --runs"
        )
    if text.startswith("@"):
        return _recent(text, runs, root)
    matches = [folder for folder in runs if folder.name == text] or [f for f in runs if f.name.startswith(text)]
    names = [folder.name for folder in runs]
    if not matches:
        raise StoreError(f"no run {text!r} in {str(root)!r}.{did_you_mean(text, names)} Known: {', '.join(names[:10])}")
    if len(matches) > 1:
        raise StoreError(
            f"{text!r} fits {len(matches)} runs: {', '.join(sorted(f.name for f in matches))}; write more of it"
        )
    return matches[0]


def _recent(text: str, runs: Sequence[Path], root: Path) -> Path:
    back = 0 if text == "@last" else int(text[6:]) if text.startswith("@last~") and text[6:].isdigit() else -1
    if back < 0:
        raise StoreError(f"{text!r} is no run: write @last, @last~1, an id, a unique prefix or a folder")
    if back >= len(runs):
        raise StoreError(f"{text!r}: there are only {len(runs)} runs in {str(root)!r}")
    return runs[back]
