"""Reports that other plugins write: built when the run is, so that a wrong name stops it before it starts."""

from collections.abc import Callable
from pathlib import Path
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
    """Have another plugin's writer write. Raises RunError that names it."""
    try:
        named = list(writer.write(result, folder))
    except Exception as error:
        raise RunError(f"report {name!r} ({type(writer).__name__}) failed: {type(error).__name__}: {error}") from error
    outside = [path for path in named if not Path(path).resolve().is_relative_to(folder.resolve())]
    if outside:
        raise RunError(f"report {name!r} wrote {str(outside[0])!r}, which is not in the folder it was given")
    return named
