"""Technical indicators over TA-Lib, batch and streaming to the same bits."""
