//! From an object's bytes to batches of rows, each column bound to the canonical one that it stands for.

pub(super) mod batch;
pub(super) mod bind;
pub(super) mod bytes;
pub(super) mod csv;
mod csv_fields;
mod csv_shape;
mod download;
mod json_line;
mod lines;
pub(super) mod ndjson;
pub(super) mod parquet;
pub(super) mod parts;
pub(super) mod peek;
pub(super) mod reader;
mod text_column;
