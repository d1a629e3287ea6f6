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

/// Rows that are scattered at once: enough for each bucket to get a piece worth writing.
const ROWS_AT_ONCE: usize = 1 << 16;

/// Runs `plan` and writes its rows to the buckets of `clustered`.
///
/// # Errors
/// The query fails, or the folder can't be written.
pub async fn scatter(plan: &Arc<dyn ExecutionPlan>, context: &Arc<TaskContext>, clustered: &Clustered) -> Result<()> {
    std::fs::create_dir_all(&clustered.folder)?;
    let create = |bucket| bucket::create(&clustered.folder, bucket, &clustered.schema).map(Mutex::new);
    let writers = Arc::new((0..clustered.ranges.buckets()).map(create).collect::<Result<Vec<_>>>()?);
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let rows = plan.execute(partition, Arc::clone(context))?;
        tasks.spawn(scatter_stream(rows, clustered.clone(), Arc::clone(&writers)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|cause| exec_datafusion_err!("a thread that clusters rows failed: {cause}"))??;
    }
    for writer in writers.iter() {
        writer.lock().unwrap_or_else(PoisonError::into_inner).finish()?;
    }
    Ok(())
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
    let (places, ends) = by_bucket(&rows, clustered)?;
    let rows = take_record_batch(&rows, &places)?;
    let mut start = 0;
    for (writer, end) in writers.iter().zip(ends) {
        if end > start {
            writer.lock().unwrap_or_else(PoisonError::into_inner).write(&rows.slice(start, end - start))?;
        }
        start = end;
    }
    Ok(())
}

/// The places of the rows, bucket after bucket, and where each bucket ends.
fn by_bucket(rows: &RecordBatch, clustered: &Clustered) -> Result<(UInt32Array, Vec<usize>)> {
    let keys = clustered.order.first().and_then(|&key| rows.columns().get(key));
    let Some(keys) = keys.and_then(|keys| keys.as_primitive_opt::<Int32Type>()) else {
        return internal_err!("rows are clustered by a key of 32 bits");
    };
    let buckets: Vec<usize> = keys.iter().map(|key| clustered.ranges.bucket(key)).collect();
    let mut ends = vec![0; clustered.ranges.buckets()];
    for &bucket in &buckets {
        if let Some(count) = ends.get_mut(bucket) {
            *count += 1;
        }
    }
    // From counts to where each bucket begins; placing its rows moves that to where it ends.
    let mut begins = 0;
    for end in &mut ends {
        begins += std::mem::replace(end, begins);
    }
    let mut places = vec![0_u32; rows.num_rows()];
    for (row, &bucket) in (0_u32..).zip(&buckets) {
        if let Some(next) = ends.get_mut(bucket) {
            if let Some(place) = places.get_mut(*next) {
                *place = row;
            }
            *next += 1;
        }
    }
    Ok((UInt32Array::from(places), ends))
}
