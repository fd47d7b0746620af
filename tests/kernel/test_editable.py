"""Distributions whose code can be edited under the same version are named where a run does not reproduce."""

from pathlib import Path

import pytest

from qtrader.requirements import editable

EDITABLE = '{"url": "file:///home/me/acme", "dir_info": {"editable": true}}'


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions, from a wheel, from a folder that is edited and from one that was copied."""
    for name, origin in (
        ("acme-wheel", None),
        ("acme-own", EDITABLE),
        ("acme-copied", EDITABLE.replace("true", "false")),
    ):
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        if origin is not None:
            (info / "direct_url.json").write_text(origin, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("installed")
def test_only_those_that_are_installed_editable_are_named() -> None:
    told = editable(["acme-wheel", "acme-own", "acme-copied", "acme-gone"])

    assert told == " Or the code was edited: acme-own can be without a new version (installed editable)"


@pytest.mark.usefixtures("installed")
def test_nothing_is_said_where_none_is() -> None:
    assert editable(["acme-wheel", "acme-copied", "acme-gone"]) == ""
