//! Through a session: whatever the partitions and the order of rows, with and without GROUP BY.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Int32Array, ListBuilder, PrimitiveBuilder, RecordBatch};
use arrow::datatypes::{Date32Type, Field, Int32Type, Int64Type};
use datafusion::datasource::MemTable;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionConfig, SessionContext, col};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::super::{register, register_dictionaries};
use super::*;
use crate::source::{Dictionaries, Dictionary};

const BY_CUSTOMER: &str = "select customer, day_set(day) as days from events group by customer order by customer";

const BY_BRANCH_THEN_CUSTOMER: &str = "
    with branches as (select customer, branch, day_set(day) as days from events group by customer, branch)
    select customer, merge_day_sets(days) as days from branches group by customer order by customer";

const WHOLE: &str = "select day_set(day) as days from events";

const WHOLE_BY_BRANCH: &str = "
    with branches as (select branch, day_set(day) as days from events group by branch)
    select merge_day_sets(days) as days from branches";

const KEPT: &str = "
    select customer, day_set(day) filter (where is_kept) as days from events group by customer order by customer";

pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// A session whose partial aggregation gives up at once (as it does on keys that hardly repeat) or never.
pub(super) fn session(target_partitions: usize, gives_up: bool) -> SessionContext {
    let (ratio, rows) = if gives_up { ("0.0", "1") } else { ("1.0", "1000000") };
    let config = SessionConfig::new()
        .with_target_partitions(target_partitions)
        .with_batch_size(4)
        .set_str("datafusion.execution.skip_partial_aggregation_probe_ratio_threshold", ratio)
        .set_str("datafusion.execution.skip_partial_aggregation_probe_rows_threshold", rows);
    let context = SessionContext::new_with_config(config);
    register(&context);
    context
}

fn batch(events: &[Event]) -> RecordBatch {
    let column = |pick: fn(&Event) -> i32| Arc::new(events.iter().map(pick).collect::<Int32Array>()) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable([
        ("customer", column(|event| event.customer), false),
        ("branch", column(|event| event.branch), false),
        ("day", days_column(events), true),
        ("department_key", departments_column(events), true),
        ("money", money_column(events), true),
        ("is_kept", Arc::new(kept_column(events)), true),
    ])
    .expect("a batch")
}

/// `events` as slices of `batch_rows`, dealt out to `partitions`.
pub(super) fn table(events: &[Event], partitions: usize, batch_rows: usize) -> MemTable {
    let rows = batch(events);
    let mut dealt = vec![Vec::new(); partitions];
    for (number, start) in (0..rows.num_rows()).step_by(batch_rows).enumerate() {
        dealt[number % partitions].push(rows.slice(start, batch_rows.min(rows.num_rows() - start)));
    }
    MemTable::try_new(rows.schema(), dealt).expect("a table")
}

/// A session over `events`, which come in order of customers.
pub(super) fn session_in_order(events: &mut [Event], batch_rows: usize) -> SessionContext {
    events.sort_by_key(|event| event.customer);
    let context = session(1, false);
    let ordered = table(events, 1, batch_rows).with_sort_order(vec![vec![col("customer").sort(true, false)]]);
    context.register_table("events", Arc::new(ordered)).expect("a table");
    context
}

/// The operators that would carry out a query.
pub(super) async fn plan_of(context: &SessionContext, sql: &str) -> String {
    let plan = context.sql(sql).await.expect("a plan").create_physical_plan().await.expect("a plan");
    displayable(plan.as_ref()).indent(false).to_string()
}

/// The days of each row.
async fn answers(context: &SessionContext, sql: &str) -> Vec<Vec<i32>> {
    let batches = context.sql(sql).await.expect("a plan").collect().await.expect("rows");
    batches.iter().flat_map(|batch| lists_of_days(batch.column_by_name("days").expect("a column"))).collect()
}

