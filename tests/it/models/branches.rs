//! Branches side by side: ranks, shares, mean and median, the period before and the year before.

use std::rc::Rc;

use super::{Night, csv, night, sales, shop};
use crate::common::chain::Chain;

fn metric(night: &Night, metric: &str, columns: &[&str]) -> Vec<String> {
    night.rows_where("metric", metric, "fct_branch_comparison", &[&["branch_id"], columns].concat())
}

fn three_branches() -> Rc<Chain> {
    let orders = sales(&[
        "ann N 2026-11-05 300",
        "bob S 2026-11-06 100",
        "cat S 2026-11-21 200",
        "dan E 2026-11-01 60",
        // October up to the 21st; the rest of it.
        "ann N 2026-10-01 100",
        "ann N 2026-10-21 100",
        "ann N 2026-10-22 900",
        "dan E 2026-10-31 80",
        // November 2025 up to the 21st; the rest of it.
        "ann N 2025-11-21 50",
        "ann N 2025-11-22 999",
        "dan E 2025-11-10 120",
    ]);
    shop("", &[orders])
}

#[test]
fn equal_values_share_a_rank_and_the_next_one_is_skipped() {
    let night = night(&three_branches(), "2026-11-21");
    assert_eq!(metric(&night, "revenue", &["value", "branch_rank"]), ["E 60.0 3", "N 300.0 1", "S 300.0 1"]);
}

#[test]
fn shares_are_of_the_chain_and_mean_and_median_of_the_branches() {
    let night = night(&three_branches(), "2026-11-21");
    let columns = &["share_of_chain", "chain_value", "chain_mean", "chain_median"];
    // 300 + 300 + 60.
    assert_eq!(
        metric(&night, "revenue", columns),
        [
            "E 0.09090909090909091 660.0 220.0 300.0",
            "N 0.45454545454545453 660.0 220.0 300.0",
            "S 0.45454545454545453 660.0 220.0 300.0"
        ]
    );
    // A mean of rates has no share; the chain's own value is not the mean of its branches.
    assert_eq!(
        metric(&night, "average_transaction_value", columns),
        ["E - 165.0 170.0 150.0", "N - 165.0 170.0 150.0", "S - 165.0 170.0 150.0"]
    );
}

#[test]
fn the_median_of_two_branches_lies_between_them() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 100", "b S 2026-11-01 301"])]), "2026-11-21");
    assert_eq!(metric(&night, "revenue", &["chain_median"]), ["N 200.5", "S 200.5"]);
}

#[test]
fn a_mean_is_that_of_the_exact_sum() {
    let night = night(
        &shop("", &[sales(&["a N 2026-11-01 0.10", "b S 2026-11-01 0.20", "c E 2026-11-01 0.30"])]),
        "2026-11-21",
    );
    // 0.60 / 3. As floats they sum up to 0.6 or 0.6000000000000001, as the order of rows would have it.
    let mean = "0.19999999999999998";
    assert_eq!(metric(&night, "revenue", &["chain_mean"]), ["E", "N", "S"].map(|branch| format!("{branch} {mean}")));
}

#[test]
fn an_open_period_is_compared_up_to_the_same_day() {
    let night = night(&three_branches(), "2026-11-21");
    let columns = &["value", "previous_value", "year_before_value", "change_from_previous", "change_from_year_before"];
    assert_eq!(
        metric(&night, "revenue", columns),
        ["E 60.0 0.0 120.0 - -0.5", "N 300.0 200.0 50.0 0.5 5.0", "S 300.0 0.0 0.0 - -"]
    );
}

#[test]
fn a_closed_period_is_compared_with_whole_ones() {
    let night = night(&three_branches(), "2026-11-30");
    let columns = &["value", "previous_value", "year_before_value", "change_from_previous"];
    assert_eq!(
        metric(&night, "revenue", columns),
        ["E 60.0 80.0 120.0 -0.25", "N 300.0 1100.0 1049.0 -0.7272727272727273", "S 300.0 0.0 0.0 -"]
    );
}

#[test]
fn customers_are_counted_as_they_would_have_been_then() {
    let night = night(&three_branches(), "2026-11-21");
    let columns = &["value", "previous_value", "year_before_value"];
    assert_eq!(metric(&night, "customers", columns), ["E 1.0 1.0 1.0", "N 1.0 1.0 1.0", "S 2.0 0.0 0.0"]);
    assert_eq!(metric(&night, "new_customers", columns), ["E 0.0 0.0 1.0", "N 0.0 0.0 1.0", "S 2.0 0.0 0.0"]);
    assert_eq!(metric(&night, "consuming_customers", columns), ["E 1.0 0.0 1.0", "N 1.0 1.0 1.0", "S 2.0 0.0 0.0"]);
    // Of October's customers: dan at E and ann at N, who both came again. Of September's there is none.
    assert_eq!(metric(&night, "retention_rate_to_date", columns), ["E 1.0 - -", "N 1.0 - -", "S - - -"]);
    assert_eq!(metric(&night, "repurchase_rate", columns), ["E 1.0 - 0.0", "N 1.0 1.0 0.0", "S 0.0 - -"]);
}

#[test]
fn a_branch_that_sold_nothing_is_last_with_nothing() {
    let branches = csv("branches", "branch_id,opened_on", ["N,", "IDLE,", "Q,2026-11-02", "LATER,2026-12-01"]);
    let orders = sales(&["a N 2026-11-01 100", "a IDLE 2026-10-05 50"]);
    let night = night(&shop("", &[orders, branches]), "2026-11-21");
    let columns = &["value", "branch_rank", "chain_mean", "change_from_previous"];
    assert_eq!(
        metric(&night, "revenue", columns),
        ["IDLE 0.0 2 33.333333333333336 -1.0", "N 100.0 1 33.333333333333336 -", "Q 0.0 2 33.333333333333336 -"]
    );
    assert_eq!(
        metric(&night, "visits", &["value", "branch_rank"]),
        ["IDLE - -", "N - -", "Q - -"],
        "there is no source"
    );
    assert_eq!(
        night.rows("fct_period_summary", &["scope_id", "revenue", "customers"]),
        ["IDLE 0.00 1", "N 100.00 1", "Q 0.00 0", "* 100.00 1"]
    );
}
