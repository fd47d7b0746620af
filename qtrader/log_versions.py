"""A log that was written with older event versions, read as the newest classes."""

from collections.abc import Sequence

from qtrader.catalogue import Catalogue
from qtrader.contracts import Contracts, from_contract, to_contract
from qtrader.errors import ContractError, StoreError
from qtrader.events.base import BaseEvent
from qtrader.log_file import Chunk


def as_newest(
    chunks: Sequence[Chunk], kinds: Sequence[type[BaseEvent]], run: int, catalogue: Catalogue
) -> tuple[list[Chunk], dict[str, str]]:
    """Chunks with every event of one of ``kinds``, and which contracts were read as which newer ones.

    Chunks that hold no older version stay as they are. Raises StoreError where no upcaster leads up, or one fails.
    """
    newest = {kind.topic: kind for kind in kinds}
    old = {kind for chunk in chunks for kind in chunk.kinds if newest.get(kind.topic) is not kind}
    if not old:
        return list(chunks), {}
    contracts = Contracts(entry.provider for entry in catalogue)

    def read(event: BaseEvent) -> BaseEvent:
        taken = from_contract(to_contract(event), type(event).contract(), contracts, newest=True)
        assert isinstance(taken, BaseEvent)
        return taken

    try:
        again = [
            Chunk.of([read(event) if type(event) in old else event for event in chunk.events(run)])
            if old & {*chunk.kinds} else chunk
            for chunk in chunks
        ]  # fmt: skip
    except ContractError as error:
        raise StoreError(f"the log holds events of an older version: {error}") from error
    return again, {kind.contract(): newest[kind.topic].contract() for kind in sorted(old, key=lambda one: one.topic)}
