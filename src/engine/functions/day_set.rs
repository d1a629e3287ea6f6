//! `day_set(day)` and `merge_day_sets(days)`: the distinct days of a group as an ascending list; `day_list(day)`: all its
//! days, a day that comes twice twice.
//!
//! One pass over a customer's days then answers every window of every rule, and the chain's set is the
//! union of its branches' sets.

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Date32Array, ListArray, PrimitiveArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};

use super::single_group::{SingleGroup, states_of_rows};

/// The two aggregates: of days, and of lists of days.
pub fn functions() -> [DaySet; 2] {
    [DaySet::new("day_set", DataType::Date32, false), DaySet::new("merge_day_sets", list_type(), false)]
}

/// The aggregate that keeps repeats.
pub fn day_list() -> DaySet {
    DaySet::new("day_list", DataType::Date32, true)
}

/// The type of a set of days: an ascending list.
pub fn list_type() -> DataType {
    DataType::List(item_field())
}

/// The field of a day in such a list.
pub fn item_field() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Date32, true))
}

/// See the module's documentation.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct DaySet {
    name: &'static str,
    signature: Signature,
    keeps_repeats: bool,
}

impl DaySet {
    fn new(name: &'static str, input: DataType, keeps_repeats: bool) -> Self {
        DaySet { name, signature: Signature::exact(vec![input], Volatility::Immutable), keeps_repeats }
    }

    fn groups(&self) -> Groups {
        Groups { keeps_repeats: self.keeps_repeats, ..Groups::default() }
    }
}

impl AggregateUDFImpl for DaySet {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(list_type())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Box::new(SingleGroup::new(self.groups(), &types)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "days"), list_type(), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.groups()))
    }
}

/// Days as (group, day) pairs: eight bytes each, sorted only when they are wanted.
#[derive(Default)]
struct Groups {
    pairs: Vec<(u32, i32)>,
    keeps_repeats: bool,
    group_count: usize,
    /// Pairs that were left when they were last sorted.
    sorted_pairs: usize,
}

impl Groups {
    fn push(&mut self, group: usize, day: i32) -> Result<()> {
        let Ok(group) = u32::try_from(group) else {
            return internal_err!("day_set holds more than 2^32 groups");
        };
        self.pairs.push((group, day));
        Ok(())
    }

    fn sort(&mut self) {
        self.pairs.sort_unstable();
        if !self.keeps_repeats {
            self.pairs.dedup();
        }
        self.sorted_pairs = self.pairs.len();
    }

    /// Drops repeats whenever the pairs have doubled since they were last sorted.
    fn compact(&mut self) {
        const WORTH_SORTING: usize = 1 << 20;
        if !self.keeps_repeats && self.pairs.len() > WORTH_SORTING.max(2 * self.sorted_pairs) {
            self.sort();
        }
    }

    fn push_days(&mut self, column: &ArrayRef, groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let days = column.as_primitive::<Date32Type>();
        for (row, &group) in groups.iter().enumerate() {
            if days.is_valid(row) && is_kept(filter, row) {
                self.push(group, days.value(row))?;
            }
        }
        Ok(())
    }

    fn push_lists(&mut self, column: &ArrayRef, groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let lists = column.as_list::<i32>();
        let days = lists.values().as_primitive::<Date32Type>();
        for (row, &group) in groups.iter().enumerate() {
            if lists.is_valid(row) && is_kept(filter, row) {
                for &day in list_values(lists, days, row) {
                    self.push(group, day)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether `filter` lets `row` through; a null does not.
pub fn is_kept(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

/// The days of each row; none for a null list.
pub fn each_list(lists: &ArrayRef) -> impl Iterator<Item = &[i32]> {
    each_values::<Date32Type>(lists)
}

/// The values of each row's list; none for a null list.
pub fn each_values<T: ArrowPrimitiveType>(lists: &ArrayRef) -> impl Iterator<Item = &[T::Native]> {
    let lists = lists.as_list::<i32>();
    let values = lists.values().as_primitive::<T>();
    (0..lists.len()).map(move |row| if lists.is_valid(row) { list_values(lists, values, row) } else { &[] })
}

/// The values of list `row`; empty when the offsets make no sense.
fn list_values<'a, T: ArrowPrimitiveType>(
    lists: &ListArray,
    values: &'a PrimitiveArray<T>,
    row: usize,
) -> &'a [T::Native] {
    let offsets = lists.value_offsets();
    let bounds = offsets.get(row).zip(offsets.get(row + 1));
    bounds
        .and_then(|(&start, &end)| values.values().get(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
        .unwrap_or_default()
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.group_count = total_num_groups;
        match values {
            [days] if days.data_type() == &DataType::Date32 => self.push_days(days, group_indices, filter)?,
            [lists] => self.push_lists(lists, group_indices, filter)?,
            _ => return internal_err!("day_set takes one argument"),
        }
        self.compact();
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.sort();
        let emitted_groups = match emit_to {
            EmitTo::All => self.group_count,
            EmitTo::First(count) => count,
        };
        let end = self.pairs.partition_point(|(group, _)| usize::try_from(*group).is_ok_and(|g| g < emitted_groups));
        let rest = self.pairs.split_off(end);
        let emitted = std::mem::replace(&mut self.pairs, rest);
        let shift = u32::try_from(emitted_groups).unwrap_or(u32::MAX);
        for (group, _) in &mut self.pairs {
            *group = group.saturating_sub(shift);
        }
        self.group_count -= emitted_groups;
        self.sorted_pairs = self.pairs.len();

        let mut lengths = vec![0_usize; emitted_groups];
        for (group, _) in &emitted {
            if let Some(length) = usize::try_from(*group).ok().and_then(|group| lengths.get_mut(group)) {
                *length += 1;
            }
        }
        let days = Date32Array::from_iter_values(emitted.into_iter().map(|(_, day)| day));
        Ok(Arc::new(ListArray::try_new(item_field(), OffsetBuffer::from_lengths(lengths), Arc::new(days), None)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Groups { keeps_repeats: self.keeps_repeats, ..Groups::default() }, values, filter)
    }

    fn size(&self) -> usize {
        self.pairs.capacity() * size_of::<(u32, i32)>()
    }
}
