"""Policies: found by name, checked key by key."""

from pathlib import Path
from typing import Any

import pytest

from qtrader.errors import ConfigError, UnknownComponent
from qtrader.events import EventBus
from qtrader.ports.settings import ManagerSettings, Place, Reference, RiskSettings
from qtrader_service_manager.service import ManagerService

CAREFUL = """\
policy: careful
version: 2
sizing: {use: fixed, with: {quantity: 10}}
signals: {shorts: true}
"""


def own(folder: Path, name: str = "careful") -> RiskSettings:
    """Settings that name a policy in a folder of one's own."""
    return RiskSettings(policy=name, policies=[str(folder)])


def test_an_installed_policy_is_found_by_name(world: Any) -> None:
    assert (world.service.policy.policy, world.service.policy.version) == ("naive", 3)


def test_the_policys_sizer_is_built_from_its_reference(kit: Any) -> None:
    document = {**kit.naive, "sizing": {"use": "fixed", "with": {"quantity": 7}}}
    world = kit.World(document=document)

    kind, reference = world.built[1]
    assert (kind, reference.use, reference.with_) == ("sizer", "fixed", {"quantity": 7})


def test_limits_are_built_in_the_written_order(kit: Any) -> None:
    world = kit.World(limits={"b": kit.Ceiling(), "a": kit.Ceiling()})

    assert [reference.use for kind, reference in world.built if kind == "risk-limit"] == ["b", "a"]


def test_sizing_from_the_settings_replaces_the_policys(kit: Any) -> None:
    world = kit.World(risk=RiskSettings(policy="naive", sizing=Reference(use="other")))
    world.signal()

    assert world.of("decision")[0].sizer == "other"


def test_what_is_left_out_has_the_naive_values(kit: Any) -> None:
    policy = kit.World(document={"policy": "naive", "version": 1, "sizing": {"use": "x"}}).service.policy

    assert policy.signals.model_dump() == {"already_open": "ignore", "opposite_open": "reject", "shorts": False}
    assert policy.orders.model_dump() == {"type": "market", "time_in_force": "DAY", "honour": []}
    assert policy.limits == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sizings": {}}, r"policy 'naive': sizings: unknown key 'sizings'.* Did you mean 'sizing'\?"),
        ({"signals": {"short": True}}, r"signals\.short: unknown key 'short'.* Did you mean 'shorts'\?"),
        ({"signals": {"already_open": "ad"}}, r"signals\.already_open: 'ad' is not allowed.* Did you mean 'add'\?"),
        ({"orders": {"type": "stop"}}, r"orders\.type: 'stop' is not allowed"),
        ({"version": "one"}, r"version: 'one' is not a whole number"),
        ({"limits": [{"uses": "x"}]}, r"limits\[?.?0.*uses"),
    ],
)
def test_a_wrong_key_or_value_is_an_error_that_names_it(kit: Any, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        kit.World(document={**kit.naive, **change})


def test_a_policy_needs_a_sizer(kit: Any) -> None:
    document = {name: value for name, value in kit.naive.items() if name != "sizing"}

    with pytest.raises(ConfigError, match="sizing: is missing"):
        kit.World(document=document)


def test_a_wish_that_no_order_can_honour_is_an_error(kit: Any) -> None:
    document = {**kit.naive, "orders": {"honour": ["wings"]}}

    with pytest.raises(ConfigError, match=r"orders\.honour.*'wings' is not allowed"):
        kit.World(document=document)


def test_no_policy_at_all_is_an_error(kit: Any) -> None:
    with pytest.raises(ConfigError, match=r"risk\.policy: nothing is chosen"):
        kit.World(risk=RiskSettings())


def test_a_policy_of_ones_own_is_found_in_the_folder(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL)
    policy = kit.World(risk=own(folder)).service.policy

    assert (policy.policy, policy.version, policy.sizing.use, policy.signals.shorts) == ("careful", 2, "fixed", True)


def test_folders_start_where_the_settings_were_written(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL)
    risk = RiskSettings(policy="careful", policies=["policies"])
    risk.written_at({"policies": Place("run.yaml:7", "risk.policies", folder.parent)})

    assert kit.World(risk=risk).service.policy.policy == "careful"


def test_the_first_folder_that_has_it_wins(kit: Any, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (folder / "careful.yaml").write_text(CAREFUL)
    (other / "careful.yaml").write_text(CAREFUL.replace("version: 2", "version: 9"))
    risk = RiskSettings(policy="careful", policies=[str(other), str(folder)])

    assert kit.World(risk=risk).service.policy.version == 9


def test_an_installed_policy_comes_before_ones_own(kit: Any, folder: Path) -> None:
    (folder / "naive.yaml").write_text(CAREFUL)

    assert kit.World(risk=own(folder, "naive")).service.policy.version == 3


def test_a_name_that_nobody_knows_lists_what_there_is(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL)

    with pytest.raises(
        UnknownComponent, match=r"no risk-policy is named 'carefull'\. Installed: naive\. .* \(careful\)"
    ):
        kit.World(risk=own(folder, "carefull"))


def test_a_folder_that_is_not_there_is_said(kit: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownComponent, match=r"\(no such folder\)"):
        kit.World(risk=own(tmp_path / "nowhere"))


def test_a_file_must_have_the_name_of_its_policy(kit: Any, folder: Path) -> None:
    (folder / "bold.yaml").write_text(CAREFUL)

    with pytest.raises(ConfigError, match=r"bold\.yaml: policy: 'careful' is not the file's name"):
        kit.World(risk=own(folder, "bold"))


def test_a_wrong_file_is_an_error_that_names_file_and_line(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL.replace("shorts", "shots"))

    with pytest.raises(ConfigError, match=r"careful\.yaml:4: signals\.shots: unknown key"):
        kit.World(risk=own(folder))


def test_a_key_that_is_there_twice_is_an_error(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL + "version: 3\n")

    with pytest.raises(ConfigError, match="'version' is here twice"):
        kit.World(risk=own(folder))


def test_alone_it_finds_installed_policies_and_subscribes_itself(kit: Any, folder: Path) -> None:
    (folder / "careful.yaml").write_text(CAREFUL)
    bus = EventBus()
    sizing = Reference(use="units", instance=kit.Units())
    ManagerService(bus, ManagerSettings(risk=own(folder).model_copy(update={"sizing": sizing})))

    assert [
        one.pattern for one in bus.subscribers("signal") + bus.subscribers("position") if one.owner == "manager"
    ] == [
        "signal",
        "position",
    ]
