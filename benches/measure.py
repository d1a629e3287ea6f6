"""Runs processes and tells what they took, as the kernel accounts it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FIGURES = ("wall_s", "cpu_s", "peak_mib")
NAME = 42
"""Width of names in tables."""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall_s: float
    cpu_s: float
    """User and system, of all its threads."""
    peak_mib: float | None
    """Resident."""


def measure(command: list[str], log: Path, **environment: str) -> Cost:
    """Runs a command to its end; what it writes goes to `log`. A failure ends the bench with the log's end."""
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment})
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{log.read_text()[-4000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: list[Cost]) -> Cost:
    """The median of each figure by itself."""
    figures = [[getattr(cost, figure) for cost in costs] for figure in FIGURES]
    return Cost(*(None if None in of_rounds else statistics.median(of_rounds) for of_rounds in figures))


def cost_line(name: str, cost: Cost) -> str:
    """A line of the table of costs."""
    peak = "–" if cost.peak_mib is None else f"{cost.peak_mib:,.0f}"
    return f"{name:{NAME}}{cost.wall_s:10.2f}{cost.cpu_s:10.2f}{peak:>10}"


def ratio_line(name: str, ours: list[Cost], theirs: list[Cost]) -> str:
    """A line of the table of ratios: of the medians, and in brackets the least and greatest of a round."""
    line = f"{name:{NAME}}"
    for figure in FIGURES:
        ends = [getattr(median(costs), figure) for costs in (ours, theirs)]
        if None in ends or not ends[1]:
            continue
        rounds = [getattr(one, figure) / getattr(other, figure) for one, other in zip(ours, theirs, strict=True)]
        line += f"{ends[0] / ends[1]:10.2f} {f'({min(rounds):.2f}–{max(rounds):.2f})':13}"
    return line.rstrip()
