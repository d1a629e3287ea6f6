"""The table of models takes CPU seconds where the log has them, else wall seconds."""

from __future__ import annotations

import json

from measure import Cost
from rfmart_run import model_costs, models_table


def built(**fields):
    return json.dumps({"level": "INFO", "fields": {"message": "built", **fields}})


WALL = "\n".join(
    [
        "Reading orders",
        built(model="int_customer_day", seconds=2.0),
        built(model="opening.int_customer_day", seconds=1.0),
    ]
)
CPU = "\n".join(
    [
        built(model="int_branch", seconds=9.0, cpu_seconds=1.75),
        built(model="int_customer_day", seconds=2.0, cpu_seconds=3.5),
        "{}",
        built(model="dim_stage", seconds=1.0, cpu_seconds=0.01),
    ]
)


def test_wall_seconds_where_the_log_has_no_others():
    assert model_costs(WALL) == ({"int_customer_day": 2.0, "opening.int_customer_day": 1.0}, False)


def test_cpu_seconds_where_the_log_has_them():
    assert model_costs(CPU) == ({"int_branch": 1.75, "int_customer_day": 3.5, "dim_stage": 0.01}, True)


def test_models_are_sorted_by_cost_and_add_up_to_the_run():
    lines = [line.split() for line in models_table(CPU, Cost(wall_s=6, cpu_s=7, peak_mib=1)).splitlines()]
    assert lines[0][-3:] == ["CPU", "s", "share"]
    assert [(line[0], *line[-2:]) for line in lines[1:]] == [
        ("int_customer_day", "3.50", "50.0%"),
        ("int_branch", "1.75", "25.0%"),
        ("1", "0.01", "0.1%"),
        ("outside", "1.74", "24.9%"),
        ("the", "7.00", "100.0%"),
    ]
