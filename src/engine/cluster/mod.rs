//! Rows clustered by customer: written once in the order in which they come, in a file per bucket of customers, and
//! sorted bucket by bucket whenever they are read.
//!
//! What is made of them in one stream lies in the same order, so that later steps neither hash, shuffle nor sort. A
//! bucket is a few MB, whatever the number of rows.

mod bucket;
mod ranges;
mod scan;
mod scatter;

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;

pub use ranges::Ranges;
pub use scan::ClusteredTable;
pub use scatter::scatter;

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
