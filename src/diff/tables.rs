//! Tables of published snapshots, to be asked by SQL.

use std::path::Path;

use arrow::datatypes::DataType;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use tempfile::TempDir;

use crate::engine::Answer;
use crate::publish::{Commit, Warehouse};
use crate::{Context, Error, Kind, Result};

/// Tables named `<side>_<table>`.
pub(super) struct Tables {
    context: SessionContext,
    copies: TempDir,
}

impl Tables {
    /// None yet; copies of them will lie in a folder within `folder`.
    ///
    /// # Errors
    /// A disk that can't be written.
    pub fn new(folder: &Path) -> Result<Self> {
        let cant = || format!("can't make a folder in {}", folder.display());
        std::fs::create_dir_all(folder).context(Kind::Output, cant)?;
        let copies = tempfile::tempdir_in(folder).context(Kind::Output, cant)?;
        let config = SessionConfig::new().set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        Ok(Tables { context: SessionContext::new_with_config(config), copies })
    }

    /// Opens a table of a commit.
    ///
    /// # Errors
    /// One that the commit didn't publish; a file that is gone or isn't what was published.
    pub async fn open(&self, side: &str, warehouse: &Warehouse, commit: &Commit, table: &str) -> Result<()> {
        let file = commit.files.iter().find(|file| file.table == table).ok_or_else(|| {
            let message = format!("the snapshot of {} (commit {}) has no {table}", commit.as_of, commit.number);
            Error::new(Kind::Data, message).hint("publish.tables must name it, or nothing")
        })?;
        let copy = self.copies.path().join(format!("{side}_{table}.parquet"));
        warehouse.copy_to(file, &copy).await?;
        self.open_file(side, table, &copy).await
    }

    /// Opens a table's file.
    ///
    /// # Errors
    /// One that can't be read.
    pub async fn open_file(&self, side: &str, table: &str, file: &Path) -> Result<()> {
        let name = format!("{side}_{table}");
        let cant = || format!("can't open {}", file.display());
        let path = file.to_str().ok_or_else(|| Error::new(Kind::Output, cant()))?;
        self.context.register_parquet(&name, path, ParquetReadOptions::default()).await.context(Kind::Data, cant)
    }

    /// The rows that a query gives, whose columns are read as `types`.
    ///
    /// # Errors
    /// A query that fails.
    pub async fn ask(&self, sql: &str, types: &[DataType]) -> Result<Vec<Answer>> {
        let failed = || "a comparison failed".to_owned();
        let batches =
            self.context.sql(sql).await.context(Kind::Bug, failed)?.collect().await.context(Kind::Bug, failed)?;
        batches.iter().map(|batch| Answer::of(batch, types)).collect::<Result<_, _>>().context(Kind::Bug, failed)
    }
}
