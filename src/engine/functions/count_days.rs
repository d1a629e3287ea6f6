//! `count_days(days, from, until)`: how many days of an ascending list lie in [from, until].

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::day_set::{each_list, list_type};

/// See the module's documentation. Zero for a null list; null when a bound is null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CountDays {
    signature: Signature,
}

impl Default for CountDays {
    fn default() -> Self {
        let arguments = vec![list_type(), DataType::Date32, DataType::Date32];
        CountDays { signature: Signature::exact(arguments, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for CountDays {
    fn name(&self) -> &str {
        "count_days"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [lists, from, until] = arrays.as_slice() else {
            return internal_err!("count_days takes three arguments");
        };
        let bounds = from.as_primitive::<Date32Type>().iter().zip(until.as_primitive::<Date32Type>());
        let counts: Int64Array = each_list(lists)
            .zip(bounds)
            .map(|(set, (from, until))| {
                let (from, until) = from.zip(until)?;
                let end = set.partition_point(|&day| day <= until);
                let start = set.partition_point(|&day| day < from);
                i64::try_from(end.saturating_sub(start)).ok()
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(counts)))
    }
}
