//! Intermediate tables: Parquet in the work folder, quick to write and to read, gone after the run. Neither compressed nor
//! with dictionaries: that takes a tenth of a night, and the folder is half as large again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::runtime::JoinSet;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{self, SortExpr, ident};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{Partitioning, PhysicalSortExpr};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use url::Url;

/// Rows that a writer holds before it writes them.
const ROW_GROUP_ROWS: usize = 1 << 17;

/// How files are ranges of customers, and the order in which rows lie in them, if they lie in any.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    order: Option<Vec<SortExpr>>,
    ranges: logical_expr::RangePartitioning,
}

/// Runs `plan` and keeps its rows as Parquet under `folder`, a file per partition. What is made in order of ranges of
/// customers lies so, and is read so again.
///
/// # Errors
/// The query fails, or the folder can't be written.
pub async fn keep(plan: &Arc<dyn ExecutionPlan>, context: &Arc<TaskContext>, folder: &Path) -> Result<Option<Layout>> {
    std::fs::create_dir_all(folder)?;
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let rows = plan.execute(partition, Arc::clone(context))?;
        tasks.spawn(write(rows, folder.join(format!("part-{partition:04}.parquet"))));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|cause| exec_datafusion_err!("a thread that writes rows failed: {cause}"))??;
    }
    layout(plan.as_ref())
}

async fn write(mut rows: SendableRecordBatchStream, file: PathBuf) -> Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(file)?, rows.schema(), Some(properties))?;
    while let Some(batch) = rows.next().await {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
}

/// The layout that `plan` gives its rows, if its partitions are ranges.
fn layout(plan: &dyn ExecutionPlan) -> Result<Option<Layout>> {
    let Partitioning::Range(ranges) = plan.output_partitioning() else {
        return Ok(None);
    };
    let Some(key) = logical(ranges.ordering()) else {
        return Ok(None);
    };
    let ranges = logical_expr::RangePartitioning::try_new(key, ranges.split_points().to_vec())?;
    Ok(Some(Layout { order: plan.output_ordering().and_then(logical), ranges }))
}

/// As SQL's planner writes an order; none where it isn't one of columns.
fn logical<'a>(order: impl IntoIterator<Item = &'a PhysicalSortExpr>) -> Option<Vec<SortExpr>> {
    let sort = |sort: &PhysicalSortExpr| {
        let column = sort.expr.downcast_ref::<Column>()?;
        Some(ident(column.name()).sort(!sort.options.descending, sort.options.nulls_first))
    };
    order.into_iter().map(sort).collect()
}

/// The Parquet files of `folder` as a table, in the order in which they were kept.
///
/// # Errors
/// A folder that is no location.
pub fn table(folder: &Path, schema: &SchemaRef, layout: Option<&Layout>) -> Result<Arc<dyn TableProvider>> {
    std::fs::create_dir_all(folder)?;
    listing(vec![location(folder, Url::from_directory_path)?], schema, layout)
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
    listing(files, schema, None)
}

/// Not parsed from a text, in which `*` would stand for any name.
fn location(path: &Path, to_url: impl Fn(PathBuf) -> Result<Url, ()>) -> Result<ListingTableUrl> {
    let url = to_url(std::path::absolute(path)?);
    ListingTableUrl::try_new(url.map_err(|()| exec_datafusion_err!("{} is no location", path.display()))?, None)
}

fn listing(
    places: Vec<ListingTableUrl>,
    schema: &SchemaRef,
    layout: Option<&Layout>,
) -> Result<Arc<dyn TableProvider>> {
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let options = match layout {
        Some(Layout { order, ranges }) => options
            .with_file_sort_order(order.iter().cloned().collect())
            .with_output_partitioning(Some(logical_expr::Partitioning::Range(ranges.clone()))),
        None => options,
    };
    let config = ListingTableConfig::new_with_multi_paths(places);
    let config = config.with_listing_options(options).with_schema(Arc::clone(schema));
    Ok(Arc::new(ListingTable::try_new(config)?))
}
