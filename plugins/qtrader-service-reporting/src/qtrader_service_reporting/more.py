"""Reports that other plugins write: built when the run is, so that a wrong name stops it before it starts."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qtrader import Result
from qtrader.errors import ConfigError, RunError, UnknownComponent
from qtrader.ports import ReportWriter
from qtrader.ports.settings import Reference, ReportSettings

FORMATS = ("json", "csv")
"""The reports that this service writes itself."""


def more_writers(config: ReportSettings, build: Callable[[str, Any], Any]) -> dict[str, ReportWriter]:
    """Build the installed writers that ``report.use`` names, by name. Raises ConfigError or PluginError."""
    writers: dict[str, ReportWriter] = {}
    for number, chosen in enumerate(config.use):
        if chosen in FORMATS:
            continue
        reference = chosen if isinstance(chosen, Reference) else _named(chosen, config, number)
        if reference.use in (*FORMATS, *writers):
            what = "takes no options here" if reference.use in FORMATS else "is named twice"
            raise reference.place().error(f"report {reference.use!r} {what}. Write it once, by its name alone")
        try:
            writers[reference.use] = build("report", reference)
        except UnknownComponent as error:
            raise ConfigError(f"{error} Always there: {', '.join(FORMATS)}") from error
    return writers


def _named(name: str, config: ReportSettings, number: int) -> Reference:
    reference = Reference(use=name)
    reference.written_at({"": config.place(f"use.{number}"), "use": config.place("use")})
    return reference


def write_more(name: str, writer: ReportWriter, result: Result, folder: Path) -> list[Path]:
    """Have another plugin's writer write. Raises RunError that names it.

    A writer adds files: it is given a folder of its own, and what it names there is moved beside the others.
    """
    with TemporaryDirectory(dir=folder.parent, prefix=".report-") as scratch:
        try:
            named = [Path(path) for path in writer.write(result, Path(scratch))]
        except Exception as error:
            told = f"report {name!r} ({type(writer).__name__}) failed: {type(error).__name__}: {error}"
            raise RunError(told) from error
        return [_moved(name, writer, path, Path(scratch), folder) for path in named]


def _moved(name: str, writer: ReportWriter, path: Path, scratch: Path, folder: Path) -> Path:
    """Put a file beside the run's others, where there is none of its name."""
    if not path.resolve().is_relative_to(scratch.resolve()):
        raise RunError(f"report {name!r} wrote {str(path)!r}, which is not in the folder it was given").of(writer)
    place = folder / path.resolve().relative_to(scratch.resolve())
    if not path.is_file():
        raise RunError(f"report {name!r} names {place.name!r}, which it has not written").of(writer)
    if place.exists():
        raise RunError(f"report {name!r} wrote {place.name!r}, which is a file of the run; give it another name").of(
            writer
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    path.rename(place)
    return place
