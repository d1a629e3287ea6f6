"""Value to come: the published figures of the papers' own data, and what a held-out half of public data says."""

from __future__ import annotations

import io
from datetime import date

import cdnow
import pandas as pd
import pytest
import rfmart
import value_to_come
from wheel_data import unpacked

# 39 weeks, as in the papers, which count in weeks.
AS_OF = date(1997, 9, 30)
WEEK = 7


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    cdnow.prepare(folder / "data", rows=cdnow.sample())
    rfmart.publish(rfmart.ROOT / "tests/real/cdnow.yaml", AS_OF, folder / "data", folder / "warehouse")
    return folder / "warehouse"


def test_the_papers_parameters_are_found(sampled):
    """Fader, Hardie and Lee (2005), table 2; Fader and Hardie (2013)."""
    model = value_to_come.published(sampled, "fct_value_model", AS_OF).iloc[0]
    assert (model["customers"], model["returned_payers"]) == (2357, 946)
    assert (model["days_outcome"], model["money_outcome"]) == ("fitted", "fitted")
    found = {"r": model["r"], "alpha": model["alpha"] / WEEK, "a": model["a"], "b": model["b"]}
    assert found == pytest.approx({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, abs=6e-4)
    assert dict(model[["p", "q", "v"]]) == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, rel=2e-3)


def test_expected_purchases_are_the_papers_formula_by_the_papers_parameters(sampled):
    """Customer by customer, from the summary in `lifetimes`, in weeks."""
    text = (unpacked("lifetimes") / "lifetimes/datasets/cdnow_customers_summary.csv").read_text()
    summary = pd.read_csv(io.StringIO(text)).rename(columns={"frequency": "x", "recency": "t_x", "T": "t"})
    # Its weeks have two decimals: those of whole days.
    summary[["t_x", "t"]] = (summary[["t_x", "t"]] * WEEK).round() / WEEK
    values = value_to_come.published(sampled, "fct_customer_ltv", AS_OF)
    assert list(values["customer_id"].astype(int)) == list(summary["ID"])
    assert list(values["consumption_days"] - 1) == list(summary["x"])
    parameters = (0.24259, 4.41360, 0.79292, 2.42591)
    wanted = {
        "alive_probability": value_to_come.alive(parameters, summary),
        "expected_consumption_days": value_to_come.expected_days(parameters, summary, 365 / WEEK),
    }
    for name, want in wanted.items():
        assert values[name].to_numpy() == pytest.approx(want, abs=1e-3), name


def test_a_shop_of_few_customers_is_told_nothing_and_not_warned(tmp_path):
    few = [row for row in cdnow.sample() if int(row[1]) % 20 == 0]
    cdnow.prepare(tmp_path / "data", rows=few)
    done = rfmart.publish(rfmart.ROOT / "tests/real/cdnow.yaml", AS_OF, tmp_path / "data", tmp_path / "warehouse")
    assert "warn_value_to_come" not in done.stderr + done.stdout
    model = value_to_come.published(tmp_path / "warehouse", "fct_value_model", AS_OF).iloc[0]
    assert (model["days_outcome"], model["money_outcome"]) == ("too_few_customers", "too_few_customers")
    values = value_to_come.published(tmp_path / "warehouse", "fct_customer_ltv", AS_OF)
    assert values[["alive_probability", "expected_consumption_days", "expected_value"]].isna().all(axis=None)


@pytest.fixture(scope="module", params=value_to_come.HALVES, ids=lambda data_set: data_set.__name__)
def calibrated(request, tmp_path_factory):
    return value_to_come.calibrate(request.param, tmp_path_factory.mktemp(request.param.__name__))


def test_the_held_out_half_is_nearer_to_the_model_than_to_naive_guesses(calibrated):
    """But for the money of a grocer's regulars, for whom the half before is as good a guess: docs/value_to_come.md."""
    for it in calibrated:
        assert it.error_by_model < it.error_of_mean, it
        if (it.data_set, it.unit) != ("completejourney", "money"):
            assert it.error_by_model < it.error_as_before, it


def test_the_held_out_total_is_nearer_to_the_models(calibrated):
    for it in calibrated:
        of_all = it.groups[-1]
        assert abs(of_all.by_model - of_all.observed) < abs(of_all.as_before - of_all.observed), of_all
