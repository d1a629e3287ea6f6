//! The models: SQL files with a sidecar each, and the graph that their table references make.
//!
//! The path is the name, the references are the graph; there is no registry to keep.

mod catalog;
mod columns;
mod files;
mod flaw;
mod graph;
mod layer;
mod parse;
mod rules;
mod selection;
mod sidecar;
#[cfg(test)]
mod tests;

pub use catalog::{CaseFile, Catalog, CheckQuery, Model, Seed};
pub use columns::mismatches;
pub use files::Origin;
pub use flaw::{Flaw, Place, refuse};
pub use graph::{Moment, Node, table_name};
pub use parse::parse;
pub use sidecar::{ColumnSpec, ColumnType, Sidecar};
