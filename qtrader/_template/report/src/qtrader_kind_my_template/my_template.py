"""A page of text about a run."""

from dataclasses import dataclass
from pathlib import Path

from qtrader import Result


@dataclass(frozen=True)
class MyTemplateReport:
    """Write ``my-template.txt`` with the figures of the run and its last ``trades`` trades."""

    trades: int = 10
    """How many trades to list, the last ones; 0 or more."""

    def write(self, result: Result, folder: Path) -> list[Path]:
        """Write into the folder, and name what was written; same bytes for the same run."""
        rows = result.trades.to_pylist()
        lines = [
            f"events {result.digest}",
            f"return {result.metrics.total_return}",
            f"trades {len(rows)}",
            *(f"{row['symbol']} {row['net_pnl']}" for row in rows[max(0, len(rows) - self.trades) :]),
        ]
        path = folder / "my-template.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return [path]
