"""The demo's raw files as canonical rows for the oracle, read without rfmart."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import duckdb
import oracle
import pyarrow as pa

HERE = Path(__file__).parent
# As in the demo's pipeline.yaml: (folder, encoding, what the branch calls the canonical columns and words).
COLUMNS = {
    "訂單編號": "order_id", "項次": "line_no", "會員編號": "customer_id", "付款時間": "paid_at", "科別": "department",
    "項目代碼": "item_id", "金額": "amount", "成本": "cost", "狀態": "status", "類型": "kind", "堂數": "package_sessions",
    "介紹人": "referrer_id", "活動": "campaign_id", "活動代號": "campaign_id", "諮詢師": "staff_id", "更新時間": "updated_at", "來院編號": "visit_id", "到院時間": "visited_at",
    "單號": "order_id", "客戶代號": "customer_id", "收款時間": "paid_at", "品項": "item_id", "實收": "amount",
    "異動時間": "updated_at", "序號": "visit_id", "報到時間": "visited_at", "分院": "branch_id",
    "售出院所": "order_branch_id",
}  # fmt: skip
WORDS = {
    "皮膚科": "skin", "微整": "injection", "外科": "surgery", "已付款": "paid", "已退款": "refunded", "已取消": "cancelled",
    "單次": "single", "療程": "package", "升單": "top_up", "收訖": "paid", "退費": "refunded", "作廢": "cancelled",
    "治療": "treatment", "療程堂次": "package_session", "複查": "review", "諮詢": "consultation", "已到院": "attended",
    "未到": "no_show", "報到": "attended", "取消": "cancelled", "失約": "no_show", "台南1院": "TNN01",
}  # fmt: skip
SOURCES = [
    ("", "utf-8", {}),
    ("exports/txg01", "utf-8", {"branch_id": "TXG01"}),
    ("exports/tnn01", "big5", {}),
]


def rows_of(files: list[Path], encoding: str, constants: dict[str, str]) -> list[dict[str, str]]:
    """Rows by canonical names, with `delivered`: the object, then the row."""
    found = []
    for path in files:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding=encoding, newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                named = {COLUMNS.get(name, name): WORDS.get(value, value) for name, value in row.items()}
                found.append(named | constants | {"delivered": f"{path}{number:08}"})
    return found


def load(folder: Path) -> duckdb.DuckDBPyConnection:
    """An oracle's database with the demo's rows, wider than the oracle asks for by what the questions ask."""
    con = oracle.connect()
    for table, columns in {
        "in_orders": ["item_id text", "kind text", "referrer_id text", "cost decimal(18, 2)"],
        "in_visits": ["item_id text"],
        "in_leads": ["channel text"],
    }.items():
        for column in columns:
            con.execute(f"alter table {table} add column if not exists {column}")
    for entity in ("orders", "visits", "leads", "contacts"):
        rows = [
            row
            for below, encoding, constants in SOURCES
            for row in rows_of(sorted((folder / below / entity).glob("*.csv*")), encoding, constants)
        ]
        names = sorted({name for row in rows for name in row})
        con.register(f"raw_{entity}", pa.table({name: [row.get(name) or None for row in rows] for name in names}))
    for table in ("branches", "items", "spend"):
        con.execute(f"create table raw_{table} as from read_csv('{folder}/{table}.csv', all_varchar = true)")
    con.execute((HERE / "demo.sql").read_text())
    return con
