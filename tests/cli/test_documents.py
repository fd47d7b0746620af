"""Documents as files hold them: one, an array, or one on each line, and the line of every value."""

import json
from pathlib import Path
from typing import Any

import pytest

from qtrader.cli.documents import read_documents
from qtrader.errors import ContractError


def written(folder: Path, text: str, name: str = "events.json") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "values", "lines"),
    [
        ('{"a": 1}', [{"a": 1}], [1]),
        ('{\n "a": 1\n}\n', [{"a": 1}], [1]),
        ('[\n{"a": 1},\n{"a": 2}\n]', [{"a": 1}, {"a": 2}], [2, 3]),
        ('{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}], [1, 3]),
        ('\ufeff{"a": 1}\r\n{"a": 2}\r\n', [{"a": 1}, {"a": 2}], [1, 2]),
        ("[]", [], []),
    ],
)
def test_a_file_holds_one_document_an_array_or_lines(
    tmp_path: Path, text: str, values: list[Any], lines: list[int]
) -> None:
    documents = list(read_documents(written(tmp_path, text)))

    assert [one.value for one in documents] == values
    assert [one.line_of(()) for one in documents] == lines


def test_the_ending_says_lines_even_when_there_is_one(tmp_path: Path) -> None:
    (document,) = read_documents(written(tmp_path, "[1, 2]\n", "events.jsonl"))

    assert document.value == [1, 2]


TEXT = """{
  "name": "a \\" } ] , \\u00e9",
  "list": [
    1,
    {"deep": [true,
              null]}
  ], "empty": {}, "none": [],
  "last": -1.5e3
}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("name",), 2),
        (("list",), 3),
        (("list", 0), 4),
        (("list", 1, "deep", 0), 5),
        (("list", 1, "deep", 1), 6),
        (("empty",), 7),
        (("none",), 7),
        (("last",), 8),
        (("list", 1, "missing"), 5),
        (("missing", "deeper"), 1),
    ],
)
def test_every_value_has_its_line_and_a_missing_one_that_of_what_is_around_it(
    tmp_path: Path, path: tuple[str | int, ...], line: int
) -> None:
    (document,) = read_documents(written(tmp_path, TEXT))

    assert document.line_of(path) == line


def test_a_line_counts_from_the_start_of_the_file(tmp_path: Path) -> None:
    _, second = read_documents(written(tmp_path, '{"a": 1}\n{"a": {"b": 2}}\n'))

    assert second.line_of(("a", "b")) == 2


def test_a_document_in_an_array_has_lines_of_its_own(tmp_path: Path) -> None:
    text = json.dumps([{"a": 1}, {"a": 2}], indent=1)

    _, second = read_documents(written(tmp_path, text))

    assert second.line_of(("a",)) == 6


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", r"events\.json: the file is empty"),
        ("{", r"events\.json:1: this is not JSON: Expecting property name"),
        ('{\n"a": 1,\n"b"}', r"events\.json:3: this is not JSON"),
        ('{"a": 1}\n{"a": }\n', r"events\.json:2: this is not JSON: Expecting value, column 7"),
        ('{"a": 1, "a": 2}', r"events\.json:1: the key 'a' stands twice"),
        ('{"a": NaN}', r"events\.json:1: NaN is not JSON"),
        ('{"a": -Infinity}', r"events\.json:1: -Infinity is not JSON"),
        ("[" * 100_000, r"events\.json:1: the document is nested too deeply"),
        ("9" * 5_000, r"events\.json:1: Exceeds the limit"),
    ],
)
def test_what_is_not_strict_json_is_an_error_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        list(read_documents(written(tmp_path, text)))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"cannot be read: No such file or directory"):
        list(read_documents(tmp_path / "nowhere.json"))


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(b'{"a": "\xff"}')

    with pytest.raises(ContractError, match="byte 7 is not UTF-8"):
        list(read_documents(path))
