//! Where rows lie, and by what they are clustered.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::ranges::Ranges;
use crate::engine::work_files::WorkFiles;

/// Where clustered rows lie, and how.
#[derive(Clone, Debug)]
pub struct Clustered {
    /// The buckets.
    pub files: Arc<WorkFiles>,
    /// Columns of a row.
    pub schema: SchemaRef,
    /// Positions of the columns that order the rows: the customer's key, then up to three more of 32 bits.
    pub order: Vec<usize>,
    /// Which customers are in which bucket.
    pub ranges: Ranges,
}
