//! The fits and what follows from them through SQL: the same bits whatever the partitions, nulls where nothing is known.

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::Float64Type;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;

use super::sql::{runtime, session};
use super::*;
use crate::forecast::{bg_nbd, gamma_gamma, made_up};

fn histories(partitions: usize) -> MemTable {
    let customers =
        made_up::histories(2000, [1, 1, 4], 120.0).into_iter().zip(made_up::spendings(2000, [5, 4], 3000.0));
    let row = |(days, money): (bg_nbd::History, gamma_gamma::Spending)| {
        [days.repeat_days, days.span_days, days.tenure_days, money.repeat_days, money.repeat_cents]
    };
    let rows: Vec<[i64; 5]> = customers.map(row).collect();
    let column = |place: usize| Arc::new(rows.iter().map(|row| Some(row[place])).collect::<Int64Array>()) as ArrayRef;
    let names = ["repeat_days", "span_days", "tenure_days", "paid_days", "cents"];
    let batch = RecordBatch::try_from_iter(names.iter().enumerate().map(|(place, name)| (*name, column(place))));
    let batch = batch.expect("a batch");
    let mut dealt = vec![Vec::new(); partitions];
    for start in (0..batch.num_rows()).step_by(100) {
        dealt[start / 100 * 7 % partitions].push(batch.slice(start, 100));
    }
    MemTable::try_new(batch.schema(), dealt).expect("a table")
}

const FITS: &str = "
    with fits as (
        select
            bg_nbd(repeat_days, span_days, tenure_days, cast(1 as bigint)) as days,
            gamma_gamma(paid_days, cents, cast(1 as bigint)) as money
        from histories
    )
    select
        get_field(days, 'r') as r, get_field(days, 'alpha') as alpha, get_field(days, 'a') as a, get_field(days, 'b') as b,
        get_field(money, 'p') as p, get_field(money, 'q') as q, get_field(money, 'v') as v
    from fits";

async fn floats(context: &SessionContext, sql: &str) -> Vec<Option<f64>> {
    let batches = context.sql(sql).await.expect("a plan").collect().await.expect("rows");
    let columns = batches.iter().flat_map(|batch| batch.columns().to_vec()).collect::<Vec<_>>();
    columns.iter().flat_map(|column| column.as_primitive::<Float64Type>().iter().collect::<Vec<_>>()).collect()
}

fn fits(partitions: usize) -> Vec<Option<f64>> {
    let context = session(partitions, false);
    context.register_table("histories", Arc::new(histories(partitions))).expect("a table");
    runtime().block_on(floats(&context, FITS))
}

#[test]
fn partitions_change_no_bit_of_a_fit() {
    let one = fits(1);
    assert_eq!(one.len(), 7);
    assert!(one.iter().all(Option::is_some), "{one:?}");
    assert_eq!(fits(3), one);
    assert_eq!(fits(16), one);
}

#[test]
fn nothing_is_expected_without_parameters_or_history() {
    let context = session(1, false);
    let sql = "
        select
            alive_probability(x, cast(5 as bigint), cast(9 as bigint), 0.2, 4.4, a, 2.4) as alive,
            expected_days(cast(365 as bigint), x, cast(5 as bigint), cast(9 as bigint), 0.2, 4.4, a, 2.4) as days,
            expected_money(x, cast(500 as bigint), 6.0, a, 15.0) as money
        from (values (cast(1 as bigint), 3.0), (null, 3.0), (cast(1 as bigint), null)) as rows (x, a)";
    let found = runtime().block_on(floats(&context, sql));
    let is_known: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(is_known, [true, false, false].repeat(3));
}
