"""``qtrader simulate``: random worlds of orders, each from its seed."""

import json
from collections import Counter
from typing import TYPE_CHECKING

import rich_click as click

from qtrader.errors import RunError

if TYPE_CHECKING:
    from qtrader_simulate.play import Played


@click.command()
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The first world.")
@click.option("--worlds", type=click.IntRange(min=1), default=1, show_default=True, help="How many, one seed each.")
@click.option("--without", multiple=True, metavar="FEATURE", help="Leave a feature out; may be given more than once.")
@click.option("--twice", is_flag=True, help="Play each world twice: the same digest.")
@click.option(
    "--require", type=click.IntRange(min=0), default=0, help="Each thing that can come up, at least so often."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(
    seed: int,
    worlds: int,
    without: tuple[str, ...],
    twice: bool,  # noqa: FBT001 - click hands options over by name
    require: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Play random worlds of orders and hold each against what must be true whatever happens."""
    from qtrader_simulate.features import FEATURES
    from qtrader_simulate.play import play
    from qtrader_simulate.world import World

    for name in without:
        if name not in FEATURES:
            raise click.BadParameter(f"{name!r} is no feature; there are {', '.join(FEATURES)}", param_hint="--without")
    counts: Counter[str] = Counter()
    for number in range(seed, seed + worlds):
        played = play(World.of(number, frozenset(without)), twice=twice or worlds == 1)
        if played.faults:
            raise RunError(_failure(played))
        counts += played.counts
    if as_json:
        click.echo(
            json.dumps(
                {"seed": seed, "worlds": worlds, "digest": played.digest, "counts": dict(sorted(counts.items()))}
            )
        )
    else:
        click.echo(_told(played, worlds, counts))
    if rare := [f"{name} ({counts[name]})" for name in _expected() if counts[name] < require]:
        raise RunError(
            f"came up less than {require} times: {', '.join(rare)}. Play more worlds, or mend how they are drawn"
        )


def _expected() -> list[str]:
    """Everything that worlds are to meet."""
    from qtrader_simulate.checks import MET
    from qtrader_simulate.features import FEATURES

    return [*MET, *(f"feature {name}" for name in FEATURES), "triggered", "replace", "replace_refused", "sent again"]


def _failure(played: "Played") -> str:
    """The rules that broke, and how to see them break again in the smallest world that does."""
    from qtrader_simulate.features import features_of
    from qtrader_simulate.play import smallest

    seed = played.world.seed
    small = smallest(played.world)
    left_out = "".join(f" --without {name}" for name in sorted(features_of(seed) - small.features))
    faults = "\n".join(f"  {fault}" for fault in played.faults[:10])
    again = f"the smallest world that does: qtrader simulate --seed {seed}{left_out}"
    return f"seed {seed} breaks {len(played.faults)} rules:\n{faults}\n{again}"


def _told(played: "Played", worlds: int, counts: Counter[str]) -> str:
    """What came up in one world, or in all of them."""
    world = played.world
    lines = [f"{worlds} worlds"]
    if worlds == 1:
        sessions = world.sessions
        calendar = "of the New York exchange" if "exchange" in world.features else "of a market that never closes"
        lines = [
            f"seed {world.seed}: {len(world.symbols)} instruments, {len(sessions)} sessions {calendar} "
            f"from {sessions[0]}",
            f"fill policy {world.fill}; with {', '.join(sorted(world.features))}",
        ]
    shown = {name: count for name, count in counts.items() if not name.startswith(("feature", "fill policy"))}
    lines += [f"{count:>9,}  {name}" for name, count in sorted(shown.items())]
    lines += [f"nothing wrong   digest {played.digest[:16]}" if worlds == 1 else "nothing wrong"]
    return "\n".join(lines)
