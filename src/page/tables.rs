//! The published tables, read where they lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use chrono::NaiveDate;
use datafusion::common::exec_datafusion_err;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use url::Url;

use super::span::earliest_period;
use crate::config::Limits;
use crate::publish::{Commit, History, PublishedFile, Warehouse};
use crate::run::Snapshot;
use crate::{Context, Kind, Result};

/// What tells of periods as they were published; of the other tables the files of the day are all that is read.
const OF_EARLIER_PERIODS: [&str; 2] = ["fct_lifecycle_transition", "fct_period_summary"];

/// What the warehouse's store is called in the session.
const STORE: &str = "published://warehouse/";

/// The files of each table, the oldest first.
pub struct Tables<'a>(BTreeMap<&'a str, Vec<&'a PublishedFile>>);

impl<'a> Tables<'a> {
    /// Those of `commit`; with the closing snapshots before it, and those of the days that it is compared with.
    pub fn of(history: &'a History, commit: &'a Commit, snapshot: Snapshot) -> Self {
        let mut earlier: Vec<&Commit> = history.in_force().filter(|other| is_told_of(other, snapshot)).collect();
        earlier.sort_by_key(|other| other.as_of);
        let mut files: BTreeMap<&str, Vec<&PublishedFile>> = BTreeMap::new();
        let of_earlier = earlier.iter().flat_map(|other| &other.files);
        let of_earlier = of_earlier.filter(|file| OF_EARLIER_PERIODS.contains(&file.table.as_str()));
        for file in of_earlier.chain(&commit.files) {
            files.entry(&file.table).or_default().push(file);
        }
        // A table that isn't published any more is missing.
        files.retain(|table, _| commit.files.iter().any(|file| file.table == *table));
        Tables(files)
    }

    /// Whether the snapshot has a table.
    pub fn has(&self, table: &str) -> bool {
        self.0.contains_key(table)
    }

    /// A session that knows the tables by their names.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn session(&self, limits: &Limits, warehouse: &Warehouse) -> Result<SessionContext> {
        let cant = || "can't open the published tables".to_owned();
        let memory_bytes = usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX);
        let pool = Arc::new(FairSpillPool::new(memory_bytes));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().context(Kind::Bug, cant)?;
        let store = Url::parse(STORE).context(Kind::Bug, cant)?;
        runtime.register_object_store(&store, warehouse.store());
        let config = SessionConfig::new()
            .with_target_partitions(limits.target_partitions)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let session = SessionContext::new_with_config_rt(config, runtime);
        for (name, files) in &self.0 {
            let table = table(&store, warehouse, files).context(Kind::Bug, || format!("can't open {name}"))?;
            session.register_table(*name, Arc::new(table)).context(Kind::Bug, || format!("can't open {name}"))?;
        }
        Ok(session)
    }
}

fn is_told_of(other: &Commit, snapshot: Snapshot) -> bool {
    let before: [NaiveDate; 2] =
        [snapshot.period.previous(), snapshot.period.year_before()].map(|period| snapshot.to_date(period));
    let is_told = other.is_period_end && other.as_of >= earliest_period(snapshot).start;
    other.as_of < snapshot.as_of && (is_told || before.contains(&other.as_of))
}

/// The columns are those of the latest file: earlier ones may lack what was added since.
fn table(store: &Url, warehouse: &Warehouse, files: &[&PublishedFile]) -> datafusion::error::Result<ListingTable> {
    let columns = files.last().map(|file| file.columns.as_slice()).unwrap_or_default();
    // Nulls are in what earlier files lack.
    let fields: Vec<Field> = columns.iter().map(|column| Field::new(&column.name, column.kind.arrow(), true)).collect();
    let places = files.iter().map(|file| place(store, warehouse, file)).collect::<Result<_, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(places).with_listing_options(options);
    ListingTable::try_new(config.with_schema(Arc::new(Schema::new(fields))))
}

/// Each part of a key by itself, for a `*` or a `%` in it is meant as it stands.
fn place(store: &Url, warehouse: &Warehouse, file: &PublishedFile) -> datafusion::error::Result<ListingTableUrl> {
    let mut url = store.clone();
    url.path_segments_mut()
        .map_err(|()| exec_datafusion_err!("{store} has no paths"))?
        .extend(warehouse.location(file).parts().map(|part| part.as_ref().to_owned()));
    ListingTableUrl::try_new(url, None)
}
