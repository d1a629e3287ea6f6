"""Writes Superset's dashboard: into `dashboard/`, which is kept, or as a zip to import.

    python deploy/superset/generate.py                                  # after a change of metrics, queries or texts
    python deploy/superset/generate.py --check                          # whether dashboard/ is what it would write
    python deploy/superset/generate.py --zip rfmart.zip --tables /srv/rfmart.duckdb --language zh-Hans

It needs duckdb and PyYAML.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from generator.files import TABLES, files, zipped
from generator.places import FOLDER
from generator.texts import LANGUAGES

KEPT = FOLDER / "dashboard"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if dashboard/ isn't what would be written")
    parser.add_argument("--zip", type=Path, help="write a zip for `superset import-dashboards`")
    parser.add_argument("--tables", default=TABLES, help="the DuckDB file with the tables, in the zip (%(default)s)")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the zip (%(default)s)")
    asked = parser.parse_args()
    if asked.zip:
        zipped(asked.zip, asked.language, asked.tables)
        return 0
    return check() if asked.check else write()


def check() -> int:
    """Names the files that aren't fresh."""
    made, kept = files(), {str(path.relative_to(KEPT)): path.read_text("utf-8") for path in KEPT.rglob("*.yaml")}
    stale = sorted(path for path in made | kept if made.get(path) != kept.get(path))
    for path in stale:
        print(f"{KEPT.name}/{path} isn't what deploy/superset/generate.py writes: run it", file=sys.stderr)
    return 1 if stale else 0


def write() -> int:
    """Replaces what is kept."""
    for path in KEPT.rglob("*.yaml"):
        path.unlink()
    for path, text in files().items():
        place = KEPT / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
