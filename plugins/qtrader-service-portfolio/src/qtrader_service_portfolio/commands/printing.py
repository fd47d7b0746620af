"""``qtrader ledger``: postings as a table, as JSON, as CSV, and files for beancount."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

import rich_click as click

from qtrader.errors import ConfigError
from qtrader.events import from_ns
from qtrader.ports import ledger_context, plain

from ..amounts import ZERO
from ..journal import Journal


@dataclass(frozen=True, slots=True)
class Row:
    """One posting; ``balance`` is the sum of those shown so far of its account and currency."""

    transaction: int
    session: str
    time: str
    kind: str
    reference: str
    strategy_id: str | None
    symbol: str | None
    account: str
    currency: str
    amount: str
    balance: str


def print_ledger(result: Any, form: str, account: str | None, symbol: str | None) -> None:
    """Make a run's ledger again and print it."""
    journal = Journal.of(result)
    if form.startswith("beancount"):
        from ..beancount import export

        lots = result.config["portfolio"]["lots"] if form == "beancount-lots" else None
        click.echo("\n".join(export(journal, title=result.run_id, lots=lots)))
        return
    _check(journal, account, symbol)
    found = rows(journal, account, symbol)
    if form == "json":
        click.echo(json.dumps([asdict(row) for row in found]))
    elif form == "csv":
        click.echo(_as_csv(found), nl=False)
    else:
        _print_table(found)


def rows(journal: Journal, account: str | None = None, symbol: str | None = None) -> Iterator[Row]:
    """The postings of an account and those below it, of an instrument; None: of all."""
    balances: dict[tuple[str, str], Decimal] = {}
    for session in journal.sessions:
        for number, _, one, _ in session.booked:
            if symbol is not None and one.symbol != symbol:
                continue
            for name, amount in one.postings:
                if account is not None and not f"{name}:".startswith(f"{account}:"):
                    continue
                with ledger_context():
                    balance = balances[name, one.currency] = balances.get((name, one.currency), ZERO) + amount
                yield Row(
                    number,
                    session.day.isoformat(),
                    from_ns(one.time_ns).isoformat(),
                    one.kind,
                    one.reference,
                    one.strategy_id,
                    one.symbol,
                    name,
                    one.currency,
                    plain(amount),
                    plain(balance),
                )


def _check(journal: Journal, account: str | None, symbol: str | None) -> None:
    if account is not None and not any(f"{one}:".startswith(f"{account}:") for one in journal.accounts):
        raise ConfigError(
            f"--account {account!r}: the run has no such account. There are: {', '.join(journal.accounts)}"
        )
    if symbol is not None and symbol not in journal.symbols:
        known = f"There are: {', '.join(journal.symbols)}" if journal.symbols else "It booked nothing but its capital"
        raise ConfigError(f"--symbol {symbol!r}: the run booked nothing of it. {known}")


def _as_csv(found: Iterator[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([one.name for one in fields(Row)])
    writer.writerows(["" if cell is None else cell for cell in asdict(row).values()] for row in found)
    return text.getvalue()


def _print_table(found: Iterator[Row]) -> None:
    """One line a transaction, and below it one a posting: account, amount, balance."""
    last = 0
    balances: dict[tuple[str, str], str] = {}
    for row in found:
        if row.transaction != last:
            last = row.transaction
            about = " ".join(part for part in (row.kind, row.symbol, row.strategy_id) if part)
            click.echo(f"{click.style(row.session, bold=True)}  {about}  {click.style(row.reference, dim=True)}")
        click.echo(f"  {row.account:<22} {grouped(row.amount):>24} {row.currency} {grouped(row.balance):>26}")
        balances[row.account, row.currency] = row.balance
    click.secho("Balances", bold=True)
    for (account, currency), balance in sorted(balances.items()):
        click.echo(f"  {account:<22} {'':>24} {currency} {grouped(balance):>26}")


def grouped(text: str) -> str:
    """An exact number with commas, and two decimals or as many as it has."""
    return f"{Decimal(text):,.{max(2, len(text.partition('.')[2]))}f}"
