//! Doors: what readers go by in place of a glob, made of the commit records and made again at any time.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};

use super::delta;
use super::history::History;
use super::records::DIM_SNAPSHOT;
use super::warehouse::{AT_ONCE, Warehouse};
use crate::Result;

impl Warehouse {
    /// Adds to each table's Delta log the versions that it lacks; that of `dim_snapshot` follows when all others are
    /// there. What is there already is left as it is.
    ///
    /// # Errors
    /// Storage that fails, or a disk that can't be written.
    pub async fn write_delta(&self, history: &History) -> Result<()> {
        // Without all records nobody knows which version comes next.
        if !history.damaged().is_empty() {
            return Ok(());
        }
        let (last, others): (Vec<&str>, Vec<&str>) =
            tables(history).into_iter().partition(|table| *table == DIM_SNAPSHOT);
        if let Some(table) = last.first() {
            let is_complete = delta::versions(history, table, self.next_version(table).await?).is_empty();
            if is_complete {
                return Ok(());
            }
        }
        for tables in [others, last] {
            let writes = stream::iter(tables).map(|table| self.write_log(history, table));
            writes.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }

    async fn next_version(&self, table: &str) -> Result<usize> {
        Ok(self.versions_of(table).await?.last().map_or(0, |version| version + 1))
    }

    async fn versions_of(&self, table: &str) -> Result<BTreeSet<usize>> {
        let folder = delta::folder(table);
        let listed = self.list(&folder).await?;
        Ok(listed.iter().filter_map(|key| delta::version(key.strip_prefix(&folder)?)).collect())
    }

    async fn write_log(&self, history: &History, table: &str) -> Result<()> {
        for (number, text) in delta::versions(history, table, self.next_version(table).await?) {
            // Whoever was faster wrote the same.
            let key = format!("{}{}", delta::folder(table), delta::name(number));
            self.put_if_absent(&key, text.into_bytes(), || format!("can't write {}{key}", self.shown())).await?;
        }
        Ok(())
    }

    /// Makes those logs again that aren't as the records say, and tells how many.
    ///
    /// # Errors
    /// As [`Warehouse::write_delta`].
    pub(super) async fn repair_delta(&self, history: &History) -> Result<usize> {
        let mut repaired = 0;
        for table in tables(history) {
            let there = self.versions_of(table).await?;
            if there.is_empty() || self.is_log_right(history, table, &there).await? {
                continue;
            }
            // Others may have laid checkpoints beside the versions: these are of what was wrong.
            for key in self.list(&delta::folder(table)).await? {
                self.remove(&key).await?;
            }
            self.write_log(history, table).await?;
            repaired += 1;
        }
        Ok(repaired)
    }

    async fn is_log_right(&self, history: &History, table: &str, there: &BTreeSet<usize>) -> Result<bool> {
        let expected = delta::versions(history, table, 0);
        if !there.iter().copied().eq(expected.iter().map(|(number, _)| *number)) {
            return Ok(false);
        }
        for (number, text) in expected {
            let key = format!("{}{}", delta::folder(table), delta::name(number));
            if self.read(&key).await?.as_deref() != Some(text.as_bytes()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Tables that were ever published, in the order of their names.
fn tables(history: &History) -> BTreeSet<&str> {
    let files = history.commits().iter().flat_map(|commit| &commit.files);
    // What is beside the commits is no table.
    files.map(|file| file.table.as_str()).filter(|table| !table.starts_with('_')).collect()
}
