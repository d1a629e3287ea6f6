"""fct_coverage of the demo's nights is what its raw files give in another engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import demo
import oracle
import pytest

COLUMNS = "entity, scope, scope_id, row_count, last_on, rows_of_day, expected_rows, amount_of_day, expected_amount"


@pytest.fixture(scope="module")
def raw(folder):
    return demo.load(folder)


@pytest.mark.parametrize("as_of", [date(2026, 7, 31), date(2026, 10, 31), date(2026, 11, 15)], ids=str)
def test_coverage_equals_the_oracle(raw, warehouse, as_of):
    oracle.set_policy(raw, oracle.Policy(), as_of)
    oracle.run_file(raw, "stages")
    raw.execute((Path(__file__).parent / "coverage.sql").read_text())
    found = raw.sql(
        f"select {COLUMNS.replace('amount_of_day', 'amount_of_day::double as amount_of_day')} "
        f"from read_parquet('{warehouse}/fct_coverage/dt={as_of}/*.parquet') order by all"
    ).fetchall()
    wanted = raw.sql(f"select {COLUMNS} from want_fct_coverage order by all").fetchall()
    assert len(found) > 30
    assert found == wanted


def test_a_demo_in_good_order_has_no_bad_verdict(raw, warehouse):
    verdicts = raw.sql(
        f"select distinct verdict from '{warehouse}/fct_coverage/*/*.parquet' where entity <> 'leads' order by all"
    ).fetchall()
    assert not {verdict for (verdict,) in verdicts} & {"silent", "amounts_high", "amounts_low"}, verdicts
