"""Exports of a small made-up chain, as its branches' systems would write them, and the oracle's reading of them.

The same rows can be spread over other files in another order.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import synthetic_chain
from synthetic_chain import ITEMS, PIPELINE_ZONE, ZONES, Row

HERE = Path(__file__).parent
AS_OFS = synthetic_chain.AS_OFS
# What the pipelines say whatever the policy is.
FIXED = {"zone": PIPELINE_ZONE}


def utc(row: Row) -> datetime:
    """The row's instant."""
    return row.at.replace(tzinfo=ZoneInfo(ZONES[row.branch] or PIPELINE_ZONE)).astimezone(UTC)


def offset_text(row: Row) -> str:
    """The row's instant, as its branch writes it with its offset."""
    return row.at.replace(tzinfo=ZoneInfo(ZONES[row.branch] or PIPELINE_ZONE)).isoformat()


def prepare(folder: Path, ties: bool = True, spread: int = 0) -> None:
    """Writes the exports. With `spread`, the rows lie shuffled in that many files per kind, under other names."""
    chain = synthetic_chain.build(ties)
    for sub in ("orders/akl", "visits"):
        (folder / sub).mkdir(parents=True)

    def files(first: list, later: list) -> list[tuple[str, list]]:
        if not spread:
            return [("1", first), ("2", later)]
        rows = first + later
        random.Random(spread).shuffle(rows)
        return [(f"{chr(ord('z') - part)}-export", rows[part::spread]) for part in range(spread)]

    def of(*branches: str) -> tuple[list[Row], list[Row]]:
        return (
            [row for row in chain.orders if row.branch in branches],
            [row for row in chain.later_orders if row.branch in branches],
        )

    for name, rows in files(*of("TPE")):
        write_taipei(folder / f"orders/tpe-{name}.csv", rows)
    for name, rows in files(*of("NYC", "BER")):
        write_world(folder / f"orders/world-{name}.parquet", rows)
    for name, rows in files(*of("AKL")):
        write_auckland(folder / f"orders/akl/{name}.ndjson", rows)
    for name, rows in files(*of("CLS")):
        write_closed(folder / f"orders/cls-{name}.csv.gz", rows)
    for name, rows in files(*of("POP")):
        write_stall(folder / f"orders/pop-{name}.csv", rows)
    for name, rows in files(chain.visits, chain.later_visits):
        write_visits(folder / f"visits/{name}.csv", rows)
    write_leads(folder / "leads.csv", chain.leads)
    write_csv(
        folder / "branches.csv",
        ["branch_id", "timezone", "region"],
        [(branch, zone, "") for branch, zone in ZONES.items()],
    )
    write_csv(folder / "items.csv", ["item_id", "name", "department", "category", "list_price"], ITEMS)


