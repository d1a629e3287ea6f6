"""BG/NBD and Gamma-Gamma by their papers' formulas, in SciPy: nothing of rfmart's own arithmetic is used here.

With PYTHONPATH=tests/real, after tests/external.sh has unpacked the data, this prints the tables of docs/value_to_come.md:

    python tests/real/value_to_come.py
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import cdnow
import completejourney
import duckdb
import numpy as np
import oracle
import pandas as pd
import rfmart
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

LEAST_RETURNED = 100
DAYS_TO_COME = 365
# How much less likely than the likeliest found here the published parameters may be, per customer.
LIKELIHOOD = 1e-7
HERE = Path(__file__).parent
# As much of each is known as is held out.
HALVES = {cdnow: (date(1997, 9, 30), 273), completejourney: (date(2017, 6, 30), 184)}


def days_likelihood(parameters, history: pd.DataFrame) -> float:
    """The mean logarithm of equation 6 of Fader, Hardie and Lee (2005), with gamma and beta functions as they stand."""
    r, alpha, a, b = parameters
    x, t_x, t = (history[name].to_numpy(float) for name in ("x", "t_x", "t"))
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + t)
    one = np.maximum(x, 1)
    lost = np.where(x > 0, betaln(a + 1, b + one - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x), -np.inf)
    return float(np.mean(shared + np.logaddexp(alive, lost)))


def money_likelihood(parameters, payers: pd.DataFrame) -> float:
    """The mean logarithm of equation 1a of Fader and Hardie (2013)."""
    p, q, v = parameters
    x, mean = payers["x"].to_numpy(float), (payers["money"] / payers["x"]).to_numpy(float)
    return float(
        np.mean(
            gammaln(p * x + q)
            - gammaln(p * x)
            - gammaln(q)
            + q * np.log(v)
            + (p * x - 1) * np.log(mean)
            + p * x * np.log(x)
            - (p * x + q) * np.log(x * mean + v)
        )
    )


def likeliest(likelihood, rows: pd.DataFrame, start: list[float]) -> np.ndarray:
    """The parameters of the greatest likelihood."""
    found = minimize(
        lambda place: -likelihood(np.exp(place), rows),
        np.log(start),
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-12, "maxiter": 5000, "maxfev": 5000},
    )
    assert found.success, found.message
    return np.exp(found.x)


def alive(parameters, history: pd.DataFrame) -> np.ndarray:
    """The probability that a customer is still one."""
    r, alpha, a, b = parameters
    x, t_x, t = (history[name].to_numpy(float) for name in ("x", "t_x", "t"))
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, 1 / (1 + odds), 1)


def expected_days(parameters, history: pd.DataFrame, days: int) -> np.ndarray:
    """Equation 10 of Fader, Hardie and Lee (2005)."""
    r, alpha, a, b = parameters
    x, t = (history[name].to_numpy(float) for name in ("x", "t"))
    series = hyp2f1(r + x, b + x, a + b + x - 1, days / (alpha + t + days))
    stays = 1 - ((alpha + t) / (alpha + t + days)) ** (r + x) * series
    return (a + b + x - 1) / (a - 1) * stays * alive(parameters, history)


def expected_money(parameters, history: pd.DataFrame) -> np.ndarray:
    """Equation 5 of Fader and Hardie (2013); who brought less than nothing brought nothing."""
    p, q, v = parameters
    return p * (v + history["money"].clip(lower=0)) / (p * history["x"] + q - 1)


def histories(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Of each customer x, t_x, T and the money after the first day, from the oracle's tables."""
    oracle.run_file(con, "histories")
    return con.execute("from history order by customer_id").df()


def published(warehouse: Path, table: str, as_of: date) -> pd.DataFrame:
    """The chain's rows of a published table."""
    rows = pd.read_parquet(rfmart.part(warehouse, table, as_of))
    return rows[rows["scope"] == "chain"].sort_values("customer_id") if "scope" in rows else rows


def faults(con: duckdb.DuckDBPyConnection, warehouse: Path, as_of: date) -> list[str]:
    """What is wrong with the published parameters and expectations of a snapshot whose oracle has been computed."""
    history = histories(con)
    payers = history[(history["x"] > 0) & (history["money"] > 0)]
    model = published(warehouse, "fct_value_model", as_of).iloc[0]
    found = []

    def told(name: str, got, want) -> None:
        if got != want:
            found.append(f"fct_value_model.{name}: {got}, expected {want}")

    told("customers", model["customers"], len(history))
    told("returned_customers", model["returned_customers"], int((history["x"] > 0).sum()))
    told("returned_payers", model["returned_payers"], len(payers))
    days = fit_faults(found, model, "days", ["r", "alpha", "a", "b"], days_likelihood, history, model["returned_customers"])
    money = fit_faults(found, model, "money", ["p", "q", "v"], money_likelihood, payers, len(payers))

    values = published(warehouse, "fct_customer_ltv", as_of)
    if list(values["customer_id"]) != list(history["customer_id"]):
        return [*found, "fct_customer_ltv: other customers"]
    nothing = np.full(len(history), np.nan)
    expected = nothing if days is None else expected_days(days, history, DAYS_TO_COME)
    wanted = {
        "alive_probability": nothing if days is None else alive(days, history),
        "expected_consumption_days": expected,
        "expected_value": nothing if money is None else expected * expected_money(money, history),
    }
    for name, want in wanted.items():
        got = values[name].astype(float).to_numpy()
        # The paper's formula loses digits where a is near 1; money is whole cents.
        near = np.isclose(got, want, rtol=1e-6, atol=0.00501 if name == "expected_value" else 1e-6, equal_nan=True)
        if not near.all():
            at = int(np.argmin(near))
            found.append(f"fct_customer_ltv.{name}: {(~near).sum()} rows differ, such as {got[at]} for {want[at]}")
    return found


