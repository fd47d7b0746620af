"""Any text into the parser: a configuration or one ConfigError within two seconds, nothing else."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.config import load_config, settings_from_dict
from qtrader.config.nodes import Layer
from qtrader.config.printing import scalar
from qtrader.config.strict_yaml import compose
from qtrader.errors import ConfigError

LAYER = Layer("run.yaml", "run.yaml", Path())
PIECES = [
    *(
        "name",
        "data",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "  ",
        "\t",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "|",
        ">",
    ),
    *('"', "'", "#", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x:\n", "? ", "<<", "null", "~", "\\u0000", "\\UFFFFFFFF"),
    *("\0", "\ufeff", "\u2028", "\x85", "é", "base: [run.yaml]\n", "strategies", "use", "1e9", "2000-03-01"),
]
YAMLISH = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
SECTIONS = st.sampled_from(
    ["name", "data", "data_sources", "strategies", "portfolio", "engine", "runs", "base", "sweep"]
)


def load_or_refuse(content: bytes, *overrides: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "run.yaml").write_bytes(content)
        start = process_time()
        with suppress(ConfigError):
            load_config("run.yaml", overrides, base_dir=folder)

        assert process_time() - start < 2


@settings(max_examples=300, deadline=None)
@given(YAMLISH | st.text())
def test_any_text_loads_or_is_refused(text: str) -> None:
    load_or_refuse(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_load_or_are_refused(content: bytes) -> None:
    load_or_refuse(content)


@settings(max_examples=200, deadline=None)
@given(YAMLISH | st.text(), YAMLISH | st.text())
def test_any_override_applies_or_is_refused(key: str, value: str) -> None:
    load_or_refuse(b"name: a\n", f"{key}={value}", f"data.{value}={key}")


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(SECTIONS, JSONISH, max_size=5))
def test_any_dictionary_loads_or_is_refused(document: dict[str, object]) -> None:
    with suppress(ConfigError):  # anything else that is raised fails the test
        settings_from_dict(document)


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r\x85:#-?,[]{}&*!|>'\"%@`~ "),
        max_size=30,
    )
)
def test_any_scalar_is_written_so_that_it_reads_back(text: str) -> None:
    written = scalar(text)
    if "\ufffe" in text or "\uffff" in text:
        return  # no YAML holds them, and no configuration either

    assert compose(f"key: {written}  # a comment\n", LAYER).plain() == {"key": text}
