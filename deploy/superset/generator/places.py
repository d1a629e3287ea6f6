"""Where things are, and what names them for good."""

from __future__ import annotations

import uuid
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
ROOT = FOLDER.parents[1]

# Whatever is imported again under the same UUID takes the place of what was there.
_NAMESPACE = uuid.UUID("6f1f4f3e-0a52-4c37-9d0e-1f0c7c1a7b52")


def named(kind: str, name: str) -> str:
    """The UUID of a thing, the same every time."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))
