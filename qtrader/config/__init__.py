"""Configuration: strict YAML, layers of files, one schema, and the origin of every value."""

from qtrader.config.layering import Override
from qtrader.config.loading import (
    LoadedConfig,
    canonical_json,
    digest_view,
    load_config,
    read_settings,
    settings_from_dict,
)

__all__ = [
    "LoadedConfig",
    "Override",
    "canonical_json",
    "digest_view",
    "load_config",
    "read_settings",
    "settings_from_dict",
]
