//! The place that tables are published to: a prefix of a store. Files appear there whole or not at all.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload, WriteMultipart};
use parquet::file::reader::ChunkReader;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::commit::PublishedFile;
use super::key::below;
use super::{durable, unfinished};
use crate::config::Location;
use crate::storage::{Stores, failure};
use crate::{Context, Error, Kind, Result};

/// Where tables are published.
pub struct Warehouse {
    pub(super) store: Arc<dyn ObjectStore>,
    prefix: Path,
    shown: String,
    /// The folder itself, if it is a local one.
    pub(super) folder: Option<PathBuf>,
}

/// Requests that are made side by side where there are many.
pub(super) const AT_ONCE: usize = 8;

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

    /// A warehouse in a store of a test.
    #[cfg(test)]
    pub(super) fn in_store(store: Arc<dyn ObjectStore>) -> Self {
        Warehouse { store, prefix: Path::from("warehouse"), shown: "test://warehouse/".to_owned(), folder: None }
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

    /// The location, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The store, for who reads published files where they lie.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// Where a published file is in the store.
    pub fn location(&self, file: &PublishedFile) -> Path {
        self.key(&file.path)
    }

    pub(super) fn key(&self, key: &str) -> Path {
        below(&self.prefix, key)
    }

    pub(super) fn write_failed(&self, cause: &object_store::Error, doing: String) -> Error {
        match &self.folder {
            None => failure(cause, doing),
            Some(_) => self.disk_failed(&cause, doing),
        }
    }

    pub(super) fn disk_failed(&self, cause: &impl ToString, doing: String) -> Error {
        Error::new(Kind::Output, doing)
            .detail(cause.to_string())
            .hint("is the disk full, or its folder not this user's to write?")
    }

    /// Keys under a prefix, below the warehouse's, and those of files that were left unfinished.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let at = self.key(prefix);
        let listed: Vec<ObjectMeta> = self
            .store
            .list(Some(&at))
            .try_collect()
            .await
            .map_err(|cause| failure(&cause, format!("can't list {}{prefix}", self.shown)))?;
        let unfinished = self.folder.as_ref().map(|folder| unfinished::keys(folder, prefix)).unwrap_or_default();
        Ok(listed.iter().filter_map(|object| self.key_of(&object.location)).chain(unfinished).collect())
    }

    /// The key of a location below the warehouse's prefix.
    fn key_of(&self, location: &Path) -> Option<String> {
        let parts: Vec<_> = location.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
        Some(parts.join("/"))
    }

    /// The size of an object; None if it isn't there.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub(super) async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.store.head(&self.key(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(failure(&cause, format!("can't look up {}{key}", self.shown))),
        }
    }

    /// The bytes of a small object; None if it isn't there.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub(super) async fn read(&self, key: &str) -> Result<Option<bytes::Bytes>> {
        match async { self.store.get(&self.key(key)).await?.bytes().await }.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(failure(&cause, format!("can't read {}{key}", self.shown))),
        }
    }

    /// Creates a small object whole, unless there is one under its key; tells whether it did. `cant` is what failed.
    ///
    /// # Errors
    /// A disk that can't be written; storage that fails, after which it may be there nevertheless.
    pub(super) async fn put_if_absent(&self, key: &str, bytes: Vec<u8>, cant: impl Fn() -> String) -> Result<bool> {
        if let Some(folder) = &self.folder {
            return match durable::create(&folder.join(key), &bytes) {
                Ok(()) => Ok(true),
                Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
                Err(cause) => Err(self.disk_failed(&cause, cant())),
            };
        }
        match self.store.put_opts(&self.key(key), PutPayload::from(bytes.clone()), PutMode::Create.into()).await {
            Ok(_) if self.holds(key, &bytes).await? => Ok(true),
            // It is this run's, and has suffered on its way.
            Ok(_) => self.put_small(key, bytes, cant).await.map(|()| true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(cause) => Err(failure(&cause, cant())),
        }
    }

    /// Puts a small object, in place of one that is there, and reads it back. `cant` is what failed.
    ///
    /// # Errors
    /// A disk that can't be written; storage that fails, or that damages what it is given.
    pub(super) async fn put_small(&self, key: &str, bytes: Vec<u8>, cant: impl Fn() -> String) -> Result<()> {
        let put = self.store.put(&self.key(key), PutPayload::from(bytes.clone())).await;
        put.map_err(|cause| self.write_failed(&cause, cant()))?;
        match self.holds(key, &bytes).await? {
            true => Ok(()),
            false => Err(damages(cant()).detail("it was read back with other bytes than were sent")),
        }
    }

    async fn holds(&self, key: &str, bytes: &[u8]) -> Result<bool> {
        Ok(self.read(key).await?.is_some_and(|found| found == bytes))
    }

    /// Size and SHA-256 of an object's bytes, as they are read; None if it isn't there.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub(super) async fn digest(&self, key: &str) -> Result<Option<(u64, String)>> {
        let cant = |cause| failure(&cause, format!("can't read {}{key}", self.shown));
        let found = match self.store.get(&self.key(key)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(cause) => return Err(cant(cause)),
        };
        let (mut bytes, mut hash) = (0, Sha256::new());
        let mut parts = found.into_stream();
        while let Some(part) = parts.try_next().await.map_err(cant)? {
            hash.update(&part);
            bytes += u64::try_from(part.len()).unwrap_or(0);
        }
        Ok(Some((bytes, format!("{:x}", hash.finalize()))))
    }

    /// The bytes of a published file, as its commit recorded them.
    ///
    /// # Errors
    /// A file that is gone, or holds something else; storage that can't be reached.
    pub async fn get(&self, file: &PublishedFile) -> Result<impl ChunkReader + use<>> {
        let shown = format!("{}{}", self.shown, file.path);
        let bytes = async { self.store.get(&self.key(&file.path)).await?.bytes().await }.await;
        let bytes = bytes.map_err(|cause| failure(&cause, format!("can't read {shown}")))?;
        match format!("{:x}", Sha256::digest(&bytes)) == file.sha256 {
            true => Ok(bytes),
            false => Err(isnt_as_published(&shown)),
        }
    }

    /// Copies a published file, as its commit recorded it, to a local one.
    ///
    /// # Errors
    /// As [`Warehouse::get`]; a disk that can't be written.
    pub async fn copy_to(&self, file: &PublishedFile, path: &FilePath) -> Result<()> {
        let shown = format!("{}{}", self.shown, file.path);
        let cant = |cause| failure(&cause, format!("can't read {shown}"));
        let cant_write = || format!("can't write {}", path.display());
        let mut copy = tokio::fs::File::create(path).await.context(Kind::Output, cant_write)?;
        let mut parts = self.store.get(&self.key(&file.path)).await.map_err(cant)?.into_stream();
        let mut hash = Sha256::new();
        while let Some(part) = parts.try_next().await.map_err(cant)? {
            hash.update(&part);
            copy.write_all(&part).await.context(Kind::Output, cant_write)?;
        }
        copy.flush().await.context(Kind::Output, cant_write)?;
        match format!("{:x}", hash.finalize()) == file.sha256 {
            true => Ok(()),
            false => Err(isnt_as_published(&shown)),
        }
    }

    /// Puts a local file under `key`, a part at a time, and reads it back.
    ///
    /// # Errors
    /// The file can't be put, or what is there afterwards has another size or SHA-256.
    pub(super) async fn put(&self, file: &FilePath, key: &str, sha256: &str) -> Result<()> {
        self.upload(file, key).await?;
        let cant = || format!("can't publish {}{key}", self.shown);
        if let Some(folder) = &self.folder {
            durable::sync_file(&folder.join(key)).map_err(|cause| self.disk_failed(&cause, cant()))?;
        }
        match self.digest(key).await? {
            Some((_, found)) if found == sha256 => Ok(()),
            found => {
                let found = found.map_or("nothing is there".to_owned(), |(bytes, found)| {
                    format!("{bytes} bytes of SHA-256 {found} are there")
                });
                Err(damages(cant()).detail(format!("bytes of SHA-256 {sha256} were sent, {found}")))
            }
        }
    }

    async fn upload(&self, file: &FilePath, key: &str) -> Result<()> {
        let target = self.key(key);
        let cant = || format!("can't publish {}{key}", self.shown);
        let mut source = tokio::fs::File::open(file).await.context(Kind::Output, cant)?;
        let write_failed = |cause: object_store::Error| self.write_failed(&cause, cant());
        let upload = self.store.put_multipart(&target).await.map_err(write_failed)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = source.read(&mut buffer).await.context(Kind::Output, cant)?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            writer.wait_for_capacity(2).await.map_err(write_failed)?;
            writer.write(read);
        }
        writer.finish().await.map_err(write_failed)?;
        Ok(())
    }
}

fn isnt_as_published(shown: &str) -> Error {
    let message = format!("{shown} is not what was published: its SHA-256 differs from its commit's");
    Error::new(Kind::Data, message).hint("restore the object as it was published")
}

fn damages(cant: String) -> Error {
    Error::new(Kind::Storage, cant)
        .hint("the store or the way to it damages data: run again, and look into it if it happens again")
}
