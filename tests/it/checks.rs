//! The gates: each check lets lawful tables pass and stops, or warns of, those that break its law.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::datatypes::Date32Type;
use datafusion::common::ScalarValue;
use rfmart::config::Limits;
use rfmart::engine::{Engine, Facts};
use rfmart::model::{Catalog, CheckQuery, Moment, Origin};
use rfmart::{Kind, Result, check};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// An engine as of 2026-11-21 whose tables are made by hand.
struct Gate {
    engine: Engine,
    runtime: Runtime,
    _work: TempDir,
}

impl Gate {
    fn new() -> Self {
        let limits = Limits {
            memory_bytes: 1 << 28,
            target_partitions: 2,
            models_at_once: 2,
            work_dir: None,
            state_dir: None,
            holds_branches: false,
            deadline: None,
            max_rejected_share: 0.0,
            max_conflicting_share: 0.0,
        };
        let work = tempfile::tempdir().expect("a folder");
        let day = |text: &str| ScalarValue::Date32(Some(Date32Type::from_naive_date(text.parse().expect("a date"))));
        let facts = Facts::from([
            ("as_of", day("2026-11-21")),
            ("period_start", day("2026-11-01")),
            ("period", ScalarValue::from("2026-11")),
            ("period_kind", ScalarValue::from("month")),
            ("chain_scope_key", ScalarValue::Int32(Some(7))),
            ("has_branch_order_ids", ScalarValue::from(true)),
        ]);
        let engine = Engine::new(&limits, work.path(), |_| facts.clone()).expect("an engine");
        Gate { engine, runtime: Builder::new_current_thread().build().expect("a runtime"), _work: work }
    }

    /// A table of `columns`, its rows as SQL tuples.
    fn table(self, name: &str, columns: &str, rows: &[&str]) -> Self {
        self.made(name, &format!("select * from (values {}) as rows ({columns})", rows.join(", ")))
    }

    /// A table that a query makes.
    fn made(self, name: &str, sql: &str) -> Self {
        let rows = self.runtime.block_on(async {
            let frame = self.engine.query(name, sql, Moment::Closing).await.expect("a plan");
            let schema = Arc::new(frame.schema().as_arrow().clone());
            concat_batches(&schema, &frame.collect().await.expect("rows")).expect("one batch")
        });
        self.engine.register_rows(name, rows).expect("a table");
        self
    }

    fn judge(&self, catalog: &Catalog) -> Result<Vec<String>> {
        self.runtime.block_on(check::run(catalog, &self.engine))
    }

    /// That `check` alone finds nothing.
    fn passes(&self, check: &str) {
        match self.judge(&only(check)) {
            Ok(warnings) => assert!(warnings.is_empty(), "{warnings:?}"),
            Err(error) => panic!("{error}"),
        }
    }

    /// That `check` alone stops the run and shows `row`, cells between single spaces.
    fn stops(&self, check: &str, row: &str) {
        let error = self.judge(&only(check)).expect_err("a violation");
        assert_eq!(error.kind(), Kind::Data);
        let shown = error.to_string();
        assert!(shown.starts_with("1 of 1 checks failed: nothing was published"), "{shown}");
        assert!(shown.contains(&format!("sql/checks/{check}.sql: {}", only(check).checks[check].statement)), "{shown}");
        assert!(cells(&shown).contains(&row.to_owned()), "no row {row:?} in\n{shown}");
    }
}

/// The lines of a printed table, without its frame.
fn cells(shown: &str) -> Vec<String> {
    shown
        .lines()
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" "))
        .collect()
}

/// The checks that ship, but for all others than `check`.
fn only(check: &str) -> Catalog {
    let mut catalog = Catalog::built_in().expect("the models that ship");
    catalog.checks.retain(|name, _| name == check);
    assert_eq!(catalog.checks.len(), 1, "there is no check {check}");
    catalog
}

const REVENUE: &str = "chain_revenue_is_branch_revenue";

fn revenue(summary: &[&str], orders: &[&str]) -> Gate {
    Gate::new().table("fct_period_summary", "scope, revenue", summary).table(
        "stg_orders",
        "paid_on, is_counted, amount",
        orders,
    )
}

const ORDERS: &[&str] = &[
    "(date '2026-11-01', true, 250.00)",
    "(date '2026-11-21', true, 60.00)",
    "(date '2026-11-21', true, -10.00)",
    "(date '2026-10-31', true, 1000.00)",
    "(date '2026-11-05', false, 5000.00)",
];

#[test]
fn revenue_of_chain_branches_and_order_lines_must_agree() {
    revenue(&["('chain', 300.00)", "('branch', 100.00)", "('branch', 200.00)"], ORDERS).passes(REVENUE);
    revenue(&["('chain', 300.00)"], ORDERS).passes(REVENUE);
    revenue(&["('branch', 100.00)", "('branch', 200.00)"], ORDERS).passes(REVENUE);
    revenue(&["('chain', 300.00)", "('branch', 299.99)"], ORDERS).stops(REVENUE, "300.0 299.99 300.0");
    revenue(&["('chain', 300.01)", "('branch', 300.01)"], ORDERS).stops(REVENUE, "300.01 300.01 300.0");
    revenue(&["('branch', 299.99)"], ORDERS).stops(REVENUE, "299.99 300.0");
}

const KNOWN: &str = "known_stages_and_segments";

fn known(stage: &str, segment: &str) -> Gate {
    Gate::new()
        .table("fct_lifecycle_snapshot", "stage", &["('new')", stage])
        .table("fct_customer_rfm", "segment", &["('HHH')", segment])
        .table("dim_stage", "stage", &["('new')", "('dead')"])
        .table("dim_segment", "segment", &["('HHH')", "('LLL')"])
}

#[test]
fn every_stage_and_segment_must_be_in_its_dimension() {
    known("('dead')", "('LLL')").passes(KNOWN);
    known("('retired')", "('LLL')").stops(KNOWN, "stage retired 1");
    known("('dead')", "('new')").stops(KNOWN, "segment new 1");
}

const AFTER: &str = "nothing_after_as_of";

/// A snapshot row of 2026-11-21.
fn lived(known_on: &str, first: &str, last: &str, recency_days: &str) -> Gate {
    let date = |text: &str| format!("cast({text} as date)");
    let row = format!(
        "(date '2026-11-21', 'chain', '*', 'ann', {}, {}, {}, {recency_days})",
        date(known_on),
        date(first),
        date(last)
    );
    let columns = "as_of, scope, scope_id, customer_id, known_on, first_consumed_on, last_consumed_on, recency_days";
    Gate::new().table("fct_lifecycle_snapshot", columns, &[&row])
}

