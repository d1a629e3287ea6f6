//! The models: SQL files, with a sidecar where their opening comment can't say all, and the graph that their table references make.
//!
//! The path is the name, the references are the graph; there is no registry to keep.

mod bounds;
mod catalog;
pub mod clustering;
mod columns;
mod definition;
mod files;
mod graph;
mod header;
mod layer;
mod measure;
mod metric;
mod metric_rules;
mod parse;
mod rules;
mod selection;
mod sidecar;
#[cfg(test)]
mod tests;

pub use catalog::{CaseFile, Catalog, refuse};
pub use columns::mismatches;
pub use definition::{CheckQuery, Model, Seed, is_published};
pub use files::Origin;
pub use graph::{Moment, Node, table_name};
pub use measure::{Aggregate, Aggregation};
pub use metric::{Direction, Format, Label, Metric};
pub use metric_rules::SCOPE;
pub use parse::{parse, tables};
pub use sidecar::{ColumnSpec, ColumnType, Sidecar};
