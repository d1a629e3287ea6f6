"""Every published number of R, F, M, segment and stage against the oracle, in both directions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from types import ModuleType

import cdnow
import compare
import completejourney
import generated
import oracle
import pytest
import rfmart
import synthetic
import value_to_come


@dataclass(frozen=True)
class Case:
    """A pipeline under a policy, and the days to snapshot. The data's module tells what is fixed in its pipeline."""

    name: str
    data: ModuleType
    pipeline: str
    as_ofs: list[date]
    policy: oracle.Policy = field(default_factory=oracle.Policy)
    env: dict[str, str] = field(default_factory=dict)


INJECTION = {f"{metric}_SCORING": "injection" for metric in ("RECENCY", "FREQUENCY", "MONETARY")}
# The numbers of synthetic_policy.yaml. What a department leaves out comes from the pipeline's own ladder.
OWN_LADDER = {"dead_idle_days": 150}
OWN_POLICY = oracle.Policy(
    window_days=200,
    frequency_counts="lines",
    package_valid_days=120,
    thresholds={
        "recency_days": oracle.INJECTION["recency_days"],
        "frequency": [
            (1, None, True, 2, True),
            (3, 2, False, 5, True),
            (4, 5, False, None, True),
        ],
    },
    departments={
        "": OWN_LADDER,
        "injection": OWN_LADDER
        | {"new_recency_days": 45, "loyal_recency_days": 100, "loyal_window_days": 100, "loyal_frequency": 3},
        "surgery": {"dead_idle_days": 200, "dormant_idle_days": 60, "effective_frequency": 1},
    },
    windows={"injection": 60, "surgery": 300},
    cycles={"injection": 45, "surgery": 80},
    high_from={"monetary": 4},
    vip_tiers={"silver": 2500, "gold": 19800},
    margin=0.6,
    department_margins={"injection": 0.35},
    item_margins={"inj-1": 0.123456, "cut-1": 0.2},
)
# The numbers of generated.yaml.
TIERS = {"silver": 60000, "gold": 150000, "diamond": 400000}
COUNTED = {"VIP_METRIC": "frequency", "SILVER": "2", "GOLD": "6", "DIAMOND": "12"}


def cases_of(data: ModuleType, as_ofs: list[date], other_period: str) -> list[Case]:
    """The default policy on all days, the preset and the count of orders on one day each."""
    name, amid, last = data.__name__, as_ofs[1], as_ofs[-1]
    pipeline = f"{name}.yaml"
    return [
        Case(f"{name}-quintile", data, pipeline, as_ofs),
        Case(
            f"{name}-{other_period}",
            data,
            pipeline,
            [amid, last],
            oracle.Policy(other_period),
            {"PERIOD": other_period},
        ),
        Case(f"{name}-injection", data, pipeline, [last], oracle.Policy(thresholds=oracle.INJECTION), INJECTION),
        Case(
            f"{name}-orders", data, pipeline, [amid], oracle.Policy(frequency_counts="orders"), {"FREQUENCY": "orders"}
        ),
    ]


