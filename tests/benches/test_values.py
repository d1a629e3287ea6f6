"""The comparison of values finds what differs, and says where."""

from __future__ import annotations

from same_values import Table, compare

TABLE = Table("fct_example", ("scope", "customer_id"))
ROWS = """
    select 'chain' as scope, i as customer_id, i % 7 as score, i / 3 as risk, (i * 1.25)::decimal(18, 2) as monetary
    from range(1000) as numbers(i)
"""


def test_equal_tables_have_no_difference_whatever_their_order_and_other_columns(parquet):
    ours = parquet("ours", f"select *, 'more' as department from ({ROWS}) order by customer_id desc")
    result = compare(TABLE, ours, parquet("theirs", ROWS))
    assert result.differences == []
    assert (result.rows, result.columns, result.only_ours) == (1000, ["score", "risk", "monetary"], ["department"])


def test_a_value_that_differs_names_table_column_and_three_rows(parquet):
    theirs = parquet("theirs", f"select * replace (if(customer_id >= 990, 9, score) as score) from ({ROWS})")
    (difference,) = compare(TABLE, parquet("ours", ROWS), theirs).differences
    assert difference.splitlines() == [
        "fct_example.score: 10 rows differ",
        "  scope chain, customer_id 990: 3 and 9",
        "  scope chain, customer_id 991: 4 and 9",
        "  scope chain, customer_id 992: 5 and 9",
    ]


def test_null_is_not_a_value(parquet):
    for column in ("score", "risk"):
        theirs = parquet("theirs", f"select * replace (nullif({column}, {column}) as {column}) from ({ROWS})")
        (difference,) = compare(TABLE, parquet("ours", ROWS), theirs).differences
        assert difference.startswith(f"fct_example.{column}: 1000 rows differ"), difference


def test_floats_may_differ_in_their_last_digits_only(parquet):
    ours = parquet("ours", ROWS)
    near = parquet("near", f"select * replace (risk * (1 + 1e-12) as risk) from ({ROWS})")
    assert not compare(TABLE, ours, near).differences
    far = parquet("far", f"select * replace (risk * (1 + 1e-6) as risk) from ({ROWS})")
    (difference,) = compare(TABLE, ours, far).differences
    assert difference.startswith("fct_example.risk: "), difference


def test_a_row_that_one_side_lacks_is_a_difference(parquet):
    fewer = parquet("fewer", f"from ({ROWS}) where customer_id <> 500")
    for sides in ((parquet("ours", ROWS), fewer), (fewer, parquet("ours", ROWS))):
        (difference,) = compare(TABLE, *sides).differences
        assert "fct_example.is_there: 1 rows differ" in difference
        assert "scope chain, customer_id 500: " in difference


def test_a_column_that_only_the_other_side_has_is_a_difference(parquet):
    theirs = parquet("theirs", f"select *, 1 as risk_band from ({ROWS})")
    differences = compare(TABLE, parquet("ours", ROWS), theirs).differences
    assert differences == ["fct_example: only the other side has risk_band"]


def test_a_repeated_row_is_a_difference(parquet):
    twice = parquet("twice", f"from ({ROWS}) union all from ({ROWS}) where customer_id = 7")
    differences = compare(TABLE, twice, parquet("theirs", ROWS)).differences
    assert differences == ["fct_example: 1 rows of ours repeat scope, customer_id"]


def test_null_in_the_grain_joins_null(parquet):
    rows = f"select * replace (if(customer_id < 1, null, scope) as scope) from ({ROWS})"
    assert not compare(TABLE, parquet("ours", rows), parquet("theirs", rows)).differences


def test_rows_that_the_sql_does_not_make_are_counted_apart(parquet):
    table = Table("fct_example", TABLE.grain, rows="customer_id < 900")
    result = compare(table, parquet("ours", ROWS), parquet("theirs", f"from ({ROWS}) where customer_id < 900"))
    assert (result.rows, result.uncompared_rows, result.differences) == (900, 100, [])
