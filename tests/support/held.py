"""Print which offered things the tests of first-party plugins hold to the suite of their kind, as a JSON array.

One test of each class is run, the last of its suite, so that fixtures have set what the class is about: seconds, where
all tests of all plugins take minutes. What counts is what ``qtrader plugins test`` counts.

    python tests/support/held.py FOLDER ...
"""

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from qtrader.catalogue import Catalogue
from qtrader.cli.trial import Watch
from qtrader.plugins import load_plugins
from qtrader.testing import SUITES


class OneOfEach:
    """Leaves one test of each class that inherits a suite, and notes the tests of suites that a class replaces."""

    def __init__(self) -> None:
        self.replaced: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Choose the tests."""
        chosen = {}
        for item in items:
            cls = getattr(item, "cls", None)
            suites = [suite for suite in SUITES.values() if cls is not None and issubclass(cls, suite)]
            for suite in suites:
                if hasattr(suite, item.originalname):
                    chosen[cls] = item
                    if getattr(cls, item.originalname) is not getattr(suite, item.originalname):
                        self.replaced.append(item.nodeid)
        items[:] = chosen.values()


def held(folders: Sequence[str]) -> dict[str, Any]:
    """What pytest answered, the things that were held to their suite, and the suites' tests that were replaced."""
    catalogue = Catalogue.of(load_plugins())
    watch, chosen = Watch([entry for entry in catalogue if entry.plugin.name != "kernel"]), OneOfEach()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = int(pytest.main([*folders], plugins=[watch, chosen]))
    return {"code": code, "said": said.getvalue(), "held": sorted(watch.tests), "replaced": chosen.replaced}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(held(sys.argv[1:])))
