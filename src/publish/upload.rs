//! Puts finished files into the warehouse: each appears whole or not at all.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use parquet::file::reader::ChunkReader;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::commit::{Commit, Commits, PublishedFile};
use super::write::WrittenTable;
use super::{dim_snapshot, partition_key};
use crate::config::Location;
use crate::storage::{Stores, failure};
use crate::{Context, Error, Kind, Result};

/// Where tables are published.
pub struct Warehouse {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    shown: String,
    /// The folder itself, if it is a local one.
    folder: Option<PathBuf>,
}

/// Bytes of an upload's part.
const PART_BYTES: usize = 16 << 20;

impl Warehouse {
    /// Opens the warehouse at `location`; nothing is written yet.
    ///
    /// # Errors
    /// A store that refuses its configuration.
    pub fn open(location: &Location, stores: &Stores) -> Result<Self> {
        let is_local = location.store.scheme() == "file";
        let folder = is_local.then(|| PathBuf::from(format!("/{}", location.path)));
        let prefix = Path::parse(location.path.trim_end_matches('/'))
            .context(Kind::Config, || format!("publish.location {location} is not a usable prefix"))?;
        Ok(Warehouse { store: stores.get(&location.store)?, prefix, shown: location.to_string(), folder })
    }

    /// Makes sure that a local warehouse has its folder.
    ///
    /// # Errors
    /// [`Kind::Output`] if it can't be created.
    pub fn make(&self) -> Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        std::fs::create_dir_all(folder).map_err(|cause| {
            Error::new(Kind::Output, format!("can't create {}", self.shown))
                .detail(cause.to_string())
                .hint("point publish.location at a folder that this user may write")
        })
    }

    fn write_failed(&self, cause: &object_store::Error, doing: String) -> Error {
        match &self.folder {
            None => failure(cause, doing),
            Some(_) => Error::new(Kind::Output, doing)
                .detail(cause.to_string())
                .hint("is the disk full, or its folder not this user's to write?"),
        }
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
            Err(cause) => Err(failure(&cause, format!("can't look up {}{key}", self.shown))),
        }
    }

    /// The bytes of a published file, as its commit recorded them.
    ///
    /// # Errors
    /// A file that is gone, or holds something else; storage that can't be reached.
    pub async fn get(&self, file: &PublishedFile) -> Result<impl ChunkReader + use<>> {
        let shown = format!("{}{}", self.shown, file.path);
        let bytes = async { self.store.get(&self.key(&file.path)).await?.bytes().await }.await;
        let bytes = bytes.map_err(|cause| failure(&cause, format!("can't read {shown}")))?;
        if format!("{:x}", Sha256::digest(&bytes)) == file.sha256 {
            return Ok(bytes);
        }
        let message = format!("{shown} is not what was published: its SHA-256 differs from its commit's");
        Err(Error::new(Kind::Data, message).hint("restore the object as it was published"))
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
        let write_failed = |cause: object_store::Error| self.write_failed(&cause, cant());
        let upload = self.store.put_multipart(&target).await.map_err(write_failed)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut buffer = vec![0; 1 << 20];
        let mut sent: u64 = 0;
        loop {
            let count = source.read(&mut buffer).await.context(Kind::Output, cant)?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            writer.wait_for_capacity(2).await.map_err(write_failed)?;
            writer.write(read);
            sent += u64::try_from(count).unwrap_or(0);
        }
        writer.finish().await.map_err(write_failed)?;
        let found = self.store.head(&target).await.map_err(write_failed)?.size;
        if found == sent {
            Ok(())
        } else {
            Err(Error::new(Kind::Output, cant()).detail(format!("{sent} bytes were sent, {found} are there")))
        }
    }
}
