"""What a bar does to an order."""

from qtrader_matching.orders import At, decide
from qtrader_matching.path import Order, follow, path_of
from qtrader_matching.prices import Prices
from qtrader_matching.trailing import first_stop

__all__ = ["At", "Order", "Prices", "decide", "first_stop", "follow", "path_of"]