def fit_faults(found, model, name, parameters, likelihood, rows, returned):
    """Adds what is wrong with one model's parameters; gives these, or nothing where there are none."""
    outcome, got = model[f"{name}_outcome"], model[parameters].astype(float).to_numpy()
    if returned < LEAST_RETURNED:
        if outcome != "too_few_customers" or not np.isnan(got).all():
            found.append(f"fct_value_model: {outcome}, {got} of {returned} customers")
        return None
    if outcome != "fitted":
        # Nothing likely nearby: what SciPy finds lies beyond all bounds, or has no mean.
        if outcome != "not_converged" or not np.isnan(got).all():
            found.append(f"fct_value_model: {outcome}, {got}")
        return None
    best = likeliest(likelihood, rows, list(got * 1.3))
    if likelihood(got, rows) < likelihood(best, rows) - LIKELIHOOD:
        found.append(f"fct_value_model: {got} is less likely than {best}")
    return got


@dataclass(frozen=True)
class Held:
    """What a group of customers was expected to do in the time held out, and did; days or money per customer."""

    group: str
    customers: int
    observed: float
    by_model: float
    as_before: float


@dataclass(frozen=True)
class Calibration:
    """A data set's groups, and how far each guess is from what a customer did: the mean of the absolute differences."""

    data_set: str
    unit: str
    groups: list[Held]
    error_by_model: float
    error_as_before: float
    error_of_mean: float


def calibrate(data_set: ModuleType, folder: Path) -> list[Calibration]:
    """Fits the first half of a data set, and holds what is expected of the second against what came."""
    name = data_set.__name__
    as_of, days = HALVES[data_set]
    data, warehouse = folder / "data", folder / "warehouse"
    data_set.prepare(data)
    rfmart.publish(HERE / f"{name}.yaml", as_of, data, warehouse)
    con = oracle.connect()
    data_set.load(con, data)
    before, after = as_of - timedelta(days), as_of + timedelta(days)
    habits = con.execute(
        f"""
        select
            customer_id,
            count(distinct paid_on) filter (where paid_on > '{as_of}') as days,
            coalesce(sum(amount) filter (where paid_on > '{as_of}'), 0)::double as money,
            count(distinct paid_on) filter (where paid_on <= '{as_of}') as days_before,
            coalesce(sum(amount) filter (where paid_on <= '{as_of}'), 0)::double as money_before,
        from in_orders
        where paid_on > '{before}' and paid_on <= '{after}'
        group by customer_id
        """
    ).df()
    oracle.set_policy(con, oracle.Policy(**data_set.FIXED), as_of)
    con.execute("insert into known_day values (?)", [as_of])
    oracle.run_file(con, "stages")
    history = histories(con).merge(habits, on="customer_id", suffixes=("", "_after"), how="left").fillna(0)
    model = published(warehouse, "fct_value_model", as_of).iloc[0]
    expected = expected_days(model[["r", "alpha", "a", "b"]].astype(float), history, days)
    value = expected * expected_money(model[["p", "q", "v"]].astype(float), history)
    return [
        held_out(name, "days", history, history["days"], expected, history["days_before"]),
        held_out(name, "money", history, history["money_after"], value, history["money_before"]),
    ]


def held_out(name, unit, history, observed, by_model, as_before) -> Calibration:
    """One unit's groups and errors."""
    frame = pd.DataFrame({"observed": observed, "by_model": by_model, "as_before": as_before})
    bounds = [0, 1, 2, 3, 6, 11, np.inf]
    names = ["0", "1", "2", "3 to 5", "6 to 10", "11 or more"]
    groups = frame.groupby(pd.cut(history["x"], bounds, right=False, labels=names), observed=True)
    rows = [
        Held(str(group), len(rows), *(float(rows[column].mean()) for column in frame)) for group, rows in groups
    ] + [Held("all", len(frame), *(float(frame[column].mean()) for column in frame))]
    mean = frame["as_before"].mean()
    errors = [float((frame["observed"] - guess).abs().mean()) for guess in (frame["by_model"], frame["as_before"], mean)]
    return Calibration(name, unit, rows, *errors)


def main() -> None:
    """Prints the measures as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        found = [it for data_set in HALVES for it in calibrate(data_set, Path(folder) / data_set.__name__)]
    print("| data | unit | repeat days | customers | observed | by the model | as before |")
    print("|---|---|---|--:|--:|--:|--:|")
    for it in found:
        for row in it.groups:
            print(
                f"| {it.data_set} | {it.unit} | {row.group} | {row.customers:,} | {row.observed:,.2f} "
                f"| {row.by_model:,.2f} | {row.as_before:,.2f} |"
            )
    print("\n| data | unit | by the model | as before | everybody's mean |")
    print("|---|---|--:|--:|--:|")
    for it in found:
        print(
            f"| {it.data_set} | {it.unit} | {it.error_by_model:,.2f} | {it.error_as_before:,.2f} "
            f"| {it.error_of_mean:,.2f} |"
        )


if __name__ == "__main__":
    main()
