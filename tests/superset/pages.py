"""What the report's page of a day holds."""

from __future__ import annotations

import json
import re

import chains

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def data(report: chains.Report) -> dict:
    """The snapshot, its metrics, and the figures with their queries and rows."""
    return json.loads(DATA.search(report.file.read_text("utf-8"))[1])
