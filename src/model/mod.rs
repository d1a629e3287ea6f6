//! The models: SQL files with a sidecar each, and the graph that their table references make.
//!
//! The path is the name, the references are the graph; there is no registry to keep.

mod catalog;
mod graph;
mod sidecar;
#[cfg(test)]
mod tests;

pub use catalog::{Catalog, CheckQuery, Model, Seed, parse};
pub use graph::{Moment, Node};
pub use sidecar::{ColumnSpec, ColumnType, Sidecar};
