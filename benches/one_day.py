"""A day's file added to all that was there: the night before from scratch, then the day's, then nothing new. What was
read stays for the next night."""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import measure
from rfmart_run import Rfmart
from same_values import Table

STEPS = ("the day before, cold", "one day added", "nothing changed")


def run(rfmart: Rfmart, folder: Path, as_of: str, tables: list[str]) -> dict[str, measure.Cost]:
    """One round of the three runs."""
    warehouse, state = folder / "out-one-day", folder / "state-one-day"
    for place in (warehouse, state):
        shutil.rmtree(place, ignore_errors=True)
    data = rfmart.data
    added = [(data / held.stem / f"{as_of}.parquet", held) for held in sorted((data / "held").glob("*.parquet"))]
    for file, _ in added:
        file.unlink(missing_ok=True)
    day_before = (date.fromisoformat(as_of) - timedelta(days=1)).isoformat()
    costs = {}
    for step, day in zip(STEPS, (day_before, as_of, as_of), strict=True):
        if step == "one day added":
            for file, held in added:
                os.link(held, file)
        costs[step] = rfmart.run(warehouse, day, tables, folder / "one-day.log", state)
    return costs


def differences(one_day: Path, cold: Path, as_of: str, tables: list[Table]) -> list[str]:
    """Tables of which the night after a night has other bytes than one from scratch."""
    def published(warehouse: Path, table: Table) -> bytes:
        (file,) = (warehouse / table.name / f"dt={as_of}").glob("part-*.parquet")
        return file.read_bytes()

    return [
        f"{table.name}: other bytes with one day added than from scratch"
        for table in tables
        if published(one_day, table) != published(cold, table)
    ]
