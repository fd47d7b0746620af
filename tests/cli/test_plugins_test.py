"""``qtrader plugins test`` as an author runs it: on folders that are plugins, nearly plugins, and none at all."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qtrader.scaffold import write_plugin

Run = Callable[..., subprocess.CompletedProcess[str]]
TESTS = "tests/test_kelly.py"
IDEA = "src/qtrader_risk_kelly/kelly.py"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A sizer that was just written, not installed."""
    return write_plugin("sizer", "kelly", tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``qtrader plugins test`` in a process of its own."""

    def call(*arguments: str | Path, first: str = "pass") -> subprocess.CompletedProcess[str]:
        program = f"import sys; {first}; from qtrader.cli import main; main(['plugins', 'test', *sys.argv[1:]])"
        command = [sys.executable, "-c", program, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return call


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_new_plugin_passes_without_being_installed(plugin: Path, run: Run) -> None:
    done = run(plugin)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 passed" in done.stdout
    assert done.stdout.splitlines()[-1] == "sizer 'kelly': held to SizerConformance, 12 tests"


def test_tests_may_lie_in_folders_with_fixtures_of_their_own(plugin: Path, run: Run) -> None:
    for name in ("one", "two"):
        (plugin / "tests" / name).mkdir()
        (plugin / "tests" / name / "conftest.py").write_text("")
    (plugin / TESTS).rename(plugin / "tests" / "two" / "test_kelly.py")

    done = run(plugin)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_tool_that_no_suite_is_run_for_is_named(plugin: Path, run: Run) -> None:
    change(plugin / TESTS, "class TestKelly(SizerConformance)", "class TestKelly")

    done = run(plugin)

    assert done.returncode == 1
    assert "sizer 'kelly': no test holds it to SizerConformance of qtrader.testing; write in" in done.stderr


def test_a_suite_for_another_tool_does_not_count(plugin: Path, run: Run) -> None:
    change(plugin / TESTS, "tool = KellySizer(", "tool = Other(")
    change(plugin / TESTS, "class TestKelly", 'class Other(KellySizer):\n    """Another."""\n\n\nclass TestKelly')

    assert "no test holds it to SizerConformance" in run(plugin).stderr


def test_a_plugin_without_tests_is_told_what_to_write(plugin: Path, run: Run) -> None:
    (plugin / TESTS).unlink()

    done = run(plugin)

    assert done.returncode == 1
    assert "no test holds it to SizerConformance" in done.stderr


def test_a_tool_that_breaks_a_rule_fails_with_the_rule(plugin: Path, run: Run) -> None:
    change(plugin / IDEA, "return Size(stake / request.unit_value", "return Size(-stake / request.unit_value")

    done = run(plugin)

    assert done.returncode == 1
    assert "test_sizes_are_finite_decimals_and_never_negative" in done.stdout
    assert "gave Decimal('-" in done.stdout


def test_what_stands_after_two_dashes_goes_to_pytest(plugin: Path, run: Run) -> None:
    done = run(plugin, "--", "-k", "tenth")

    assert done.returncode == 0
    assert "1 passed, 11 deselected" in done.stdout
    assert done.stdout.splitlines()[-1] == "Not every test ran, so nothing is said of what they cover."


def test_a_folder_without_a_plugin_is_the_users_mistake(tmp_path: Path, run: Run) -> None:
    done = run(tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "pyproject.toml: cannot be read: No such file or directory. Name the folder of a plugin" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[project]\nname = 'x'\n", "no [project.entry-points.qtrader], so it is no plugin"),
        ("[project\n", "cannot be read: Expected ']'"),
        ("[project.entry-points.qtrader]\nx = 'x.plugin'\n", "[project] has no name"),
        ("project = 3\n", "no [project.entry-points.qtrader]"),
    ],
)
def test_a_pyproject_that_describes_no_plugin_is_told_so(tmp_path: Path, run: Run, text: str, told: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    done = run(tmp_path)

    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_a_broken_plugin_is_named_with_its_error(plugin: Path, run: Run) -> None:
    change(plugin / "src/qtrader_risk_kelly/plugin.py", "from qtrader import hookimpl", "1 / 0")

    done = run(plugin)

    assert done.returncode == 1
    assert "risk-kelly (qtrader-risk-kelly) is broken: ZeroDivisionError: division by zero" in done.stderr


def test_a_class_that_is_not_there_is_named(plugin: Path, run: Run) -> None:
    change(plugin / "src/qtrader_risk_kelly/plugin.py", "kelly:KellySizer", "kelly:Kelly")

    done = run(plugin)

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        "sizer 'kelly' of qtrader-risk-kelly 0.1.0 cannot be imported from 'qtrader_risk_kelly.kelly:Kelly'"
        in done.stderr
    )


def test_a_plugin_that_does_not_say_which_kernel_it_works_with_is_told_to(plugin: Path, run: Run) -> None:
    change(plugin / "pyproject.toml", 'dependencies = ["qtrader>=0.1,<0.2"]', "dependencies = []")

    done = run(plugin)

    assert done.returncode == 1
    assert "is incompatible: it does not say which versions of qtrader it works with" in done.stderr


def test_without_pytest_it_says_what_to_install(plugin: Path, run: Run) -> None:
    done = run(plugin, first="sys.modules['pytest'] = None")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pytest is not installed here, and runs the tests of plugins: pip install pytest\n"
