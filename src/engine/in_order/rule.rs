//! Where the engine has planned to look groups up although their rows are neighbours.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};

use super::operator::InOrderAggregateExec;

/// Puts [`InOrderAggregateExec`] in the place of aggregates that it can stand for.
#[derive(Debug)]
pub struct AggregateInOrder;

impl PhysicalOptimizerRule for AggregateInOrder {
    fn name(&self) -> &'static str {
        "AggregateInOrder"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|node| match node.downcast_ref::<AggregateExec>() {
            Some(aggregate) if is_in_order(aggregate)? => {
                Ok(Transformed::yes(Arc::new(InOrderAggregateExec::new(aggregate.clone())) as Arc<dyn ExecutionPlan>))
            }
            _ => Ok(Transformed::no(node)),
        });
        Ok(replaced?.data)
    }
}

/// Whether rows of a group are neighbours and end up in one result, with nothing that asks for more than each row once.
fn is_in_order(aggregate: &AggregateExec) -> Result<bool> {
    let groups = aggregate.group_expr();
    let is_sorted = *aggregate.input_order_mode() == InputOrderMode::Sorted;
    let is_whole = matches!(aggregate.mode(), AggregateMode::Single | AggregateMode::SinglePartitioned);
    let are_plain = aggregate.aggr_expr().iter().all(|function| {
        function.groups_accumulator_supported() && function.order_bys().is_empty() && !function.is_distinct()
    });
    let is_by_columns = !groups.expr().is_empty() && groups.is_single();
    if !(is_sorted && is_whole && are_plain && is_by_columns && aggregate.limit_options().is_none()) {
        return Ok(false);
    }
    let schema = aggregate.input().schema();
    let types = groups.expr().iter().map(|(key, _)| key.data_type(&schema));
    Ok(types.collect::<Result<Vec<_>>>()?.iter().all(DataType::is_primitive))
}
