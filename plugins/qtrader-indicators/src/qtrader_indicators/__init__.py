"""Technical indicators over TA-Lib, batch and streaming to the same bits.

``indicator(name, ...)`` gives any TA-Lib function; short names (``sma``, ``rsi``, ``macd`` ...) give the usual ones;
``crossing``, ``above``, ``difference`` and ``previous`` make rules of them. Each has ``lookback``,
``over(columns)`` and ``stream()``; all are frozen, hashable, equal by value and picklable.
"""

from qtrader_indicators.common import (
    Bands,
    Macd,
    Stochastic,
    adx,
    atr,
    bollinger,
    cci,
    donchian,
    ema,
    highest,
    lowest,
    macd,
    momentum,
    money_flow,
    on_balance_volume,
    rate_of_change,
    rsi,
    sma,
    standard_deviation,
    stochastic,
    true_range,
    wma,
)
from qtrader_indicators.indicator import TalibIndicator, TalibStream, indicator, indicator_names
from qtrader_indicators.lines import Level, Previous, Price, previous, price
from qtrader_indicators.protocols import Columns, Indicator, IndicatorStream
from qtrader_indicators.rules import Above, Crossing, Difference, above, crossing, difference

__all__ = [
    "Above",
    "Bands",
    "Columns",
    "Crossing",
    "Difference",
    "Indicator",
    "IndicatorStream",
    "Level",
    "Macd",
    "Previous",
    "Price",
    "Stochastic",
    "TalibIndicator",
    "TalibStream",
    "above",
    "adx",
    "atr",
    "bollinger",
    "cci",
    "crossing",
    "difference",
    "donchian",
    "ema",
    "highest",
    "indicator",
    "indicator_names",
    "lowest",
    "macd",
    "momentum",
    "money_flow",
    "on_balance_volume",
    "previous",
    "price",
    "rate_of_change",
    "rsi",
    "sma",
    "standard_deviation",
    "stochastic",
    "true_range",
    "wma",
]
