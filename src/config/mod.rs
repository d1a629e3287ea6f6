//! From a pipeline file to a valid [`Pipeline`]: raw (as written) → load (YAML, `${ENV}`) → compile.

mod pipeline;

pub use pipeline::{
    Compression, CsvOptions, Format, Limits, Location, LocationKind, Pipeline, Publish, Scopes, Secret, Source,
};

use crate::Result;
use std::path::Path;

/// Reads, expands and compiles a pipeline file.
///
/// # Errors
/// Every mistake in the file, at once, each as `file:line:column: message` with what to write instead.
pub fn load(_file: &Path) -> Result<Pipeline> {
    todo!("config")
}
