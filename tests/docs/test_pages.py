"""Every page: its links lead somewhere, its code is code; what the README and docs/ show, runs."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("contracts/*.md")),
    *sorted(ROOT.glob("plugins/qtrader-*/*.md")),
    *sorted(ROOT.glob("changelog.d/*.md")),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
RUNNING = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/lego_architecture/*.md"))]


def blocks(page: Path, *languages: str) -> Iterator[tuple[int, str]]:
    """The code blocks of a page in some languages: line number and text."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[1] in languages:
            yield text.count("\n", 0, found.start()) + 2, found[2]


def name(page: Path) -> str:
    """A page's place in the repository."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8"))]
    local = [target for target in targets if target and not target.startswith(("https:", "mailto:"))]

    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_code_blocks_are_code(page: Path) -> None:
    for line, text in blocks(page, "python", "py"):
        compile("\n" * (line - 1) + text, name(page), "exec")
    for _, text in blocks(page, "toml"):
        tomllib.loads(text)
    for _, text in blocks(page, "yaml", "yml"):
        yaml.safe_load(text)


@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_python_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}

    for line, text in blocks(page, "python"):
        exec(compile("\n" * (line - 1) + text, name(page), "exec"), names)


def test_adrs_are_short_and_say_context_decision_consequence() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))

    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        lines = page.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 40
        assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequence"]


def test_change_notes_are_named_for_their_type() -> None:
    fragments = [path.name for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]

    assert [
        one for one in fragments if not re.fullmatch(r"[\w-]+\.(added|changed|fixed|removed|digest)\.md", one)
    ] == []
    assert fragments
