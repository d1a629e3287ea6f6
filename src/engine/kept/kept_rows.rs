//! Where kept rows lie, and how.

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;

use super::layout::Layout;
use super::partition::Partition;

/// Where kept rows lie, and how.
#[derive(Debug)]
pub struct KeptRows {
    /// The folder of the files.
    pub folder: PathBuf,
    /// Columns of a row.
    pub schema: SchemaRef,
    /// What is known of their order, if anything.
    pub layout: Option<Layout>,
    /// Their partitions.
    pub partitions: Vec<Partition>,
}
