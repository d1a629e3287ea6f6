//! `day_count`, `nth_day`, `union_days`, `rhythm_since`, `median_gap`, `usual_gap` and `spread_days`: how a
//! customer's days follow each other.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array, Date32Builder, Float64Array, Int64Array, ListBuilder, PrimitiveArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use super::day_set::{each_list, item_field, list_type};

/// The functions of this module.
pub fn functions() -> [ScalarUDF; 7] {
    let immutable = Volatility::Immutable;
    let (day, number) = (DataType::Date32, DataType::Int64);
    let rule = vec![list_type(), day.clone(), number.clone(), number.clone(), number.clone()];
    let ratio = DataType::Float64;
    let lists = |count| vec![list_type(); count];
    [
        create_udf("day_count", lists(1), number.clone(), immutable, Arc::new(day_count)),
        create_udf("nth_day", vec![list_type(), number.clone()], day.clone(), immutable, Arc::new(nth_day)),
        create_udf("union_days", lists(2), list_type(), immutable, Arc::new(union_days)),
        create_udf("rhythm_since", rule, day.clone(), immutable, Arc::new(rhythm_since)),
        create_udf("median_gap", vec![list_type()], DataType::Float64, immutable, Arc::new(median_gap)),
        create_udf("usual_gap", vec![list_type(), ratio.clone()], ratio, immutable, Arc::new(usual_gap)),
        create_udf("spread_days", vec![day.clone(), day, number], list_type(), immutable, Arc::new(spread_days)),
    ]
}

/// A rule over days: fewer than `recency_days` since the last one, and `frequency` or more in the last
/// `window_days`.
#[derive(Clone, Copy)]
struct Rule {
    recency_days: i32,
    window_days: i32,
    frequency: usize,
}

impl Rule {
    /// How many of the days have come by `day`, are no longer recent by then, and have left the window.
    fn passed(self, days: &[i32], day: i32) -> [usize; 3] {
        self.shifts().map(|shift| days.partition_point(|&other| i64::from(other) + shift <= i64::from(day)))
    }

    /// How long after a day it comes, is no longer recent, and leaves the window.
    fn shifts(self) -> [i64; 3] {
        [0, i64::from(self.recency_days), i64::from(self.window_days)]
    }

    fn holds(self, [come, stale, gone]: [usize; 3]) -> bool {
        come > stale && come.saturating_sub(gone) >= self.frequency
    }

    /// The first day from which on the rule's truth is that of `as_of`; `days` ascend.
    ///
    /// Truth can only change on a day, or when a day leaves the window or is no longer recent: these moments are looked
    /// at from the latest one back.
    fn since(self, days: &[i32], as_of: i32) -> Option<i32> {
        let moment = |passed: usize, shift| Some(i64::from(*days.get(passed.checked_sub(1)?)?) + shift);
        let mut passed = self.passed(days, as_of);
        let truth = self.holds(passed);
        loop {
            let moments = passed.into_iter().zip(self.shifts()).filter_map(|(passed, shift)| moment(passed, shift));
            let change = moments.max()?;
            for (passed, shift) in passed.iter_mut().zip(self.shifts()) {
                while moment(*passed, shift) == Some(change) {
                    *passed -= 1;
                }
            }
            if self.holds(passed) != truth {
                return i32::try_from(change).ok();
            }
        }
    }
}

fn day_count(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [lists] = arrays.as_slice() else {
        return internal_err!("day_count takes one argument");
    };
    let counts: Int64Array = each_list(lists).map(|days| i64::try_from(days.len()).ok()).collect();
    Ok(ColumnarValue::Array(Arc::new(counts)))
}

fn nth_day(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [lists, places] = arrays.as_slice() else {
        return internal_err!("nth_day takes two arguments");
    };
    let places = places.as_primitive::<Int64Type>();
    let nth = each_list(lists).zip(places).map(|(days, place)| {
        let place = usize::try_from(place?).ok()?.checked_sub(1)?;
        days.get(place).copied()
    });
    Ok(ColumnarValue::Array(Arc::new(nth.collect::<Date32Array>())))
}

fn union_days(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [left, right] = arrays.as_slice() else {
        return internal_err!("union_days takes two arguments");
    };
    let mut unions = ListBuilder::new(Date32Builder::new()).with_field(item_field());
    let mut days = Vec::new();
    for (left, right) in each_list(left).zip(each_list(right)) {
        days.clear();
        days.extend_from_slice(left);
        days.extend_from_slice(right);
        // Two ascending runs: this sort merges them.
        days.sort();
        days.dedup();
        unions.values().append_slice(&days);
        unions.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(unions.finish())))
}

