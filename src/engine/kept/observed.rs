//! What is seen of a column while it is written.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result, ScalarValue};
use datafusion::functions_aggregate::min_max::{MaxAccumulator, MinAccumulator};
use datafusion::logical_expr::Accumulator;

/// How many nulls and bytes a column has, and between which values it lies. Joins are planned by it: which side is held,
/// and whether rows are shuffled.
pub struct Observed {
    /// The least and the greatest value; of texts and lists they would cost more than they tell.
    bounds: Option<(MinAccumulator, MaxAccumulator)>,
    nulls: usize,
    bytes: usize,
}

impl Observed {
    /// A column without rows.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn new(data_type: &DataType) -> Result<Self> {
        let bounds = if data_type.is_primitive() {
            Some((MinAccumulator::try_new(data_type)?, MaxAccumulator::try_new(data_type)?))
        } else {
            None
        };
        Ok(Observed { bounds, nulls: 0, bytes: 0 })
    }

    /// Takes in more of its values.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn observe(&mut self, values: &ArrayRef) -> Result<()> {
        self.nulls += values.null_count();
        self.bytes += values.to_data().get_slice_memory_size()?;
        if let Some((least, greatest)) = &mut self.bounds {
            least.update_batch(std::slice::from_ref(values))?;
            greatest.update_batch(std::slice::from_ref(values))?;
        }
        Ok(())
    }

    /// All that was seen.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn statistics(mut self) -> Result<ColumnStatistics> {
        let statistics = ColumnStatistics::new_unknown()
            .with_null_count(Precision::Exact(self.nulls))
            .with_byte_size(Precision::Exact(self.bytes));
        let Some((least, greatest)) = &mut self.bounds else {
            return Ok(statistics);
        };
        Ok(statistics.with_min_value(known(least.evaluate()?)).with_max_value(known(greatest.evaluate()?)))
    }
}

/// Without values there is none between which they lie.
fn known(bound: ScalarValue) -> Precision<ScalarValue> {
    if bound.is_null() { Precision::Absent } else { Precision::Exact(bound) }
}
