//! The operator.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use futures::{StreamExt, stream};

use super::groups::Groups;

/// What an [`AggregateExec`] does, where the rows of a group are neighbours.
#[derive(Debug)]
pub struct InOrderAggregateExec {
    aggregate: Arc<AggregateExec>,
    metrics: ExecutionPlanMetricsSet,
}

impl InOrderAggregateExec {
    /// Stands for `aggregate`.
    pub fn new(aggregate: AggregateExec) -> Self {
        InOrderAggregateExec { aggregate: Arc::new(aggregate), metrics: ExecutionPlanMetricsSet::new() }
    }
}

impl DisplayAs for InOrderAggregateExec {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("InOrder")?;
        self.aggregate.fmt_as(kind, f)
    }
}

impl ExecutionPlan for InOrderAggregateExec {
    fn name(&self) -> &'static str {
        "InOrderAggregateExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.aggregate.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![self.aggregate.input()]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.aggregate.apply_expressions(visit)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        standing_for(Arc::clone(&self.aggregate).replace_children(children, options)?)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let state = State {
            rows: self.aggregate.input().execute(partition, Arc::clone(&context))?,
            groups: Some(Groups::of(&self.aggregate, self.schema())?),
            memory: MemoryConsumer::new("InOrderAggregateExec").register(context.memory_pool()),
            metrics: BaselineMetrics::new(&self.metrics, partition),
        };
        let batches = stream::try_unfold(state, |mut state| async move {
            let batch = state.next().await?;
            Ok(batch.map(|batch| (batch, state)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// Over other rows it is still in order.
fn standing_for(aggregate: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    match aggregate.downcast_ref::<AggregateExec>() {
        Some(aggregate) => Ok(Arc::new(InOrderAggregateExec::new(aggregate.clone()))),
        None => internal_err!("an aggregate became a {}", aggregate.name()),
    }
}

/// How far a partition has come.
struct State {
    rows: SendableRecordBatchStream,
    /// None once all rows have come.
    groups: Option<Groups>,
    memory: MemoryReservation,
    metrics: BaselineMetrics,
}

impl State {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(groups) = &mut self.groups {
            let batch = self.rows.next().await.transpose()?;
            let timer = self.metrics.elapsed_compute().timer();
            let made = match batch {
                Some(batch) => {
                    groups.push(&batch)?;
                    self.memory.try_resize(groups.size())?;
                    if groups.complete() > 0 { Some(groups.take_complete()?) } else { None }
                }
                None => self.groups.take().map(Groups::finish).transpose()?.flatten(),
            };
            timer.done();
            if let Some(made) = made {
                return Ok(Some(made.record_output(&self.metrics)));
            }
        }
        Ok(None)
    }
}
