"""Files against their sums: the same, changed, unknown, and a list that is none."""

import hashlib
from pathlib import Path

import pytest

from qtrader.errors import DataError
from qtrader.ports.checksums import check_sums


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    """A folder with one file, and its sum as sha256sum writes it."""
    (tmp_path / "bars").mkdir()
    (tmp_path / "bars" / "a.csv").write_bytes(b"abc")
    list_ = tmp_path / "SUMS"
    list_.write_text(f"{hashlib.sha256(b'abc').hexdigest()}  bars/a.csv\n")
    return list_


def test_a_file_that_is_what_it_was_is_taken(sums: Path) -> None:
    check_sums(sums, sums.parent / "bars" / "a.csv")


def test_a_folder_is_all_its_files(sums: Path) -> None:
    (sums.parent / "bars" / "b.csv").write_bytes(b"")

    with pytest.raises(DataError, match=r"b\.csv: it is not in .*SUMS; add its sum"):
        check_sums(sums, sums.parent / "bars")


def test_a_file_that_changed_is_named_with_both_sums(sums: Path) -> None:
    (sums.parent / "bars" / "a.csv").write_bytes(b"abd")

    with pytest.raises(DataError, match=r"a\.csv: its SHA-256 is a52d159f.*, but ba7816bf.* in .*SUMS: it changed"):
        check_sums(sums, sums.parent / "bars" / "a.csv")


def test_a_line_that_is_no_sum_is_named(sums: Path) -> None:
    sums.write_text("abc  bars/a.csv\n")

    with pytest.raises(DataError, match=r"SUMS:1: 'abc  bars/a\.csv' is no sum and name"):
        check_sums(sums, sums.parent / "bars" / "a.csv")


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: the checksums cannot be read"):
        check_sums(tmp_path / "none", tmp_path)
