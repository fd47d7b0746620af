"""A folder of configuration files that a test writes and loads."""

from pathlib import Path

import pytest

from qtrader.config import LoadedConfig, Override, load_config
from qtrader.errors import ConfigError

SMALLEST = """\
data:
  source: wiki
  symbols: [IBM, AAPL]
data_sources:
  wiki: {use: samples}
strategies:
  - name: trend
    use: sma-cross
"""


class Files:
    """Configuration files in a folder; ``run.yaml`` is the run file unless another is named."""

    error = ConfigError
    smallest = SMALLEST

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, name: str) -> LoadedConfig:
        """Load a file that is there, or is not."""
        return load_config(name, base_dir=self.folder)

    def write(self, text: str, name: str = "run.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def load(self, text: str, *overrides: str | Override) -> LoadedConfig:
        """Load a run file with this text."""
        self.write(text)
        return load_config("run.yaml", overrides, base_dir=self.folder)

    def add(self, text: str, *overrides: str | Override) -> LoadedConfig:
        """Load the smallest run file with this text after it."""
        return self.load(SMALLEST + text, *overrides)

    def fault(self, text: str, *overrides: str | Override) -> str:
        """The message with which a run file is refused."""
        with pytest.raises(ConfigError) as refused:
            self.load(text, *overrides)
        return str(refused.value)

    def fault_of(self, text: str, *overrides: str | Override) -> str:
        """The message with which the smallest run file with this text after it is refused."""
        return self.fault(SMALLEST + text, *overrides)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
