"""YAML without surprises: scalars stay text, traps are errors that say where."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest

TRAPS = ["ON", "NO", "TRUE", "Yes", "n", "Off", "1:30", "012", "0x1F", "0o17", "1e3", "1_000", "2000-03-01", ".5",
         "NULL", "Null", "nan", ".inf", "-", "=", "+1", "700", "0.10"]  # fmt: skip


@pytest.mark.parametrize("text", TRAPS[:-5] + TRAPS[-3:])
def test_unquoted_symbol_stays_what_it_looks_like(files: Any, text: str) -> None:
    assert files.add("", f"data.symbols=[{text}]").settings.data.symbols == [text]


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("text", [*TRAPS, "null", "~"])
def test_quoted_symbol_stays_text(files: Any, text: str, quote: str) -> None:
    assert files.add("", f"data.symbols=[{quote}{text}{quote}]").settings.data.symbols == [text]


@pytest.mark.parametrize("text", TRAPS)
def test_options_of_a_tool_stay_text(files: Any, text: str) -> None:
    loaded = files.add(
        f"execution:\n  fill:\n    use: x\n    with:\n      option: {text if text != '-' else repr(text)}\n"
    )

    assert loaded.settings.execution.fill.with_ == {"option": text}


@pytest.mark.parametrize("text", ["ON", "NO", "TRUE", "1:30", "012", "null", "~"])
def test_key_stays_text(files: Any, text: str) -> None:
    assert list(files.add("", f"data.instruments={{{text}: {{sector: x}}}}").settings.data.instruments) == [text]


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_only_null_tilde_and_empty_mean_nothing(files: Any, nothing: str) -> None:
    assert files.add("", f"data.start={nothing}").settings.data.start is None


def test_date_is_a_date_where_the_field_is_one(files: Any) -> None:
    assert files.add("", "data.start=2000-03-01").settings.data.start == date(2000, 3, 1)


@pytest.mark.parametrize("text", ["0.005", "'0.005'", '"0.005"'])
def test_decimal_is_exact_from_its_text(files: Any, text: str) -> None:
    assert str(files.add("", f"portfolio.cash={text}").settings.portfolio.cash) == "0.005"


def test_decimal_keeps_digits_that_no_float_has(files: Any) -> None:
    cash = files.add("", "portfolio.cash=0.12345678901234567890123").settings.portfolio.cash

    assert cash == Decimal("0.12345678901234567890123")


def test_whole_number_with_a_leading_zero_is_not_octal(files: Any) -> None:
    assert files.add("", "data_sources.wiki.decimals=012").settings.data_sources["wiki"].decimals == 12


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("'true'", True)])
def test_true_and_false_are_booleans_where_the_field_is_one(files: Any, text: str, value: bool) -> None:  # noqa: FBT001
    loaded = files.add("", f"data.instruments.IBM.shortable={text}")

    assert loaded.settings.data.instruments["IBM"].shortable is value


@pytest.mark.parametrize("text", ["yes", "on", "1", "True", "t"])
def test_nothing_else_is_a_boolean(files: Any, text: str) -> None:
    assert files.fault_of("", f"data.instruments.IBM.shortable={text}") == (
        f"--set: data.instruments.IBM.shortable: '{text}' is neither true nor false. Write one of the two."
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("name: a\nname: b\n", 2, "name: the key 'name' is here twice, first on line 1. Keep one of them."),
        ("data:\n  start: 2000-01-01\n  end: x\n  start: y\n", 4,
         "data.start: the key 'start' is here twice, first on line 2. Keep one of them."),
        ("name: &here x\n", 1, "name: the anchor '&here' is set. Remove it; share files with base:."),
        ("name: *here\n", 1, "name: the alias '*here' is used. Write the value out; share files with base:."),
        ("data:\n  start: !!timestamp 2000-01-01\n", 2,
         "data.start: the tag 'tag:yaml.org,2002:timestamp' is used. Remove it: the schema knows the types."),
        ("data: !!python/object/apply:os.system [echo]\n", 1,
         "data: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is used. "
         "Remove it: the schema knows the types."),
        ("? [a]\n: b\n", 1, "a mapping or list stands where a key should be. Write a plain name before ':'."),
        ("name: a\n---\nname: b\n", 2, "a second document begins here. Keep one document in a file."),
        ("name: a\n\ndata: [\n", 4,
         "this is not YAML: while parsing a flow node, expected the node content, but found '<stream end>'. "
         "Correct the line."),
        ("name: a\n\tdata: b\n", 2,
         "this is not YAML: while scanning for the next token, found character '\\t' that cannot start any token. "
         "Correct the line."),
        ("name: a\nx: b\0c\n", 2, "U+0000 is a control character. Remove it."),
        ("name: a\nx: b\x1bc\n", 2, "U+001B is a control character. Remove it."),
        ('name: a\nx: "b\\0c"\n', 2, "x: the text holds the control character U+0000. Remove it."),
        ('name: a\nx: "b\\ud800c"\n', 2, "x: the text holds the control character U+D800. Remove it."),
        ("- a\n", 1, "the file holds a list, not a mapping. Write sections such as 'data:'."),
        ("text\n", 1, "the file holds 'text', not a mapping. Write sections such as 'data:'."),
        ("", 1, "the file is empty. Write sections such as 'data:'."),
    ],
)  # fmt: skip
def test_trap_is_refused_with_file_line_and_key(files: Any, text: str, line: int, problem: str) -> None:
    assert files.fault(text) == f"run.yaml:{line}: {problem}"


def test_escape_beyond_unicode_is_refused(files: Any) -> None:
    assert files.fault('name: "\\UFFFFFFFF"\n').startswith("run.yaml: this is not YAML: ")


def test_file_that_is_not_utf8_is_refused_with_line_and_byte(files: Any) -> None:
    files.folder.joinpath("bad.yaml").write_bytes(b"name: a\n# caf\xe9\n")

    assert files.fault("base: [bad.yaml]\n") == "bad.yaml:2: byte 0xe9 is not UTF-8. Save the file as UTF-8."


def test_byte_order_mark_and_windows_line_ends_are_read(files: Any) -> None:
    text = "\ufeff" + files.smallest.replace("\n", "\r\n")

    assert files.load(text).settings.data.source == "wiki"


def test_file_over_a_megabyte_is_refused(files: Any) -> None:
    assert files.fault("#" * 1_000_001) == (
        "run.yaml: the file is larger than 1,000,000 bytes. A configuration is small: split it."
    )


def test_file_of_a_megabyte_is_read(files: Any) -> None:
    text = files.smallest

    assert files.load(text + "#" * (1_000_000 - len(text))).settings.name == "run"


def test_nesting_of_fifty_is_read(files: Any) -> None:
    deepest = "[" * 46 + "]" * 46  # inside the file, execution, fill, with: 50 in all
    loaded = files.add("", f"execution={{fill: {{use: x, with: {{option: {deepest}}}}}}}")

    assert loaded.effective["execution"]["fill"]["with"]["option"]


def test_nesting_over_fifty_is_refused(files: Any) -> None:
    assert "this lies deeper than 50 levels. No setting lies that deep." in files.fault("x: " + "[" * 50 + "]" * 50)


def test_too_many_values_are_refused(files: Any) -> None:
    assert files.fault("x: [" + "a," * 20_000 + "]") == (
        "run.yaml:1: x[19997]: the file holds more than 20,000 values. A configuration is small: split it."
    )


def test_too_many_lines_are_refused(files: Any) -> None:
    assert files.fault("\n" * 20_001) == (
        "run.yaml: the file has more than 20,000 lines. A configuration is small: split it."
    )


@pytest.mark.parametrize(
    "text",
    ["[" * 5_000, "[" * 900_000, "{" * 900_000, "? " * 400_000, "- " * 400_000, "a: [" + "b," * 450_000 + "]",
     "".join(f"k{n}: 1\n" for n in range(80_000)), "a: '" + "x " * 450_000 + "'", "&a " * 300_000, "\n" * 900_000],
    ids=["brackets", "more brackets", "braces", "complex keys", "dashes", "flow list", "keys", "text",
         "anchors", "lines"],
)  # fmt: skip
def test_hostile_file_costs_no_more_than_some_plain_ones(files: Any, text: str) -> None:
    start = process_time()
    files.load(files.smallest + "#" * 900_000)
    plain = process_time()
    files.fault(text)

    assert process_time() - plain < 8 * (plain - start)


def test_missing_file_is_named_with_what_is_near(files: Any) -> None:
    files.write("", "sma_cross.yaml")
    with pytest.raises(files.error) as refused:
        files.open("sma_cros.yaml")

    assert str(refused.value) == (
        "sma_cros.yaml: there is no such file. Give the path of a YAML file. Did you mean 'sma_cross.yaml'?"
    )


def test_folder_is_refused(files: Any, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with pytest.raises(files.error) as refused:
        files.open("config")

    assert str(refused.value) == "config: this is a folder. Give the path of a YAML file."


@pytest.mark.parametrize("path", ["x\0y", "x" * 5_000, "x\0y/run.yaml", "x" * 5_000 + "/run.yaml"])
def test_impossible_path_is_refused(files: Any, path: str) -> None:
    with pytest.raises(files.error, match="there is no such file"):
        files.open(path)


def test_unreadable_file_is_refused(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write("name: a\n")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # chmod does not stop a test that runs as root
    with pytest.raises(files.error) as refused:
        files.open("run.yaml")

    assert str(refused.value) == "run.yaml: the file cannot be read: Permission denied. Check its permissions."
