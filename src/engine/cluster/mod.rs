//! Rows clustered by customer: written once in the order in which they come, in a file per bucket of customers, and
//! sorted bucket by bucket whenever they are read.
//!
//! What is made of them in one stream lies in the same order, so that later steps neither hash, shuffle nor sort. A
//! bucket is a few MB, whatever the number of rows.

mod bucket;
mod clustered;
mod ranges;
mod scan;
mod scatter;
#[cfg(test)]
mod tests;

pub use clustered::Clustered;
pub use ranges::Ranges;
pub use scan::ClusteredTable;
pub use scatter::scatter;
