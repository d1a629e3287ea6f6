"""What the layouts' files hold, for everything but rfmart, whose pipeline.yaml says so."""

from __future__ import annotations

ZONE = "Asia/Taipei"
"""Of branches that name none, and of the chain's day."""

COLUMNS = {
    "orders": {
        "order_id": "text",
        "line_no": "text",
        "customer_id": "text",
        "branch_id": "text",
        "paid_at": "branch's time",
        "department": "text",
        "item_id": "text",
        "quantity": "integer",
        "amount": "money",
        "list_amount": "money",
        "cost": "money",
        "status": "text",
        "kind": "text",
        "package_sessions": "integer",
        "referrer_id": "text",
        "campaign_id": "text",
        "staff_id": "text",
        "updated_at": "instant",
    },
    "visits": {
        "visit_id": "text",
        "customer_id": "text",
        "branch_id": "text",
        "visited_at": "branch's time",
        "department": "text",
        "item_id": "text",
        "kind": "text",
        "order_id": "text",
        "order_branch_id": "text",
        "appointment_at": "instant",
        "status": "text",
        "updated_at": "instant",
    },
    "leads": {
        "customer_id": "text",
        "created_at": "branch's time",
        "branch_id": "text",
        "channel": "text",
        "campaign_id": "text",
    },
}
"""Columns in the order of the files. A branch's time is without a zone in CSV; in Parquet it is an instant, too."""

NOT_NEEDED = {
    *("item_id", "quantity", "list_amount", "cost", "referrer_id", "campaign_id", "staff_id"),
    *("appointment_at", "channel"),
}
"""Columns that none of the six tables needs."""


def needed(entity: str) -> list[str]:
    """Columns that the six tables need; the same name never means two things here."""
    return [column for column in COLUMNS[entity] if column not in NOT_NEEDED]


def pattern(data: str, entity: str, layout: str) -> str:
    """The files of one entity."""
    if layout != "csv":
        return f"{data}/{entity}/*.parquet"
    return f"{data}/{entity}/*.csv.gz" if entity == "leads" else f"{data}/{entity}/*/*.csv.gz"
