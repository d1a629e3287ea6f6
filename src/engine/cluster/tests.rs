//! Scattered and read again: the same rows in order, whatever the partitions, buckets and batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Int32Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Date32Type, Int32Type};
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use proptest::prelude::*;

use super::{Clustered, ClusteredTable, Ranges, scatter};
use crate::engine::work_files::WorkFiles;

/// Customer, branch, day, and which row it was.
type Row = (i32, Option<i32>, i32, i32);

fn batch(rows: &[Row]) -> RecordBatch {
    let numbers = |pick: fn(&Row) -> Option<i32>| Arc::new(rows.iter().map(pick).collect::<Int32Array>()) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable([
        ("customer_key", numbers(|row| Some(row.0)), false),
        ("branch_key", numbers(|row| row.1), true),
        ("day", Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.2))) as ArrayRef, false),
        ("row", numbers(|row| Some(row.3)), false),
    ])
    .expect("a batch")
}

fn rows(batches: &[RecordBatch]) -> Vec<Row> {
    let Some(first) = batches.first() else { return Vec::new() };
    let all = concat_batches(&first.schema(), batches).expect("one batch");
    let numbers = |column: usize| all.column(column).as_primitive::<Int32Type>().iter();
    let days = all.column(2).as_primitive::<Date32Type>().values();
    let keys = numbers(0).zip(numbers(1)).zip(days).zip(numbers(3));
    keys.map(|(((customer, branch), day), row)| (customer.expect("a key"), branch, *day, row.expect("a row"))).collect()
}

/// The ranges of the partitions, and their rows, after they were scattered from `given` ones.
async fn scattered(given: Vec<Vec<RecordBatch>>, ranges: Ranges, batch_rows: usize) -> (Ranges, Vec<Vec<Row>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(batch_rows));
    let schema = batch(&[]).schema();
    context
        .register_table("given", Arc::new(MemTable::try_new(Arc::clone(&schema), given).expect("a table")))
        .expect("new");
    let plan = context.table("given").await.expect("a table").create_physical_plan().await.expect("a plan");
    let files = Arc::new(WorkFiles::create(&folder.path().join("rows")).expect("a folder"));
    let mut clustered = Clustered { files, schema, order: vec![0, 1, 2], ranges };
    let rows_of_buckets = scatter(&plan, &context.task_ctx(), &clustered).await.expect("scattered");
    clustered.ranges = clustered.ranges.shared_out(&rows_of_buckets);
    let ranges = clustered.ranges.clone();
    context.register_table("clustered", Arc::new(ClusteredTable(clustered))).expect("a table");
    let counted =
        context.sql("select count(*) from clustered").await.expect("a plan").collect().await.expect("a count");
    let read = context.table("clustered").await.expect("a table").collect_partitioned().await.expect("rows");
    let read: Vec<Vec<Row>> = read.iter().map(|batches| rows(batches)).collect();
    let lying: Vec<usize> =
        (0..ranges.partitions()).map(|partition| rows_of_buckets[ranges.buckets_of(partition)].iter().sum()).collect();
    assert_eq!(lying, read.iter().map(Vec::len).collect::<Vec<_>>(), "rows that were counted while they were written");
    let count = counted[0].column(0).as_primitive::<arrow::datatypes::Int64Type>().value(0);
    assert_eq!(usize::try_from(count), Ok(read.iter().map(Vec::len).sum()), "rows that are only counted");
    (ranges, read)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_come_back_in_order_each_in_the_partition_of_its_customer(
        keys in prop::collection::vec((0..40_i32, prop::option::of(0..3_i32), -4..4_i32), 0..200),
        partitions in 1..6_usize,
        wanted in 1..12_usize,
        given_partitions in 1..4_usize,
        batch_rows in 1..50_usize,
    ) {
        let given: Vec<Row> = (0..).zip(&keys).map(|(row, (customer, branch, day))| (*customer, *branch, *day, row)).collect();
        let mut dealt = vec![Vec::new(); given_partitions];
        for (number, chunk) in given.chunks(7).enumerate() {
            dealt[number % given_partitions].push(batch(chunk));
        }
        let ranges = Ranges::in_buckets(40, wanted, partitions);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (ranges, read) = runtime.block_on(scattered(dealt, ranges, batch_rows));
        prop_assert_eq!(read.len(), ranges.partitions());
        let key = |row: &Row| (row.0, row.1, row.2);
        for (partition, rows) in read.iter().enumerate() {
            prop_assert!(rows.is_sorted_by_key(key));
            prop_assert!(rows.iter().all(|row| ranges.buckets_of(partition).contains(&ranges.bucket(Some(row.0)))));
        }
        let mut all = read.concat();
        all.sort_by_key(|row| row.3);
        prop_assert_eq!(all, given);
    }
}
