//! The functions that expressions have beside DataFusion's: exact decimals out of texts, and their rounding.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::common::{Result, exec_datafusion_err, exec_err, internal_err, plan_err};
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use crate::bounded_text;
use crate::number::{EXPRESSION_SCALE, NumberError, parse_decimal};

pub(super) const ROUND: &str = "round";
pub(super) const ABS: &str = "abs";

/// 18 digits before the decimals: what money holds, and two more.
const NUMBER: DataType = DataType::Decimal128(18 + EXPRESSION_SCALE, EXPRESSION_SCALE.cast_signed());
/// Digits of a decimal.
const DIGITS: u8 = 38;

/// `number(text)`: the text as a decimal, written as amounts are.
pub(super) fn number() -> Arc<ScalarUDF> {
    static NUMBER: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::from(Number::default())));
    Arc::clone(&NUMBER)
}

pub(super) fn register(state: &mut SessionState) {
    let own = [number(), Arc::new(Rounding::of(ROUND)), Arc::new(Rounding::of(ABS))];
    for function in bounded_text::functions().into_iter().chain(own) {
        // Whichever was registered under the name is replaced.
        let _ = state.register_udf(function);
    }
}

/// See [`number`].
#[derive(Debug, PartialEq, Eq, Hash)]
struct Number {
    signature: Signature,
}

impl Default for Number {
    fn default() -> Self {
        Number { signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Number {
    fn name(&self) -> &str {
        "number"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(NUMBER)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [texts] = arrays.as_slice() else { return internal_err!("number takes one argument") };
        let numbers = texts.as_string::<i32>().iter().map(|text| text.map(read).transpose());
        let numbers: Decimal128Array = numbers.collect::<Result<_>>()?;
        decimals(numbers, &NUMBER)
    }
}

fn read(text: &str) -> Result<i128> {
    parse_decimal(text).map_err(|error| match error {
        NumberError::NotANumber => {
            exec_datafusion_err!("'{text}' is not a number; expected one such as 1234.50 or 1,234.50")
        }
        NumberError::TooPrecise => exec_datafusion_err!("'{text}' has more than {EXPRESSION_SCALE} decimals"),
        NumberError::TooLarge => exec_datafusion_err!("'{text}' is out of range"),
    })
}

fn decimals(values: Decimal128Array, data_type: &DataType) -> Result<ColumnarValue> {
    Ok(ColumnarValue::Array(Arc::new(values.with_data_type(data_type.clone()))))
}

/// `round(number)`, `round(number, decimals)`: halves away from zero. `abs(number)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Rounding {
    name: &'static str,
    signature: Signature,
}

impl Rounding {
    fn of(name: &'static str) -> ScalarUDF {
        ScalarUDF::from(Rounding { name, signature: Signature::user_defined(Volatility::Immutable) })
    }
}

impl ScalarUDFImpl for Rounding {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let most = if self.name == ROUND { 2 } else { 1 };
        let (Some(number), true) = (types.first(), types.len() <= most) else {
            return plan_err!("{} takes a number{}", self.name, if most == 2 { ", and decimals or none" } else { "" });
        };
        let number = match number {
            DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
                DataType::Decimal128(DIGITS, *scale)
            }
            DataType::Null => NUMBER,
            integer if integer.is_integer() => DataType::Decimal128(DIGITS, 0),
            float if float.is_floating() => DataType::Float64,
            other => return plan_err!("{} takes a number, not {other}", self.name),
        };
        Ok([number].into_iter().chain(types.get(1).map(|_| DataType::Int64)).collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.first() {
            Some(number) => Ok(number.clone()),
            None => plan_err!("{} takes a number", self.name),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(numbers) = arrays.first() else { return internal_err!("{} takes a number", self.name) };
        let places = |row: usize| match arrays.get(1).map(|places| places.as_primitive::<Int64Type>()) {
            Some(places) if places.is_null(row) => None,
            Some(places) => Some(places.value(row)),
            None => Some(0),
        };
        match numbers.data_type() {
            DataType::Float64 => Ok(ColumnarValue::Array(self.floats(numbers, places))),
            DataType::Decimal128(_, scale) => {
                let values = numbers.as_primitive::<Decimal128Type>().iter().enumerate();
                let values = values.map(|(row, value)| match (value, places(row)) {
                    (Some(value), Some(_)) if self.name == ABS => Ok(Some(value.abs())),
                    (Some(value), Some(places)) => rounded(value, i64::from(*scale) - places).map(Some),
                    _ => Ok(None),
                });
                decimals(values.collect::<Result<Decimal128Array>>()?, numbers.data_type())
            }
            other => exec_err!("{} takes a number, not {other}", self.name),
        }
    }
}

impl Rounding {
    fn floats(&self, numbers: &ArrayRef, places: impl Fn(usize) -> Option<i64>) -> ArrayRef {
        let values = numbers.as_primitive::<Float64Type>().iter().enumerate();
        let values: Float64Array = values
            .map(|(row, value)| {
                let (value, places) = value.zip(places(row))?;
                if self.name == ABS {
                    return Some(value.abs());
                }
                let factor = 10_f64.powi(i32::try_from(places).unwrap_or(i32::MAX));
                Some((value * factor).round() / factor)
            })
            .collect();
        Arc::new(values)
    }
}

/// `value` without its last `digits` digits, halves away from zero.
fn rounded(value: i128, digits: i64) -> Result<i128> {
    let digits = match u32::try_from(digits) {
        Ok(digits) if digits > 0 => digits,
        _ => return Ok(value),
    };
    let Some(unit) = 10_i128.checked_pow(digits) else { return Ok(0) };
    let rest = value % unit;
    let down = value - rest;
    match rest.abs() >= unit - rest.abs() {
        true => down.checked_add(unit * value.signum()).ok_or_else(|| exec_datafusion_err!("out of range")),
        false => Ok(down),
    }
}
