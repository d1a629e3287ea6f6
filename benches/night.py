"""Measures rounds of rfmart and DuckDB in turn: RFMART DATA DIR AS_OF ROUNDS. Called by night.sh."""

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


def pipeline_with_limits(data: Path, warehouse: Path) -> Path:
    """The generated pipeline, publishing to a fresh place within the same limits as DuckDB."""
    text = (data / "pipeline.yaml").read_text()
    assert "location: warehouse/" in text and "\nlimits:" not in text, "the generated pipeline has changed: adapt this"
    text = text.replace("location: warehouse/", f"location: {warehouse}/")
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
    costs: dict[str, list[Cost]] = {"rfmart": [], "duckdb": []}
    for turn in range(1, rounds + 1):
        for name, spent in costs.items():
            out = folder / f"out-{name}"
            shutil.rmtree(out, ignore_errors=True)
            if name == "rfmart":
                command = [rfmart, "run", str(pipeline_with_limits(data, out)), "--as-of", as_of]
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
                f"round {turn}  {name:7}{last.wall_s:8.1f} s wall {last.cpu_s:8.1f} s CPU {last.peak_mib:8.0f} MiB",
                file=sys.stderr,
            )
    print(f"{'':10}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}   medians of {rounds}")
    medians = {}
    for name, spent in costs.items():
        medians[name] = [
            statistics.median(getattr(cost, of) for cost in spent) for of in ("wall_s", "cpu_s", "peak_mib")
        ]
        wall_s, cpu_s, peak_mib = medians[name]
        print(f"{name:10}{wall_s:9.1f}{cpu_s:9.1f}{peak_mib:10.0f}")
    ratios = [ours / theirs for ours, theirs in zip(medians["rfmart"], medians["duckdb"], strict=True)]
    print(f"{'ratio':10}{ratios[0]:9.2f}{ratios[1]:9.2f}{ratios[2]:10.2f}   rfmart / duckdb")


if __name__ == "__main__":
    main()
