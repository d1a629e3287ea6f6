"""The floor under any night: decodes the input columns, encodes the tables again, and nothing between.

DATA TABLES OUT LAYOUT THREADS. Called by night.py.

In Arrow's C++ (pyarrow): what the six tables need of the input is read batch by batch and dropped; then the tables that
rfmart published, which lie in memory already, are written as Parquet with zstd 3. Reading those into memory isn't part
of the floor, so it measures itself; the last line says what both parts took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from pathlib import Path

import inputs
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
from same_values import TABLES

CSV_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "money": pa.decimal128(18, 2),
    "branch's time": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
}


class Clock:
    """What the process has used since it was made."""

    def __init__(self) -> None:
        self.wall_s, self.cpu_s = time.perf_counter(), self._cpu_s()

    @staticmethod
    def _cpu_s() -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def read(self) -> dict[str, float]:
        """Wall and CPU seconds."""
        return {"wall_s": time.perf_counter() - self.wall_s, "cpu_s": self._cpu_s() - self.cpu_s}


def decode(data: str, layout: str) -> int:
    """Reads all input columns that are needed, and counts the rows."""
    rows = 0
    for entity in inputs.COLUMNS:
        files = sorted(glob(inputs.pattern(data, entity, layout)))
        if layout == "csv":
            types = {column: CSV_TYPES[kind] for column, kind in inputs.COLUMNS[entity].items()}
            convert = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
            kind = pa.dataset.CsvFileFormat(convert_options=convert)
        else:
            kind = "parquet"
        scanned = pa.dataset.dataset(files, format=kind)
        for batch in scanned.to_batches(columns=inputs.needed(entity)):
            rows += batch.num_rows
    return rows


def encode(tables: dict[str, pa.Table], out: Path, threads: int) -> None:
    """Writes the tables, as many at a time as there are threads."""
    out.mkdir(parents=True)

    def write(name: str) -> None:
        pa.parquet.write_table(tables[name], out / f"{name}.parquet", compression="zstd", compression_level=3)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, sorted(tables, key=lambda name: -tables[name].nbytes)))


def main() -> None:
    """Measures both parts."""
    data, published, out, layout = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    threads = int(sys.argv[5])
    pa.set_cpu_count(threads)
    pa.set_io_thread_count(threads)
    tables = {}
    for table in TABLES:
        (file,) = published.glob(f"{table.name}/dt=*/part-*.parquet")
        tables[table.name] = pa.parquet.ParquetFile(file).read()
    clock = Clock()
    rows = decode(data, layout)
    decoded = clock.read()
    clock = Clock()
    encode(tables, out, threads)
    print(json.dumps({"rows": rows, "decode": decoded, "encode": clock.read()}))


if __name__ == "__main__":
    main()
