"""What a report writer is."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from qtrader.result import Result


@runtime_checkable
class ReportWriter(Protocol):
    """Writes files about a finished run."""

    def write(self, result: "Result", folder: Path) -> list[Path]:
        """Write into ``folder`` and name the files written."""
        ...
