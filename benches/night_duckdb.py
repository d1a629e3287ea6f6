"""Runs night_duckdb.sql: DATA OUT AS_OF MEMORY THREADS."""

import sys
from pathlib import Path

import duckdb

data, out, as_of, memory, threads = sys.argv[1:]
Path(out).mkdir(parents=True)
con = duckdb.connect(config={"threads": int(threads), "memory_limit": memory, "autoinstall_known_extensions": False})
con.execute(f"set TimeZone = 'UTC'; set preserve_insertion_order = false; set temp_directory = '{out}/spill'")
con.execute(f"set variable dir = '{data}'; set variable as_of = '{as_of}'")
con.execute((Path(__file__).parent / "night_duckdb.sql").read_text().replace("OUT/", f"{out}/"))
