//! `money_since`: since when the money of a window has been enough, or too little.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, FieldRef, Int64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use super::customer_scopes::MONEY;
use super::day_set::{each_list, each_values, list_type};

/// The function of this module.
pub fn function() -> ScalarUDF {
    let arguments =
        vec![list_type(), cents_type(), list_type(), DataType::Boolean, DataType::Date32, DataType::Int64, MONEY];
    create_udf("money_since", arguments, DataType::Date32, Volatility::Immutable, Arc::new(money_since))
}

/// The type of the cents of days that stand in a list beside them.
pub fn cents_type() -> DataType {
    DataType::List(cents_field())
}

/// The field of an amount in such a list.
pub fn cents_field() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, true))
}

/// A rule over days: cents in the last `window_days` that are `least_cents` or more, and, where `needs_consumption`, a
/// day of consumption in them.
#[derive(Clone, Copy, Debug)]
struct Rule {
    window_days: i32,
    least_cents: i128,
    needs_consumption: bool,
}

/// Ascending days on which money was paid, with the cents of each, and ascending days of consumption.
#[derive(Clone, Copy)]
struct History<'a> {
    paid_days: &'a [i32],
    cents: &'a [i64],
    consumed_days: &'a [i32],
}

/// Which of the ascending days a window holds that is moved back in time.
struct Window<'a> {
    days: &'a [i32],
    window_days: i64,
    /// How many of the days have come.
    come: usize,
    /// How many of them have left the window again.
    gone: usize,
}

impl<'a> Window<'a> {
    /// The window that ends on `day`.
    fn until(day: i32, days: &'a [i32], window_days: i32) -> Self {
        let (day, window_days) = (i64::from(day), i64::from(window_days));
        let passed = |shift: i64| days.partition_point(|&other| i64::from(other) + shift <= day);
        Window { days, window_days, come: passed(0), gone: passed(window_days) }
    }

    /// The latest moment at which a day came or left.
    fn changed_on(&self) -> Option<i64> {
        self.came_on().max(self.left_on())
    }

    fn came_on(&self) -> Option<i64> {
        Some(i64::from(*self.days.get(self.come.checked_sub(1)?)?))
    }

    fn left_on(&self) -> Option<i64> {
        Some(i64::from(*self.days.get(self.gone.checked_sub(1)?)?) + self.window_days)
    }

    /// Goes back to before `moment`, a moment of change or a later one: tells `undo` the place of each day that comes
    /// back into the window (true), or isn't there yet (false).
    fn back_before(&mut self, moment: i64, mut undo: impl FnMut(usize, bool)) {
        while self.left_on() == Some(moment) {
            self.gone -= 1;
            undo(self.gone, true);
        }
        while self.came_on() == Some(moment) {
            self.come -= 1;
            undo(self.come, false);
        }
    }

    fn is_empty(&self) -> bool {
        self.come <= self.gone
    }
}

impl Rule {
    /// The first day from which on the rule's truth is that of `as_of`: walks back over the moments at which a day comes
    /// into the window or leaves it, for at no other can truth change.
    fn since(self, history: History<'_>, as_of: i32) -> Option<i32> {
        let cents_of = |place: usize| history.cents.get(place).copied().map_or(0, i128::from);
        let mut paid = Window::until(as_of, history.paid_days, self.window_days);
        let mut consumed = Window::until(as_of, history.consumed_days, self.window_days);
        let mut cents: i128 = (paid.gone..paid.come).map(cents_of).sum();
        let holds = |cents: i128, consumed: &Window<'_>| {
            cents >= self.least_cents && !(self.needs_consumption && consumed.is_empty())
        };
        let truth = holds(cents, &consumed);
        loop {
            let change = paid.changed_on().max(consumed.changed_on())?;
            paid.back_before(change, |place, is_back| {
                let moved = cents_of(place);
                cents += if is_back { moved } else { -moved };
            });
            consumed.back_before(change, |_, _| {});
            if holds(cents, &consumed) != truth {
                return i32::try_from(change).ok();
            }
        }
    }
}

fn money_since(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [paid_days, cents, consumed_days, needs_consumption, as_of, window_days, least] = arrays.as_slice() else {
        return internal_err!("money_since takes seven arguments");
    };
    let needs_consumption = needs_consumption.as_boolean();
    let as_of = as_of.as_primitive::<Date32Type>();
    let window_days = window_days.as_primitive::<Int64Type>();
    let least = least.as_primitive::<Decimal128Type>();
    let lists = each_list(paid_days).zip(each_values::<Int64Type>(cents)).zip(each_list(consumed_days));
    let since = lists.enumerate().map(|(row, ((paid_days, cents), consumed_days))| {
        let is_known = as_of.is_valid(row) && window_days.is_valid(row) && least.is_valid(row);
        if !is_known {
            return None;
        }
        let rule = Rule {
            window_days: i32::try_from(window_days.value(row)).ok()?,
            least_cents: least.value(row),
            needs_consumption: needs_consumption.is_valid(row) && needs_consumption.value(row),
        };
        rule.since(History { paid_days, cents, consumed_days }, as_of.value(row))
    });
    Ok(ColumnarValue::Array(Arc::new(since.collect::<Date32Array>())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition.
    fn naive_holds(rule: Rule, paid: &[(i32, i64)], consumed_days: &[i32], day: i32) -> bool {
        let is_in = |other: i32| other <= day && other > day - rule.window_days;
        let cents: i128 = paid.iter().filter(|(paid_on, _)| is_in(*paid_on)).map(|(_, cents)| i128::from(*cents)).sum();
        cents >= rule.least_cents && (!rule.needs_consumption || consumed_days.iter().any(|other| is_in(*other)))
    }

    /// Walks back day by day, to before anything happened.
    fn naive_since(rule: Rule, paid: &[(i32, i64)], consumed_days: &[i32], as_of: i32) -> Option<i32> {
        let truth = naive_holds(rule, paid, consumed_days, as_of);
        (-1..as_of).rev().find(|&day| naive_holds(rule, paid, consumed_days, day) != truth).map(|day| day + 1)
    }

    proptest! {
        #[test]
        fn money_has_been_enough_since_the_day_that_walking_back_finds(
            paid in prop::collection::btree_map(0..300_i32, -3..6_i64, 0..20),
            consumed_days in prop::collection::btree_set(0..300_i32, 0..10),
            as_of in 0..350_i32,
            window_days in 1..120_i32,
            least_cents in -2..12_i128,
            needs_consumption: bool,
        ) {
            let paid: Vec<(i32, i64)> = paid.into_iter().collect();
            let (paid_days, cents): (Vec<i32>, Vec<i64>) = paid.iter().copied().unzip();
            let consumed_days: Vec<i32> = consumed_days.into_iter().collect();
            let rule = Rule { window_days, least_cents, needs_consumption };
            let history = History { paid_days: &paid_days, cents: &cents, consumed_days: &consumed_days };
            prop_assert_eq!(rule.since(history, as_of), naive_since(rule, &paid, &consumed_days, as_of));
        }
    }
}
