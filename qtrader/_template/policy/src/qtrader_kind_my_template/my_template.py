"""The policy document that this package carries."""

from importlib.resources import files
from typing import Any


def document() -> dict[str, Any]:
    """The parsed document ``my_template.yaml``, a fresh copy each time."""
    import yaml

    text = files(__package__).joinpath("my_template.yaml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed
