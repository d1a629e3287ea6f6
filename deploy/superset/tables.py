"""Makes the DuckDB file that Superset reads: views over the published tables, all as of one commit.

    rfmart catalog clinics.yaml | python deploy/superset/tables.py /var/lib/superset/rfmart.duckdb

The file appears whole or not at all, also where one is being read: a reader keeps the views that it has opened. A table
that the pipeline doesn't publish is there without rows, so that its charts say that there is no data.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
from generator.sidecars import empty_views


def main(place: Path, views: str) -> int:
    new = place.with_name(f"{place.name}.new")
    new.unlink(missing_ok=True)
    with duckdb.connect(str(new)) as tables:
        tables.execute(views)
        there = {name for (name,) in tables.execute("select view_name from duckdb_views()").fetchall()}
        if "dim_snapshot" not in there:
            print(
                "what `rfmart catalog` prints has no dim_snapshot: nothing is published, or it failed", file=sys.stderr
            )
            return 1
        for name, view in empty_views().items():
            if name not in there:
                tables.execute(view)
    os.replace(new, place)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.stdin.read()))
