"""Measures rounds in turn: rfmart with the tables that night_duckdb.sql writes, with all its tables, and DuckDB.

RFMART DATA DIR AS_OF ROUNDS. Called by night.sh.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

THREADS, MEMORY_GIB = 2, 8
HERE = Path(__file__).parent
# What night_duckdb.sql writes, which rfmart publishes with a few columns more (risk, days in stage).
FIRST_TABLES = [
    "fct_customer_rfm",
    "fct_score_cut_point",
    "fct_lifecycle_snapshot",
    "fct_lifecycle_transition",
    "fct_period_summary",
    "fct_branch_comparison",
]


@dataclass
class Cost:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measure(command: list[str], log: Path) -> Cost:
    """Runs a command to its end. Its own resources, as the kernel accounts them."""
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{log.read_text()[-4000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def pipeline_with_limits(data: Path, warehouse: Path, tables: list[str] | None) -> Path:
    """The generated pipeline, publishing these tables (or all) to a fresh place within the same limits as DuckDB."""
    text = (data / "pipeline.yaml").read_text()
    assert "location: warehouse/" in text and "\nlimits:" not in text, "the generated pipeline has changed: adapt this"
    only = f"\n  tables: [{', '.join(tables)}]" if tables else ""
    text = text.replace("location: warehouse/", f"location: {warehouse}/{only}")
    path = data / "night.yaml"
    path.write_text(f"{text}\nlimits:\n  memory: {MEMORY_GIB}GiB\n  target_partitions: {THREADS}\n")
    return path


def main() -> None:
    rfmart, data, folder, as_of, rounds = (
        sys.argv[1],
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        sys.argv[4],
        int(sys.argv[5]),
    )
    costs: dict[str, list[Cost]] = {"rfmart": [], "all tables": [], "duckdb": []}
    for turn in range(1, rounds + 1):
        for name, spent in costs.items():
            out = folder / f"out-{name.replace(' ', '-')}"
            shutil.rmtree(out, ignore_errors=True)
            if name != "duckdb":
                tables = FIRST_TABLES if name == "rfmart" else None
                command = [rfmart, "run", str(pipeline_with_limits(data, out, tables)), "--as-of", as_of]
                # The made-up days may lie ahead of the clock.
                command.append("--allow-future")
            else:
                command = [
                    sys.executable,
                    str(HERE / "night_duckdb.py"),
                    str(data),
                    str(out),
                    as_of,
                    f"{MEMORY_GIB}GiB",
                    str(THREADS),
                ]
            spent.append(measure(command, folder / f"{name}.log"))
            last = spent[-1]
            print(
                f"round {turn}  {name:11}{last.wall_s:8.1f} s wall {last.cpu_s:8.1f} s CPU {last.peak_mib:8.0f} MiB",
                file=sys.stderr,
            )
    print(f"{'':22}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}   medians of {rounds}")
    medians = {}
    for name, spent in costs.items():
        medians[name] = [
            statistics.median(getattr(cost, of) for cost in spent) for of in ("wall_s", "cpu_s", "peak_mib")
        ]
        wall_s, cpu_s, peak_mib = medians[name]
        print(f"{name:22}{wall_s:9.1f}{cpu_s:9.1f}{peak_mib:10.0f}")
    for of, to in (("rfmart", "duckdb"), ("all tables", "rfmart")):
        ratios = [ours / theirs for ours, theirs in zip(medians[of], medians[to], strict=True)]
        print(f"{f'{of} / {to}':22}{ratios[0]:9.2f}{ratios[1]:9.2f}{ratios[2]:10.2f}")


if __name__ == "__main__":
    main()
