//! Rows into the buckets of their customers.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::Int32Type;
use datafusion::common::runtime::JoinSet;
use datafusion::common::{Result, exec_datafusion_err, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;

use super::bucket::{self, Writer};
use super::clustered::Clustered;
use crate::grouping::Grouped;

/// Rows that are scattered at once: enough for each bucket to get a piece worth writing.
const ROWS_AT_ONCE: usize = 1 << 16;

/// Runs `plan` and writes its rows to the buckets of `clustered`; returns how many each has.
///
/// # Errors
/// The query fails, or the folder can't be written.
pub async fn scatter(
    plan: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
    clustered: &Clustered,
) -> Result<Vec<usize>> {
    let create = |bucket| bucket::create(clustered.files.folder(), bucket, &clustered.schema).map(Mutex::new);
    let writers = Arc::new((0..clustered.ranges.buckets()).map(create).collect::<Result<Vec<_>>>()?);
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let rows = plan.execute(partition, Arc::clone(context))?;
        tasks.spawn(scatter_stream(rows, clustered.clone(), Arc::clone(&writers)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|cause| exec_datafusion_err!("a thread that clusters rows failed: {cause}"))??;
    }
    writers.iter().map(|writer| writer.lock().unwrap_or_else(PoisonError::into_inner).finish()).collect()
}

async fn scatter_stream(
    mut rows: SendableRecordBatchStream,
    clustered: Clustered,
    writers: Arc<Vec<Mutex<Writer>>>,
) -> Result<()> {
    let mut gathered = Vec::new();
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        count += batch.num_rows();
        gathered.push(batch);
        if count >= ROWS_AT_ONCE {
            scatter_rows(&gathered, &clustered, &writers)?;
            gathered.clear();
            count = 0;
        }
    }
    scatter_rows(&gathered, &clustered, &writers)
}

fn scatter_rows(gathered: &[RecordBatch], clustered: &Clustered, writers: &[Mutex<Writer>]) -> Result<()> {
    let rows = concat_batches(&clustered.schema, gathered)?;
    let grouped = by_bucket(&rows, clustered)?;
    let places: UInt32Array = grouped.items.iter().map(|(_, row)| *row).collect();
    let rows = take_record_batch(&rows, &places)?;
    for (writer, range) in writers.iter().zip(grouped.ranges()) {
        if !range.is_empty() {
            writer.lock().unwrap_or_else(PoisonError::into_inner).write(&rows.slice(range.start, range.len()))?;
        }
    }
    Ok(())
}

/// The bucket and place of each row, bucket after bucket.
fn by_bucket(rows: &RecordBatch, clustered: &Clustered) -> Result<Grouped<(usize, u32)>> {
    let keys = clustered.order.first().and_then(|&key| rows.columns().get(key));
    let Some(keys) = keys.and_then(|keys| keys.as_primitive_opt::<Int32Type>()) else {
        return internal_err!("rows are clustered by a key of 32 bits");
    };
    let rows: Vec<(usize, u32)> = keys.iter().map(|key| clustered.ranges.bucket(key)).zip(0..).collect();
    Ok(Grouped::of(&rows, clustered.ranges.buckets(), |(bucket, _)| *bucket))
}
