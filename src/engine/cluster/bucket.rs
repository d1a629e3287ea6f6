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
    let parts = columns.iter().map(|&column| match rows.columns().get(column) {
        Some(column) => part(column),
        None => internal_err!("no column {column} to order by"),
    });
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let key_bits: u32 = parts.iter().map(|part| part.bits).sum();
    let place_bits = u64::BITS - u64::try_from(rows.num_rows()).unwrap_or(u64::MAX).leading_zeros();
    Ok(match u64::BITS.checked_sub(key_bits) {
        Some(left) if left >= place_bits && place_bits < u32::BITS => in_one_word(&parts, rows.num_rows(), place_bits),
        _ => in_two_words(&parts, rows.num_rows()),
    })
}

/// A column's values as numbers from 1, which compare as they do, and 0 for null.
struct Part {
    numbers: Vec<u32>,
    /// Of the largest.
    bits: u32,
}

fn part(column: &ArrayRef) -> Result<Part> {
    let values = match column.data_type() {
        DataType::Int32 => column.as_primitive::<Int32Type>().values(),
        DataType::Date32 => column.as_primitive::<Date32Type>().values(),
        other => return Err(internal_datafusion_err!("rows can't be clustered by {other}")),
    };
    let is_valid = |row: &usize| column.is_valid(*row);
    let least = (0..column.len()).filter(is_valid).filter_map(|row| values.get(row)).min().copied().unwrap_or_default();
    // Neither keys nor days come near the whole width.
    let number = |(row, value): (usize, &i32)| if is_valid(&row) { value.abs_diff(least) + 1 } else { 0 };
    let numbers: Vec<u32> = values.iter().enumerate().map(number).collect();
    let bits = u32::BITS - numbers.iter().max().copied().unwrap_or_default().leading_zeros();
    Ok(Part { numbers, bits })
}

/// Keys and places side by side in 64 bits: a bucket's customers are few, and so are branches, departments and days.
fn in_one_word(parts: &[Part], count: usize, place_bits: u32) -> UInt32Array {
    let mut keys = vec![0_u64; count];
    for part in parts {
        for (key, number) in keys.iter_mut().zip(&part.numbers) {
            *key = *key << part.bits | u64::from(*number);
        }
    }
    for (key, place) in keys.iter_mut().zip(0_u64..) {
        *key = *key << place_bits | place;
    }
    keys.sort_unstable();
    let mask = (1 << place_bits) - 1;
    keys.into_iter().filter_map(|key| u32::try_from(key & mask).ok()).collect()
}

fn in_two_words(parts: &[Part], count: usize) -> UInt32Array {
    let mut keys = vec![0_u128; count];
    for part in parts {
        for (key, number) in keys.iter_mut().zip(&part.numbers) {
            *key = *key << 32 | u128::from(*number);
        }
    }
    let mut places: Vec<(u128, u32)> = keys.into_iter().zip(0..).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Int32Array};
    use proptest::prelude::*;

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

    type Key = (Option<i32>, Option<i32>, Option<i32>, Option<i32>);

    /// Keys within a range that is as wide as asked for.
    fn keys(width: i32) -> impl Strategy<Value = Vec<Key>> {
        let number = move || prop::option::weighted(0.9, -width..=width);
        prop::collection::vec((number(), number(), number(), number()), 0..60)
    }

    proptest! {
        #[test]
        fn any_rows_are_ordered_as_their_keys_are(keys in prop_oneof![keys(3), keys(1 << 12), keys(1 << 29)]) {
            let column = |value: fn(&Key) -> Option<i32>| -> ArrayRef {
                Arc::new(keys.iter().map(value).collect::<Int32Array>())
            };
            let columns = [column(|key| key.0), column(|key| key.1), column(|key| key.2), column(|key| key.3)];
            let rows = RecordBatch::try_from_iter_with_nullable(
                ["a", "b", "c", "d"].into_iter().zip(columns).map(|(name, column)| (name, column, true)),
            );
            let mut expected: Vec<u32> = (0..).take(keys.len()).collect();
            expected.sort_by_key(|&place| keys[place as usize]);
            let places = sorted(&rows.expect("rows"), &[0, 1, 2, 3]).expect("an order");
            prop_assert_eq!(&places.values()[..], &expected[..]);
        }
    }
}
