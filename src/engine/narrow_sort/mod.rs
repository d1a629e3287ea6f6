//! Rows are sorted where they are narrowest: before texts, ids and columns of other tables are put beside them, for a
//! sort copies each row several times.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ReplaceChildrenOptions};

/// Moves sorts below what passes rows on in the order in which they come.
#[derive(Debug)]
pub struct SortNarrowRows;

impl PhysicalOptimizerRule for SortNarrowRows {
    fn name(&self) -> &'static str {
        "SortNarrowRows"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let moved = plan.transform_up(|node| match node.downcast_ref::<SortExec>() {
            Some(sort) if sort.fetch().is_none() => {
                let sorted = sorted(sort.input(), sort.expr().clone(), sort.preserve_partitioning())?;
                Ok(Transformed::new(sorted, true, TreeNodeRecursion::Continue))
            }
            _ => Ok(Transformed::no(node)),
        });
        Ok(moved?.data)
    }
}

/// The rows of `plan` in `order`, sorted there or below.
fn sorted(plan: &Arc<dyn ExecutionPlan>, order: LexOrdering, by_partition: bool) -> Result<Arc<dyn ExecutionPlan>> {
    let below = passed_on(plan, &order).filter(|below| least_width(below) < width(&plan.schema()));
    let Some(below) = below else {
        return Ok(Arc::new(SortExec::new(order, Arc::clone(plan)).with_preserve_partitioning(by_partition)));
    };
    let mut children: Vec<_> = plan.children().into_iter().map(Arc::clone).collect();
    if let Some(child) = children.get_mut(below.place) {
        *child = sorted(&below.plan, below.order, by_partition)?;
    }
    Arc::clone(plan).replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
}

/// A child whose order is its parent's.
struct Below {
    plan: Arc<dyn ExecutionPlan>,
    /// Its place among the children.
    place: usize,
    /// The order, told of its columns.
    order: LexOrdering,
}

/// The child that `plan` passes rows on from in their order, if it has the columns that they are ordered by.
fn passed_on(plan: &Arc<dyn ExecutionPlan>, order: &LexOrdering) -> Option<Below> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let source = |place: usize| Some(projection.expr().get(place)?.expr.downcast_ref::<Column>()?.index());
        return below(projection.input(), 0, order, source);
    }
    let join = plan.downcast_ref::<HashJoinExec>()?;
    // Each partition of the right side meets the same table, and meets it in its order.
    let keeps_order = join.maintains_input_order().get(1) == Some(&true);
    if *join.partition_mode() != PartitionMode::CollectLeft || !keeps_order {
        return None;
    }
    let left_columns = join.left().schema().fields().len();
    let source = |place: usize| {
        let joined = join.projection.as_ref().map_or(Some(place), |kept| kept.get(place).copied())?;
        joined.checked_sub(left_columns)
    };
    below(join.right(), 1, order, source)
}

fn below(
    plan: &Arc<dyn ExecutionPlan>,
    place: usize,
    order: &LexOrdering,
    source: impl Fn(usize) -> Option<usize>,
) -> Option<Below> {
    let schema = plan.schema();
    let sort = |sort: &PhysicalSortExpr| {
        let column = source(sort.expr.downcast_ref::<Column>()?.index())?;
        let name = schema.fields().get(column)?.name();
        Some(PhysicalSortExpr::new(Arc::new(Column::new(name, column)), sort.options))
    };
    let order = LexOrdering::new(order.iter().map(sort).collect::<Option<Vec<_>>>()?)?;
    Some(Below { plan: Arc::clone(plan), place, order })
}

/// Of a row where it is narrowest.
fn least_width(below: &Below) -> usize {
    let width = width(&below.plan.schema());
    passed_on(&below.plan, &below.order).map_or(width, |further| width.min(least_width(&further)))
}

/// Bytes of a row, told by its columns' types.
fn width(schema: &Schema) -> usize {
    const TEXT_OR_LIST: usize = 24;
    let of = |kind: &DataType| kind.primitive_width().unwrap_or(TEXT_OR_LIST);
    schema.fields().iter().map(|column| of(column.data_type())).sum()
}
