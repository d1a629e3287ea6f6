//! Days on their way from a first step of the aggregate to the second.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array, ListArray, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::Result;

use super::columns::{BOUNDS, DAY, MONEY};
use super::history::{Bounds, Day};
use crate::engine::lists::own_items;

fn fields() -> Fields {
    let day = DAY.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
    let bounds = BOUNDS.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
    day.chain(bounds).collect()
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(fields()), true))
}

/// A list of a customer's days, each with the bounds.
pub fn list_type() -> DataType {
    DataType::List(item())
}

/// The lists of customers that have so many of `days` each.
pub fn lists(days: &[Day], lengths: Vec<usize>, bounds: Bounds) -> Result<ArrayRef> {
    let money = |cents: fn(&Day) -> i64| -> ArrayRef {
        let cents = Decimal128Array::from_iter_values(days.iter().map(|day| i128::from(cents(day))));
        Arc::new(cents.with_data_type(MONEY))
    };
    let same = |key: Option<i32>| -> ArrayRef { Arc::new(days.iter().map(|_| key).collect::<Int32Array>()) };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(days.iter().map(|day| day.scope_key).collect::<Int32Array>()),
        Arc::new(days.iter().map(|day| day.department_key).collect::<Int32Array>()),
        Arc::new(Date32Array::from_iter_values(days.iter().map(|day| day.day))),
        money(|day| day.revenue),
        money(|day| day.kept_revenue),
        money(|day| day.profit),
        Arc::new(Int64Array::from_iter_values(days.iter().map(|day| day.lines_without_profit))),
        Arc::new(Int64Array::from_iter_values(days.iter().map(|day| day.sales))),
        Arc::new(days.iter().map(|day| Some(day.is_consumption)).collect::<BooleanArray>()),
        Arc::new(Date32Array::from_iter_values(days.iter().map(|day| day.window_start))),
        Arc::new(Date32Array::from_iter_values(days.iter().map(|day| day.other_window_start))),
        same(bounds.chain_key),
        same(bounds.first_department_key),
        Arc::new(days.iter().map(|_| Some(bounds.has_history)).collect::<BooleanArray>()),
    ];
    let rows = StructArray::try_new(fields(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(item(), OffsetBuffer::from_lengths(lengths), Arc::new(rows), None)?))
}

/// The columns of all days in `lists`, and whose each day is: the group of its list.
pub fn flat(lists: &ArrayRef, groups: &[usize]) -> (Vec<ArrayRef>, Vec<usize>) {
    let lists = lists.as_list::<i32>();
    let rows = own_items(lists);
    let lengths = lists.offsets().lengths();
    let owners = groups.iter().zip(lengths).flat_map(|(&group, length)| std::iter::repeat_n(group, length));
    (rows.as_struct().columns().to_vec(), owners.collect())
}
