//! A query's rows into the work folder.

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::runtime::JoinSet;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;

use super::kept_rows::KeptRows;
use super::layout::Layout;
use super::partition::{Partition, Writer};
use super::scan::KeptTable;
use crate::engine::work_files::WorkFiles;

/// Runs `plan` and keeps its rows, whose columns are those of `schema`, under `folder`. What is made in order of ranges of
/// customers lies so, and is read so again.
///
/// # Errors
/// The query fails, or the folder can't be written.
pub async fn keep(
    plan: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
    folder: &Path,
    schema: &SchemaRef,
) -> Result<KeptTable> {
    let files = WorkFiles::create(folder)?;
    let count = plan.output_partitioning().partition_count();
    let mut tasks = JoinSet::new();
    for partition in 0..count {
        let rows = plan.execute(partition, Arc::clone(context))?;
        let writer = Writer::create(folder, partition, schema, context.session_config().batch_size())?;
        tasks.spawn(async move { write(rows, writer).await.map(|kept| (partition, kept)) });
    }
    let mut partitions = vec![Partition::default(); count];
    while let Some(ended) = tasks.join_next().await {
        let ended = ended.map_err(|cause| exec_datafusion_err!("a thread that writes rows failed: {cause}"))?;
        let (partition, written) = ended?;
        if let Some(kept) = partitions.get_mut(partition) {
            *kept = written;
        }
    }
    let layout = Layout::of(plan.as_ref());
    Ok(KeptTable(Arc::new(KeptRows { files, schema: Arc::clone(schema), layout, partitions })))
}

/// Writes all rows; returns what there was.
async fn write(mut rows: SendableRecordBatchStream, mut writer: Writer) -> Result<Partition> {
    while let Some(batch) = rows.next().await {
        writer.write(batch?)?;
    }
    writer.finish()
}
