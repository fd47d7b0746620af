"""Mistakes that accountants make, planted one at a time in ledger, lots and company acts: a test must notice each."""

from rules import Removal

BOOKS = "plugins/qtrader-service-portfolio/src/qtrader_service_portfolio/"
TESTS = "plugins/qtrader-service-portfolio/tests"


def mistake(file: str, old: str, new: str, tests: str = TESTS) -> Removal:
    """One mistake in a file of the portfolio plugin; its tests, or others, must fail."""
    return Removal(BOOKS + file, old, new, tests)


MISTAKES = (
    # lots
    mistake("lot_tracker.py", 'return -1 if order == "lifo" else 0', 'return 0 if order == "lifo" else -1'),
    mistake("lot_tracker.py", 'max(unit_costs) if self.side == "long"', 'min(unit_costs) if self.side == "long"'),
    mistake(
        "lot_tracker.py",
        "part, fee_part = share(value, room, quantity), share(fee, room, quantity)",
        "part, fee_part = share(value, room, quantity), fee",
    ),
    mistake("lot_tracker.py", "            lot.cost - part.cost,\n", "            lot.cost,\n"),
    mistake("lot_tracker.py", "            lot.fee - part.entry_fee,\n", "            lot.fee,\n"),
    mistake(
        "lot_tracker.py", "value_left if last else share(value_left, units, left),", "share(value, units, quantity),"
    ),
    mistake(
        "lot_tracker.py",
        "            self._rescale(Decimal(numerator), old, total)\n",
        "            self._rescale(Decimal(numerator), old, whole)\n",
    ),
    mistake(
        "lot_tracker.py",
        "cash = round_to_minor((grown - whole * old) * unit_value / old, currency)",
        "cash = share(abs(self.cost), grown - whole * old, grown)",
    ),
    mistake("lot_tracker.py", "sizes[-1] += total - sum(sizes)", "sizes[0] += total - sum(sizes)"),
    mistake("open_lots.py", "if lots and at < lots[-1].opened:", "if lots and at > lots[-1].opened:"),
    mistake(
        "amounts.py",
        "return numerator // (denominator * step) * step",
        "return (numerator / denominator).quantize(step)",
    ),
    # the ledger and fills
    mistake("ledger.py", "        if total:\n            parts", "        if abs(total) > 1:\n            parts"),
    mistake("account.py", "            cash -= fee\n", "            cash -= fee + fee\n"),
    mistake("account.py", "                funds.commission += fee\n", "                funds.commission += ZERO\n"),
    mistake(
        "account.py",
        'if closed[0].lot.side == "long" else (accounts.SHORTS, cost)',
        "if True else (accounts.SHORTS, cost)",
    ),
    mistake(
        "booked_fills.py",
        "        self.duplicates += 1\n        return True\n",
        "        self.duplicates += 1\n        return False\n",
    ),
    mistake("booked_fills.py", "if _differ(old, new)]", "if False]"),
    # futures
    mistake("book.py", " - (self.settled or ZERO)", ""),
    mistake("account.py", "            book.settled -= owed\n", "            book.settled += owed\n"),
    mistake("futures.py", "                book.settled += gained\n", ""),
    mistake("actions/proceeds.py", "    cash -= book.settled or ZERO\n", ""),
    mistake("carry.py", "            if book.settled is None:\n", "            if True:\n"),
    # dividends
    mistake(
        "actions/dividends.py",
        "account.due = [one for one in account.due if one.pay_date > day]",
        "account.due = [one for one in account.due if one.pay_date >= day]",
    ),
    mistake("actions/dividends.py", "if gross > 0 else ZERO", "if gross else ZERO"),
    mistake(
        "actions/dividends.py", "if dividend.pay_date > action.ex_date:", "if dividend.pay_date >= action.ex_date:"
    ),
    mistake("actions/dividends.py", "funds.payable += max(-gross, ZERO) + tax", "funds.payable += max(-gross, ZERO)"),
    mistake("actions/dividends.py", "        return before[1]\n", "        return book.lots.quantity\n"),
    # what holding costs
    mistake("carry.py", "for number in range((day - self._day).days)]", "for number in range(1)]"),
    mistake(
        "carry.py", "self._accrued[kind][currency] -= amount", "self._accrued[kind][currency] = ZERO", "tests/soak"
    ),
    mistake("carry.py", "free = funds.cash - shorts.get(currency, ZERO)", "free = funds.cash"),
    mistake("carry.py", "if free < 0:", "if free > 0:"),
    mistake("carry.py", 'COLLATERAL = Decimal("1.02")', 'COLLATERAL = Decimal("1.00")'),
    mistake("rates.py", '"ACT/360": 360', '"ACT/360": 365'),
    mistake("rates.py", "bisect_right(self._days, day)", "bisect_right(self._days, day) - 1"),
    # other company acts
    mistake(
        "actions/delistings.py",
        "exact_value(units, action.value, book.multiplier)",
        "exact_value(units, book.lots.cost / units, book.multiplier)",
    ),
    mistake("actions/mergers.py", "self._pay(book, action, book.lots.release(cash, whole, cash), each)", "pass"),
    mistake(
        "actions/rights.py", "action.subscription_price >= held[0].mark", "action.subscription_price < held[0].mark"
    ),
    mistake("actions/spin_offs.py", "left[old] -= moved[new]", "left[old] -= ZERO"),
    mistake("actions/spin_offs.py", "part, whole = value, own + values", "part, whole = value, own"),
    mistake(
        "actions/successors.py", "cash = round_to_minor((units - whole) * price", "cash = round_to_minor(units * price"
    ),
    mistake("actions/proceeds.py", 'cash = value if closed[0].lot.side == "long" else -value', "cash = value"),
    # other currencies
    mistake(
        "conversions.py",
        "if currency != self._account.currency and funds[currency].cash:",
        "if funds[currency].cash < 0:",
    ),
    mistake(
        "conversions.py",
        "worth = account.rates.worth(amount, currency, at_ns)",
        "worth = account.rates.worth(amount, currency)",
    ),
    mistake("account.py", "fill.commission_currency, book.currency, at_ns)", "book.currency, book.currency, at_ns)"),
    mistake("conversions.py", "min(to_ns(fill.executed_at), now_ns - 1)", "min(to_ns(fill.executed_at), now_ns)"),
)