fn naive_by_customer<'a>(events: &'a [Event], is_in: impl Fn(&Event) -> bool + Copy + 'a) -> Vec<Vec<i32>> {
    let customers: BTreeSet<i32> = events.iter().map(|event| event.customer).collect();
    let of = |customer| events.iter().filter(move |event| event.customer == customer && is_in(event));
    customers.into_iter().map(|customer| naive_days(of(customer))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sql_gives_the_naive_answer_whatever_the_partitions(
        events in prop::collection::vec(event(), 0..40),
        partitions in 1..5_usize,
        batch_rows in 1..9_usize,
        gives_up: bool,
    ) {
        let by_customer = naive_by_customer(&events, |_| true);
        let kept = naive_by_customer(&events, |event| event.is_kept == Some(true));
        let whole = vec![naive_days(&events)];
        let runtime = runtime();
        for target_partitions in [1, 2, 16] {
            let context = session(target_partitions, gives_up);
            context.register_table("events", Arc::new(table(&events, partitions, batch_rows))).expect("a table");
            let answers = |sql| runtime.block_on(answers(&context, sql));
            prop_assert_eq!(&answers(BY_CUSTOMER), &by_customer);
            prop_assert_eq!(&answers(BY_BRANCH_THEN_CUSTOMER), &by_customer);
            prop_assert_eq!(&answers(KEPT), &kept);
            prop_assert_eq!(&answers(WHOLE), &whole);
            prop_assert_eq!(&answers(WHOLE_BY_BRANCH), &whole);
        }
    }

    #[test]
    fn rows_that_come_by_customer_are_answered_while_they_come(
        mut events in prop::collection::vec(event(), 1..40),
        batch_rows in 1..9_usize,
    ) {
        let context = session_in_order(&mut events, batch_rows);
        let runtime = runtime();
        let plan = runtime.block_on(plan_of(&context, BY_CUSTOMER));
        prop_assert!(plan.contains("ordering_mode=Sorted"), "{}", plan);
        let answers = runtime.block_on(answers(&context, BY_CUSTOMER));
        prop_assert_eq!(answers, naive_by_customer(&events, |_| true));
    }

    #[test]
    fn count_days_counts_days_between_its_bounds(
        rows in prop::collection::vec(
            (
                prop::option::of(prop::collection::btree_set(0..9_i32, 0..6)),
                prop::option::of(-1..10_i32),
                prop::option::of(-1..10_i32),
            ),
            1..20,
        ),
        skipped in 0..3_usize,
    ) {
        let mut lists = ListBuilder::new(PrimitiveBuilder::<Date32Type>::new())
            .with_field(Field::new_list_field(DataType::Date32, true));
        for (days, ..) in &rows {
            lists.append_option(days.as_ref().map(|days| days.iter().map(|day| Some(*day))));
        }
        let all = RecordBatch::try_from_iter_with_nullable([
            ("days", Arc::new(lists.finish()) as ArrayRef, true),
            ("low", Arc::new(rows.iter().map(|row| row.1).collect::<Date32Array>()), true),
            ("high", Arc::new(rows.iter().map(|row| row.2).collect::<Date32Array>()), true),
        ]).expect("a batch");
        let skipped = skipped.min(rows.len());
        let context = session(1, false);
        context.register_batch("sets", all.slice(skipped, rows.len() - skipped)).expect("a table");
        let sql = "select count_days(days, low, high) as days from sets";
        let batches = runtime().block_on(async { context.sql(sql).await.expect("a plan").collect().await.expect("rows") });
        let counts: Vec<Option<i64>> =
            batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().iter()).collect();
        let naive: Vec<Option<i64>> = rows[skipped..]
            .iter()
            .map(|(days, low, high)| {
                let (low, high) = low.zip(*high)?;
                let days = days.iter().flatten().filter(|day| low <= **day && **day <= high);
                i64::try_from(days.count()).ok()
            })
            .collect();
        prop_assert_eq!(counts, naive);
    }
}