# The oracle walks the ladder in two ways, which must agree on as_of.
STAGES_TWICE = """
    from (select scope, scope_id, customer_id, stage as walked from since)
    inner join want_fct_lifecycle_snapshot using (scope, scope_id, customer_id)
    select customer_id, walked, stage
    where walked <> stage
"""
CASES = [
    *cases_of(cdnow, [date(1997, 9, 30), date(1998, 3, 17), date(1998, 6, 30)], "quarter"),
    *cases_of(completejourney, [date(2017, 6, 30), date(2017, 10, 11), date(2017, 12, 31)], "week"),
    *cases_of(synthetic, synthetic.AS_OFS, "quarter"),
    Case("generated", generated, "generated.yaml", generated.AS_OFS, oracle.Policy(vip_tiers=TIERS)),
    Case(
        "generated-lifetime-week",
        generated,
        "generated.yaml",
        generated.AS_OFS[1:2],
        oracle.Policy("week", vip_metric="lifetime_monetary", vip_tiers=TIERS),
        {"PERIOD": "week", "VIP_METRIC": "lifetime_monetary"},
    ),
    Case(
        "generated-frequency-quarter",
        generated,
        "generated.yaml",
        generated.AS_OFS[1:2],
        oracle.Policy("quarter", vip_metric="frequency", vip_tiers={"silver": 2, "gold": 6, "diamond": 12}),
        {"PERIOD": "quarter"} | COUNTED,
    ),
    Case(
        "synthetic-chain-ids",
        synthetic,
        "synthetic.yaml",
        synthetic.AS_OFS[1:2],
        oracle.Policy(order_ids="chain", visit_ids="chain"),
        {"IDS_UNIQUE_IN": "chain"},
    ),
    Case("synthetic-policy", synthetic, "synthetic_policy.yaml", synthetic.AS_OFS, OWN_POLICY),
    Case("synthetic-day", synthetic, "synthetic.yaml", synthetic.AS_OFS[:1], oracle.Policy("day"), {"PERIOD": "day"}),
]


# Each policy once, and each data set: these tell a mistake as well as all days do.
QUICK = {
    "cdnow-quintile": date(1998, 3, 17),
    "completejourney-week": date(2017, 10, 11),
    "synthetic-quintile": synthetic.AS_OFS[1],
    "synthetic-quarter": synthetic.AS_OFS[-1],
    "synthetic-injection": synthetic.AS_OFS[-1],
    "synthetic-orders": synthetic.AS_OFS[1],
    "synthetic-chain-ids": synthetic.AS_OFS[1],
    "synthetic-policy": synthetic.AS_OFS[-1],
    "synthetic-day": synthetic.AS_OFS[0],
    "generated": generated.AS_OFS[-1],
    "generated-lifetime-week": generated.AS_OFS[1],
    "generated-frequency-quarter": generated.AS_OFS[1],
}


def days_of_cases():
    for case in CASES:
        for day in case.as_ofs:
            marks = [] if QUICK.get(case.name) == day else [pytest.mark.full]
            yield pytest.param(day, case, id=f"{case.name}-{day}", marks=marks)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The exports of a data set and a database that holds its rows; made once."""
    made = {}

    def prepare(data):
        if data not in made:
            folder = tmp_path_factory.mktemp(data.__name__) / "data"
            data.prepare(folder)
            con = oracle.connect()
            data.load(con, folder)
            made[data] = (folder, con)
        return made[data]

    return prepare


@pytest.mark.parametrize("as_of, case", list(days_of_cases()))
def test_snapshot_equals_the_oracle(prepared, tmp_path, case, as_of):
    folder, con = prepared(case.data)
    rfmart.publish(rfmart.ROOT / "tests/real" / case.pipeline, as_of, folder, tmp_path / "warehouse", **case.env)
    oracle.compute(con, replace(case.policy, **case.data.FIXED), as_of)
    assert con.execute(STAGES_TWICE).fetchall() == [], "the ladder of since.sql isn't that of stages.sql"
    faults = compare.compare_all(con, tmp_path / "warehouse", as_of)
    faults += value_to_come.faults(con, tmp_path / "warehouse", as_of)
    assert not faults, f"{len(faults)} faults\n\n" + "\n\n".join(faults)


@pytest.mark.parametrize(
    "data",
    [*(pytest.param(data, marks=pytest.mark.full) for data in (cdnow, completejourney)), synthetic],
    ids=lambda data: data.__name__,
)
def test_snapshots_dont_depend_on_their_order(prepared, tmp_path, data):
    days = next(case.as_ofs for case in CASES if case.data is data)
    folder, _ = prepared(data)
    pipeline = rfmart.ROOT / f"tests/real/{data.__name__}.yaml"
    for name, order in [("forwards", days), ("backwards", reversed(days))]:
        for day in order:
            rfmart.publish(pipeline, day, folder, tmp_path / name)
    rfmart.assert_same_bytes(tmp_path / "forwards", tmp_path / "backwards")
