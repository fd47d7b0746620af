"""The policy document that this package carries."""

from importlib.resources import files
from typing import Any


def document() -> dict[str, Any]:
    """The parsed document ``prudent.yaml``, a fresh copy each time."""
    import yaml

    parsed: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("prudent.yaml").read_text(encoding="utf-8"))
    return parsed