fn rhythm_since(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [lists, as_of, recency, window, frequency] = arrays.as_slice() else {
        return internal_err!("rhythm_since takes five arguments");
    };
    let as_of = as_of.as_primitive::<Date32Type>();
    let [recency, window, frequency] = [recency, window, frequency].map(|numbers| numbers.as_primitive::<Int64Type>());
    let since = each_list(lists).enumerate().map(|(row, days)| {
        let is_known = as_of.is_valid(row) && recency.is_valid(row) && window.is_valid(row) && frequency.is_valid(row);
        if !is_known {
            return None;
        }
        let frequency = usize::try_from(frequency.value(row)).ok()?;
        let days_of = |numbers: &PrimitiveArray<Int64Type>| i32::try_from(numbers.value(row)).ok();
        let rule = Rule { recency_days: days_of(recency)?, window_days: days_of(window)?, frequency };
        rule.since(days, as_of.value(row))
    });
    Ok(ColumnarValue::Array(Arc::new(since.collect::<Date32Array>())))
}

fn median_gap(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [lists] = arrays.as_slice() else {
        return internal_err!("median_gap takes one argument");
    };
    let medians: Float64Array = each_list(lists).map(median_of_gaps).collect();
    Ok(ColumnarValue::Array(Arc::new(medians)))
}

fn median_of_gaps(days: &[i32]) -> Option<f64> {
    let mut gaps: Vec<i32> = days.iter().zip(days.iter().skip(1)).map(|(day, next)| next - day).collect();
    gaps.sort_unstable();
    let middle = |place: usize| gaps.get(place).copied().map(f64::from);
    Some(f64::midpoint(middle(gaps.len().saturating_sub(1) / 2)?, middle(gaps.len() / 2)?))
}

fn usual_gap(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    /// How many gaps of one's own the others' usual gap weighs as much as.
    const PRIOR_GAPS: f64 = 3.0;
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [lists, priors] = arrays.as_slice() else {
        return internal_err!("usual_gap takes two arguments");
    };
    let gaps = each_list(lists).zip(priors.as_primitive::<Float64Type>()).map(|(days, prior)| {
        let count = f64::from(u32::try_from(days.len().saturating_sub(1)).ok()?);
        let own = median_of_gaps(days).unwrap_or_default();
        Some((count * own + PRIOR_GAPS * prior?) / (count + PRIOR_GAPS))
    });
    Ok(ColumnarValue::Array(Arc::new(gaps.collect::<Float64Array>())))
}

fn spread_days(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [from, until, step] = arrays.as_slice() else {
        return internal_err!("spread_days takes three arguments");
    };
    let (from, until) = (from.as_primitive::<Date32Type>(), until.as_primitive::<Date32Type>());
    let steps = step.as_primitive::<Int64Type>();
    let mut lists = ListBuilder::new(Date32Builder::new()).with_field(item_field());
    for ((from, until), step) in from.iter().zip(until).zip(steps) {
        if let (Some(from), Some(until), Some(step)) = (from, until, step.and_then(|step| usize::try_from(step).ok())) {
            for day in (from..until).step_by(step.max(1)) {
                lists.values().append_value(day);
            }
            if from <= until {
                lists.values().append_value(until);
            }
        }
        lists.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(lists.finish())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition.
    fn naive_holds(rule: Rule, days: &[i32], day: i32) -> bool {
        let ages = days.iter().map(|other| day - other).filter(|age| *age >= 0);
        let is_recent = ages.clone().any(|age| age < rule.recency_days);
        is_recent && ages.filter(|age| *age < rule.window_days).count() >= rule.frequency
    }

    /// Walks back day by day.
    fn naive_since(rule: Rule, days: &[i32], as_of: i32) -> Option<i32> {
        let truth = naive_holds(rule, days, as_of);
        let earliest = days.first().map_or(as_of, |first| first - 1);
        (earliest..as_of).rev().find(|&day| naive_holds(rule, days, day) != truth).map(|day| day + 1)
    }

    proptest! {
        #[test]
        fn a_rule_has_held_since_the_day_that_walking_back_finds(
            days in prop::collection::btree_set(0..400_i32, 0..20),
            as_of in 0..450_i32,
            recency_days in 1..120_i32,
            window_days in 1..120_i32,
            frequency in 1..5_usize,
        ) {
            let days: Vec<i32> = days.into_iter().collect();
            let rule = Rule { recency_days, window_days, frequency };
            prop_assert_eq!(rule.since(&days, as_of), naive_since(rule, &days, as_of));
        }
    }
}
