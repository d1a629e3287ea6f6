//! Clustered rows as a table: sorted while they are read, a bucket at a time.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::datasource::TableType;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr, RangePartitioning,
};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use futures::stream;

use super::bucket;
use super::clustered::Clustered;
use super::ranges::ORDER;

/// Clustered rows, to be read in order.
#[derive(Debug)]
pub struct ClusteredTable(pub Clustered);

#[async_trait::async_trait]
impl TableProvider for ClusteredTable {
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
        Ok(Arc::new(ClusterScan::try_new(self.0.clone(), projection)?))
    }
}

/// Reads and sorts the buckets of each partition, one after the other.
#[derive(Debug)]
struct ClusterScan {
    clustered: Clustered,
    projection: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl ClusterScan {
    fn try_new(clustered: Clustered, projection: Vec<usize>) -> Result<Self> {
        let schema = Arc::new(clustered.schema.project(&projection)?);
        let order = order(&clustered, &projection);
        let partitioning = partitioning(&clustered, order.first())?;
        let equivalences = EquivalenceProperties::new_with_orderings(schema, LexOrdering::new(order));
        let properties =
            PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded);
        Ok(ClusterScan { clustered, projection, properties: Arc::new(properties) })
    }
}

/// The ordering columns up to the first that isn't read.
fn order(clustered: &Clustered, projection: &[usize]) -> Vec<PhysicalSortExpr> {
    let sort = |&column: &usize| {
        let place = projection.iter().position(|&read| read == column)?;
        let column = Arc::new(Column::new(clustered.schema.field(column).name(), place)) as Arc<dyn PhysicalExpr>;
        Some(PhysicalSortExpr::new(column, ORDER))
    };
    clustered.order.iter().map_while(sort).collect()
}

fn partitioning(clustered: &Clustered, key: Option<&PhysicalSortExpr>) -> Result<Partitioning> {
    let partitions = clustered.ranges.partitions();
    match key.and_then(|key| LexOrdering::new([key.clone()])) {
        Some(key) => Ok(Partitioning::Range(RangePartitioning::try_new(key, clustered.ranges.split_points()?)?)),
        None => Ok(Partitioning::UnknownPartitioning(partitions)),
    }
}

impl DisplayAs for ClusterScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "ClusterScan: buckets={}", self.clustered.ranges.buckets())
    }
}

impl ExecutionPlan for ClusterScan {
    fn name(&self) -> &'static str {
        "ClusterScan"
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

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition >= self.clustered.ranges.partitions() {
            return internal_err!("no partition {partition} of clustered rows");
        }
        let batch_rows = context.session_config().batch_size().max(1);
        let mut memory = MemoryConsumer::new("ClusterScan").register(context.memory_pool());
        let (clustered, projection) = (self.clustered.clone(), self.projection.clone());
        let read = move |bucket| match read_sorted(&clustered, &projection, bucket, &mut memory) {
            Ok(rows) => {
                let starts = (0..rows.num_rows()).step_by(batch_rows);
                starts.map(|start| Ok(rows.slice(start, batch_rows.min(rows.num_rows() - start)))).collect()
            }
            Err(cause) => vec![Err(cause)],
        };
        let batches = self.clustered.ranges.buckets_of(partition).flat_map(read);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(batches))))
    }
}

fn read_sorted(
    clustered: &Clustered,
    projection: &[usize],
    bucket: usize,
    memory: &mut MemoryReservation,
) -> Result<RecordBatch> {
    let rows = bucket::read(clustered.files.folder(), bucket, &clustered.schema)?;
    // The rows as they came and in order.
    memory.try_resize(2 * rows.get_array_memory_size())?;
    let read = rows.project(projection)?;
    if projection.is_empty() {
        // Rows are only counted.
        return Ok(read);
    }
    Ok(take_record_batch(&read, &bucket::sorted(&rows, &clustered.order)?)?)
}
