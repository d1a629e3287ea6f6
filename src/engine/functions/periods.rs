//! `period_no(kind, day)`, `period_label(kind, day)` and `period_starts(kind, days)`: the reporting period of a day.

use std::sync::Arc;

use arrow::array::{AsArray, Date32Builder, Int32Array, ListBuilder, StringArray};
use arrow::datatypes::{DataType, Date32Type};
use chrono::NaiveDate;
use datafusion::common::{Result, exec_datafusion_err, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use hashbrown::HashMap;

use super::day_set::{each_list, item_field, list_type};
use crate::calendar::{Period, PeriodKind};

/// The three functions.
pub fn functions() -> [ScalarUDF; 3] {
    let arguments = || vec![DataType::Utf8, DataType::Date32];
    let of_list = vec![DataType::Utf8, list_type()];
    [
        create_udf("period_no", arguments(), DataType::Int32, Volatility::Immutable, Arc::new(period_no)),
        create_udf("period_label", arguments(), DataType::Utf8, Volatility::Immutable, Arc::new(period_label)),
        create_udf("period_starts", of_list, list_type(), Volatility::Immutable, Arc::new(period_starts)),
    ]
}

fn period_no(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let mut numbers = Int32Array::builder(0);
    each_period(arguments, |period| numbers.append_option(period.map(Period::number)))?;
    Ok(ColumnarValue::Array(Arc::new(numbers.finish())))
}

fn period_label(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let mut labels: Vec<Option<String>> = Vec::new();
    each_period(arguments, |period| labels.push(period.map(Period::label)))?;
    Ok(ColumnarValue::Array(Arc::new(StringArray::from(labels))))
}

fn period_starts(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [kinds, lists] = arrays.as_slice() else {
        return internal_err!("period_starts takes two arguments");
    };
    let mut starts = ListBuilder::new(Date32Builder::new()).with_field(item_field());
    for (name, set) in kinds.as_string::<i32>().iter().zip(each_list(lists)) {
        let kind = kind_of(name.unwrap_or_default())?;
        let mut last: Option<Period> = None;
        for day in set.iter().copied().filter_map(date) {
            if last.is_none_or(|last| day > last.end) {
                let period = Period::containing(kind, day);
                starts.values().append_value(Date32Type::from_naive_date(period.start));
                last = Some(period);
            }
        }
        starts.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(starts.finish())))
}

fn kind_of(name: &str) -> Result<PeriodKind> {
    PeriodKind::of_name(name)
        .ok_or_else(|| exec_datafusion_err!("'{name}' is no kind of period: write day, week, month or quarter"))
}

/// The period of each row's day, worked out once per distinct day of a batch: rows have far fewer days than there are
/// rows.
fn each_period(arguments: &[ColumnarValue], mut take: impl FnMut(Option<Period>)) -> Result<()> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [kinds, days] = arrays.as_slice() else {
        return internal_err!("a period function takes two arguments");
    };
    let mut named = ("", None);
    let mut periods: HashMap<i32, Option<Period>> = HashMap::new();
    for (name, day) in kinds.as_string::<i32>().iter().zip(days.as_primitive::<Date32Type>()) {
        let name = name.unwrap_or_default();
        let kind = match named {
            (known, Some(kind)) if known == name => kind,
            _ => {
                periods.clear();
                kind_of(name)?
            }
        };
        named = (name, Some(kind));
        let of_day = |day| *periods.entry(day).or_insert_with(|| date(day).map(|day| Period::containing(kind, day)));
        take(day.and_then(of_day));
    }
    Ok(())
}

fn date(day: i32) -> Option<NaiveDate> {
    arrow::temporal_conversions::date32_to_datetime(day).map(|day| day.date())
}
