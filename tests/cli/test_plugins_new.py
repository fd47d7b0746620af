"""``qtrader plugins new``: what it writes, what it says, and every name that it refuses."""

from pathlib import Path
from typing import Any

import pytest

from qtrader.install_hints import FREE, HINTS
from qtrader.plugins import load_plugins
from qtrader.scaffold import TEMPLATES, check_name, distribution_name, write_plugin


def test_it_says_where_the_idea_and_its_test_are_and_how_to_try_it(desk: Any) -> None:
    assert desk.good("plugins", "new", "sizer", "half-kelly").splitlines() == [
        "qtrader-risk-half-kelly: a sizer that works. Make it yours:",
        "  the idea  qtrader-risk-half-kelly/src/qtrader_risk_half_kelly/half_kelly.py",
        "  its test  qtrader-risk-half-kelly/tests/test_half_kelly.py",
        "  try it    pip install pytest -e qtrader-risk-half-kelly && qtrader plugins test qtrader-risk-half-kelly",
    ]


def test_the_files_that_it_names_are_there(desk: Any) -> None:
    desk.good("plugins", "new", "fill-policy", "late", "--into", "deep/down")

    folder = desk.folder / "deep" / "down" / "qtrader-fill-late"
    assert (folder / "src" / "qtrader_fill_late" / "late.py").is_file()
    assert (folder / "tests" / "test_late.py").is_file()


def test_names_of_more_words_become_names_of_modules_and_classes(tmp_path: Path) -> None:
    folder = write_plugin("strategy", "three-bar-turn", tmp_path)

    plugin = (folder / "src/qtrader_strategy_three_bar_turn/plugin.py").read_text()
    assert '"three-bar-turn"' in plugin
    assert "qtrader_strategy_three_bar_turn.three_bar_turn:ThreeBarTurnStrategy" in plugin


def test_a_kind_may_be_called_what_the_list_of_plugins_calls_it(desk: Any) -> None:
    desk.good("plugins", "new", "risk-limit", "narrow")

    assert (desk.folder / "qtrader-limit-narrow").is_dir()


def test_help_names_every_kind(desk: Any) -> None:
    text = " ".join(desk.good("plugins", "new", "--help").split())

    assert [kind for kind in TEMPLATES if kind not in text] == []


def test_nothing_is_overwritten(desk: Any, files_in: Any) -> None:
    desk.good("plugins", "new", "sizer", "wager")
    desk.write("qtrader-risk-wager/src/qtrader_risk_wager/wager.py", "# mine")
    before = files_in(desk.folder)

    done = desk("plugins", "new", "sizer", "wager")

    assert (done.code, done.out, files_in(desk.folder)) == (2, "", before)
    assert done.err == (
        "qtrader-risk-wager: is there already, and nothing is overwritten. "
        "Choose another name, or another folder with --into\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sizr", "kelly"), "there is no template for 'sizr'. There are: strategy, sizer, "),
        (("sizr", "kelly"), "Did you mean 'sizer'?"),
        (("sizer", "MyKelly"), "'MyKelly' cannot be the name of a plugin: small letters and digits"),
        (("sizer", "MyKelly"), "Write 'my-kelly'"),
        (("sizer", "qtrader_risk_kelly"), "Write 'kelly'"),
        (("sizer", "7"), "beginning with a letter"),
        (("sizer", "k" * 41), "at most 40 characters"),
        (("sizer", "../kelly"), "'../kelly' cannot be the name"),
        (("sizer", "class"), "'class' cannot be the name of a plugin: its module could not be called that"),
        (("sizer", "plugin"), "'plugin' cannot be the name of a plugin"),
        (("sizer", "fixed"), "sizer 'fixed' is offered by 'qtrader-risk-fixed' already"),
        (("service", "standard"), None),
        (("strategy", "kelly", "--into", "run.yaml"), "run.yaml"),
    ],
)
def test_what_cannot_be_is_the_users_mistake(desk: Any, arguments: tuple[str, ...], told: str | None) -> None:
    done = desk("plugins", "new", *arguments)

    if told is None:  # free among services, though a plugin of another kind is called that
        assert done.code == 0
        return
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_name_of_a_first_party_tool_is_taken_even_where_it_is_not_installed() -> None:
    alone = load_plugins(entry_points=())

    for kind, template in TEMPLATES.items():
        for name in [name for one, name in HINTS.keys() - FREE if one == template.offers]:
            with pytest.raises(Exception, match=f"{name!r} is offered by"):
                check_name(kind, name, alone)


def test_the_example_of_the_page_may_be_made_where_it_is_not_installed() -> None:
    check_name("sizer", "kelly", load_plugins(entry_points=()))

    with pytest.raises(Exception, match="'kelly' is offered by 'qtrader-risk-kelly'"):
        check_name("sizer", "kelly", load_plugins())


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_distribution_is_named_for_its_kind(kind: str) -> None:
    assert distribution_name(kind, "x") == f"qtrader-{TEMPLATES[kind].prefix}-x"
