"""Measures rounds of the candidates in turn, compares their values, and prints costs and ratios.

RFMART DATA DIR AS_OF LAYOUT ROUNDS. Called by night.sh.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import measure
import one_day
from measure import Cost
from rfmart_run import MEMORY_GIB, THREADS, Rfmart, models_table
from same_values import CUSTOMER_TABLES, TABLES, Table, compare

HERE = Path(__file__).parent
SIX = [table.name for table in TABLES]
TWO = [table.name for table in CUSTOMER_TABLES]
ONE_DAY = "one-day"
CANDIDATES = {
    "rfmart-six": "rfmart six",
    "rfmart-two": "rfmart two",
    "rfmart-all": "rfmart all",
    "duckdb": "DuckDB six",
    "polars": "Polars two",
    "floor": "floor",
    ONE_DAY: "rfmart, the day before, then one day added",
}
"""Six are the tables that night_duckdb.sql writes, two of them those of customers."""
ENCODING = "floor's encoding"
RATIOS = [
    ("rfmart-six", "duckdb"),
    ("rfmart-two", "polars"),
    ("rfmart-six", "floor"),
    ("rfmart-all", "rfmart-six"),
    ("duckdb", "floor"),
]


@dataclass
class Night:
    """What is run, and what it took so far."""

    rfmart: Rfmart
    folder: Path
    as_of: str
    layout: str
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    """Per candidate, a round each."""

    def out(self, name: str) -> Path:
        """Where a candidate writes."""
        return self.folder / f"out-{name}"

    def python(self, name: str, script: str, *arguments: object, **environment: str) -> Cost:
        """Runs one of the scripts here."""
        command = [sys.executable, str(HERE / script), *map(str, arguments)]
        return measure.measure(command, self.folder / f"{name}.log", **environment)

    def run(self, name: str) -> Cost:
        """One run of a candidate into a fresh folder."""
        out, data = self.out(name), self.rfmart.data
        shutil.rmtree(out, ignore_errors=True)
        log = self.folder / f"{name}.log"
        if name.startswith("rfmart"):
            tables = {"rfmart-six": SIX, "rfmart-two": TWO, "rfmart-all": None}[name]
            return self.rfmart.run(out, self.as_of, tables, log)
        if name == "duckdb":
            limits = (f"{MEMORY_GIB}GiB", THREADS)
            return self.python(name, "night_duckdb.py", data, out, self.as_of, self.layout, *limits)
        if name == "polars":
            threads = {"POLARS_MAX_THREADS": str(THREADS)}
            return self.python(name, "night_polars.py", data, out, self.as_of, self.layout, **threads)
        self.python(name, "floor.py", data, self.out("rfmart-six"), out, self.layout, THREADS)
        parts = json.loads(log.read_text().splitlines()[-1])
        wall_s, cpu_s = (parts["decode"][figure] + parts["encode"][figure] for figure in ("wall_s", "cpu_s"))
        self.note(ENCODING, Cost(parts["encode"]["wall_s"], parts["encode"]["cpu_s"], None))
        # The process holds the tables; how little memory a night could do with isn't told by that.
        return Cost(wall_s, cpu_s, None)

    def note(self, name: str, cost: Cost) -> None:
        """Keeps what a round took."""
        self.costs.setdefault(name, []).append(cost)


def warm_up(data: Path) -> None:
    """Reads all files once: no candidate pays for the disk."""
    for file in data.rglob("*.*"):
        if file.is_file():
            with file.open("rb") as opened:
                while opened.read(1 << 20):
                    pass


def rounds_of(night: Night, names: list[str], rounds: int) -> None:
    """All candidates in turn, every other round backwards."""
    day = Rfmart(night.rfmart.binary, night.rfmart.data.with_name(f"{night.rfmart.data.name}-{ONE_DAY}"))
    for turn in range(1, rounds + 1):
        for name in names if turn % 2 else reversed(names):
            if name == ONE_DAY:
                costs = one_day.run(day, night.folder, night.as_of, SIX)
            else:
                costs = {name: night.run(name)}
            for part, cost in costs.items():
                night.note(part, cost)
                line = measure.cost_line(CANDIDATES.get(part, part), cost)
                print(f"round {turn}  {line}", file=sys.stderr, flush=True)


def compared(night: Night, names: list[str]) -> list[str]:
    """Prints which columns hold the same values, and gives the differences."""
    differences = []

    def against_duckdb(name: str, tables: tuple[Table, ...], files: Callable[[str], str]) -> None:
        for table in tables:
            result = compare(table, files(table.name), night.out("duckdb") / f"{table.name}.parquet")
            differences.extend(result.differences)
            told = f"{result.rows:,} rows, {len(result.columns)} columns beside the grain"
            print(f"{name:7}{table.name:27}{'differs' if result.differences else 'equal'}: {told}")
            if result.uncompared_rows:
                print(f"{'':7}not in the SQL: {result.uncompared_rows:,} rows, not ({table.rows})")
            if result.only_ours:
                print(f"{'':7}not in the SQL: {', '.join(result.only_ours)}")

    print("\nValues, beside DuckDB's")
    if {"rfmart-six", "duckdb"} <= set(names):
        published = night.out("rfmart-six")
        against_duckdb("rfmart", TABLES, lambda table: f"{published}/{table}/dt={night.as_of}/*.parquet")
    if {"polars", "duckdb"} <= set(names):
        against_duckdb("Polars", CUSTOMER_TABLES, lambda table: f"{night.out('polars')}/{table}.parquet")
    if {ONE_DAY, "rfmart-six"} <= set(names):
        of_day = one_day.differences(night.out(ONE_DAY), night.out("rfmart-six"), night.as_of, list(TABLES))
        differences.extend(of_day)
        print(f"rfmart one day added: {'other' if of_day else 'the same'} bytes as from scratch")
    return differences


def report(night: Night, rounds: int) -> None:
    """Prints the medians and the ratios."""
    medians = {name: measure.median(costs) for name, costs in night.costs.items()}
    print(f"{f'Medians of {rounds}':{measure.NAME}}{'wall s':>10}{'CPU s':>10}{'peak MiB':>10}")
    order = [*CANDIDATES, ENCODING, *one_day.STEPS]
    for name in sorted(medians, key=order.index):
        print(measure.cost_line(CANDIDATES.get(name, name), medians[name]))
    print(f"\n{'Ratios of medians (of rounds)':{measure.NAME}}{'wall':>10} {'':13}{'CPU':>10} {'':13}{'peak':>10}")
    cold = one_day.STEPS[0]
    for ours, theirs in [*RATIOS, *((step, cold) for step in one_day.STEPS[1:]), (ENCODING, cold)]:
        if ours in medians and theirs in medians:
            title = f"{CANDIDATES.get(ours, ours)} / {CANDIDATES.get(theirs, theirs)}"
            print(measure.ratio_line(title, night.costs[ours], night.costs[theirs]))


def main() -> None:
    """Measures, compares and prints."""
    rfmart, data, folder, as_of, layout, rounds = sys.argv[1:]
    every = [name for name in CANDIDATES if name != ONE_DAY or layout == "by-month"]
    wanted = os.environ.get("NIGHT_ONLY", "").split() or every
    unknown = [name for name in wanted if name not in every]
    if unknown:
        sys.exit(f"NIGHT_ONLY: no {', '.join(unknown)} in the layout {layout}: there are {', '.join(every)}")
    if "floor" in wanted and "rfmart-six" not in wanted:
        sys.exit("NIGHT_ONLY: the floor encodes the tables of rfmart-six: name that, too")
    names = [name for name in every if name in wanted]
    night = Night(Rfmart(rfmart, Path(data)), Path(folder), as_of, layout)
    warm_up(Path(data))
    rounds_of(night, names, int(rounds))
    report(night, int(rounds))
    if "rfmart-all" in names:
        log = night.folder / "rfmart-models.log"
        cost = night.rfmart.run(night.out("rfmart-models"), night.as_of, None, log, is_one_by_one=True)
        print(f"\n{models_table(log.read_text(), cost)}")
    differences = compared(night, names)
    if differences:
        sys.exit("\n".join(["", *differences]))


if __name__ == "__main__":
    main()
