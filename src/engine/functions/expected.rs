//! `alive_probability`, `expected_days` and `expected_money`: what a customer is expected to do, by the chain's parameters.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use crate::forecast::{bg_nbd, gamma_gamma};

/// The functions of this module.
pub fn functions() -> [ScalarUDF; 3] {
    let of = |counts: usize, parameters: usize| {
        [vec![DataType::Int64; counts], vec![DataType::Float64; parameters]].concat()
    };
    let (ratio, immutable) = (DataType::Float64, Volatility::Immutable);
    [
        create_udf("alive_probability", of(3, 4), ratio.clone(), immutable, Arc::new(alive_probability)),
        create_udf("expected_days", of(4, 4), ratio.clone(), immutable, Arc::new(expected_days)),
        create_udf("expected_money", of(2, 3), ratio, immutable, Arc::new(expected_money)),
    ]
}

fn alive_probability(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    each_row(arguments, |[repeat_days, span_days, tenure_days], [r, alpha, a, b]| {
        let history = bg_nbd::History { repeat_days, span_days, tenure_days };
        bg_nbd::Parameters { r, alpha, a, b }.alive_probability(history)
    })
}

fn expected_days(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    each_row(arguments, |[days, repeat_days, span_days, tenure_days], [r, alpha, a, b]| {
        let history = bg_nbd::History { repeat_days, span_days, tenure_days };
        bg_nbd::Parameters { r, alpha, a, b }.expected_days(history, days)
    })
}

fn expected_money(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    each_row(arguments, |[repeat_days, repeat_cents], [p, q, v]| {
        gamma_gamma::Parameters { p, q, v }.expected_money(repeat_days, repeat_cents)
    })
}

/// What `of` makes of a row's counts and then its parameters; null where one of them is.
fn each_row<const COUNTS: usize, const PARAMETERS: usize>(
    arguments: &[ColumnarValue],
    of: impl Fn([i64; COUNTS], [f64; PARAMETERS]) -> f64,
) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let Some((counts, parameters)) = arrays.split_first_chunk::<COUNTS>() else {
        return exec_err!("{} arguments are too few", arrays.len());
    };
    let Ok(parameters) = <&[ArrayRef; PARAMETERS]>::try_from(parameters) else {
        return exec_err!("{} parameters are not {PARAMETERS}", parameters.len());
    };
    let counts = counts.each_ref().map(|column| column.as_primitive::<Int64Type>());
    let parameters = parameters.each_ref().map(|column| column.as_primitive::<Float64Type>());
    let rows = arrays.first().map_or(0, |column| column.len());
    let each = |row: usize| {
        let is_known =
            counts.iter().all(|column| column.is_valid(row)) && parameters.iter().all(|column| column.is_valid(row));
        is_known.then(|| of(counts.map(|column| column.value(row)), parameters.map(|column| column.value(row))))
    };
    Ok(ColumnarValue::Array(Arc::new((0..rows).map(each).collect::<Float64Array>())))
}
