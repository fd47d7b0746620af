"""What the numbers must reach, as ratios between variants that were measured side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Rates = Mapping[tuple[str, str], float]
"""Microseconds a bar of each workload and variant."""


@dataclass(frozen=True)
class Goal:
    """One line of the table: what is compared, what came out, what it must reach."""

    what: str
    found: float
    bound: float
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the bound is kept."""
        return self.found <= self.bound if self.at_most else self.found >= self.bound

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        verdict = "met" if self.met else "MISSED"
        return f"{self.what:<44} {self.found:>10,.2f}   {sign} {self.bound:<8,g} {verdict:<7} {self.note}".rstrip()


def goals(us: Rates, tenth: Rates, peaks: Rates) -> Iterator[Goal]:
    """Every goal whose variants were measured; ``tenth`` are the rates at a tenth of the bars, ``peaks`` MB."""
    for form in ("dense", "dense-deque"):
        one = ("W1", form)
        yield from _ratio(us, f"W1 {form}, times naive", ("W1", "naive"), one, 60)
        yield from _ratio(us, f"W1 {form}, share of the floor's rate", ("W1", "floor"), one, 0.4)
        yield from _ratio(us, f"W2 {form}, share of its W1 rate", one, ("W2", form), 0.3)
        if one in peaks:
            yield Goal(f"W1 {form}, peak memory, MB", peaks[one], 300, at_most=True)
    empty, pydantic = us.get(("W1", "empty")), us.get(("W1", "pydantic"))
    if empty and pydantic:
        note = f"{empty:.2f} us beside {pydantic:.2f} us"
        yield Goal("empty strategy, share of one validation", empty / pydantic, 0.3, at_most=True, note=note)
    yield from _ratio(us, "W4 dense, times validated", ("W4", "validated"), ("W4", "dense"), 1.4)
    if {("W4", "floor"), ("W4", "dense")} <= us.keys():
        dense, floor = us["W4", "dense"], us["W4", "floor"]
        note = f"{1e6 / dense:,.0f} orders/s where the floor does {1e6 / floor:,.0f}"
        yield Goal("W4 dense, share of the floor's rate", floor / dense, round(20_000 / 1_400_000, 4), note=note)
    if {("W4", "unguarded"), ("W4", "dense")} <= us.keys():
        dense, without = us["W4", "dense"], us["W4", "unguarded"]
        note = f"{dense - without:.1f} us an order"
        yield Goal("W4 dense, times without the guard", dense / without, 1.1, at_most=True, note=note)
    for workload, what in (("W1", "bar"), ("W4", "order")):
        one = (workload, "dense")
        if one in us and one in tenth:
            note = f"{tenth[one]:.2f} us at n/10, {us[one]:.2f} us at n"
            yield Goal(f"{workload} dense, growth of the cost per {what}", us[one] / tenth[one], 1.3, True, note)


def _ratio(us: Rates, what: str, slow: tuple[str, str], fast: tuple[str, str], bound: float) -> Iterator[Goal]:
    if slow in us and fast in us:
        yield Goal(what, us[slow] / us[fast], bound)
