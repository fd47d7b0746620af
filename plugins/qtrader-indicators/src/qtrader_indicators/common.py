"""Short names for the usual indicators. ``of`` is a column's name or another indicator; periods are in bars."""

from typing import NamedTuple

from qtrader_indicators.indicator import Source, TalibIndicator, indicator


class Macd(NamedTuple):
    """The three lines of the moving average convergence divergence."""

    line: TalibIndicator
    signal: TalibIndicator
    histogram: TalibIndicator


class Bands(NamedTuple):
    """A channel around the price."""

    upper: TalibIndicator
    middle: TalibIndicator
    lower: TalibIndicator


class Stochastic(NamedTuple):
    """The two lines of the stochastic oscillator."""

    k: TalibIndicator
    d: TalibIndicator


def sma(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Mean of the last ``period`` values."""
    return indicator("SMA", inputs=[of], timeperiod=period)


def ema(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Exponential average, seeded with the mean of the first ``period`` values."""
    return indicator("EMA", inputs=[of], timeperiod=period)


def wma(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Average with linearly rising weights."""
    return indicator("WMA", inputs=[of], timeperiod=period)


def rsi(period: int = 14, of: Source = "close") -> TalibIndicator:
    """Relative strength index, 0 to 100, Wilder's smoothing."""
    return indicator("RSI", inputs=[of], timeperiod=period)


def macd(fast: int = 12, slow: int = 26, signal: int = 9, of: Source = "close") -> Macd:
    """Moving average convergence divergence: ``.line``, ``.signal``, ``.histogram``."""
    lines = (
        indicator("MACD", output=output, inputs=[of], fastperiod=fast, slowperiod=slow, signalperiod=signal)
        for output in ("macd", "macdsignal", "macdhist")
    )
    return Macd(*lines)


def bollinger(period: int = 20, deviations: float = 2.0, of: Source = "close") -> Bands:
    """Mean and so many population standard deviations around it: ``.upper``, ``.middle``, ``.lower``."""
    bands = (
        indicator("BBANDS", output=output, inputs=[of], timeperiod=period, nbdevup=deviations, nbdevdn=deviations)
        for output in ("upperband", "middleband", "lowerband")
    )
    return Bands(*bands)


def donchian(period: int = 20) -> Bands:
    """Highest high, lowest low of ``period`` bars, this one included: ``.upper``, ``.middle``, ``.lower``."""
    bands = (
        indicator("DONCHIAN", output=output, timeperiod=period) for output in ("upperband", "middleband", "lowerband")
    )
    return Bands(*bands)


def stochastic(period: int = 14, slowing: int = 3, smoothing: int = 3) -> Stochastic:
    """Where the close lies in the range of ``period`` bars, 0 to 100: slow ``.k`` and its average ``.d``."""
    lines = (
        indicator("STOCH", output=output, fastk_period=period, slowk_period=slowing, slowd_period=smoothing)
        for output in ("slowk", "slowd")
    )
    return Stochastic(*lines)


def atr(period: int = 14) -> TalibIndicator:
    """Average true range, Wilder's smoothing; in the price's unit."""
    return indicator("ATR", timeperiod=period)


def true_range() -> TalibIndicator:
    """The range of the bar, widened to the close before it."""
    return indicator("TRANGE")


def adx(period: int = 14) -> TalibIndicator:
    """Average directional index, 0 to 100: how strong the trend is, whichever its direction."""
    return indicator("ADX", timeperiod=period)


def cci(period: int = 20) -> TalibIndicator:
    """Commodity channel index: distance of the typical price from its mean, in mean deviations x 0.015."""
    return indicator("CCI", timeperiod=period)


def rate_of_change(period: int = 10, of: Source = "close") -> TalibIndicator:
    """Change against ``period`` bars ago, in percent."""
    return indicator("ROC", inputs=[of], timeperiod=period)


def momentum(period: int = 10, of: Source = "close") -> TalibIndicator:
    """Change against ``period`` bars ago, in the value's unit."""
    return indicator("MOM", inputs=[of], timeperiod=period)


def highest(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Greatest of the last ``period`` values, this bar's included; ``previous(highest(20))`` leaves it out."""
    return indicator("MAX", inputs=[of], timeperiod=period)


def lowest(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Least of the last ``period`` values, this bar's included."""
    return indicator("MIN", inputs=[of], timeperiod=period)


def standard_deviation(period: int = 20, of: Source = "close") -> TalibIndicator:
    """Population standard deviation of the last ``period`` values."""
    return indicator("STDDEV", inputs=[of], timeperiod=period, nbdev=1.0)


def on_balance_volume(of: Source = "close") -> TalibIndicator:
    """Running sum of volume, signed by the direction of the price."""
    return indicator("OBV", inputs=[of])


def money_flow(period: int = 14) -> TalibIndicator:
    """Money flow index, 0 to 100: the relative strength index weighted by volume."""
    return indicator("MFI", timeperiod=period)
