"""Contracts: look one up, check a document against it, and turn events into documents and back.

The schemas are the data of ``qtrader-contracts``. Nothing heavy is imported before something is checked.
"""

from qtrader.contracts.codec import Envelope, from_contract, to_contract
from qtrader.contracts.registry import Contracts, kernel_contracts
from qtrader.contracts.validation import Problem, validate_document

__all__ = [
    "Contracts",
    "Envelope",
    "Problem",
    "from_contract",
    "kernel_contracts",
    "to_contract",
    "validate_document",
]
