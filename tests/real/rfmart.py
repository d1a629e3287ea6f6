"""Runs the rfmart binary as a scheduler would, and finds what it published."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("RFMART", ROOT / "target/release/rfmart")).resolve()
TIMEOUT_S = 600
# Tables that name the run which published them, and so differ from run to run.
NAMING_RUNS = {"dim_snapshot", "dim_restatement"}


def call(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs rfmart and gives back what it said, whatever its exit code."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "S3_"))}
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        env=environment | (env or {}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


def succeed(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs rfmart; anything but exit code 0 fails the test with what was said."""
    done = call(*arguments, env=env)
    command = " ".join(map(str, arguments))
    assert done.returncode == 0, f"rfmart {command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def publish(
    pipeline: Path, as_of: datetime.date, data: Path | str, warehouse: Path | str, **env: str
) -> subprocess.CompletedProcess[str]:
    """Publishes one snapshot of a pipeline that names its locations by DATA and WAREHOUSE."""
    places = {"DATA": str(data), "WAREHOUSE": str(warehouse)}
    return succeed("run", pipeline, "--as-of", str(as_of), "--allow-future", env=places | env)


def part(warehouse: Path, table: str, as_of: datetime.date) -> Path:
    """The one file of a table's snapshot; a path that isn't there if there is none."""
    folder = warehouse / table / f"dt={as_of}"
    files = list(folder.glob("part-*.parquet"))
    assert len(files) <= 1, files
    return files[0] if files else folder / "part-0.parquet"


def published_files(warehouse: Path) -> dict[str, Path]:
    """Every published Parquet file of tables, by its path within the warehouse, but for NAMING_RUNS."""
    return {
        str(path.relative_to(warehouse)): path
        for path in sorted(warehouse.glob("[!_]*/dt=*/*.parquet"))
        if path.parts[-3] not in NAMING_RUNS
    }


def assert_same_bytes(one: Path, other: Path) -> None:
    """Both warehouses hold the same tables, byte for byte."""
    ones, others = published_files(one), published_files(other)
    assert ones, f"nothing is published under {one}"
    assert ones.keys() == others.keys()
    differing = [name for name, path in ones.items() if path.read_bytes() != others[name].read_bytes()]
    assert not differing, f"{len(differing)} of {len(ones)} files differ: {', '.join(differing)}"
