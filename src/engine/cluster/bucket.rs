//! A bucket: a file of rows as they came, and their order.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Date32Type, Int32Type, SchemaRef};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use datafusion::common::{Result, internal_datafusion_err, internal_err};

/// Writes rows of a bucket.
pub struct Writer {
    stream: StreamWriter<BufWriter<File>>,
    rows: usize,
}

impl Writer {
    /// Writes rows after those that were.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        self.rows += rows.num_rows();
        Ok(self.stream.write(rows)?)
    }

    /// Writes what is held; returns how many rows there were.
    pub fn finish(&mut self) -> Result<usize> {
        self.stream.finish()?;
        Ok(self.rows)
    }
}

fn path(folder: &Path, bucket: usize) -> PathBuf {
    folder.join(format!("bucket-{bucket:04}.arrow"))
}

/// Begins a bucket.
pub fn create(folder: &Path, bucket: usize, schema: &SchemaRef) -> Result<Writer> {
    let file = BufWriter::with_capacity(1 << 17, File::create(path(folder, bucket))?);
    Ok(Writer { stream: StreamWriter::try_new(file, schema)?, rows: 0 })
}

/// All rows of a bucket, as they came.
pub fn read(folder: &Path, bucket: usize, schema: &SchemaRef) -> Result<RecordBatch> {
    let file = BufReader::with_capacity(1 << 17, File::open(path(folder, bucket))?);
    let batches = StreamReader::try_new(file, None)?.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(schema, &batches)?)
}

/// The places of the rows in ascending order of `columns`, nulls first.
pub fn sorted(rows: &RecordBatch, columns: &[usize]) -> Result<UInt32Array> {
    let mut keys = vec![0_u128; rows.num_rows()];
    for &column in columns {
        let Some(column) = rows.columns().get(column) else {
            return internal_err!("no column {column} to order by");
        };
        append(&mut keys, column)?;
    }
    let mut places: Vec<(u128, u32)> = keys.into_iter().zip(0..).collect();
    places.sort_unstable();
    Ok(places.into_iter().map(|(_, place)| place).collect())
}

/// Appends a column's values to the rows' keys, which then compare as the values do.
fn append(keys: &mut [u128], column: &ArrayRef) -> Result<()> {
    let values = match column.data_type() {
        DataType::Int32 => column.as_primitive::<Int32Type>().values(),
        DataType::Date32 => column.as_primitive::<Date32Type>().values(),
        other => return Err(internal_datafusion_err!("rows can't be clustered by {other}")),
    };
    for (row, (key, value)) in keys.iter_mut().zip(values).enumerate() {
        // Above all values of null, which is 0: neither keys nor days come near the least integer.
        let part = if column.is_valid(row) { value.cast_unsigned() ^ (1 << 31) } else { 0 };
        *key = *key << 32 | u128::from(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Int32Array};

    use super::*;

    #[test]
    fn rows_are_ordered_by_column_after_column_nulls_first() {
        let customers = Int32Array::from(vec![2, 1, 1, 1, 1]);
        let departments = Int32Array::from(vec![None, Some(0), None, Some(0), Some(0)]);
        let days = Date32Array::from(vec![0, 3, 9, -3, 2]);
        let rows = RecordBatch::try_from_iter([
            ("customer", Arc::new(customers) as ArrayRef),
            ("department", Arc::new(departments)),
            ("day", Arc::new(days)),
        ]);
        let rows = rows.expect("rows");
        assert_eq!(sorted(&rows, &[0, 1, 2]).expect("an order").values(), &[2, 3, 4, 1, 0]);
    }
}
