//! `keyed_draw(key, id)`: a number that stands for an id under a key.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use crate::policy::keyed_draw;

/// The function.
pub fn function() -> ScalarUDF {
    let arguments = vec![DataType::Utf8, DataType::Utf8];
    create_udf("keyed_draw", arguments, DataType::Int64, Volatility::Immutable, Arc::new(draws))
}

fn draws(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [keys, ids] = arrays.as_slice() else {
        return internal_err!("keyed_draw takes two arguments");
    };
    let pairs = keys.as_string::<i32>().iter().zip(ids.as_string::<i32>());
    let draws: Int64Array = pairs.map(|(key, id)| Some(i64::from(keyed_draw(key?, id?)))).collect();
    Ok(ColumnarValue::Array(Arc::new(draws)))
}
