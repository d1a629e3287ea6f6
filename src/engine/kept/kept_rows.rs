//! Where kept rows lie, and how.

use arrow::datatypes::SchemaRef;

use super::layout::Layout;
use super::partition::Partition;
use crate::engine::work_files::WorkFiles;

/// Where kept rows lie, and how.
#[derive(Debug)]
pub struct KeptRows {
    /// The files.
    pub files: WorkFiles,
    /// Columns of a row.
    pub schema: SchemaRef,
    /// What is known of their order, if anything.
    pub layout: Option<Layout>,
    /// Their partitions.
    pub partitions: Vec<Partition>,
}
