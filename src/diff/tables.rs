//! Tables of published snapshots, to be asked by SQL.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use tempfile::TempDir;

use crate::publish::{Commit, Warehouse};
use crate::{Context, Error, Kind, Result};

/// Tables named `<side>_<table>`.
pub(super) struct Tables {
    context: SessionContext,
    copies: TempDir,
}

impl Tables {
    /// Opens tables of several commits, each under the name of its side.
    ///
    /// # Errors
    /// A table that a commit didn't publish; a file that is gone or isn't what was published.
    pub async fn open(warehouse: &Warehouse, sides: &[(&str, &Commit)], tables: &[&str]) -> Result<Self> {
        let copies = tempfile::tempdir().context(Kind::Output, || "can't make a temporary folder".to_owned())?;
        let config = SessionConfig::new().set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let opened = Tables { context: SessionContext::new_with_config(config), copies };
        for (side, commit) in sides {
            for table in tables {
                opened.register(warehouse, side, commit, table).await?;
            }
        }
        Ok(opened)
    }

    async fn register(&self, warehouse: &Warehouse, side: &str, commit: &Commit, table: &str) -> Result<()> {
        let file = commit.files.iter().find(|file| file.table == table).ok_or_else(|| {
            let message = format!("the snapshot of {} (commit {}) has no {table}", commit.as_of, commit.number);
            Error::new(Kind::Data, message).hint("publish.tables must name it, or nothing")
        })?;
        let name = format!("{side}_{table}");
        let copy: PathBuf = self.copies.path().join(format!("{name}.parquet"));
        warehouse.copy_to(file, &copy).await?;
        let cant = || format!("can't open {}", file.path);
        let path = copy.to_str().ok_or_else(|| Error::new(Kind::Output, cant()))?;
        self.context.register_parquet(&name, path, ParquetReadOptions::default()).await.context(Kind::Data, cant)
    }

    /// The rows that a query gives.
    ///
    /// # Errors
    /// A query that fails.
    pub async fn ask(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let failed = || "a comparison failed".to_owned();
        self.context.sql(sql).await.context(Kind::Bug, failed)?.collect().await.context(Kind::Bug, failed)
    }
}
