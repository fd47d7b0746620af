"""What no code here does: read a clock, roll dice, swallow errors, print, or count money in floats."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|"
    r"localtime|gmtime)|perf_counter|perf_counter_ns|monotonic|utcnow)$"
)
DICE = re.compile(r"(^|\.)(uuid1|uuid4|urandom|getrandbits|default_rng)$|^(np|numpy)\.random\.|^(random|secrets)\.")
BROAD = {"Exception", "BaseException"}
ORDERLESS = {"sorted", "set", "frozenset", "any", "all", "sum", "min", "max", "len"}
MAY_READ_CLOCKS = ("qtrader/cli/",)
TIMERS = {"qtrader/engine/backtest_engine.py": "perf_counter"}
"""How long a run took goes into its manifest, outside every digest."""
MAY_CATCH_ALL = ("qtrader/plugins.py", "qtrader/cli/")
MAY_THROW_DICE = ("plugins/qtrader-simulate/",)
"""Random worlds, each from its seed alone."""
MAY_PRINT = (
    "qtrader/cli/",
    "plugins/qtrader-simulate/src/qtrader_simulate/commands/",
    "plugins/qtrader-service-data/src/qtrader_service_data/commands/",
    "plugins/qtrader-service-portfolio/src/qtrader_service_portfolio/commands/",
)
"""Where commands are: the kernel's, and those that a plugin adds by ``qtrader_commands``."""
LEDGER = ("qtrader/books.py", "qtrader/guard/", "plugins/qtrader-service-portfolio/")
EXACT = (
    *LEDGER,
    "plugins/qtrader-service-manager/",
    "plugins/qtrader-service-execution/",
    "plugins/qtrader-costs/",
    "plugins/qtrader-fill-",
    "plugins/qtrader-risk-",
)
VAGUE = re.compile(r".+(Manager|Helper|Util|Utils|Base|Impl)$")


def calls(sources: Iterable[Any], pattern: re.Pattern[str], exempt: tuple[str, ...] = ()) -> list[str]:
    """Uses of a dotted name that the pattern matches, called or handed over."""
    return [
        f"{source.path}:{node.lineno}: {ast.unparse(node)}"
        for source in sources
        if not source.path.startswith(exempt)
        for node in source.nodes()
        if isinstance(node, ast.Attribute | ast.Name) and pattern.search(ast.unparse(node))
    ]


def clock_offences(sources: Iterable[Any]) -> list[str]:
    """Readings of a clock."""
    found = calls(sources, CLOCKS, MAY_READ_CLOCKS)
    timers = [f"{path}:{name}" for path, name in TIMERS.items()]
    return [one for one in found if re.sub(r":\d+: ", ":", one) not in timers]


def dice_offences(sources: Iterable[Any]) -> list[str]:
    """Sources of randomness."""
    return calls(sources, DICE, MAY_THROW_DICE)


def print_offences(sources: Iterable[Any]) -> list[str]:
    """Writing to the terminal."""
    return calls(sources, re.compile(r"^(print|sys\.(stdout|stderr)\.write|click\.s?echo)$"), MAY_PRINT)


def float_offences(sources: Iterable[Any]) -> list[str]:
    """Floats where money is counted: made or written there, and in the ledger even named."""
    return [
        f"{source.path}:{node.lineno}: {ast.unparse(node)}"
        for source in sources
        if source.path.startswith(EXACT)
        for node in source.nodes()
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
        or (isinstance(node, ast.Name) and node.id == "float" and source.path.startswith(LEDGER))
    ]


def broad_offences(sources: Iterable[Any]) -> list[str]:
    """Handlers of everything that do not raise again."""
    return [
        f"{source.path}:{node.lineno}: catches everything and goes on"
        for source in sources
        if not source.path.startswith(MAY_CATCH_ALL)
        for node in source.nodes()
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises(node)
    ]


def _is_broad(handler: ast.ExceptHandler) -> bool:
    names = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    return any(name is None or ast.unparse(name) in BROAD for name in names)


