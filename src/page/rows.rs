//! A query's rows as the page's script reads them.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use serde_json::Value;

use super::figure::Figure;
use crate::storage::failure;
use crate::{Context, Error, Kind, Result};

/// The names of a figure's columns, and its rows.
///
/// # Errors
/// Published files that can't be read.
pub async fn of(session: &SessionContext, figure: &Figure) -> Result<(Vec<String>, Vec<Vec<Value>>)> {
    let failed = |cause| failed(&figure.file, &cause);
    let frame = session.sql(&figure.sql).await.map_err(failed)?;
    let columns = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in frame.collect().await.map_err(failed)? {
        rows.extend(of_batch(&batch).context(Kind::Bug, || format!("can't tell the rows of {}", figure.file))?);
    }
    Ok((columns, rows))
}

fn of_batch(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, ArrowError> {
    let columns = batch.columns().iter().map(values).collect::<Result<Vec<_>, _>>()?;
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    Ok((0..batch.num_rows()).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect())
}

/// Numbers, truth and nulls as JSON has them, all else as text. Of an amount a double holds more digits than any report
/// shows.
fn values(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let kind = column.data_type();
    Ok(match kind {
        DataType::Boolean => column.as_boolean().iter().map(Value::from).collect(),
        kind if kind.is_integer() => {
            cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().iter().map(Value::from).collect()
        }
        kind if kind.is_numeric() => {
            cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().iter().map(Value::from).collect()
        }
        _ => cast(column, &DataType::Utf8)?.as_string::<i32>().iter().map(Value::from).collect(),
    })
}

fn failed(file: &str, cause: &DataFusionError) -> Error {
    let message = format!("{file} failed");
    match cause.find_root() {
        DataFusionError::ObjectStore(cause) => failure(cause, message),
        DataFusionError::ParquetError(_) => Error::new(Kind::Data, message)
            .detail(cause.strip_backtrace())
            .hint("`rfmart verify` tells which published files aren't as they were"),
        DataFusionError::ResourcesExhausted(_) => {
            Error::new(Kind::Output, message).detail(cause.strip_backtrace()).hint("raise limits.memory")
        }
        _ => Error::new(Kind::Bug, message).detail(cause.strip_backtrace()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, StringArray};
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_stay_numbers_and_days_become_text() {
        let money = Decimal128Array::from(vec![Some(2_912_695_150), None]).with_precision_and_scale(18, 2);
        let columns: [(&str, ArrayRef); 6] = [
            ("money", Arc::new(money.expect("a decimal"))),
            ("count", Arc::new(Int32Array::from(vec![7, -1]))),
            ("share", Arc::new(Float64Array::from(vec![0.25, f64::NAN]))),
            ("is_whole", Arc::new(BooleanArray::from(vec![true, false]))),
            ("day", Arc::new(Date32Array::from(vec![Some(20_757), None]))),
            ("name", Arc::new(StringArray::from(vec![Some("台北"), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let expected =
            json!([[29_126_951.5, 7, 0.25, true, "2026-10-31", "台北"], [null, -1, null, false, null, null]]);
        assert_eq!(json!(of_batch(&batch).expect("rows")), expected);
    }
}
