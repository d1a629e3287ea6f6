//! The functions of days and periods, through SQL: an expression and what it gives, as text.

use arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use tokio::runtime::Builder;

use super::super::register;

/// The days 5, 1, 9 and 1 of November 2026 as a set; the same without any.
const SETS: &str = "
    (
        select
            day_set(cast(column1 as date)) as days,
            day_set(case when column1 is null then cast(column1 as date) end) as none
        from (values ('2026-11-05'), ('2026-11-01'), ('2026-11-09'), ('2026-11-01')) as events
    ) as sets";

fn told(expression: &str) -> String {
    let context = SessionContext::new();
    register(&context);
    let sql = format!("select {expression} as told from {SETS}");
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let batches = runtime.block_on(async {
        let frame = context.sql(&sql).await.unwrap_or_else(|cause| panic!("{expression}: {cause}"));
        frame.collect().await.unwrap_or_else(|cause| panic!("{expression}: {cause}"))
    });
    let row = batches.iter().find(|batch| batch.num_rows() > 0).expect("a row");
    array_value_to_string(row.column(0), 0).expect("a text")
}

#[test]
fn days_are_counted_and_picked() {
    assert_eq!(told("day_count(days)"), "3");
    assert_eq!(told("day_count(none)"), "0");
    assert_eq!(told("nth_day(days, 2)"), "2026-11-05");
    assert_eq!(told("nth_day(days, 4)"), "");
    assert_eq!(told("nth_day(days, 0)"), "");
    let others = "spread_days(date '2026-11-04', date '2026-11-05', 1)";
    assert_eq!(told(&format!("union_days(days, {others})")), "[2026-11-01, 2026-11-04, 2026-11-05, 2026-11-09]");
}

#[test]
fn gaps_have_a_median_that_few_of_them_pull_towards_a_prior() {
    assert_eq!(told("median_gap(days)"), "4.0");
    let even = "union_days(days, spread_days(date '2026-11-10', date '2026-11-10', 1))";
    assert_eq!(told(&format!("median_gap({even})")), "4.0", "gaps of 1, 4 and 4");
    assert_eq!(told("median_gap(spread_days(date '2026-11-01', date '2026-11-04', 2))"), "1.5", "gaps of 2 and 1");
    assert_eq!(told("median_gap(spread_days(date '2026-11-01', date '2026-11-01', 1))"), "", "a single day");
    assert_eq!(told("usual_gap(days, 14.0)"), "10.0", "(2 * 4 + 3 * 14) / 5");
    assert_eq!(told("usual_gap(none, 14.0)"), "14.0");
    assert_eq!(told("usual_gap(days, cast(null as double))"), "");
}

#[test]
fn spread_days_leave_no_stretch_of_a_step_empty() {
    let spread = |until, step| told(&format!("spread_days(date '2026-11-01', date '{until}', {step})"));
    assert_eq!(spread("2026-11-08", 3), "[2026-11-01, 2026-11-04, 2026-11-07, 2026-11-08]");
    assert_eq!(spread("2026-11-01", 3), "[2026-11-01]");
    assert_eq!(spread("2026-10-31", 3), "[]", "never begun");
}

#[test]
fn periods_are_numbered_and_named_by_their_kind() {
    let label = |kind| told(&format!("period_label('{kind}', date '2026-11-05')"));
    assert_eq!(["day", "week", "month", "quarter"].map(label), ["2026-11-05", "2026-W45", "2026-11", "2026-Q4"]);
    let apart = "period_no('month', date '2027-02-28') - period_no('month', date '2026-11-01')";
    assert_eq!(told(apart), "3");
    assert_eq!(told("period_starts('week', days)"), "[2026-10-26, 2026-11-02, 2026-11-09]");
    assert_eq!(told("period_starts('month', days)"), "[2026-11-01]");
    assert_eq!(told("period_starts('month', none)"), "[]");
    assert_eq!(told("period_no('month', cast(null as date))"), "");
}
