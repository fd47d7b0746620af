"""The accounting guard: checks the books after every event, with sums of its own.

Its sums come of fills and corporate actions alone. It knows the portfolio service only by ``qtrader.ports.audit``.

accounting_guard.py  which events it hears, in which order it checks
sums.py              the sums: units and money put into each position, money in each currency
fills.py             what a fill must do to cash and lots
glance.py            an ordinary fill, all at once
actions.py           what a corporate action must do to units and cash
spin_offs.py         units of new companies whose fractions are paid later
postings.py          what was posted, one transaction after another, beside what should have been
valuations.py        the full identities, at each valuation
breach.py            the error, with the smallest slice of ledger that shows it
"""

from qtrader.guard.accounting_guard import AccountingGuard

__all__ = ["AccountingGuard"]
