"""Which tests of a conformance suite fail for a tool."""

from typing import Any


def failing(suite: type[Any], **attributes: Any) -> list[str]:
    """The names of the suite's tests that fail with these class attributes, such as ``tool=...``."""
    checked = type("Checked", (suite,), attributes)()
    failed = []
    for name in sorted(one for one in dir(checked) if one.startswith("test_")):
        try:
            getattr(checked, name)()
        except AssertionError:
            failed.append(name)
    return failed
