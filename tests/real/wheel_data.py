"""Wheels that are unpacked, not installed: their packages' own dependencies aren't needed."""

from __future__ import annotations

import os
from pathlib import Path


def unpacked(package: str) -> Path:
    """The folder into which external.sh unpacked the package's wheel."""
    folder = Path(os.environ["RFMART_WHEELS"]) / package
    assert folder.is_dir(), f"{folder} is missing: run tests/external.sh, which unpacks the wheel"
    return folder
