"""What the tests of the oracle by hand share: a day, and the oracle's tables of it."""

from __future__ import annotations

from datetime import date, timedelta

import oracle

AS_OF = date(2024, 11, 30)


def ago(days):
    return AS_OF - timedelta(days)


def compute(con, as_of=AS_OF, **policy):
    oracle.compute(con, oracle.Policy(**policy), as_of)


def values(con, table, columns, where="true"):
    return con.execute(f"select {columns} from want_{table} where {where} order by all").fetchall()
