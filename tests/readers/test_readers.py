"""The demo's published tables, as four readers see them: the same rows, types that all of them keep."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

KEEPABLE = {
    pa.bool_(),
    pa.int32(),
    pa.int64(),
    pa.float64(),
    pa.string(),
    pa.date32(),
    pa.decimal128(18, 2),
    pa.timestamp("us", tz="UTC"),
}


def tables(warehouse):
    found = sorted(path.name for path in warehouse.iterdir() if path.is_dir() and not path.name.startswith("_"))
    assert "fct_customer_rfm" in found
    return found


def glob_of(warehouse, table):
    return str(warehouse / table / "dt=*" / "*.parquet")


def plain(value):
    """A reader's value as Python's own type."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, (Decimal, str, date, bool, float)):
        return value
    return int(value)


def agree(one, other):
    """Whether two readers' numbers are the same: sums of floats but for the order in which they were added up."""
    if isinstance(one, tuple):
        return all(agree(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other


def summary(count, columns):
    """{column: (nulls, least, greatest, sum)}; a column's numbers come as a function of its name."""
    return {name: tuple(plain(value) for value in numbers) for name, numbers in columns.items()} | {"": count}


def is_summable(kind):
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def seen_by_pyarrow(warehouse, table, schema):
    rows = ds.dataset(warehouse / table, format="parquet", partitioning="hive").to_table()
    columns = {}
    for field in schema:
        column = rows[field.name]
        least_greatest = pc.min_max(column)
        total = pc.sum(column.cast(pa.decimal128(38, 2))) if pa.types.is_decimal(field.type) else None
        if total is None and is_summable(field.type):
            total = pc.sum(column)
        columns[field.name] = (
            column.null_count,
            least_greatest["min"].as_py(),
            least_greatest["max"].as_py(),
            total and total.as_py(),
        )
    return summary(rows.num_rows, columns)


def seen_by_duckdb(warehouse, table, schema):
    con = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})
    source = f"read_parquet('{glob_of(warehouse, table)}', hive_partitioning = true)"
    columns = {}
    for field in schema:
        name = f'"{field.name}"'
        total = f"sum({name})" if is_summable(field.type) else "null"
        columns[field.name] = con.execute(
            f"select count(*) filter ({name} is null), min({name}), max({name}), {total} from {source}"
        ).fetchone()
    return summary(con.execute(f"select count(*) from {source}").fetchone()[0], columns)


def seen_by_polars(warehouse, table, schema):
    rows = pl.read_parquet(glob_of(warehouse, table), hive_partitioning=True)
    columns = {}
    for field in schema:
        column = rows[field.name]
        total = column.sum() if is_summable(field.type) and column.null_count() < len(column) else None
        columns[field.name] = (column.null_count(), column.min(), column.max(), total)
    return summary(len(rows), columns)


def seen_by_pandas(warehouse, table, schema):
    rows = pd.read_parquet(warehouse / table)
    columns = {}
    for field in schema:
        column = rows[field.name].dropna()
        nothing = column.empty
        total = None if nothing or not is_summable(field.type) else column.sum()
        columns[field.name] = (
            len(rows) - len(column),
            None if nothing else column.min(),
            None if nothing else column.max(),
            total,
        )
    return summary(len(rows), columns)


def schema_of(warehouse, table):
    """The files' own columns, without the directory's key."""
    files = sorted((warehouse / table).glob("dt=*/*.parquet"))
    assert files
    return pq.read_schema(files[0]), files


def test_readers_agree(warehouse):
    disagreements = []
    for table in tables(warehouse):
        schema, _ = schema_of(warehouse, table)
        views = {
            "duckdb": seen_by_duckdb(warehouse, table, schema),
            "pyarrow": seen_by_pyarrow(warehouse, table, schema),
            "polars": seen_by_polars(warehouse, table, schema),
            "pandas": seen_by_pandas(warehouse, table, schema),
        }
        for column in views["duckdb"]:
            seen = {reader: view[column] for reader, view in views.items()}
            if not all(agree(view, seen["duckdb"]) for view in seen.values()):
                disagreements.append(f"{table}.{column or '(rows)'}: {seen}")
    assert not disagreements, "\n".join(disagreements)


def test_types_are_those_that_all_readers_keep(warehouse):
    faults = []
    for table in tables(warehouse):
        schema, files = schema_of(warehouse, table)
        faults += [f"{table}.{field.name}: {field.type}" for field in schema if field.type not in KEEPABLE]
        faults += [f"{table}.{field.name}: the directory's key too" for field in schema if field.name == "dt"]
        for file in files:
            if pq.read_schema(file) != schema:
                faults.append(f"{file}: other columns than {files[0]}")
            if b"ARROW:schema" in (pq.read_metadata(file).metadata or {}):
                faults.append(f"{file}: carries Arrow's own schema")
    assert not faults, "\n".join(faults)


def test_scores_are_int32_counts_are_bigint_money_is_decimal(warehouse):
    schema, _ = schema_of(warehouse, "fct_customer_rfm")
    expected = {
        "as_of": pa.date32(),
        "recency_score": pa.int32(),
        "frequency_score": pa.int32(),
        "monetary_score": pa.int32(),
        "monetary": pa.decimal128(18, 2),
        "rfm_cell": pa.string(),
        "is_recency_high": pa.bool_(),
    }
    assert {name: schema.field(name).type for name in expected} == expected
    schema, _ = schema_of(warehouse, "fct_lifecycle_transition")
    assert schema.field("customers").type == pa.int64()


def test_columns_are_zstd_with_statistics(warehouse):
    faults = []
    for table in tables(warehouse):
        for file in schema_of(warehouse, table)[1]:
            metadata = pq.read_metadata(file)
            for group in range(metadata.num_row_groups):
                for at in range(metadata.num_columns):
                    column = metadata.row_group(group).column(at)
                    if column.compression != "ZSTD" or not column.is_stats_set:
                        faults.append(
                            f"{file}: {column.path_in_schema}: {column.compression}, statistics {column.is_stats_set}"
                        )
    assert not faults, "\n".join(faults)


def test_customer_tables_are_sorted_by_scope_and_customer(warehouse):
    for table in ("fct_customer_rfm", "fct_lifecycle_snapshot"):
        for file in schema_of(warehouse, table)[1]:
            rows = pq.read_table(file, columns=["scope", "scope_id", "customer_id"])
            keys = list(zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True))
            assert keys == sorted(keys), file
