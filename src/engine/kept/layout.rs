//! How kept rows lie.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr, RangePartitioning};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

/// How partitions are ranges of customers, and the order in which rows lie in them, if they lie in any.
#[derive(Clone, Debug)]
pub struct Layout {
    ranges: RangePartitioning,
    order: Vec<PhysicalSortExpr>,
}

impl Layout {
    /// The layout that `plan` gives its rows, if its partitions are ranges.
    pub fn of(plan: &dyn ExecutionPlan) -> Option<Self> {
        let Partitioning::Range(ranges) = plan.output_partitioning() else {
            return None;
        };
        let order = plan.output_ordering().map(|order| order.to_vec()).unwrap_or_default();
        Some(Layout { ranges: ranges.clone(), order })
    }

    /// The order of rows of which only the columns of `projection` are read.
    pub fn order(&self, projection: &[usize]) -> Vec<PhysicalSortExpr> {
        self.order.iter().map_while(|sort| projected(sort, projection)).collect()
    }

    /// The ranges of such rows; none if what they are ranges of isn't read.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn ranges(&self, projection: &[usize]) -> Result<Option<RangePartitioning>> {
        let key: Option<Vec<_>> = self.ranges.ordering().iter().map(|sort| projected(sort, projection)).collect();
        let ranges = |key| RangePartitioning::try_new(key, self.ranges.split_points().to_vec());
        key.and_then(LexOrdering::new).map(ranges).transpose()
    }
}

/// As said of the columns that are read; none where it isn't said of one of them.
fn projected(sort: &PhysicalSortExpr, projection: &[usize]) -> Option<PhysicalSortExpr> {
    let column = sort.expr.downcast_ref::<Column>()?;
    let place = projection.iter().position(|&read| read == column.index())?;
    Some(PhysicalSortExpr::new(Arc::new(Column::new(column.name(), place)), sort.options))
}

#[cfg(test)]
mod tests {
    use arrow::compute::SortOptions;
    use datafusion::common::{ScalarValue, SplitPoint};

    use super::*;

    fn sort(name: &str, place: usize) -> PhysicalSortExpr {
        PhysicalSortExpr::new(Arc::new(Column::new(name, place)), SortOptions::default())
    }

    #[test]
    fn a_layout_is_told_as_far_as_its_columns_are_read() {
        let key = LexOrdering::new([sort("customer_key", 1)]).expect("a key");
        let points = vec![SplitPoint::new(vec![ScalarValue::Int32(Some(7))])];
        let ranges = RangePartitioning::try_new(key, points.clone()).expect("ranges");
        let layout = Layout { ranges, order: vec![sort("customer_key", 1), sort("day", 0), sort("branch_key", 2)] };
        assert_eq!(layout.order(&[0, 3, 1]), [sort("customer_key", 2), sort("day", 0)]);
        assert_eq!(layout.order(&[0, 2]), []);
        let read = layout.ranges(&[3, 1]).expect("ranges").expect("some");
        assert_eq!((read.ordering().to_vec(), read.split_points()), (vec![sort("customer_key", 1)], &points[..]));
        assert!(layout.ranges(&[0, 2]).expect("ranges").is_none());
    }
}