def write_csv(path: Path, header: list[str], rows: list[tuple], opened=open) -> None:
    with opened(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


TAIPEI_WORDS = {
    "paid": "已付款",
    "refunded": "已退款",
    "cancelled": "已取消",
    "single": "單次",
    "package": "療程",
    "top_up": "升單",
}
TAIPEI_HEADER = [
    *("訂單編號", "項次", "會員編號", "付款時間", "金額", "科別", "狀態", "類型", "堂數", "更新時間"),
    *("成本", "品項", "介紹人"),
]
# Set aside by every reader: a third decimal, no customer, no such day.
UNUSABLE = [
    ("BAD-1", "1", "bad-1", "2024/11/05 10:00:00", "12.345", "skin", "已付款", "單次", "", "", "", "", ""),
    ("BAD-2", "1", "", "2024/11/05 10:00:00", "12.00", "skin", "已付款", "單次", "", "", "", "", ""),
    ("BAD-3", "1", "bad-3", "2024/02/30 10:00:00", "12.00", "skin", "已付款", "單次", "", "", "", "", ""),
]


def write_taipei(path: Path, rows: list[Row]) -> None:
    """The branch's own words, no branch column, its own clock."""
    lines = []
    for row in rows:
        it = row.fields
        update = row.updated_at.strftime("%Y/%m/%d %H:%M:%S") if row.updated_at else ""
        lines.append((
            it["order_id"], it["line_no"], it["customer_id"], row.at.strftime("%Y/%m/%d %H:%M:%S"), it["amount"],
            it["department"] or "", TAIPEI_WORDS[it["status"]], TAIPEI_WORDS[it["kind"]], it["package_sessions"] or "", update,
            "" if it["cost"] is None else it["cost"], it["item_id"] or "", it["referrer_id"] or "",
        ))  # fmt: skip
    write_csv(path, TAIPEI_HEADER, lines + UNUSABLE)


def seller(order_id: str) -> str | None:
    """Who sold an order: one of two, or nobody."""
    return (None, "lin", "wu")[sum(map(ord, order_id)) % 3]


def points(order_id: str, amount: Decimal) -> Decimal | None:
    """One in ten of the money, back and forth; some orders tell none."""
    return None if sum(map(ord, order_id)) % 5 == 0 else (amount / 10).quantize(Decimal("0.01"))


def list_amount(order_id: str, amount: Decimal) -> Decimal | None:
    """A tenth or a fifth more than was paid, or as much; some orders tell none."""
    percent = (None, 100, 110, 120)[sum(map(ord, order_id)) % 4]
    return None if percent is None else (amount * percent / 100).quantize(Decimal("0.01"))


def write_world(path: Path, rows: list[Row]) -> None:
    """Canonical columns, instants in UTC. The only till that tells staff, points and what the list says."""
    table = {
        name: [row.fields[name] for row in rows]
        for name in ("order_id", "line_no", "customer_id", "department", "status", "kind", "item_id", "referrer_id")
    }
    instant = pa.timestamp("us", tz="UTC")
    table["branch_id"] = [row.branch for row in rows]
    table["amount"] = pa.array([row.fields["amount"] for row in rows], pa.decimal128(12, 2))
    table["cost"] = pa.array([row.fields["cost"] for row in rows], pa.decimal128(12, 2))
    table["staff_id"] = pa.array([seller(row.fields["order_id"]) for row in rows], pa.string())
    for name, told in [("points", points), ("list_amount", list_amount)]:
        values = [told(row.fields["order_id"], row.fields["amount"]) for row in rows]
        table[name] = pa.array(values, pa.decimal128(12, 2))
    table["package_sessions"] = pa.array([row.fields["package_sessions"] for row in rows], pa.int32())
    table["paid_at"] = pa.array([utc(row) for row in rows], instant)
    table["updated_at"] = pa.array([row.updated_at and row.updated_at.replace(tzinfo=UTC) for row in rows], instant)
    pq.write_table(pa.table(table), path)


def write_auckland(path: Path, rows: list[Row]) -> None:
    """Nested in nothing, offsets written out, money as numbers, what is unknown left out."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            it = {name: value for name, value in row.fields.items() if value is not None}
            it |= {"branch": row.branch, "paid_at": offset_text(row), "amount": float(row.fields["amount"])}
            if "cost" in it:
                it["cost"] = float(it["cost"])
            if row.updated_at:
                it["updated_at"] = row.updated_at.isoformat() + "Z"
            file.write(json.dumps(it) + "\n")


def write_closed(path: Path, rows: list[Row]) -> None:
    """UTC without saying so."""
    lines = [
        (row.fields["order_id"], row.fields["line_no"], row.fields["customer_id"], utc(row).strftime("%Y-%m-%d %H:%M:%S"), row.fields["amount"],
         row.updated_at.isoformat(" ") if row.updated_at else "")
        for row in rows
    ]  # fmt: skip
    write_csv(path, ["order_id", "line_no", "customer_id", "paid_at", "amount", "updated_at"], lines, gzip.open)


def write_stall(path: Path, rows: list[Row]) -> None:
    """No numbers of orders or lines, and no word of when a row was changed."""
    names = ["customer_id", "amount", "department", "item_id", "cost"]
    lines = [
        (
            *("" if row.fields[name] is None else row.fields[name] for name in names),
            row.at.strftime("%Y-%m-%d %H:%M:%S"),
        )
        for row in rows
    ]
    write_csv(path, [*names, "paid_at"], lines)


VISIT_FIELDS = ["visit_id", "customer_id", "department", "item_id", "kind", "order_id", "order_branch_id", "status"]


def write_visits(path: Path, rows: list[Row]) -> None:
    """Every third time with its offset or in UTC, the others by the clock of the branch."""
    lines = []
    for row in rows:
        style = int(row.fields["visit_id"][1:]) % 6
        at = {0: offset_text(row), 3: utc(row).strftime("%Y-%m-%dT%H:%M:%SZ")}.get(
            style, row.at.strftime("%Y-%m-%d %H:%M:%S")
        )
        update = row.updated_at.isoformat() + "Z" if row.updated_at else ""
        lines.append([*(row.fields[name] or "" for name in VISIT_FIELDS), row.branch, at, update])
    write_csv(path, [*VISIT_FIELDS, "branch_id", "visited_at", "updated_at"], lines)


def write_leads(path: Path, leads: list[tuple]) -> None:
    """Days, not times."""
    lines = [
        (customer, day.isoformat(), branch or "", channel, updated_at.isoformat() + "Z" if updated_at else "")
        for customer, day, branch, channel, updated_at in leads
    ]
    write_csv(path, ["customer_id", "created_at", "branch_id", "channel", "updated_at"], lines)


def load(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Gives the oracle the exported files, read by DuckDB."""
    con.execute(f"set variable folder = '{folder}'")
    con.execute((HERE / "synthetic.sql").read_text())
