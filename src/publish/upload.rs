//! Puts finished files into the warehouse: each appears whole or not at all.

use std::path::Path as FilePath;
use std::sync::Arc;

use chrono::NaiveDate;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tokio::io::AsyncReadExt;

use super::commit::{Commit, Commits, PublishedFile};
use super::write::WrittenTable;
use super::{dim_snapshot, partition_key};
use crate::config::Location;
use crate::storage::Stores;
use crate::{Context, Error, Kind, Result};

/// Where tables are published.
pub struct Warehouse {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    shown: String,
}

/// Bytes of an upload's part.
const PART_BYTES: usize = 16 << 20;

impl Warehouse {
    /// Opens the warehouse at `location`.
    ///
    /// # Errors
    /// A store that refuses its configuration.
    pub fn open(location: &Location, stores: &Stores) -> Result<Self> {
        if location.store.scheme() == "file" {
            let folder = format!("/{}", location.path);
            std::fs::create_dir_all(&folder).context(Kind::Output, || format!("can't create {folder}"))?;
        }
        let prefix = Path::parse(location.path.trim_end_matches('/'))
            .context(Kind::Config, || format!("publish.location {location} is not a usable prefix"))?;
        Ok(Warehouse { store: stores.get(&location.store)?, prefix, shown: location.to_string() })
    }

    /// The history.
    pub fn commits(&self) -> Commits {
        Commits::new(Arc::clone(&self.store), &self.prefix)
    }

    /// The location, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Puts a table's file into its partition and reads its size back.
    ///
    /// # Errors
    /// The file can't be put, or isn't there in full afterwards.
    pub async fn put_table(&self, written: &WrittenTable, as_of: NaiveDate) -> Result<PublishedFile> {
        let key = partition_key(&written.table, as_of);
        self.put(&written.path, &key).await?;
        Ok(PublishedFile {
            table: written.table.clone(),
            path: key,
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256.clone(),
        })
    }

    /// Writes and puts the row of `dim_snapshot` that tells of `commit`.
    ///
    /// # Errors
    /// As [`Warehouse::put_table`].
    pub async fn put_dim_snapshot(&self, commit: &Commit, work: &FilePath) -> Result<()> {
        let written = dim_snapshot::write(commit, &work.join("dim_snapshot.parquet"))?;
        self.put_table(&written, commit.as_of).await.map(|_| ())
    }

    /// Whether the object under `key` is there.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub async fn has(&self, key: &str) -> Result<bool> {
        match self.store.head(&self.key(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(cause) => {
                Err(Error::new(Kind::Storage, format!("can't look up {}{key}", self.shown)).detail(cause.to_string()))
            }
        }
    }

    fn key(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// Puts a local file under `key`, a part at a time.
    ///
    /// # Errors
    /// As [`Warehouse::put_table`].
    pub async fn put(&self, file: &FilePath, key: &str) -> Result<()> {
        let target = self.key(key);
        let cant = || format!("can't publish {}{key}", self.shown);
        let mut source = tokio::fs::File::open(file).await.context(Kind::Output, cant)?;
        let upload = self.store.put_multipart(&target).await.context(Kind::Output, cant)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut buffer = vec![0; 1 << 20];
        let mut sent: u64 = 0;
        loop {
            let count = source.read(&mut buffer).await.context(Kind::Output, cant)?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            writer.wait_for_capacity(2).await.context(Kind::Output, cant)?;
            writer.write(read);
            sent += u64::try_from(count).unwrap_or(0);
        }
        writer.finish().await.context(Kind::Output, cant)?;
        let found = self.store.head(&target).await.context(Kind::Output, cant)?.size;
        if found == sent {
            Ok(())
        } else {
            Err(Error::new(Kind::Output, cant()).detail(format!("{sent} bytes were sent, {found} are there")))
        }
    }
}
