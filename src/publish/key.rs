//! Keys of a warehouse, below its prefix.

use chrono::NaiveDate;
use object_store::path::Path;

/// Hexadecimal digits of a file's SHA-256 that are in its name.
const DIGITS: usize = 16;

/// Where a table's file of a day is. Its name is made of its bytes, so another file has another name, and two runs
/// with the same bytes have nothing to contend for.
pub fn partition_key(table: &str, as_of: NaiveDate, sha256: &str) -> String {
    format!("{}part-{}.parquet", partition(table, as_of), sha256.get(..DIGITS).unwrap_or(sha256))
}

/// The folder of a table's day, with a slash at its end.
pub fn partition(table: &str, as_of: NaiveDate) -> String {
    format!("{table}/dt={as_of}/")
}

/// `key` below `prefix`.
pub(super) fn below(prefix: &Path, key: &str) -> Path {
    key.split('/').filter(|part| !part.is_empty()).fold(prefix.clone(), |path, part| path.join(part))
}
