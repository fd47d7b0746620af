"""``qtrader data check``: print what was found."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rich_click as click

from ..inspect.check import check_file
from ..inspect.declared import Declarations
from ..inspect.findings import Problem, Report
from .text import WIDTH, columns, condensed

MOST = 10
"""Lines of a list that are shown without being asked for all."""
MARKS = {"error": ("x", "red"), "warning": ("!", "yellow")}


def run_check(
    build: Any, path: Path, said: Declarations, actions: Path | None, *, everything: bool, as_json: bool
) -> bool:
    """Check a file, print the report, and say whether its rows are all right."""
    report = check_file(path, said, build, actions, most=None if everything or as_json else MOST)
    if as_json:
        click.echo(json.dumps(document(report), indent=2))
    else:
        print_report(report, everything=everything)
    return report.is_clean


def document(report: Report) -> dict[str, Any]:
    """A report as a JSON document."""
    return {
        "file": report.file,
        "source": report.source,
        "clean": report.is_clean,
        "columns": {one.key: one.name for one in report.columns},
        "unread": list(report.unread),
        **{key: asdict(found) for key, found in report.facts.items()},
        "contents": [asdict(one) for one in report.contents],
        "problems": [
            {"kind": one.kind, "level": one.level, "symbol": one.symbol, "title": one.title, "fix": one.fix,
             "items": list(one.items)}
            for one in report.problems
        ],
        "entry": report.entry,
    }  # fmt: skip


def print_report(report: Report, *, everything: bool) -> None:
    """Print a report in sections: contents, columns, times, problems, entry."""
    rows = sum(one.rows for one in report.contents)
    click.echo(f"{click.style(report.file, bold=True)}  {report.source}, {rows:,} {'row' if rows == 1 else 'rows'}")
    _print_contents(report, everything=everything)
    _print_columns(report)
    _print_facts(report)
    several = len(report.contents) > 1
    for level, title in (("error", "Wrong: a run refuses these rows"), ("warning", "Look at")):
        found = [one for one in report.problems if one.level == level]
        if found:
            click.secho(f"\n{title}", bold=True)
        _print_problems(found, several=several, everything=everything)
    if not report.problems:
        click.secho("\nNothing is wrong with the rows.", fg="green")
    if unsaid := [
        key for key in ("calendar", "zone") if report.facts[key].value is None and not _is_spared(report, key)
    ]:
        options = " and ".join(f"--{key}" for key in unsaid)
        _wrapped(f"Gaps were not looked for: say {options}.", "", "")
    click.secho("\nTo use it", bold=True)
    click.echo(textwrap.indent(report.entry, "  "))


def _print_contents(report: Report, *, everything: bool) -> None:
    lines = [
        (one.symbol, f"{one.rows:,} rows", f"{one.first} to {one.last}",
         "" if one.decimals is None else f"{one.decimals} {'decimal' if one.decimals == 1 else 'decimals'}")
        for one in report.contents
    ]  # fmt: skip
    for line in condensed(columns(lines, right={1}), MOST, everything=everything):
        click.echo(f"  {line}")


def _print_columns(report: Report) -> None:
    click.secho("\nColumns", bold=True)
    for line in columns(
        [(one.key, repr(one.name) if one.name != one.key else one.name, one.holds) for one in report.columns]
    ):
        click.echo(f"  {line}")
    if report.unread:
        _wrapped(f"not read: {', '.join(report.unread)}", "  ", "    ")


def _print_facts(report: Report) -> None:
    click.secho("\nTimes", bold=True)
    for key, found in report.facts.items():
        value = found.value or "?"
        if not found.value and _is_spared(report, key):
            continue
        head = f"  {key:<10}{value:<18}"
        _wrapped(found.why, head if len(head) < 40 else f"{head} ", " " * 30)


def _is_spared(report: Report, key: str) -> bool:
    """Whether a fact need not be known: dates have no zone."""
    return key == "zone" and report.facts["stamp"].value == "session"


def _print_problems(found: Sequence[Problem], *, several: bool, everything: bool) -> None:
    """Print problems, those of one kind together, with the advice that they share after the last of them."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem in found:
        kinds.setdefault((problem.kind, problem.fix), []).append(problem)
    for (_, fix), alike in kinds.items():
        for problem in alike if everything else alike[:MOST]:
            _print_problem(problem, several=several, everything=everything)
        if len(alike) > MOST and not everything:
            click.echo(f"  and {len(alike) - MOST:,} more symbols: --all")
        _wrapped(fix, "    ", "    ", dim=True)


def _print_problem(problem: Problem, *, several: bool, everything: bool) -> None:
    mark, colour = MARKS[problem.level]
    symbol = f"{problem.symbol}: " if several else ""
    _wrapped(f"{symbol}{problem.title}", f"  {mark} ", "    ", colour=colour)
    for line in condensed(problem.lines, _most(problem.lines), everything=everything):
        _wrapped(line, "      ", "        ")


def _most(lines: Sequence[str]) -> int:
    """How many lines are shown: MOST, fewer where they are long."""
    longest = max(map(len, lines[:MOST]), default=0)
    return max(3, MOST * (WIDTH - 6) // max(longest, WIDTH - 6))


def _wrapped(text: str, first: str, then: str, *, colour: str | None = None, dim: bool | None = None) -> None:
    """Print a text as lines that fit the terminal; long words are kept whole, to be copied."""
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
    for line in lines:
        click.secho(line, fg=colour, dim=dim)
