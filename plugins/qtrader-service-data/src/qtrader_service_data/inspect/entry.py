"""The entry of ``data_sources`` that declares a file as it was found: to be read, completed and pasted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .clock import Found
from .declared import Declarations, Opened

ASK = {
    "prices": "raw (as traded), split-adjusted or total-return",
    "stamp": "start or end of the bar",
    "zone": "of the times, such as America/New_York",
    "calendar": "an exchange such as XNYS, or 24/7",
    "currency": "of the prices, such as USD",
}


def yaml_entry(opened: Opened, said: Declarations, facts: Mapping[str, Found], actions: Path | None) -> str:
    """YAML text; what neither the user nor the rows say is a comment that asks for it."""
    options = {key: value for key, value in opened.options.items() if key != "symbols"}
    if "symbols" in opened.options:
        options["symbols"] = opened.options["symbols"]
    if facts["interval"].value not in (None, "1d"):
        options["interval"] = facts["interval"].value
    dated = facts["stamp"].value == "session"
    entry: dict[str, Any] = {
        "use": opened.use,
        "with": options,
        "prices": said.prices,
        "stamp": facts["stamp"].value,
        "zone": facts["zone"].value,
        "calendar": facts["calendar"].value,
        "currency": said.currency,
        "decimals": said.decimals,
        "volume_decimals": said.volume_decimals,
        "crossed_quotes": "keep" if said.crossed_quotes == "keep" else None,
        "actions": None if actions is None else str(actions),
    }
    lines = ["data_sources:", f"  {_name(opened)}:"]
    for key, value in entry.items():
        if key == "with":
            lines += [
                "    with:",
                *(f"      {_line(name, option)}{_remark(name, option, opened)}" for name, option in value.items()),
            ]
        elif value is not None:
            lines.append(f"    {_line(key, value)}")
        elif key in ASK and not (key == "zone" and dated):
            lines.append(f"    # {key}:{'':<{max(1, 10 - len(key))}}say it: {ASK[key]}")
    return "\n".join(lines)


def _remark(name: str, value: Any, opened: Opened) -> str:
    """What to look at before an option is pasted."""
    if name == "symbols" and not opened.named:
        return "    # from the name of the file: is it the symbol?"
    if name == "path" and not Path(value).is_absolute():
        return "    # from the folder of the file that says it"
    return ""


def _name(opened: Opened) -> str:
    """A name for the entry: the file's own, in lower case."""
    letters = "".join(letter if letter.isalnum() else "-" for letter in opened.path.stem.lower())
    return letters.strip("-") or "mine"


def _line(key: str, value: Any) -> str:
    """``key: value`` on one line; a dump of text alone ends with a line of dots, which goes."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
    return f"{key}: {text.removesuffix('...' + chr(10)).strip()}"
