//! The same rows in the same order, sorted before they are wide.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::util::pretty::pretty_format_batches;
use datafusion::execution::SessionStateBuilder;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::SortNarrowRows;

/// What `query` gives, and how it was planned, an operator a line.
async fn answer(query: &str, moves: bool) -> (String, String) {
    let config = SessionConfig::new().with_target_partitions(2).with_batch_size(3);
    let state = SessionStateBuilder::new().with_config(config).with_default_features();
    let state = if moves { state.with_physical_optimizer_rule(Arc::new(SortNarrowRows)) } else { state };
    let context = SessionContext::new_with_state(state.build());
    for table in [
        "create table customers as select * from (values (1, 7, 40), (2, 5, 20), (1, 3, 10), (2, 9, 30), (3, 2, 5), \
         (1, 5, 60), (null, 4, 70)) as rows (scope_key, customer_key, amount)",
        "create table scopes as select * from (values (1, 'chain'), (2, 'branch')) as rows (scope_key, scope)",
    ] {
        context.sql(table).await.expect("a table").collect().await.expect("rows");
    }
    let frame = context.sql(query).await.expect("a query");
    let plan = frame.clone().create_physical_plan().await.expect("a plan");
    let rows = frame.collect().await.expect("rows");
    let rows = concat_batches(&plan.schema(), &rows).expect("one batch");
    let shown = pretty_format_batches(&[rows]).expect("a table").to_string();
    (shown, displayable(plan.as_ref()).indent(false).to_string())
}

/// What is above and below the sort.
fn around_sort(plan: &str) -> (&str, &str) {
    let (above, below) = plan.split_once("SortExec").unwrap_or_else(|| panic!("no sort in\n{plan}"));
    (above, below)
}

#[tokio::test]
async fn texts_and_columns_of_other_tables_come_after_the_sort() {
    for join in ["inner", "left"] {
        let query = format!(
            "select scopes.scope, concat('C', customers.customer_key) as customer_id, customers.amount + 1 as more \
             from customers {join} join scopes on customers.scope_key = scopes.scope_key \
             order by customers.scope_key nulls first, customers.customer_key desc"
        );
        let (expected, _) = answer(&query, false).await;
        let (answer, plan) = answer(&query, true).await;
        assert_eq!(answer, expected);
        let (above, below) = around_sort(&plan);
        assert!(above.contains("concat") && above.contains("HashJoinExec"), "{plan}");
        assert!(!below.contains("concat") && !below.contains("HashJoinExec"), "{plan}");
    }
}

#[tokio::test]
async fn rows_are_not_sorted_where_they_are_wider_or_their_order_is_not_known() {
    for query in [
        "select customer_key + 1 as later from customers order by later",
        "select scope_key from customers order by scope_key",
        "select scope_key, customer_key, min(amount) + max(amount) as both from customers \
         group by scope_key, customer_key order by scope_key, customer_key",
        "select scopes.scope, customers.amount from customers inner join scopes \
         on customers.scope_key = scopes.scope_key order by scopes.scope, customers.amount",
    ] {
        let (expected, before) = answer(query, false).await;
        let (answer, after) = answer(query, true).await;
        assert_eq!(answer, expected, "{query}");
        assert_eq!(before, after, "{query}");
    }
    let limited = "select concat('C', customer_key) as id from customers order by customer_key limit 2";
    assert_eq!(answer(limited, true).await.0, answer(limited, false).await.0);
}
