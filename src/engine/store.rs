//! Intermediate tables: Parquet in the work folder, quick to write and to read, gone after the run.

use std::path::Path;

use arrow::datatypes::SchemaRef;
use datafusion::common::config::TableParquetOptions;
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::error::Result;
use datafusion::prelude::DataFrame;
use std::sync::Arc;

/// Runs `frame` and keeps its rows as Parquet files under `folder`, one or more per partition.
///
/// # Errors
/// The query fails, or the folder can't be written.
pub async fn keep(frame: DataFrame, folder: &Path) -> Result<SchemaRef> {
    std::fs::create_dir_all(folder)?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let mut options = TableParquetOptions::new();
    options.global.compression = Some("lz4_raw".to_owned());
    options.global.dictionary_enabled = Some(false);
    options.global.statistics_enabled = Some("chunk".to_owned());
    let target = format!("{}/", folder.display());
    frame.write_parquet(&target, DataFrameWriteOptions::new(), Some(options)).await?;
    Ok(schema)
}