def _raises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise)


def order_offences(sources: Iterable[Any]) -> list[str]:
    """Loops over a set written on the spot, whose order changes from process to process."""
    return [
        f"{source.path}:{loop.lineno}: walks {ast.unparse(loop)}"
        for source in sources
        for loop in _walked(source.tree)
        if isinstance(loop, ast.Set | ast.SetComp)
        or (isinstance(loop, ast.Call) and ast.unparse(loop.func) in {"set", "frozenset"})
    ]


def _walked(tree: ast.Module) -> Iterator[ast.expr]:
    """Everything that is iterated, but for what only feeds a set or a function that ignores order."""
    harmless = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ORDERLESS
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            yield node.iter
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp) and id(node) not in harmless:
            yield from (generator.iter for generator in node.generators)


def vague_offences(sources: Iterable[Any]) -> list[str]:
    """Class names that say nothing."""
    return [
        f"{source.path}:{node.lineno}: class {node.name}"
        for source in sources
        for node in source.nodes()
        if isinstance(node, ast.ClassDef) and VAGUE.match(node.name)
    ]


def test_nothing_reads_a_clock_outside_the_command_line(production: list[Any]) -> None:
    assert clock_offences(production) == []


def test_nothing_rolls_dice(production: list[Any]) -> None:
    assert dice_offences(production) == []


def test_only_the_command_line_prints(production: list[Any]) -> None:
    assert print_offences(production) == []


def test_money_is_never_a_float(production: list[Any]) -> None:
    assert float_offences(production) == []


def test_nothing_swallows_every_error(production: list[Any]) -> None:
    assert broad_offences(production) == []


def test_nothing_walks_a_set_in_its_own_order(production: list[Any]) -> None:
    assert order_offences(production) == []


def test_class_names_say_what_a_thing_is(production: list[Any]) -> None:
    assert vague_offences(production) == []


@pytest.mark.parametrize("line", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(production: list[Any], line: str) -> None:
    assert [source.path for source in production if re.search(rf"\b{line}\b", source.text)] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (clock_offences, "moment = datetime.now(UTC)"),
        (clock_offences, "moment = datetime.datetime.utcnow()"),
        (clock_offences, "field(default_factory=time.time)"),
        (clock_offences, "start = perf_counter()"),
        (clock_offences, "day = date.today()"),
        (dice_offences, "key = uuid4()"),
        (dice_offences, "key = uuid.uuid4()"),
        (dice_offences, "draw = random.random()"),
        (dice_offences, "draw = np.random.rand()"),
        (print_offences, "print('x')"),
        (float_offences, "def read(price: float) -> None: ..."),
        (float_offences, "rate = 0.05"),
        (broad_offences, "try:\n    f()\nexcept Exception:\n    pass"),
        (broad_offences, "try:\n    f()\nexcept:\n    log()"),
        (broad_offences, "try:\n    f()\nexcept (ValueError, BaseException) as error:\n    log(error)"),
        (order_offences, "for one in {a, b}:\n    emit(one)"),
        (order_offences, "rows = [one for one in set(found)]"),
        (vague_offences, "class OrderManager: ..."),
    ],
)
def test_rule_catches(snippet: Callable[..., list[Any]], rule: Callable[[Any], list[str]], text: str) -> None:
    assert len(rule(snippet(text, path="qtrader/books.py"))) == 1


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (broad_offences, "try:\n    f()\nexcept Exception as error:\n    raise RunError('where') from error"),
        (broad_offences, "try:\n    f()\nexcept ValueError:\n    g()"),
        (order_offences, "names = sorted(one.name for one in {a, b})"),
        (order_offences, "names = {one.name for one in {a, b}}"),
        (clock_offences, "moment = market.time"),
        (vague_offences, "class Management: ..."),
    ],
)
def test_rule_allows(snippet: Callable[..., list[Any]], rule: Callable[[Any], list[str]], text: str) -> None:
    assert rule(snippet(text)) == []
