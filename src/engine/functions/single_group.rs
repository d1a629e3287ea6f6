//! A grouped aggregate where there is one group only, or one for each row.

use std::fmt;
use std::mem::size_of_val;

use arrow::array::{Array, ArrayRef, BooleanArray, new_empty_array};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// The states of `groups`, which are empty so far, if each row is a group of its own.
pub fn states_of_rows(
    mut groups: impl GroupsAccumulator,
    values: &[ArrayRef],
    filter: Option<&BooleanArray>,
) -> Result<Vec<ArrayRef>> {
    let rows = values.first().map_or(0, |column| column.len());
    groups.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
    groups.state(EmitTo::All)
}

/// Runs a [`GroupsAccumulator`] on one group.
pub struct SingleGroup<G> {
    groups: G,
    no_rows: Vec<ArrayRef>,
}

impl<G: GroupsAccumulator> SingleGroup<G> {
    /// Wraps a new accumulator over arguments of `input_types`.
    pub fn new(groups: G, input_types: &[DataType]) -> Self {
        SingleGroup { groups, no_rows: input_types.iter().map(new_empty_array).collect() }
    }

    /// The group exists also when no row ever came.
    fn ensure_group(&mut self) -> Result<()> {
        self.groups.update_batch(&self.no_rows, &[], None, 1)
    }
}

impl<G> fmt::Debug for SingleGroup<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleGroup")
    }
}

fn all_in_one(values: &[ArrayRef]) -> Vec<usize> {
    vec![0; values.first().map_or(0, |column| column.len())]
}

impl<G: GroupsAccumulator + Sync> Accumulator for SingleGroup<G> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.groups.update_batch(values, &all_in_one(values), None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.ensure_group()?;
        ScalarValue::try_from_array(&self.groups.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.ensure_group()?;
        self.groups.state(EmitTo::All)?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.groups.merge_batch(states, &all_in_one(states), 1)
    }
}
