"""The chains whose pages the tests open, and what they are asked about in DuckDB."""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import random
from pathlib import Path

import duckdb
import rfmart

# The demo's last closed month, in which three things fall.
CLOSED = datetime.date(2026, 10, 31)
# Its latest night, in the middle of a month.
OPEN = datetime.date(2026, 11, 15)
# A closed month of which value to come is told: on the two days above no parameters are likelier than all others.
FITTED = datetime.date(2026, 9, 30)
# Closed months of the large chain.
MONTHS = 36

ORDERS_ONLY = """name: one-clinic
timezone: Asia/Taipei
currency: CNY
sources:
  orders: {location: orders.csv}
publish: {location: warehouse/}
"""


@dataclasses.dataclass
class Report:
    """A page, and the tables that it tells of."""

    file: Path
    as_of: datetime.date
    pipeline: Path

    @property
    def tables(self) -> duckdb.DuckDBPyConnection:
        """All published tables, as `rfmart catalog` makes them."""
        con = duckdb.connect()
        con.execute(rfmart.succeed("catalog", self.pipeline).stdout)
        return con


def written(pipeline: Path, as_of: datetime.date) -> Report:
    """The page of a day."""
    file = pipeline.parent / f"{as_of}.html"
    rfmart.succeed("report", pipeline, "--as-of", str(as_of), "--out", file)
    return Report(file, as_of, pipeline)


def backfill(pipeline: Path, first: str, last: datetime.date) -> None:
    """Publishes the month ends of a span."""
    rfmart.succeed("backfill", pipeline, "--from", first, "--to", str(last), "--period-ends", "--allow-future")


def demo(folder: Path) -> Path:
    """What `rfmart demo` publishes, and the closed months of a year before that; its pipeline."""
    rfmart.succeed("demo", folder)
    backfill(folder / "pipeline.yaml", "2025-10-01", CLOSED)
    return folder / "pipeline.yaml"


def large(folder: Path) -> Path:
    """120 branches and 36 published months; its pipeline."""
    size = ("--branches", "120", "--customers", "8000", "--months", "40", "--format", "parquet")
    rfmart.succeed("generate", folder, *size, "--until", str(CLOSED))
    pipeline = folder / "pipeline.yaml"
    for month in range(MONTHS - 1, -1, -1):
        year, before = divmod(CLOSED.year * 12 + CLOSED.month - 1 - month, 12)
        last = datetime.date(year, before + 1, calendar.monthrange(year, before + 1)[1])
        # Branches of so few customers change their amounts from month to month.
        rfmart.succeed("run", pipeline, "--as-of", str(last), "--allow-future", "--allow-empty")
    return pipeline


def one_branch(folder: Path) -> Path:
    """One clinic that has its orders and nothing else, up to July 2026; its pipeline."""
    dice = random.Random(1)
    lines = ["order_id,customer_id,branch_id,paid_at,amount"]
    for order in range(600):
        day = datetime.date(2025, 6, 1) + datetime.timedelta(dice.randrange(420))
        lines.append(f"O{order},C{dice.randrange(150)},MAIN,{day} 10:00,{dice.randrange(500, 9000)}")
    folder.mkdir()
    (folder / "orders.csv").write_text("\n".join(lines) + "\n")
    (folder / "pipeline.yaml").write_text(ORDERS_ONLY)
    return folder / "pipeline.yaml"


def few_contacts(folder: Path) -> Path:
    """
    A clinic of sixty customers who stayed away in spring: half of them were called in May, and most of these came; nobody
    was held out. Its pipeline, up to July 2026.
    """
    orders, contacts = ["customer_id,branch_id,paid_at,amount"], ["contact_id,customer_id,contacted_at"]
    for customer in range(60):
        days = ["2025-12-01", "2026-01-20"]
        if customer % 2:
            contacts.append(f"K{customer},C{customer},2026-05-05 15:00")
            days += ["2026-05-20"] if customer % 12 != 1 else []
        orders += [f"C{customer},MAIN,{day} 10:00,3000" for day in days]
    folder.mkdir()
    (folder / "orders.csv").write_text("\n".join(orders) + "\n")
    (folder / "contacts.csv").write_text("\n".join(contacts) + "\n")
    sources = "  orders: {location: orders.csv}\n"
    with_contacts = ORDERS_ONLY.replace(sources, sources + "  contacts: {location: contacts.csv}\n")
    (folder / "pipeline.yaml").write_text(with_contacts)
    return folder / "pipeline.yaml"
