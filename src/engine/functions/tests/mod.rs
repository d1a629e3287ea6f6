//! The functions beside a naive computation: through SQL, and step by step as DataFusion drives them.

mod accumulators;
mod customer_scopes;
mod forecast;
mod rhythm;
mod sql;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array};
use arrow::datatypes::{DataType, Date32Type};
use proptest::prelude::*;

/// A row of a customer's history.
#[derive(Clone, Debug)]
struct Event {
    customer: i32,
    branch: i32,
    day: Option<i32>,
    department: Option<i32>,
    cents: Option<i128>,
    is_kept: Option<bool>,
}

/// One entry of `latest_departments`: department (`None` for none), day, money.
type Entry = (Option<i32>, i32, i128);

/// Few customers, days, departments and amounts: repeats and ties are the rule.
fn event() -> impl Strategy<Value = Event> {
    let some = |values: std::ops::Range<i32>| prop_oneof![4 => values.prop_map(Some), 1 => Just(None)];
    let cents = prop_oneof![4 => (-1..3_i128).prop_map(|units| Some(units * 100)), 1 => Just(None)];
    let is_kept = prop_oneof![4 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (0..5_i32, 0..3_i32, some(-2..6), some(0..3), cents, is_kept).prop_map(
        |(customer, branch, day, department, cents, is_kept)| Event {
            customer,
            branch,
            day,
            department,
            cents,
            is_kept,
        },
    )
}

fn naive_days<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<i32> {
    events.into_iter().filter_map(|event| event.day).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Money per department on the latest day, departments ascending, none last.
fn naive_departments<'a>(events: impl IntoIterator<Item = &'a Event> + Clone) -> Vec<Entry> {
    let Some(latest) = events.clone().into_iter().filter_map(|event| event.day).max() else {
        return Vec::new();
    };
    let mut money: BTreeMap<(bool, Option<i32>), i128> = BTreeMap::new();
    for event in events.into_iter().filter(|event| event.day == Some(latest)) {
        *money.entry((event.department.is_none(), event.department)).or_default() += event.cents.unwrap_or(0);
    }
    money.into_iter().map(|((_, department), cents)| (department, latest, cents)).collect()
}

/// The first of those with the most money.
fn naive_top(entries: &[Entry]) -> Option<i32> {
    let most = entries.iter().map(|entry| entry.2).max()?;
    entries.iter().find(|entry| entry.2 == most)?.0
}

fn days_column(events: &[Event]) -> ArrayRef {
    Arc::new(events.iter().map(|event| event.day).collect::<Date32Array>())
}

fn departments_column(events: &[Event]) -> ArrayRef {
    Arc::new(events.iter().map(|event| event.department).collect::<Int32Array>())
}

fn money_column(events: &[Event]) -> ArrayRef {
    let cents = events.iter().map(|event| event.cents).collect::<Decimal128Array>();
    Arc::new(cents.with_data_type(DataType::Decimal128(18, 2)))
}

fn kept_column(events: &[Event]) -> BooleanArray {
    events.iter().map(|event| event.is_kept).collect()
}

/// The days of each list.
fn lists_of_days(lists: &dyn Array) -> Vec<Vec<i32>> {
    let days = |list: Option<ArrayRef>| list.expect("a list").as_primitive::<Date32Type>().values().to_vec();
    lists.as_list::<i32>().iter().map(days).collect()
}
