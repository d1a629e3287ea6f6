"""What the dashboard needs of Superset, and what keeps a small installation quiet and safe."""

import os
import secrets
from copy import deepcopy
from pathlib import Path

from superset.config import TALISMAN_CONFIG as _TALISMAN

HOME = Path(os.environ.get("SUPERSET_HOME", "/var/lib/superset"))


def _secret() -> str:
    """The key that signs sessions, made once: another one logs everybody out and loses stored passwords."""
    place = HOME / "secret_key"
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(secrets.token_urlsafe(42))
    return place.read_text()


SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY") or _secret()
SQLALCHEMY_DATABASE_URI = os.environ.get("SUPERSET_METADATA", f"sqlite:///{HOME}/superset.db")

# The datasets ask for the day that the dashboard's filter chooses.
FEATURE_FLAGS = {"ENABLE_TEMPLATE_PROCESSING": True}

# The first is what a reader sees who hasn't chosen.
BABEL_DEFAULT_LOCALE = "zh_TW"
LANGUAGES = {
    "zh_TW": {"flag": "tw", "name": "繁體中文"},
    "zh": {"flag": "cn", "name": "简体中文"},
    "en": {"flag": "us", "name": "English"},
}

# The colours of rfmart's report, which the colour-blind tell apart too.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "rfmart",
        "label": "rfmart",
        "description": "Okabe and Ito's colours",
        "isDefault": False,
        "colors": ["#0072b2", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#d55e00", "#004b76", "#8a929b"],
    }
]

# Superset's pages fetch a picture from scarf.sh, which counts who uses it: browsers are told not to.
TALISMAN_CONFIG = deepcopy(_TALISMAN)
_policy = TALISMAN_CONFIG["content_security_policy"]
_policy["img-src"] = [source for source in _policy["img-src"] if "scarf.sh" not in source]
