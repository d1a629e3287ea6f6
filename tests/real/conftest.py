"""What the tests of the oracle start from: an empty database, and rows put into it one by one."""

from __future__ import annotations

import oracle
import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long, and rarely finds what others don't")


@pytest.fixture
def con():
    return oracle.connect()


class Rows:
    """Builds input rows, one order or visit a line."""

    def __init__(self, con):
        self.con = con
        self.count = 0

    def order(
        self,
        customer,
        day,
        amount,
        *,
        branch="A",
        order_id=None,
        line_no="1",
        status="paid",
        department="skin",
        sessions=None,
        updated_at=None,
        delivered=None,
        cost=None,
        kind="single",
        item=None,
        referrer=None,
        staff=None,
        points=None,
        list_amount=None,
    ):
        self.count += 1
        order_id = order_id or f"O{self.count}"
        row = {
            "order_id": order_id,
            "line_no": line_no,
            "customer_id": customer,
            "branch_id": branch,
            "paid_on": day,
            "amount": amount,
            "list_amount": list_amount,
            "cost": cost,
            "status": status,
            "kind": kind,
            "department": department,
            "item_id": item,
            "package_sessions": sessions,
            "referrer_id": referrer,
            "staff_id": staff,
            "points": points,
            "updated_at": updated_at,
            "delivered": delivered or f"{self.count:06}",
        }
        self.insert("in_orders", row)
        return order_id

    def insert(self, table, row):
        columns = ", ".join(f"? as {name}" for name in row)
        self.con.execute(f"insert into {table} by name select {columns}", list(row.values()))

    def visit(
        self,
        customer,
        day,
        kind="treatment",
        *,
        branch="A",
        order_id=None,
        order_branch=None,
        status="attended",
        department="skin",
        item=None,
        visit_id=None,
        updated_at=None,
    ):
        self.count += 1
        row = {
            "visit_id": visit_id or f"V{self.count}",
            "customer_id": customer,
            "branch_id": branch,
            "visited_on": day,
            "department": department,
            "item_id": item,
            "kind": kind,
            "order_id": order_id,
            "order_branch_id": order_branch,
            "status": status,
            "updated_at": updated_at,
            "delivered": f"{self.count:06}",
        }
        self.insert("in_visits", row)

    def lead(self, customer, day, branch=None, channel=None):
        row = {"customer_id": customer, "branch_id": branch, "created_on": day, "channel": channel}
        self.insert("in_leads", row | {"delivered": "l"})


@pytest.fixture
def rows(con):
    return Rows(con)
