//! The same groups as by hashes, whatever the batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, RecordBatch};
use arrow::compute::concat_batches;
use datafusion::datasource::MemTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::col;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionConfig, SessionContext};
use proptest::prelude::*;

use super::AggregateInOrder;

/// A customer, a day, an amount, and whether it counts.
type Row = (Option<i32>, i32, Option<i64>, Option<bool>);

fn batch(rows: &[Row]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([
        ("customer", Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()) as ArrayRef, true),
        ("day", Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.1))), false),
        ("amount", Arc::new(rows.iter().map(|row| row.2.map(i128::from)).collect::<Decimal128Array>()), true),
        ("is_counted", Arc::new(rows.iter().map(|row| row.3).collect::<BooleanArray>()), true),
    ])
    .expect("a batch")
}

/// What `query` gives over `batches`, which lie in order of customers and days, and how it was planned.
async fn answer(query: &str, batches: Vec<RecordBatch>, in_order: bool) -> (RecordBatch, String) {
    let config = SessionConfig::new().with_target_partitions(1).with_batch_size(4);
    let state = SessionStateBuilder::new().with_config(config).with_default_features();
    let state = if in_order { state.with_physical_optimizer_rule(Arc::new(AggregateInOrder)) } else { state };
    let context = SessionContext::new_with_state(state.build());
    let order = ["customer", "day"].map(|column| col(column).sort(true, true));
    let table = MemTable::try_new(batch(&[]).schema(), vec![batches]).expect("a table");
    context.register_table("rows", Arc::new(table.with_sort_order(vec![order.to_vec()]))).expect("registered");
    let frame = context.sql(query).await.expect("a query");
    let plan = frame.clone().create_physical_plan().await.expect("a plan");
    let rows = frame.collect().await.expect("rows");
    let schema = plan.schema();
    (concat_batches(&schema, &rows).expect("one batch"), displayable(plan.as_ref()).indent(false).to_string())
}

const BY_DAY: &str = "select customer, day, sum(amount) as amount, count(*) as rows, \
    count(*) filter (where is_counted) as counted, sum(amount) filter (where is_counted) as counted_amount, \
    count(amount) as amounts, max(amount) as highest from rows group by customer, day";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn neighbours_make_the_groups_that_hashes_make(
        mut rows in prop::collection::vec(
            (prop::option::of(0..4), 0..4_i32, prop::option::of(-5..9_i64), any::<Option<bool>>()),
            0..60,
        ),
        batch_rows in 1..9_usize,
        without_rows in any::<bool>(),
    ) {
        rows.sort();
        let mut batches: Vec<RecordBatch> = rows.chunks(batch_rows).map(batch).collect();
        if without_rows {
            batches.insert(batches.len() / 2, batch(&[]));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let queries = [
            BY_DAY,
            "select customer, count(*) as rows from rows group by customer",
            "select customer from rows group by customer",
        ];
        for query in queries {
            let (by_hash, plan) = runtime.block_on(answer(query, batches.clone(), false));
            prop_assert!(!plan.contains("InOrder"), "{}", plan);
            let (in_order, plan) = runtime.block_on(answer(query, batches.clone(), true));
            prop_assert!(plan.contains("InOrderAggregateExec"), "{}", plan);
            prop_assert_eq!(in_order, by_hash);
        }
    }
}

#[tokio::test]
async fn what_needs_more_than_neighbours_is_left_to_the_engine() {
    let rows = vec![batch(&[(Some(1), 1, Some(2), None), (Some(1), 2, Some(3), None), (Some(2), 1, None, None)])];
    for query in [
        "select day, count(*) from rows group by day",
        "select customer, count(distinct amount), sum(day - date '2026-01-01') from rows group by customer",
        "select customer, first_value(amount order by day desc) from rows group by customer",
        "select customer, day, count(*) from rows group by grouping sets ((customer), (customer, day))",
        "select count(*) from rows",
    ] {
        let (by_hash, _) = answer(query, rows.clone(), false).await;
        let (answer, plan) = answer(query, rows.clone(), true).await;
        assert!(!plan.contains("InOrder"), "{query}:\n{plan}");
        assert_eq!(answer.num_rows(), by_hash.num_rows(), "{query}");
    }
}