#[test]
fn a_table_without_rows_has_an_empty_set() {
    let runtime = runtime();
    for target_partitions in [1, 2, 16] {
        let context = session(target_partitions, false);
        context.register_table("events", Arc::new(table(&[], 3, 4))).expect("a table");
        let answers = |sql| runtime.block_on(answers(&context, sql));
        assert_eq!(answers(WHOLE), [Vec::<i32>::new()]);
        assert_eq!(answers(WHOLE_BY_BRANCH), [Vec::<i32>::new()]);
        assert!(answers(BY_CUSTOMER).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_day_list_holds_a_day_as_often_as_it_comes(
        events in prop::collection::vec(event(), 0..40),
        partitions in 1..5_usize,
        gives_up: bool,
    ) {
        let customers: BTreeSet<i32> = events.iter().map(|event| event.customer).collect();
        let days_of = |customer| {
            let mut days: Vec<i32> =
                events.iter().filter(|event| event.customer == customer).filter_map(|event| event.day).collect();
            days.sort_unstable();
            days
        };
        let expected: Vec<Vec<i32>> = customers.into_iter().map(days_of).collect();
        let sql = "select day_list(day) as days from events group by customer order by customer";
        for target_partitions in [1, 2, 16] {
            let context = session(target_partitions, gives_up);
            context.register_table("events", Arc::new(table(&events, partitions, 3))).expect("a table");
            prop_assert_eq!(&runtime().block_on(answers(&context, sql)), &expected);
        }
    }
}

#[test]
fn references_become_keys_and_keys_ids() {
    let dictionary =
        |keys: Vec<i32>, ids: Vec<&str>| Arc::new(Dictionary { key_of_ref: keys.into(), id_of_key: ids.into() });
    let context = session(1, false);
    let dictionaries = Dictionaries {
        customer: dictionary(vec![2, 0, 1], vec!["a", "b", "c"]),
        branch: dictionary(vec![1, 0], vec!["x", "y"]),
        department: dictionary(vec![], vec![]),
        item: dictionary(vec![], vec![]),
        object: dictionary(vec![], vec![]),
    };
    register_dictionaries(&context, &dictionaries);
    let sql = "
        select
            customer_id(customer_key(ref)) as customer,
            branch_id(branch_key(ref)) as branch,
            department_id(department_key(cast(null as int))) as department
        from (select cast(column1 as int) as ref from (values (0), (1), (null))) as refs";
    let batches = runtime().block_on(async { context.sql(sql).await.expect("a plan").collect().await.expect("rows") });
    let texts = |column: usize| -> Vec<Option<String>> {
        batches
            .iter()
            .flat_map(|batch| batch.column(column).as_string::<i32>().iter())
            .map(|id| id.map(str::to_owned))
            .collect()
    };
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(texts(0), [some("c"), some("a"), None]);
    assert_eq!(texts(1), [some("y"), some("x"), None]);
    assert_eq!(texts(2), [None, None, None]);
}

#[test]
fn a_row_counts_in_one_scope_group_per_dimension() {
    let ids = |ids: Vec<&str>| Arc::new(Dictionary { key_of_ref: Vec::<i32>::new().into(), id_of_key: ids.into() });
    let context = session(1, false);
    let dictionaries = Dictionaries {
        customer: ids(vec![]),
        branch: ids(vec!["x", "y"]),
        department: ids(vec!["d", "e", "f"]),
        item: ids(vec!["i"]),
        object: ids(vec![]),
    };
    register_dictionaries(&context, &dictionaries);
    let rows = |dimension: &str| {
        let sql = format!(
            "select scope_key('{dimension}', branch_key, department_key, item_key) as scope_key
            from (
                select
                    cast(column1 as int) as branch_key,
                    cast(column2 as int) as department_key,
                    cast(column3 as int) as item_key
                from (values (1, 2, 0), (null, null, null))
            ) as rows"
        );
        runtime().block_on(async { context.sql(&sql).await.expect("a plan").collect().await })
    };
    let scope_keys = |dimension| -> Vec<Option<i32>> {
        let batches = rows(dimension).expect("rows");
        batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int32Type>()).collect()
    };
    assert_eq!(scope_keys("branch"), [Some(1), None]);
    assert_eq!(scope_keys("chain"), [Some(2), Some(2)], "the chain comes after the branches");
    assert_eq!(scope_keys("department"), [Some(5), None], "then the departments");
    assert_eq!(scope_keys("item"), [Some(6), None], "then the items");
    let wrong = rows("city").expect_err("a mistake");
    assert!(wrong.to_string().contains("'city' is no dimension"), "{wrong}");
}

#[test]
fn a_day_lies_in_the_period_of_its_own_rows_kind() {
    let context = session(1, false);
    let sql = "
        select period_label(column1, cast(column2 as date)) as label
        from (values ('month', '2026-11-25'), ('quarter', '2026-11-25'), ('month', '2026-11-25'), ('month', null))";
    let batches = runtime().block_on(async { context.sql(sql).await.expect("a plan").collect().await.expect("rows") });
    let labels: Vec<Option<&str>> =
        batches.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter()).collect();
    assert_eq!(labels, [Some("2026-11"), Some("2026-Q4"), Some("2026-11"), None]);
}
