//! Where rows lie, and by what they are clustered.

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;

use super::ranges::Ranges;

/// Where clustered rows lie, and how.
#[derive(Clone, Debug)]
pub struct Clustered {
    /// The folder of the buckets.
    pub folder: PathBuf,
    /// Columns of a row.
    pub schema: SchemaRef,
    /// Positions of the columns that order the rows: the customer's key, then up to three more of 32 bits.
    pub order: Vec<usize>,
    /// Which customers are in which bucket.
    pub ranges: Ranges,
}
