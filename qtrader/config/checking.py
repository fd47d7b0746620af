"""Everything that a backtest would refuse before its first bar, found without playing it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtrader.catalogue import Catalogue
from qtrader.config.layering import Override
from qtrader.config.loading import TEXT, faults, load_config, read_tree, validated
from qtrader.config.nodes import Node
from qtrader.config.spots import Spot, spots
from qtrader.defaults import default_document
from qtrader.errors import ConfigError, PluginError, QTraderError
from qtrader.options import option_faults
from qtrader.plugins import Host
from qtrader.ports.settings import Reference, RiskSettings


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a configuration, and what in it nobody reads: a line each, ``file:line: key: problem``."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def check_config(path: Path, overrides: Sequence[str | Override], host: Host) -> Findings:
    """Read a configuration, look at every key and every tool's options, then wire the run and load its data.

    All problems of keys and options are found at once; what only the services can see, one at a time.
    """
    try:
        catalogue = Catalogue.of(host)
        defaults = default_document(catalogue)
        root, warnings = read_tree(path, overrides, Path.cwd(), defaults)
    except QTraderError as error:
        return Findings((str(error),))
    problems = [*map(str, faults(root)), *_tool_problems(root, catalogue)]
    if not problems:
        problems = _wiring_problems(path, overrides, host)
    return Findings(tuple(dict.fromkeys(problems)), warnings)


def _tool_problems(root: Node, catalogue: Catalogue) -> Iterator[str]:
    for spot in spots(root):
        try:
            reference = _reference(root, spot)
        except ConfigError:
            continue  # the schema's own finding, told already
        yield from map(str, _faults_of(catalogue, spot.kind, reference))
    yield from _policy_problem(root, catalogue)


def _reference(root: Node, spot: Spot) -> Reference:
    """The reference at a spot, whatever is wrong elsewhere."""
    node = root.find(spot.key)
    assert node is not None
    alone = validated(node, spot.section, TEXT)
    inside = {"": spot.key} | {name: (*spot.key, name) for name in ("use", "with")}
    inside |= {f"with.{name}": (*spot.key, "with", name) for name in alone.with_}
    alone.written_at({name: root.place(key) for name, key in inside.items()})
    return alone


def _faults_of(catalogue: Catalogue, kind: str, reference: Reference) -> list[ConfigError]:
    """What is wrong with a reference: no such tool, or options that it does not take."""
    try:
        if kind == "service":
            catalogue.find(kind, reference.use)
            return []
        target = catalogue.load(kind, reference.use, base=reference.place().folder)
    except (ConfigError, PluginError) as error:
        return [reference.place().error(str(error))]
    return option_faults(target, reference)


def _policy_problem(root: Node, catalogue: Catalogue) -> Iterator[str]:
    """A policy that is neither installed nor looked for in folders of the user's."""
    node = root.child("risk")
    try:
        risk = validated(node, RiskSettings, TEXT) if node is not None else RiskSettings()
    except ConfigError:
        return
    if risk.policy is not None and not risk.policies:
        try:
            catalogue.find("risk-policy", risk.policy)
        except PluginError as error:
            yield str(root.place(("risk", "policy")).error(str(error)))


def _wiring_problems(path: Path, overrides: Sequence[str | Override], host: Host) -> list[str]:
    from qtrader.engine.backtest_engine import BacktestEngine

    try:
        BacktestEngine(load_config(path, overrides, None, default_document(Catalogue.of(host))), host=host)
    except QTraderError as error:
        return [str(error)]
    return []