#[test]
fn nothing_may_happen_after_as_of_or_out_of_order() {
    lived("'2026-11-01'", "'2026-11-02'", "'2026-11-20'", "1").passes(AFTER);
    lived("'2026-11-21'", "'2026-11-21'", "'2026-11-21'", "0").passes(AFTER);
    lived("'2026-11-01'", "null", "null", "null").passes(AFTER);
    lived("'2026-11-22'", "null", "null", "null").stops(AFTER, "chain * ann 2026-11-22");
    lived("'2026-11-01'", "'2026-11-22'", "'2026-11-22'", "-1")
        .stops(AFTER, "chain * ann 2026-11-01 2026-11-22 2026-11-22 -1");
    lived("'2026-11-01'", "'2026-11-03'", "'2026-11-02'", "19")
        .stops(AFTER, "chain * ann 2026-11-01 2026-11-03 2026-11-02 19");
    lived("'2026-11-03'", "'2026-11-02'", "'2026-11-20'", "1")
        .stops(AFTER, "chain * ann 2026-11-03 2026-11-02 2026-11-20 1");
    lived("'2026-11-01'", "'2026-11-02'", "'2026-11-20'", "2")
        .stops(AFTER, "chain * ann 2026-11-01 2026-11-02 2026-11-20 2");
}

const APART: &str = "order_lines_are_told_apart";

