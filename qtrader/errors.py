"""Everything that QTrader raises on purpose.

QTraderError
├── ConfigError                 a setting is missing, unknown, misspelt or of the wrong type
├── PluginError
│   ├── PluginBroken            a plugin could not be imported or registered
│   ├── PluginIncompatible      a plugin was made for another kernel version
│   ├── DuplicateName           two plugins offer the same name
│   └── UnknownComponent        nothing installed has the name
├── ContractError               a document or event breaks its contract
├── DataError                   market data is missing, malformed or contradictory
├── WiringError                 services do not fit together
├── RunError                    a run failed while it was running
│   ├── HandlerError            a handler or plugin raised; names event, handler, plugin
│   ├── IllegalTransition       an order was asked to do what its state forbids
│   ├── IdempotencyConflict     one idempotency key, two payloads
│   └── LedgerError             the books do not add up
│       └── BooksBreach         the accounting guard found them wrong; has the transactions that show it
├── VerifyError                 a run did not reproduce
└── StoreError                  a run folder or event store cannot be read or written

Messages say what is wrong (value quoted), where (file and key) and what to do.
"""

from typing import Any, Self


class QTraderError(Exception):
    """Base of every error that QTrader raises on purpose."""

    tool: object | None = None
    """The tool that broke its port's rules, where one did: whoever reports the error names its file and its plugin."""

    def of(self, tool: object) -> Self:
        """The same error with the tool that is to blame."""
        self.tool = tool
        return self


class ConfigError(QTraderError):
    """A setting is missing, unknown, misspelt or of the wrong type."""


class PluginError(QTraderError):
    """Something is wrong with an installed plugin."""


class PluginBroken(PluginError):  # noqa: N818 - named for the state it reports
    """A plugin could not be imported or registered."""


class PluginIncompatible(PluginError):  # noqa: N818 - named for the state it reports
    """A plugin was made for another kernel version."""


class DuplicateName(PluginError):  # noqa: N818 - named for the state it reports
    """Two plugins offer the same name for the same kind."""


class UnknownComponent(PluginError):  # noqa: N818 - named for the state it reports
    """Nothing installed has the name that was asked for."""


class ContractError(QTraderError):
    """A document or an event breaks its contract."""


class DataError(QTraderError):
    """Market data is missing, malformed or contradictory."""


class WiringError(QTraderError):
    """The services of a run do not fit together."""


class RunError(QTraderError):
    """A run failed while it was running."""


class HandlerError(RunError):
    """A handler or plugin raised while an event was handled."""


class IllegalTransition(RunError):  # noqa: N818 - named for the state it reports
    """An order was asked to do what its state forbids."""


class IdempotencyConflict(RunError):  # noqa: N818 - named for the state it reports
    """One idempotency key came with two different payloads."""


class LedgerError(RunError):
    """The books do not add up."""


class BooksBreach(LedgerError):  # noqa: N818 - named for the state it reports
    """The accounting guard found the books wrong; ``transactions`` is the smallest slice of ledger that shows it."""

    def __init__(self, message: str, transactions: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.transactions = transactions


class VerifyError(QTraderError):
    """A stored run did not reproduce."""


class StoreError(QTraderError):
    """A run folder or event store cannot be read or written."""
