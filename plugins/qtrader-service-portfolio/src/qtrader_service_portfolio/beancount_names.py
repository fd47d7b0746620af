"""Names that beancount takes, for symbols and accounts that it does not; what each stands for is kept beside it."""

import re
from collections.abc import Iterable, Iterator, Sequence

COMMODITY = re.compile(r"[A-Z][A-Z0-9._-]{0,22}[A-Z0-9]")
COMPONENT = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")
WORDS = ("TRUE", "FALSE", "NULL")
"""What looks like a commodity and is a word of the language."""
ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")
LONGEST = 24


def commodities(symbols: Iterable[str], currencies: Iterable[str]) -> dict[str, str]:
    """A commodity for each symbol: the symbol itself where beancount takes it and no currency is called so."""
    taken = {*WORDS, *currencies}
    names = {}
    for symbol in sorted(symbols, key=lambda one: (not COMMODITY.fullmatch(one), one)):
        fits = COMMODITY.fullmatch(symbol) and symbol not in taken
        names[symbol] = _free(symbol if fits else f"X-{re.sub('[^A-Z0-9]+', '-', symbol.upper())}", taken)
    return names


class Accounts:
    """A beancount account for each account of the ledger, or for a part of one; the first that asks gets the name."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._parents = {one for one in known if any(other.startswith(f"{one}:") for other in known)}
        """A balance counts the accounts below; so what is posted to one that has some goes below it, too."""
        self._names: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def name(self, account: str, part: str = "") -> str:
        """The name of an account, or of a part of it: a strategy's, ``Cost`` or ``Units``."""
        part = part or ("Itself" if account in self._parents else "")
        if (account, part) not in self._names:
            root, *rest = account.split(":")
            below = [*rest, part] if part else rest
            known = [root] if root in ROOTS else ["Equity", _component(root)]
            path = ":".join([*known, *map(_component, below or ["X"])])
            self._names[account, part] = _free(path, self._taken, longest=len(path) + len("-999"))
        return self._names[account, part]

    def __contains__(self, place: tuple[str, str]) -> bool:
        return place in self._names

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        """Every name given, with the account and the part that it stands for; by name."""
        return iter(sorted((name, account, part) for (account, part), name in self._names.items()))


def _component(text: str) -> str:
    """Part of an account's name: letters, digits and dashes, the first a capital or a digit."""
    if COMPONENT.fullmatch(text):
        return text
    plain = re.sub("[^A-Za-z0-9-]+", "-", text).strip("-")
    return f"{plain[:1].upper()}{plain[1:]}" if plain else "X"


def _free(name: str, taken: set[str], longest: int = LONGEST) -> str:
    """The name, or with a number behind it where it is taken; taken from then on."""
    tries, found = 1, name[:longest].rstrip("-._")
    while found in taken:
        tries += 1
        ending = f"-{tries}"
        found = name[: longest - len(ending)].rstrip("-._") + ending
    taken.add(found)
    return found