/// Deliveries of one number as `(branch_ref, object_ref, amount, line_no, updated_at)`.
fn deliveries(rows: &[&str]) -> Gate {
    let rows: Vec<String> = rows.iter().map(|row| row.replacen('(', "('A1', 77, ", 1)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Gate::new()
        .table("src_orders", "order_id, key_hash, branch_ref, object_ref, amount, line_no, updated_at", &rows)
        .table("src_orders_repeated", "key_hash", &["(77)"])
}

#[test]
fn lines_of_an_order_must_be_told_apart_from_corrections() {
    deliveries(&["(1, 0, 10, null, null)", "(1, 0, 10, null, null)"]).passes(APART);
    deliveries(&["(1, 0, 10, null, null)", "(1, 1, 20, null, null)"]).passes(APART);
    deliveries(&["(1, 0, 10, null, null)", "(2, 0, 20, null, null)"]).passes(APART);
    deliveries(&["(1, 0, 10, '1', null)", "(1, 0, 20, '2', null)"]).passes(APART);
    deliveries(&["(1, 0, 10, null, '2026-11-01')", "(1, 0, 20, null, '2026-11-02')"]).passes(APART);
    deliveries(&["(1, 0, 10, null, null)", "(1, 0, 20, null, null)", "(1, 0, 20, null, null)"])
        .stops(APART, "A1 3 10 20");
}

const ROWS: &str = "rows_add_up";

fn counted(rows: &[&str]) -> Gate {
    let columns = "entity, branch_key, read, used, duplicates, after_as_of, rejected";
    let branches = &["(0, 'N')", "(1, 'S')"];
    Gate::new().table("int_row_count", columns, rows).table("run_branch", "branch_key, branch_id", branches)
}

#[test]
fn every_row_that_was_read_must_be_accounted_for() {
    let north = "('orders', 0, 10, 4, 3, 2, 1)";
    counted(&[north, "('orders', null, 1, 0, 0, 0, 1)"]).passes(ROWS);
    counted(&[north, "('orders', 1, 60, 0, 59, 0, 0)"]).stops(ROWS, "orders S 60 0 59 0 0");
    counted(&[north, "('items', null, 2, 3, 0, 0, 0)"]).stops(ROWS, "items 2 3 0 0 0");
}

const SCORES: &str = "scores_from_1_to_5";

fn scored(scores: &str) -> Gate {
    let columns = "scope, scope_id, customer_id, recency_score, frequency_score, monetary_score, rfm_cell";
    Gate::new().table("fct_customer_rfm", columns, &[&format!("('chain', '*', 'ann', {scores})")])
}

#[test]
fn scores_must_be_from_1_to_5_and_spelled_in_the_cell() {
    scored("1, 5, 3, '153'").passes(SCORES);
    scored("0, 5, 3, '053'").stops(SCORES, "chain * ann 0 5 3 053");
    scored("1, 6, 3, '163'").stops(SCORES, "chain * ann 1 6 3 163");
    scored("1, 5, -3, '15-3'").stops(SCORES, "chain * ann 1 5 -3 15-3");
    scored("1, 5, 3, '135'").stops(SCORES, "chain * ann 1 5 3 135");
}

const STAGES: &str = "stage_per_customer";

fn staged(stages: &[&str], segments: &[&str]) -> Gate {
    Gate::new().table("fct_lifecycle_snapshot", "scope, scope_id, stage", stages).table(
        "fct_customer_rfm",
        "scope, scope_id, segment",
        segments,
    )
}

#[test]
fn everyone_who_has_consumed_must_have_one_segment() {
    let stages = &["('chain', '*', 'new')", "('chain', '*', 'potential')", "('branch', 'N', 'dead')"];
    staged(stages, &["('chain', '*', 'HHH')", "('branch', 'N', 'LLL')"]).passes(STAGES);
    staged(stages, &["('chain', '*', 'HHH')"]).stops(STAGES, "branch N 1");
    staged(stages, &["('chain', '*', 'HHH')", "('chain', '*', 'LLL')", "('branch', 'N', 'LLL')"])
        .stops(STAGES, "chain * 1 2");
    staged(&stages[..2], &["('chain', '*', 'HHH')", "('branch', 'N', 'LLL')"]).stops(STAGES, "branch N 1");
}

const TRANSITIONS: &str = "transitions_reconcile";

fn moved(snapshot: &[&str], transitions: &[&str]) -> Gate {
    Gate::new().table("fct_lifecycle_snapshot", "scope, scope_id, previous_stage, stage", snapshot).table(
        "fct_lifecycle_transition",
        "scope, scope_id, from_stage, to_stage, customers",
        transitions,
    )
}

#[test]
fn transitions_must_reconcile_opening_and_closing_stock_of_every_stage() {
    let snapshot =
        &["('chain', '*', 'new', 'active')", "('chain', '*', 'new', 'silent')", "('chain', '*', null, 'new')"];
    let lawful =
        ["('chain', '*', 'new', 'active', 1)", "('chain', '*', 'new', 'silent', 1)", "('chain', '*', null, 'new', 1)"];
    moved(snapshot, &lawful).passes(TRANSITIONS);
    moved(snapshot, &lawful[..2]).stops(TRANSITIONS, "chain * new closing 1");
    moved(snapshot, &["('chain', '*', 'new', 'active', 3)", lawful[2]]).stops(TRANSITIONS, "chain * new opening 2 3");
    let swapped = ["('chain', '*', 'new', 'active', 2)", lawful[2]];
    moved(snapshot, &swapped).stops(TRANSITIONS, "chain * active closing 1 2");
    moved(snapshot, &[lawful[0], lawful[1], lawful[2], "('branch', 'N', null, 'new', 1)"])
        .stops(TRANSITIONS, "branch N new closing 1");
    moved(&snapshot[..2], &lawful).stops(TRANSITIONS, "chain * new closing 1");
}

const SEGMENT_TRANSITIONS: &str = "segment_transitions_reconcile";

/// The chain's customers by segment, and one that consumed before the opening and, by refunds, not at all.
fn moved_segments(customers: &[&str], transitions: &[&str]) -> Gate {
    Gate::new()
        .table("fct_customer_rfm", "scope, scope_id, previous_segment, segment", customers)
        .table("fct_segment_transition", "scope, scope_id, from_segment, to_segment, customers", transitions)
        .table("int_published_scope", "scope_key, scope, scope_id", &["(7, 'chain', '*')"])
        .table(
            "int_customer_stage",
            "scope_key, last_consumed_on",
            &["(7, date '2026-10-01')", "(7, date '2026-10-02')", "(7, null)", "(1, date '2026-10-01')"],
        )
}

#[test]
fn segment_transitions_must_reconcile_opening_and_closing_stock_of_every_segment() {
    let customers = &["('chain', '*', 'HHH', 'LLL')", "('chain', '*', null, 'HHH')"];
    let lawful =
        ["('chain', '*', 'HHH', 'LLL', 1)", "('chain', '*', null, 'HHH', 1)", "('chain', '*', 'HHH', null, 1)"];
    moved_segments(customers, &lawful).passes(SEGMENT_TRANSITIONS);
    moved_segments(customers, &lawful[..2]).stops(SEGMENT_TRANSITIONS, "chain * all opening 2 1");
    moved_segments(customers, &[lawful[0], lawful[2]]).stops(SEGMENT_TRANSITIONS, "chain * HHH closing 1");
    let swapped = ["('chain', '*', 'LLL', 'HHH', 1)", "('chain', '*', null, 'LLL', 1)", lawful[2]];
    moved_segments(customers, &swapped).stops(SEGMENT_TRANSITIONS, "chain * HHH opening 1");
}

const FIRST_TIMERS: &str = "first_timers_add_up";

/// One cohort of the month, and the chain's customers by their first day.
fn first_timers(counts: &str, first_days: &[&str]) -> Gate {
    let columns = "cohort_period, branch_id, department, first_timers, returned_30_days, returned_60_days, \
                   returned_90_days, returned_later, still_open, never_returned";
    let row = format!("('2026-06', 'N', 'skin', {counts})");
    Gate::new().table("fct_first_to_second", columns, &[&row]).table(
        "int_customer_stage",
        "scope_key, first_consumed_on",
        first_days,
    )
}

#[test]
fn first_timers_must_add_up() {
    let two = &["(7, date '2026-06-01')", "(7, date '2026-06-02')", "(7, null)", "(1, date '2026-06-01')"];
    first_timers("2, 0, 1, 1, 0, 0, 1", two).passes(FIRST_TIMERS);
    first_timers("2, 0, 1, 1, 0, 0, 0", two).stops(FIRST_TIMERS, "2026-06 N skin 2 1");
    first_timers("2, 2, 1, 1, 0, 0, 1", two).stops(FIRST_TIMERS, "2026-06 N skin 2 2");
    first_timers("1, 0, 1, 1, 0, 0, 0", two).stops(FIRST_TIMERS, "all 1 2");
}

const DRIVERS: &str = "branch_drivers_add_up";

/// A branch that brought 540 after 300, and 100 a year before; of that year, `year_before` effects.
fn drivers(people_frequency_price: &str, year_before: &str, summary: &str) -> Gate {
    let columns = "branch_id, revenue, consuming_customers, consumption_days, previous_revenue, \
                   revenue_change_from_previous, people_effect_from_previous, frequency_effect_from_previous, \
                   price_effect_from_previous, year_before_revenue, revenue_change_from_year_before, \
                   people_effect_from_year_before, frequency_effect_from_year_before, price_effect_from_year_before";
    let row = format!("('N', 540, 3, 6, 300, 240, {people_frequency_price}, 100, 440, {year_before})");
    Gate::new().table("fct_branch_driver", columns, &[&row]).table(
        "fct_period_summary",
        "scope, scope_id, revenue",
        &[summary, "('chain', 'N', 1)"],
    )
}

#[test]
fn drivers_must_add_up_to_the_change_of_each_comparison() {
    let summary = "('branch', 'N', 540)";
    drivers("150, 150, -60", "440, 0, 0", summary).passes(DRIVERS);
    drivers("150, 150, -61", "440, 0, 0", summary).stops(DRIVERS, "N 540 540 300 150 150 -61 100 440 0 0 3 6");
    drivers("150, 150, -60", "440, 0, 1", summary).stops(DRIVERS, "N 540 540 300 150 150 -60 100 440 0 1 3 6");
    drivers("150, 150, -60", "440, 0, 0", "('branch', 'N', 541)")
        .stops(DRIVERS, "N 540 541 300 150 150 -60 100 440 0 0 3 6");
}

const COHORTS: &str = "cohorts_hold";

fn cohort(rows: &[&str]) -> Gate {
    let rows: Vec<String> = rows.iter().map(|row| format!("('chain', '*', '2026-06', {row})")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Gate::new().table(
        "fct_cohort_retention",
        "scope, scope_id, cohort_period, age, customers, retained_customers",
        &rows,
    )
}

#[test]
fn a_cohort_must_keep_its_size_and_start_whole() {
    cohort(&["0, 5, 5", "1, 5, 2"]).passes(COHORTS);
    cohort(&["0, 5, 4", "1, 5, 2"]).stops(COHORTS, "chain * 2026-06 0 5 4");
    cohort(&["0, 5, 5", "1, 5, 6"]).stops(COHORTS, "chain * 2026-06 1 5 6");
    cohort(&["0, 5, 5", "1, 6, 2"]).stops(COHORTS, "chain * 2026-06 1 6 2");
    cohort(&["-1, 5, 2", "0, 5, 5"]).stops(COHORTS, "chain * 2026-06 -1 5 2");
}

const ITEM_CHANGE: &str = "item_change_adds_up";

fn item_change(effects: &str, left_buyers: &str) -> Gate {
    let columns = "branch_id, item_id, revenue, previous_revenue, revenue_change, traffic_effect, conversion_effect, \
                   price_effect, previous_buyers, left_buyers";
    Gate::new().table(
        "fct_item_performance",
        columns,
        &[&format!("('N', 'I1', 70.00, 100.00, {effects}, 3, {left_buyers})")],
    )
}

#[test]
fn the_parts_of_an_items_change_must_be_the_whole() {
    item_change("-30.00, -10.00, -25.00, 5.00", "3").passes(ITEM_CHANGE);
    item_change("-30.00, -10.00, -25.00, 5.01", "3").stops(ITEM_CHANGE, "N I1 70.0 100.0 -10.0 -25.0 5.01 3 3");
    item_change("-31.00, -10.00, -25.00, 5.00", "3").stops(ITEM_CHANGE, "N I1 70.0 100.0 -10.0 -25.0 5.0 3 3");
    item_change("-30.00, -10.00, -25.00, 5.00", "4").stops(ITEM_CHANGE, "N I1 70.0 100.0 -10.0 -25.0 5.0 3 4");
}

const ITEM_SEGMENTS: &str = "item_segments_add_up";

/// An item with `of_item` buyers and leavers, and such of its segments.
fn item_segments(of_item: &str, segments: &[&str]) -> Gate {
    Gate::new()
        .table("fct_item_performance", "branch_id, item_id, buyers, left_buyers", &[&format!("('N', 'I1', {of_item})")])
        .table("fct_item_segment", "branch_id, item_id, segment, buyers, left_buyers", segments)
}

#[test]
fn nobody_may_be_under_two_segments_of_an_item() {
    let segments = ["('N', 'I1', 'HHH', 2, 1)", "('N', 'I1', 'LLL', 1, 1)"];
    item_segments("3, 2", &segments).passes(ITEM_SEGMENTS);
    item_segments("4, 3", &segments).passes(ITEM_SEGMENTS);
    item_segments("2, 2", &segments).stops(ITEM_SEGMENTS, "N I1 2 3 2 2");
    item_segments("3, 1", &segments).stops(ITEM_SEGMENTS, "N I1 3 3 1 2");
    item_segments("3, 2", &["('N', 'I2', 'HHH', 1, 0)"]).stops(ITEM_SEGMENTS, "N I2 1 0");
}

const ITEM_LISTS: &str = "item_lists_add_up";

/// An item with `of_item` (whether it declines, and how many left it), and a list of such customers.
fn item_list(of_item: &str, customers: &[&str]) -> Gate {
    let listed = customers.iter().map(|customer| format!("union all select 'N', 'I1', '{customer}'"));
    let listed = listed.collect::<Vec<_>>().join(" ");
    Gate::new()
        .table(
            "fct_item_performance",
            "branch_id, item_id, is_declining, left_buyers",
            &[&format!("('N', 'I1', {of_item})")],
        )
        .made(
            "fct_item_action_list",
            &format!("select '' as branch_id, '' as item_id, '' as customer_id where false {listed}"),
        )
}

#[test]
fn an_items_list_has_all_who_left_it_where_it_declines() {
    item_list("true, 2", &["a", "b"]).passes(ITEM_LISTS);
    item_list("true, 2", &["a"]).stops(ITEM_LISTS, "N I1 1 2");
    item_list("false, 2", &["a", "b"]).stops(ITEM_LISTS, "N I1 2");
    item_list("true, 0", &[]).passes(ITEM_LISTS);
}

const RISK: &str = "risk_of_stage";

/// A snapshot row of 2026-11-21 for who is known since 2026-11-01.
fn at_risk(stage: &str, since: &str, risks: &str) -> Gate {
    of_gap("14.0", stage, since, risks)
}

fn of_gap(gap_days: &str, stage: &str, since: &str, risks: &str) -> Gate {
    let columns = "as_of, known_on, scope, scope_id, customer_id, stage, stage_since, usual_gap_days, silence_risk, \
                   churn_risk, risk_band";
    let days = format!("date '2026-11-21', date '2026-11-01', 'chain', '*', 'ann', '{stage}', cast({since} as date)");
    let row = format!("({days}, cast({gap_days} as double), {risks})");
    Gate::new().table("fct_lifecycle_snapshot", columns, &[&row])
}

#[test]
fn a_risk_must_be_that_of_the_stage() {
    let none = "cast(null as double), cast(null as double), cast(null as text)";
    let day = "'2026-11-02'";
    at_risk("loyal", day, "0.5, cast(null as double), 'high'").passes(RISK);
    at_risk("dormant", day, "cast(null as double), 0.5, 'low'").passes(RISK);
    at_risk("dormant", day, none).passes(RISK);
    at_risk("new", "'2026-11-21'", none).passes(RISK);
    of_gap("null", "effective", day, none).passes(RISK);
    at_risk("loyal", day, none).stops(RISK, "chain * ann loyal 2026-11-02");
    at_risk("loyal", day, "1.5, cast(null as double), 'high'").stops(RISK, "chain * ann loyal 2026-11-02 1.5 high");
    at_risk("dormant", day, "cast(null as double), -0.5, 'low'").stops(RISK, "chain * ann dormant 2026-11-02 -0.5 low");
    at_risk("new", day, "cast(null as double), 0.5, 'low'").stops(RISK, "chain * ann new 2026-11-02 0.5 low");
    at_risk("loyal", day, "0.5, cast(null as double), cast(null as text)")
        .stops(RISK, "chain * ann loyal 2026-11-02 0.5");
    at_risk("new", "'2026-11-22'", none).stops(RISK, "chain * ann new 2026-11-22");
    at_risk("new", "'2026-10-31'", none).stops(RISK, "chain * ann new 2026-10-31");
    at_risk("new", "null", none).stops(RISK, "chain * ann new");
}

const CONTACTED: &str = "contacted_once";

fn lists(rows: &[&str]) -> Gate {
    let known =
        ["('chain', 'ann', false)", "('chain', 'bob', false)", "('chain', 'cid', true)", "('branch', 'bob', true)"];
    Gate::new().table("fct_action_list", "customer_id, stage", rows).table(
        "fct_lifecycle_snapshot",
        "scope, customer_id, is_beyond_recall",
        &known,
    )
}

#[test]
fn nobody_may_be_on_two_lists() {
    lists(&["('ann', 'new')", "('bob', 'dormant')"]).passes(CONTACTED);
    lists(&["('ann', 'new')", "('ann', 'new')"]).stops(CONTACTED, "ann 2 new");
}

#[test]
fn the_dead_may_be_on_a_list_until_they_are_beyond_recall() {
    lists(&["('ann', 'dead')"]).passes(CONTACTED);
    lists(&["('ann', 'dead')", "('cid', 'dead')"]).stops(CONTACTED, "cid 1 dead");
    // Dead for long at one branch, a customer of another.
    lists(&["('bob', 'new')"]).passes(CONTACTED);
}

const IDLE: &str = "idle_without_sessions";

#[test]
fn who_has_sessions_left_may_not_be_idle_and_only_the_dead_may_be_beyond_recall() {
    let columns = "scope, scope_id, customer_id, stage, is_beyond_recall, package_sessions_left";
    let snapshot = |row: &str| {
        let row = format!("('chain', '*', 'ann', {row})");
        Gate::new().table("fct_lifecycle_snapshot", columns, &[&row])
    };
    for lawful in ["'silent', false, 5", "'dormant', false, 0", "'dead', false, 0", "'dead', true, 0"] {
        snapshot(lawful).passes(IDLE);
    }
    snapshot("'dormant', false, 1").stops(IDLE, "chain * ann dormant false 1");
    snapshot("'dead', false, 1").stops(IDLE, "chain * ann dead false 1");
    snapshot("'dormant', true, 0").stops(IDLE, "chain * ann dormant true 0");
}

const SEGMENTS: &str = "segments_add_up";

fn segmented(customers: &str, segments: &[&str]) -> Gate {
    Gate::new()
        .table("fct_period_summary", "scope, scope_id, customers", &[&format!("('chain', '*', {customers})")])
        .table("fct_customer_rfm", "scope, scope_id, segment", segments)
}

#[test]
fn segments_must_sum_to_customers() {
    segmented("2", &["('chain', '*', 'HHH')", "('chain', '*', 'LLL')"]).passes(SEGMENTS);
    segmented("0", &["('branch', 'N', 'HHH')"]).passes(SEGMENTS);
    segmented("3", &["('chain', '*', 'HHH')", "('chain', '*', 'LLL')"]).stops(SEGMENTS, "chain * 3 2");
    segmented("1", &["('branch', 'N', 'HHH')"]).stops(SEGMENTS, "chain * 1");
}

const EMPTY_SCORE: &str = "warn_empty_score";

/// A ruler of ten customers, written as `'scope', 'method', 'metric', cut points, head-counts`.
fn ruler(row: &str) -> Gate {
    let cuts = ["cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];
    let heads = ["head_count_1", "head_count_2", "head_count_3", "head_count_4", "head_count_5"];
    let columns = format!("scope, method, metric, {}, {}", cuts.join(", "), heads.join(", "));
    let typed = cuts.map(|cut| format!("cast({cut} as decimal(18, 2)) as {cut}"));
    let sql = format!(
        "select scope, 'skin' as department, null as item_id, metric, method, {}, {}, {} as customers \
         from (values ({row})) as rows ({columns})",
        typed.join(", "),
        heads.join(", "),
        heads.join(" + ")
    );
    Gate::new().made("fct_score_cut_point", &sql)
}

/// The head-counts in the one warning that a ruler gives.
fn warned(row: &str) -> String {
    let warnings = ruler(row).judge(&only(EMPTY_SCORE)).expect("warnings");
    assert_eq!(warnings.len(), 1, "{row}");
    assert!(warnings[0].starts_with("sql/checks/warn_empty_score.sql: A score "), "{}", warnings[0]);
    cells(&warnings[0]).iter().find_map(|row| row.split_once(" skin ")).expect("a row").1.to_owned()
}

#[test]
fn a_score_that_nobody_has_is_only_a_warning() {
    let cuts = "100, 200, 300, 400";
    ruler(&format!("'chain', 'quintile', 'monetary', {cuts}, 2, 2, 2, 2, 2")).passes(EMPTY_SCORE);
    ruler(&format!("'chain', 'thresholds', 'monetary', {cuts}, 0, 0, 0, 0, 0")).passes(EMPTY_SCORE);
    ruler(&format!("'branch', 'quintile', 'monetary', {cuts}, 4, 0, 0, 0, 0")).passes(EMPTY_SCORE);
    for method in ["quintile", "thresholds", "frozen"] {
        for heads in ["0, 1, 1, 1, 1", "1, 0, 1, 1, 1", "1, 1, 0, 1, 1", "1, 1, 1, 0, 1", "1, 1, 1, 1, 0"] {
            let row = format!("'chain', '{method}', 'monetary', {cuts}, {heads}");
            assert_eq!(warned(&row), heads.replace(',', ""), "{method}");
        }
    }
}

#[test]
fn a_score_that_the_ruler_leaves_out_is_no_warning() {
    for method in ["thresholds", "frozen"] {
        let passes = |rest: &str| ruler(&format!("'chain', '{method}', {rest}")).passes(EMPTY_SCORE);
        passes("'frequency', 0, 0, 0, 0, 0, 0, 0, 0, 7");
        passes("'recency_days', 9999999, 40, 40, null, 0, 1, 0, 1, 0");
        passes("'monetary', '-9999999999999999.99', 100, 100, 100, 0, 1, 0, 0, 1");
        passes("'monetary', null, null, null, null, 1, 0, 0, 0, 0");
    }
    // Those that it has are still missed.
    assert_eq!(warned("'chain', 'thresholds', 'recency_days', 9999999, 40, 40, null, 0, 0, 0, 1, 0"), "0 0 0 1 0");
    assert_eq!(warned("'chain', 'thresholds', 'frequency', 1, 5, 5, 5, 0, 1, 0, 0, 1"), "0 1 0 0 1");
    // A quintile leaves a score out only where values are equal.
    assert_eq!(warned("'chain', 'quintile', 'monetary', 200, 900, 900, 900, 1, 1, 0, 0, 1"), "1 1 0 0 1");
}

const TRANSACTION: &str = "transaction_value_holds";

fn transaction(row: &str) -> Gate {
    let columns = "scope, scope_id, average_transaction_value, paying_days, paid";
    Gate::new().table("fct_period_summary", columns, &["('chain', '*', 120.0, 2, 240.00)", row])
}

#[test]
fn a_transaction_value_is_the_money_of_its_paying_days() {
    transaction("('branch', 'N', 33.333333333333336, 3, 100.00)").passes(TRANSACTION);
    transaction("('branch', 'N', null, 0, 0.00)").passes(TRANSACTION);
    transaction("('branch', 'N', null, 0, -30.00)").passes(TRANSACTION);
    transaction("('branch', 'N', 33.33, 3, 100.00)").stops(TRANSACTION, "branch N 33.33 3 100.0");
    transaction("('branch', 'N', null, 3, 100.00)").stops(TRANSACTION, "branch N 3 100.0");
    transaction("('branch', 'N', 0.0, 0, 0.00)").stops(TRANSACTION, "branch N 0.0 0 0.0");
}

#[test]
fn a_transaction_value_below_zero_is_a_warning() {
    const NEGATIVE: &str = "warn_negative_transaction_value";
    transaction("('branch', 'N', 0.0, 1, 0.00)").passes(NEGATIVE);
    let warnings = transaction("('branch', 'N', -10.0, 1, -10.00)").judge(&only(NEGATIVE)).expect("warnings");
    assert!(cells(&warnings[0]).contains(&"branch N -10.0 1 -10.0".to_owned()), "{warnings:?}");
}

fn check_of(name: &str, sql: &str) -> (String, CheckQuery) {
    let check = CheckQuery {
        name: name.to_owned(),
        file: format!("sql/checks/{name}.sql"),
        origin: Origin::BuiltIn,
        sql: sql.to_owned(),
        statement: "A law.".to_owned(),
        references: Vec::new(),
    };
    (name.to_owned(), check)
}

fn judge(checks: &[(&str, &str)]) -> Result<Vec<String>> {
    let mut catalog = Catalog::built_in().expect("the models that ship");
    catalog.checks = checks.iter().map(|(name, sql)| check_of(name, sql)).collect();
    Gate::new().judge(&catalog)
}

#[test]
fn all_checks_that_fail_are_told_at_once() {
    let error = judge(&[
        ("a", "select 1 as a"),
        ("b", "select 1 where false"),
        ("c", "select 2 as c"),
        ("warn_d", "select 3 as d"),
    ])
    .expect_err("violations");
    let shown = error.to_string();
    assert!(shown.starts_with("2 of 4 checks failed"), "{shown}");
    assert!(
        shown.contains("sql/checks/a.sql: A law. (1 row)") && shown.contains("sql/checks/c.sql: A law. (1 row)"),
        "{shown}"
    );
    assert!(!shown.contains("b.sql"), "{shown}");
}

#[test]
fn a_violation_shows_its_first_rows_only() {
    let many = "select column1 as n from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13))";
    let warnings = judge(&[("warn_many", many)]).expect("a warning");
    assert!(warnings[0].starts_with("sql/checks/warn_many.sql: A law. (more than 10 rows)"), "{}", warnings[0]);
    assert!(!cells(&warnings[0]).contains(&"12".to_owned()), "{}", warnings[0]);
}

#[test]
fn a_check_that_cant_be_planned_is_named() {
    let error = judge(&[("a", "select nothing from nowhere")]).expect_err("an error");
    assert_eq!(error.kind(), Kind::Bug);
    assert!(error.to_string().starts_with("sql/checks/a.sql failed"), "{error}");
}

const CURVES: &str = "value_curves_are_cumulative";

/// What the customers of one cohort paid in each month, and their curves.
fn curves(cohorts: &[&str], curves: &[&str]) -> Gate {
    Gate::new().table("fct_cohort_retention", "scope, cohort_period, age, customers, revenue", cohorts).table(
        "fct_value_curve",
        "split_by, cohort_period, age, customers, cumulative_revenue",
        curves,
    )
}

#[test]
fn curves_must_rise_by_what_was_paid() {
    let cohorts = &[
        "('chain', '2026-10', 0, 3, 10)",
        "('chain', '2026-10', 1, 3, -4)",
        "('branch', '2026-10', 0, 2, 5)",
        "('branch', '2026-10', 1, 2, 5)",
    ];
    let begin = ["('channel', '2026-10', 0, 1, 7)", "('channel', '2026-10', 0, 2, 5)"];
    let end = ["('channel', '2026-10', 1, 1, 7)", "('channel', '2026-10', 1, 2, 1)"];
    curves(cohorts, &[begin, end].concat()).passes(CURVES);
    curves(cohorts, &[begin[0], begin[1], end[0], "('channel', '2026-10', 1, 2, -4)"])
        .stops(CURVES, "channel 2026-10 1 3 3 -9 -4");
    curves(cohorts, &[begin[0], begin[1], end[0]]).stops(CURVES, "channel 2026-10 1 1 3 -5 -4");
    curves(cohorts, &begin).stops(CURVES, "2026-10 1 3 -4");
}

const CURVE_ENDS: &str = "value_curves_end_at_ltv";

/// Two customers of October, and of their curves the rows of November.
fn ends(customers: &[&str], curves: &[&str]) -> Gate {
    let columns = "split_by, cohort_period, activity_period, customers, cumulative_revenue, cumulative_profit";
    Gate::new().table("fct_customer_ltv", "scope, first_consumed_on, revenue, profit", customers).table(
        "fct_value_curve",
        columns,
        &[curves, &["('channel', '2026-10', '2026-10', 9, 9, 9)"]].concat(),
    )
}

#[test]
fn curves_must_end_at_what_customers_have_brought() {
    let customers = &[
        "('chain', date '2026-10-01', 10, 4)",
        "('chain', date '2026-10-31', 2, 1)",
        "('branch', date '2026-10-01', 9, 9)",
    ];
    ends(customers, &["('channel', '2026-10', '2026-11', 2, 12, 5)"]).passes(CURVE_ENDS);
    ends(customers, &["('channel', '2026-10', '2026-11', 2, 11, 5)"])
        .stops(CURVE_ENDS, "channel 2026-10 2 2 11 12 5 5");
    ends(customers, &["('channel', '2026-10', '2026-11', 2, 12, 6)"])
        .stops(CURVE_ENDS, "channel 2026-10 2 2 12 12 6 5");
    ends(customers, &["('channel', '2026-10', '2026-11', 3, 12, 5)"])
        .stops(CURVE_ENDS, "channel 2026-10 3 2 12 12 5 5");
    let unknown = &["('chain', date '2026-10-01', 10, null)", "('chain', date '2026-10-31', 2, 1)"];
    ends(unknown, &["('channel', '2026-10', '2026-11', 2, 12, 5)"]).stops(CURVE_ENDS, "channel 2026-10 2 2 12 12 5 1");
    ends(unknown, &["('channel', '2026-10', '2026-11', 2, 12, cast(null as bigint))"]).passes(CURVE_ENDS);
}

const TO_COME: &str = "value_to_come_holds";

/// One customer of the chain and one of a branch, and what the models say of days and money.
fn to_come(chain: &str, branch: &str, days: &str, money: &str) -> Gate {
    let columns = "scope, scope_id, customer_id, alive_probability, expected_consumption_days, expected_value";
    Gate::new().table("fct_value_model", "days_outcome, money_outcome", &[&format!("('{days}', '{money}')")]).table(
        "fct_customer_ltv",
        columns,
        &[&format!("('chain', '*', 'c', {chain})"), &format!("('branch', 'N', 'c', {branch})")],
    )
}

#[test]
fn value_to_come_is_told_as_far_as_the_models_go() {
    let (all, none) = ("0.5, 3.0, 100", "cast(null as double), cast(null as double), cast(null as bigint)");
    let days = "0.5, 3.0, cast(null as bigint)";
    to_come(all, none, "fitted", "fitted").passes(TO_COME);
    to_come(days, none, "fitted", "not_converged").passes(TO_COME);
    to_come(none, none, "too_few_customers", "too_few_customers").passes(TO_COME);
    to_come(all, all, "fitted", "fitted").stops(TO_COME, "branch N c 0.5 3.0 100");
    to_come(all, none, "fitted", "too_few_customers").stops(TO_COME, "chain * c 0.5 3.0 100");
    to_come(days, none, "fitted", "fitted").stops(TO_COME, "chain * c 0.5 3.0");
    to_come(all, none, "not_converged", "fitted").stops(TO_COME, "chain * c 0.5 3.0 100");
    to_come("1.5, 3.0, 100", none, "fitted", "fitted").stops(TO_COME, "chain * c 1.5 3.0 100");
}

#[test]
fn of_models_that_do_not_fit_a_run_warns_and_of_a_small_chain_it_does_not() {
    let model = |days: &str, money: &str| {
        let columns = "customers, returned_customers, days_outcome, returned_payers, money_outcome";
        Gate::new().table("fct_value_model", columns, &[&format!("(200, 150, '{days}', 120, '{money}')")])
    };
    let warning = "warn_value_to_come";
    model("fitted", "fitted").passes(warning);
    model("too_few_customers", "too_few_customers").passes(warning);
    for (days, money) in [("not_converged", "fitted"), ("fitted", "not_converged")] {
        let warnings = model(days, money).judge(&only(warning)).expect("warnings");
        assert_eq!(warnings.len(), 1, "{days} {money}");
    }
}

const NESTED: &str = "funnel_stages_nest";

/// Leads, those without one, booked, arrived, consulted, consulted buyers and open ones, first orders and open ones, second
/// orders and open ones.
fn funnel(counts: [&str; 11]) -> Gate {
    let columns = "cohort_period, channel, branch_id, leads, came_without_lead, booked, arrived, consulted, \
                   consulted_buyers, consulted_buyers_open, first_orders, first_orders_open, second_orders, \
                   second_orders_open";
    let row = format!("('2026-10', 'web', 'N', {})", counts.join(", "));
    Gate::new().table("fct_acquisition_funnel", columns, &[&row])
}

#[test]
fn steps_of_the_funnel_must_nest() {
    let lawful = ["9", "1", "8", "7", "5", "3", "2", "6", "3", "2", "4"];
    funnel(lawful).passes(NESTED);
    let unknown = "cast(null as bigint)";
    funnel(["9", unknown, unknown, unknown, unknown, unknown, unknown, "9", "0", "9", "0"]).passes(NESTED);
    let with = |place: usize, count| {
        let mut counts = lawful;
        counts[place] = count;
        funnel(counts)
    };
    with(1, "10").stops(NESTED, "2026-10 web N 9 8 7 5 6 2");
    with(2, "10").stops(NESTED, "2026-10 web N 9 10 7 5 6 2");
    with(3, "9").stops(NESTED, "2026-10 web N 9 8 9 5 6 2");
    with(4, "8").stops(NESTED, "2026-10 web N 9 8 7 8 6 2");
    with(6, "3").stops(NESTED, "2026-10 web N 9 8 7 5 6 2");
    with(7, "8").stops(NESTED, "2026-10 web N 9 8 7 5 8 2");
    with(8, "4").stops(NESTED, "2026-10 web N 9 8 7 5 6 2");
    with(10, "5").stops(NESTED, "2026-10 web N 9 8 7 5 6 2");
}

const FUNNEL_SUMS: &str = "funnel_adds_up";

#[test]
fn the_funnel_must_hold_everybody_all_money_and_all_spend() {
    let funnel = |row: &str| {
        Gate::new()
            .table("fct_acquisition_funnel", "leads, revenue, spend", &["(1, 10, 4)", row])
            .table("int_customer_stage", "scope_key, customer_key", &["(7, 1)", "(7, 2)", "(7, 3)", "(1, 1)"])
            .table("stg_orders", "amount, is_counted", &["(12, true)", "(99, false)"])
            .table("stg_spend", "amount", &["(5)", "(2)"])
    };
    funnel("(2, 2, 3)").passes(FUNNEL_SUMS);
    funnel("(1, 2, 3)").stops(FUNNEL_SUMS, "2 3 12 12 7 7");
    funnel("(2, 1, 3)").stops(FUNNEL_SUMS, "3 3 11 12 7 7");
    funnel("(2, 2, 1)").stops(FUNNEL_SUMS, "3 3 12 12 5 7");
}

const OUTCOMES: &str = "action_outcomes_hold";

#[test]
fn an_outcome_must_be_of_those_listed_and_an_uplift_between_its_limits() {
    let columns = "action, customer_group, customers, contacted, reached, returned_30_days, returned_60_days, \
                   returned_90_days, uplift_90_days, uplift_90_days_low, uplift_90_days_high, compared_with, verdict";
    let outcome = |row: &str| {
        let row = format!("('recall', 'to_contact', {row})");
        Gate::new().table("fct_action_outcome", columns, &[&row])
    };
    let none = "cast(null as double), cast(null as double), cast(null as double), cast(null as text)";
    outcome("9, 8, 7, 4, 5, 6, 0.1, -0.2, 0.3, 'held_out', 'cannot_tell'").passes(OUTCOMES);
    outcome("9, 1, 0, 4, 5, 6, 0.4, 0.1, 0.6, 'held_out', 'doubtful'").passes(OUTCOMES);
    outcome(&format!("9, 8, 7, 4, 5, 6, {none}, 'not_tried'")).passes(OUTCOMES);
    let stops = |row: &str, shown| outcome(row).stops(OUTCOMES, shown);
    stops("9, 10, 7, 4, 5, 6, 0.1, -0.2, 0.3, 'held_out', 'cannot_tell'", "recall to_contact 9 10 6 0.1");
    stops("9, 8, 9, 4, 5, 6, 0.1, -0.2, 0.3, 'held_out', 'cannot_tell'", "recall to_contact 9 8 6 0.1");
    stops("9, 8, 7, 6, 5, 6, 0.1, -0.2, 0.3, 'held_out', 'cannot_tell'", "recall to_contact 9 8 6 0.1");
    stops("9, 8, 7, 4, 5, 10, 0.1, -0.2, 0.3, 'held_out', 'cannot_tell'", "recall to_contact 9 8 10 0.1");
    stops("9, 8, 7, 4, 5, 6, 0.4, -0.2, 0.3, 'held_out', 'cannot_tell'", "recall to_contact 9 8 6 0.4");
    stops("9, 8, 7, 4, 5, 6, 0.1, -0.2, 0.3, 'held_out', 'no_control'", "recall to_contact 9 8 6 0.1");
    stops(&format!("9, 8, 7, 4, 5, 6, {none}, 'higher'"), "recall to_contact 9 8 6");
}

const OWED: &str = "sessions_owed_add_up";

/// A chain of two branches: sessions that customers have left, and the balances.
fn owed(balances: &[&str]) -> Gate {
    let left = ["('chain', '*', 5)", "('chain', '*', 2)", "('branch', 'N', 4)", "('branch', 'S', 3)"];
    let columns = "scope, scope_id, sessions_owed, value_owed, sessions_expiring_30_days, value_expiring_30_days";
    Gate::new().table("fct_lifecycle_snapshot", "scope, scope_id, package_sessions_left", &left).table(
        "fct_session_balance",
        columns,
        balances,
    )
}

#[test]
fn sessions_owed_are_those_that_customers_have_left() {
    let (north, south) = ("('branch', 'N', 4, 30, 4, 30)", "('branch', 'S', 3, 12, 0, 0)");
    owed(&["('chain', '*', 7, 42, 4, 30)", north, south]).passes(OWED);
    owed(&["('chain', '*', 7, 41, 4, 30)", north, south]).stops(OWED, "chain * -1");
    owed(&["('chain', '*', 6, 42, 4, 30)", north, south]).stops(OWED, "chain * 7 6 42");
    owed(&["('chain', '*', 7, 42, 4, 30)", north, "('branch', 'S', 3, 12, 4, 0)"]).stops(OWED, "branch S 3 3 12");
    owed(&["('chain', '*', 7, 30, 4, 30)", north]).stops(OWED, "branch S 3");
}

const STAFF: &str = "staff_adds_up";

/// A branch that sold for 100 and one that sold nothing.
fn staff(rows: &[&str]) -> Gate {
    let columns = "branch_id, revenue, paying_days, paying_customers, new_customers";
    let branches = ["('branch', 'N', 100)", "('branch', 'S', 0)", "('chain', '*', 100)"];
    Gate::new().table("fct_staff_performance", columns, rows).table(
        "fct_period_summary",
        "scope, scope_id, revenue",
        &branches,
    )
}

#[test]
fn what_staff_sell_is_what_the_branch_sold() {
    let lawful = "('N', 60, 3, 2, 1)";
    staff(&[lawful, "('N', 40, 0, 0, 0)"]).passes(STAFF);
    staff(&[lawful, "('N', 39, 0, 0, 0)"]).stops(STAFF, "N 100 99");
    staff(&[lawful, "('N', 40, 0, 0, 0)", "('S', 1, 0, 0, 0)"]).stops(STAFF, "S 0 1");
    staff(&[lawful, "('N', 40, 1, 2, 0)"]).stops(STAFF, "N 40 40");
    staff(&[lawful, "('N', 40, 1, 1, 2)"]).stops(STAFF, "N 40 40");
    let none = "select cast(null as text) as branch_id, 0 as revenue, 0 as paying_days, 0 as paying_customers, \
                0 as new_customers where false";
    Gate::new()
        .made("fct_staff_performance", none)
        .table("fct_period_summary", "scope, scope_id, revenue", &["('branch', 'N', 100)"])
        .passes(STAFF);
}

const ACQUISITION: &str = "acquisition_adds_up";

/// The chain and its two branches, of which N has the given figures; 30 were spent at N, 12 at none.
fn acquisition(north: &str) -> Gate {
    let columns = "scope, scope_id, customers, new_customers, active_customers, dormant_stock, lost_stock, \
                   chain_new_customers, referred_customers, due_leads, converted_leads, acquisition_spend";
    let north = format!("('branch', 'N', {north})");
    let rows =
        ["('chain', '*', 9, 4, 4, 1, 1, 4, 1, 2, 1, 42)", &north, "('branch', 'S', 4, 2, 1, 0, 0, 1, 0, 0, 0, 0)"];
    let spends = ["('2026-11', 'N', 30)", "('2026-11', cast(null as text), 12)", "('2026-10', 'S', 5)"];
    Gate::new().table("fct_period_summary", columns, &rows).table(
        "fct_acquisition_funnel",
        "cohort_period, branch_id, spend",
        &spends,
    )
}

#[test]
fn branches_newcomers_are_the_chains_and_spend_is_the_funnels() {
    acquisition("6, 4, 3, 2, 1, 3, 1, 2, 1, 30").passes(ACQUISITION);
    acquisition("6, 4, 3, 2, 1, 2, 1, 2, 1, 30").stops(ACQUISITION, "chain * 4");
    acquisition("6, 4, 3, 2, 1, 3, 0, 2, 1, 30").stops(ACQUISITION, "chain * 4");
    acquisition("6, 2, 3, 2, 1, 3, 1, 2, 1, 30").stops(ACQUISITION, "branch N 3 30.00 30.00");
    acquisition("6, 4, 3, 3, 1, 3, 1, 2, 1, 30").stops(ACQUISITION, "branch N 3 30.00 30.00");
    acquisition("6, 4, 3, 2, 1, 3, 1, 2, 3, 30").stops(ACQUISITION, "branch N 3 30.00 30.00");
    acquisition("6, 4, 3, 2, 1, 3, 1, 2, 1, 31").stops(ACQUISITION, "branch N 3 31.00 30.00");
}

#[test]
fn an_action_without_texts_stops_a_run() {
    let texts = "action, priority, name_zh_hant, strategy_zh_hant, name_en, strategy_en";
    let known = "('remind', 1, 'a', 'b', 'c', 'd')";
    Gate::new().table("dim_action", texts, &[known]).passes("actions_have_texts");
    let unknown = "('invite', 2, cast(null as text), cast(null as text), cast(null as text), cast(null as text))";
    Gate::new().table("dim_action", texts, &[known, unknown]).stops("actions_have_texts", "invite 2");
}
