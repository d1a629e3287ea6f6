"""The made-up chains hold numbers that branches share, so that the comparison with the oracle tells them apart."""

from __future__ import annotations

import generated
import oracle
import pytest
import synthetic

# Sessions that don't name the branch are the synthetic chain's alone.
UNNAMED = "a session that names no branch, of the package of "
CASES = {
    "an order's number at two branches": """
        from shared_order
    """,
    "money paid back under such a number": """
        from order_line
        inner join shared_order using (order_id)
        where amount < 0
    """,
    "a visit's number at two branches": """
        select visit_id
        from visit
        group by visit_id
        having count(distinct branch_id) > 1
    """,
    "a session of another branch's package, which it names": """
        from package_session
        where order_branch_id <> branch_id
    """,
    f"{UNNAMED}the only one that has the number": """
        from package_session
        where order_branch_id is null and not list_contains(branches, branch_id) and len(branches) = 1
    """,
    f"{UNNAMED}its own one, whose number another has, too": """
        from package_session
        where order_branch_id is null and list_contains(branches, branch_id) and len(branches) > 1
    """,
}
STEPS = """
    create or replace table order_branch as
    select order_id, list(distinct branch_id) as branches
    from order_line
    where order_id is not null
    group by order_id;

    create or replace table shared_order as
    from order_branch
    where len(branches) > 1;

    create or replace table package_session as
    select visit.*, order_branch.branches
    from visit
    inner join order_branch using (order_id)
    where kind = 'package_session' and status = 'attended';
"""


def loaded(data, folder):
    data.prepare(folder)
    con = oracle.connect()
    data.load(con, folder)
    oracle.set_policy(con, oracle.Policy(), data.AS_OFS[-1])
    oracle.run_file(con, "stages")
    con.execute(STEPS)
    return con


@pytest.mark.parametrize("data", [synthetic, generated], ids=lambda data: data.__name__)
def test_there_are_shared_numbers(tmp_path, data):
    con = loaded(data, tmp_path / "data")
    expected = [case for case in CASES if data is synthetic or not case.startswith(UNNAMED)]
    assert [case for case in expected if con.execute(CASES[case]).fetchone()] == expected
