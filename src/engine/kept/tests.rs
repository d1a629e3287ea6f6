//! Kept and read again: the same rows in the same order, whatever the partitions, batches and columns.

use std::sync::{Arc, Mutex};

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, ListArray, RecordBatch, StringArray};
use arrow::compute::{concat_batches, max, min};
use arrow::datatypes::{Int32Type, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::collect_partitioned;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use proptest::prelude::*;

use super::keep;

/// A number, a text, and how long a list.
type Row = (Option<i32>, Option<String>, usize);

fn batch(rows: &[Row]) -> RecordBatch {
    let lists = rows.iter().map(|row| (row.2 > 0).then(|| vec![row.0; row.2]));
    RecordBatch::try_from_iter_with_nullable([
        ("number", Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()) as ArrayRef, true),
        ("text", Arc::new(rows.iter().map(|row| row.1.as_deref()).collect::<StringArray>()), true),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists)), true),
    ])
    .expect("a batch")
}

fn schema() -> SchemaRef {
    batch(&[]).schema()
}

/// What comes back of `columns`, by partition, after the rows of `given` were kept.
async fn kept(given: &[Vec<RecordBatch>], columns: &[usize], batch_rows: usize) -> Vec<Vec<RecordBatch>> {
    let folder = tempfile::tempdir().expect("a folder");
    let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(batch_rows));
    let given = MemTable::try_new(schema(), given.to_vec()).expect("a table");
    let plan = given.scan(&context.state(), None, &[], None).await.expect("a plan");
    let table = keep(&plan, &context.task_ctx(), &folder.path().join("rows"), &schema()).await.expect("kept");
    let scan = table.scan(&context.state(), Some(&columns.to_vec()), &[], None).await.expect("a plan");
    let partitions = collect_partitioned(Arc::clone(&scan), context.task_ctx()).await.expect("rows");
    for (partition, batches) in partitions.iter().enumerate() {
        let of_it = StatisticsArgs::new().with_partition(Some(partition));
        let known = StatisticsContext::new().compute(scan.as_ref(), &of_it).expect("statistics");
        assert_eq!(known.num_rows, Precision::Exact(batches.iter().map(RecordBatch::num_rows).sum()));
        if let Some(place) = columns.iter().position(|column| *column == 0) {
            let numbers = joined(batches, columns).column(place).as_primitive::<Int32Type>().clone();
            let bound = |bound: Option<i32>| {
                bound.map_or(Precision::Absent, |bound| Precision::Exact(ScalarValue::from(bound)))
            };
            let seen = &known.column_statistics[place];
            assert_eq!(seen.null_count, Precision::Exact(numbers.null_count()));
            assert_eq!((&seen.min_value, &seen.max_value), (&bound(min(&numbers)), &bound(max(&numbers))));
            assert_eq!(seen.byte_size.get_value().is_some_and(|bytes| *bytes > 0), !numbers.is_empty());
        }
    }
    partitions
}

fn joined(batches: &[RecordBatch], columns: &[usize]) -> RecordBatch {
    let schema = Arc::new(schema().project(columns).expect("columns"));
    concat_batches(&schema, batches).expect("one batch")
}

#[tokio::test]
async fn partitions_let_each_other_have_the_thread_after_each_batch() {
    let folder = tempfile::tempdir().expect("a folder");
    let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(2));
    let three = vec![batch(&[(Some(1), None, 0), (Some(2), None, 0)]); 3];
    let given = MemTable::try_new(schema(), vec![three; 2]).expect("a table");
    let plan = given.scan(&context.state(), None, &[], None).await.expect("a plan");
    let table = keep(&plan, &context.task_ctx(), folder.path(), &schema()).await.expect("kept");
    let scan = table.scan(&context.state(), None, &[], None).await.expect("a plan");
    let order = Mutex::new(Vec::new());
    let read = async |partition| {
        let mut rows = scan.execute(partition, context.task_ctx()).expect("rows");
        while let Some(batch) = rows.next().await {
            batch.expect("a batch");
            order.lock().expect("an order").push(partition);
        }
    };
    futures::join!(read(0), read(1));
    assert_eq!(*order.lock().expect("an order"), [0, 1, 0, 1, 0, 1]);
}

#[tokio::test]
async fn lists_that_came_as_parts_of_longer_ones_count_by_themselves() {
    let bytes = async |given: Vec<RecordBatch>| {
        let folder = tempfile::tempdir().expect("a folder");
        let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(100));
        let given = MemTable::try_new(schema(), vec![given]).expect("a table");
        let plan = given.scan(&context.state(), None, &[], None).await.expect("a plan");
        let table = keep(&plan, &context.task_ctx(), folder.path(), &schema()).await.expect("kept");
        let [partition] = &table.0.partitions[..] else { panic!("one partition") };
        partition.statistics.column_statistics[2].byte_size.get_value().copied().expect("bytes")
    };
    let rows: Vec<Row> = (0..10_000).map(|number| (Some(number), None, 2)).collect();
    let whole = batch(&rows);
    let parts = (0..100).map(|part| whole.slice(100 * part, 100)).collect();
    let apart = rows.chunks(100).map(batch).collect();
    assert_eq!(bytes(parts).await, bytes(apart).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_come_back_as_they_were_made(
        rows in prop::collection::vec((any::<Option<i32>>(), any::<Option<String>>(), 0..3_usize), 0..120),
        partitions in 1..4_usize,
        given_rows in 1..30_usize,
        columns in prop::sample::subsequence(vec![0_usize, 1, 2], 0..=3).prop_shuffle(),
        batch_rows in 2..40_usize,
    ) {
        let mut given = vec![Vec::new(); partitions];
        for (number, chunk) in rows.chunks(given_rows).enumerate() {
            given[number % partitions].push(batch(chunk));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let read = runtime.block_on(kept(&given, &columns, batch_rows));
        prop_assert_eq!(read.len(), partitions);
        for (given, read) in given.iter().zip(&read) {
            let expected: Vec<_> = given.iter().map(|batch| batch.project(&columns).expect("columns")).collect();
            prop_assert_eq!(joined(read, &columns), joined(&expected, &columns));
            let sizes: Vec<usize> = read.iter().map(RecordBatch::num_rows).collect();
            let all_but_last = sizes.split_last().map_or(&[][..], |(_, sizes)| sizes);
            prop_assert!(all_but_last.iter().all(|size| *size > batch_rows / 2), "small batches: {:?}", sizes);
        }
    }
}
