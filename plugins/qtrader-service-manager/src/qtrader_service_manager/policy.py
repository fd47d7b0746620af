"""Risk policies: finding the document that says how a signal becomes an order, and checking it key by key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtrader import read_settings
from qtrader.errors import ConfigError, UnknownComponent
from qtrader.ports.policy import Policy
from qtrader.ports.settings import Reference, RiskSettings
from qtrader.providers import PolicyDocument


def load_policy(risk: RiskSettings, build: Callable[[str, Any], Any]) -> Policy:
    """The policy that the configuration names: an installed one, else a file ``NAME.yaml`` in the folders it lists.

    Raises ConfigError or UnknownComponent, saying what is wrong and where.
    """
    name = risk.policy
    if name is None:
        raise ConfigError("risk.policy: nothing is chosen; name a policy, such as naive")
    reference = Reference(use=name)
    reference.written_at({"use": risk.place("policy")})
    try:
        document: PolicyDocument = build("risk-policy", reference)
    except UnknownComponent as error:
        policy = _own_policy(risk, name, error)
    else:
        chosen = reference.place()
        where = f"{chosen.where}: {chosen.key}: " if chosen.where else ""
        policy = read_settings(document.document, Policy, f"{where}policy {name!r}")
    return policy if risk.sizing is None else policy.model_copy(update={"sizing": risk.sizing})


def _own_policy(risk: RiskSettings, name: str, unknown: UnknownComponent) -> Policy:
    """Read a policy from the first of the user's folders that has it."""
    base = risk.place("policies").folder
    for folder in risk.policies:
        path = base / folder / f"{name}.yaml"
        if path.is_file():
            policy = read_settings(path, Policy, str(Path(folder) / path.name))
            if policy.policy != name:
                raise ConfigError(
                    f"{Path(folder) / path.name}: policy: {policy.policy!r} is not the file's name; write {name!r}, or "
                    f"rename the file"
                )
            return policy
    if not risk.policies:
        raise unknown
    looked = ", ".join(f"{folder!r} ({_contents(base / folder)})" for folder in risk.policies)
    told = str(unknown)
    stop = "" if told.endswith((".", "?")) else "."
    raise UnknownComponent(
        f"{told}{stop} Looked for {name}.yaml in {looked}; risk.policies lists the folders"
    ) from unknown


def _contents(folder: Path) -> str:
    if not folder.is_dir():
        return "no such folder"
    return ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "no policy in it"
