"""``qtrader policy``: the policies that there are, and a new one that works as it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from qtrader import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``qtrader policy`` in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["policy", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def test_installed_policies_are_listed(run: Run) -> None:
    code, out, _ = run("list")

    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["naive", "qtrader-policy-naive"],
        ["prudent", "qtrader-policy-prudent"],
    ]


def test_a_policy_is_shown_as_a_document(run: Run) -> None:
    code, out, _ = run("show", "naive")

    assert (code, yaml.safe_load(out)["policy"]) == (0, "naive")


def test_an_unknown_policy_is_the_users_mistake(run: Run) -> None:
    code, _, err = run("show", "naif")

    assert code == 2
    assert "no policy is named 'naif'. There are: naive, prudent. Did you mean 'naive'?" in err


def test_a_new_policy_works_as_it_stands(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("new", "careful")

    assert code == 0
    assert "my_library/risk_policies/careful.yaml" in out
    assert "risk: {policy: careful, policies: [my_library/risk_policies]}" in out
    assert yaml.safe_load((tmp_path / "my_library/risk_policies/careful.yaml").read_text())["policy"] == "careful"
    assert [line.split()[0] for line in run("list")[1].splitlines()] == ["naive", "prudent", "careful"]
    assert run("show", "careful")[0] == 0


def test_it_may_go_into_another_folder(run: Run, tmp_path: Path) -> None:
    assert run("new", "careful", "--into", "mine")[0] == 0
    assert (tmp_path / "mine/careful.yaml").is_file()


@pytest.mark.parametrize("name", ["Careful", "7", "a_b", "../a", ""])
def test_a_name_that_is_none_is_refused(run: Run, name: str) -> None:
    code, _, err = run("new", name)

    assert (code, "cannot be the name of a policy" in err) == (2, True)


def test_the_name_of_an_installed_policy_is_refused(run: Run) -> None:
    assert "policy 'naive' is installed already" in run("new", "naive")[2]


def test_nothing_is_written_over(run: Run) -> None:
    run("new", "careful")
    code, _, err = run("new", "careful")

    assert (code, "careful.yaml is there already" in err) == (2, True)


def test_a_bad_file_is_named_and_the_good_ones_are_listed(run: Run, tmp_path: Path) -> None:
    run("new", "careful")
    folder = tmp_path / "my_library/risk_policies"
    (folder / "broken.yaml").write_text("policy: broken\nversion: 1\nsizings: {}\n")
    (folder / "other.yaml").write_text((folder / "careful.yaml").read_text())
    code, out, err = run("list")

    assert code == 2
    assert [line.split()[0] for line in out.splitlines()] == ["naive", "prudent", "careful"]
    assert "broken.yaml:3: sizings: unknown key 'sizings'" in err
    assert "other.yaml: policy: 'careful' is not the file's name" in err
    assert "2 of the policies in my_library/risk_policies cannot be read" in err
