"""The chart of accounts: what the postings of a ledger are called.

Assets and expenses grow by positive amounts; liabilities, equity and income by negative ones.
"""

CASH = "Assets:Cash"
INVENTORY = "Assets:Inventory"
"""What longs cost."""
RECEIVABLES = "Assets:Receivables"
PAYABLES = "Liabilities:Payables"
SHORTS = "Liabilities:Shorts"
"""What shorts brought."""
ACCRUED = "Liabilities:Accrued"
CAPITAL = "Equity:Capital"
TRANSFERS = "Equity:Transfers"
"""Cost on its way from one instrument to another: zero after every event."""
CONVERSION = "Equity:Conversion"
REALISED = "Income:Realised"
DIVIDENDS = "Income:Dividends"
COMMISSION = "Expenses:Commission"
TAX = "Expenses:Tax"
BORROW = "Expenses:Borrow"
INTEREST = "Expenses:Interest"
