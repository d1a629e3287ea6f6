//! A chain in a folder of its own: its exports, its pipeline file, and what runs publish.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::Array;
use arrow::util::display::array_value_to_string;
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rfmart::Result;
use rfmart::config::{self, Pipeline};
use rfmart::observe::Quiet;
use rfmart::run::{Consent, Outcome, Snapshot};
use rfmart::storage::Stores;
use tempfile::TempDir;

/// A folder with a pipeline file and what it names.
pub struct Chain {
    folder: TempDir,
}

impl Chain {
    /// A chain whose `pipeline.yaml` is `yaml`.
    pub fn new(yaml: &str) -> Self {
        let chain = Chain { folder: tempfile::tempdir().expect("a folder") };
        chain.write("pipeline.yaml", yaml);
        chain
    }

    /// The path of `name` in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, in place of one that is there.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// The pipeline as its file now says.
    pub fn pipeline(&self) -> Pipeline {
        config::load(&self.path("pipeline.yaml")).expect("a pipeline")
    }
}

/// A day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Runs a pipeline for a day, in a runtime of its own.
pub fn run(pipeline: &Pipeline, as_of: NaiveDate) -> Result<Outcome> {
    run_with(pipeline, as_of, &Consent::default())
}

/// The same with what is said to be right.
pub fn run_with(pipeline: &Pipeline, as_of: NaiveDate, consent: &Consent) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let stores = Stores::new(pipeline.storage.clone());
    runtime.block_on(rfmart::run::run(pipeline, &stores, Snapshot::new(pipeline, as_of), consent, &Quiet))
}

/// The one file of a table's day in a warehouse.
pub fn part(warehouse: &Path, table: &str, as_of: impl Display) -> PathBuf {
    let folder = warehouse.join(table).join(format!("dt={as_of}"));
    let entries = fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    let files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let [file] = files.as_slice() else { panic!("not one file: {files:?}") };
    file.clone()
}

/// `columns` of each row of a Parquet file, in the file's order; null as `-`.
pub fn rows(file: &Path, columns: &[&str]) -> Vec<String> {
    let opened = File::open(file).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
    let reader = ParquetRecordBatchReaderBuilder::try_new(opened).expect("a Parquet file").build().expect("a reader");
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.expect("rows");
        let columns: Vec<_> = columns.iter().map(|name| batch.column_by_name(name).expect(name)).collect();
        let cell = |column: &dyn Array, row| match column.is_null(row) {
            true => "-".to_owned(),
            false => array_value_to_string(column, row).expect("a text"),
        };
        let line = |row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
        rows.extend((0..batch.num_rows()).map(line));
    }
    rows
}
