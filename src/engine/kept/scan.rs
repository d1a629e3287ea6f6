//! Kept rows as a table.

use std::fmt;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::datasource::TableType;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use futures::{StreamExt, stream};

use super::kept_rows::KeptRows;

/// Kept rows, to be read in the order in which they were made.
#[derive(Debug)]
pub struct KeptTable(pub Arc<KeptRows>);

#[async_trait::async_trait]
impl TableProvider for KeptTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.0.schema.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        Ok(Arc::new(KeptScan::try_new(Arc::clone(&self.0), projection)?))
    }
}

/// Reads some columns of each partition from start to end.
#[derive(Debug)]
struct KeptScan {
    kept: Arc<KeptRows>,
    projection: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl KeptScan {
    fn try_new(kept: Arc<KeptRows>, projection: Vec<usize>) -> Result<Self> {
        let schema = Arc::new(kept.schema.project(&projection)?);
        let order = kept.layout.as_ref().map(|layout| layout.order(&projection));
        let ranges = kept.layout.as_ref().map(|layout| layout.ranges(&projection)).transpose()?.flatten();
        let unknown = Partitioning::UnknownPartitioning(kept.partitions.len());
        let partitioning = ranges.map_or(unknown, Partitioning::Range);
        let equivalences = EquivalenceProperties::new_with_orderings(schema, order);
        let properties =
            PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded);
        Ok(KeptScan { kept, projection, properties: Arc::new(properties) })
    }

    /// What there is in a partition, or in all, of the columns that are read.
    fn statistics(&self, partition: Option<usize>) -> Result<Statistics> {
        let all = match partition.and_then(|partition| self.kept.partitions.get(partition)) {
            Some(partition) => partition.statistics.clone(),
            None => {
                Statistics::try_merge_iter(self.kept.partitions.iter().map(|kept| &kept.statistics), &self.kept.schema)?
            }
        };
        let read = all.project(Some(&self.projection));
        let sizes = read.column_statistics.iter().map(|column| column.byte_size);
        let bytes = sizes.fold(Precision::Exact(0), |sum, size| sum.add(&size));
        Ok(read.with_total_byte_size(bytes))
    }
}

/// Batches without columns, of rows that are only counted.
fn counted(schema: SchemaRef, count: usize, batch_rows: usize) -> impl Iterator<Item = Result<RecordBatch>> {
    (0..count).step_by(batch_rows).map(move |start| {
        let options = RecordBatchOptions::new().with_row_count(Some(batch_rows.min(count - start)));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), Vec::new(), &options)?)
    })
}

impl DisplayAs for KeptScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let (folder, schema) = (self.kept.files.folder().file_name().unwrap_or_default(), self.schema());
        let columns: Vec<&str> = schema.fields().iter().map(|column| column.name().as_str()).collect();
        write!(f, "KeptScan: {}, columns=[{}]", folder.display(), columns.join(", "))
    }
}

impl ExecutionPlan for KeptScan {
    fn name(&self) -> &'static str {
        "KeptScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        self.statistics(args.partition()).map(Arc::new)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let Some(kept) = self.kept.partitions.get(partition) else {
            return internal_err!("no partition {partition} of kept rows");
        };
        let schema = self.schema();
        if self.projection.is_empty() {
            let batch_rows = context.session_config().batch_size().max(1);
            let counted = stream::iter(counted(Arc::clone(&schema), kept.count(), batch_rows));
            return Ok(Box::pin(RecordBatchStreamAdapter::new(schema, counted)));
        }
        // A task that waited for a table which this one has built is woken for this thread, and no other thread takes it
        // until this task lets go: partitions would be read one after the other, with the other threads idle.
        let rows = stream::iter(kept.read(&self.projection, &schema)?).then(async |batch| {
            tokio::task::yield_now().await;
            batch
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
