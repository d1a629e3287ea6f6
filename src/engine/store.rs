//! Parquet files as tables: staged rows, and what will be published.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use url::Url;

/// The Parquet files of `folder` as a table.
///
/// # Errors
/// A folder that is no location.
pub fn table(folder: &Path, schema: &SchemaRef) -> Result<Arc<dyn TableProvider>> {
    std::fs::create_dir_all(folder)?;
    listing(vec![location(folder, Url::from_directory_path)?], schema)
}

/// Parquet files as a table, wherever they lie; without files, a table of no rows.
///
/// # Errors
/// A path that is no location.
pub fn table_of_files(files: &[PathBuf], schema: &SchemaRef) -> Result<Arc<dyn TableProvider>> {
    if files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(Arc::clone(schema))));
    }
    let files = files.iter().map(|file| location(file, Url::from_file_path)).collect::<Result<_>>()?;
    listing(files, schema)
}

/// Not parsed from a text, in which `*` would stand for any name.
fn location(path: &Path, to_url: impl Fn(PathBuf) -> Result<Url, ()>) -> Result<ListingTableUrl> {
    let url = to_url(std::path::absolute(path)?);
    ListingTableUrl::try_new(url.map_err(|()| exec_datafusion_err!("{} is no location", path.display()))?, None)
}

fn listing(places: Vec<ListingTableUrl>, schema: &SchemaRef) -> Result<Arc<dyn TableProvider>> {
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(places);
    let config = config.with_listing_options(options).with_schema(Arc::clone(schema));
    Ok(Arc::new(ListingTable::try_new(config)?))
}
