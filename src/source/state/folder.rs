//! The folder of a pipeline's state: private, and one run's at a time.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tracing::{info, warn};

use crate::config::Pipeline;

/// For its owner only: rows are in it as they were read.
const MODE: u32 = 0o700;

/// A state's folder, locked until this is dropped.
#[derive(Debug)]
pub(in crate::source) struct StateFolder {
    path: PathBuf,
    _lock: File,
}

impl StateFolder {
    /// That of `pipeline`; None if it keeps no state, or another run has it. A run goes on without.
    pub fn open(pipeline: &Pipeline) -> Option<Self> {
        let path = place(pipeline)?;
        match locked(&path) {
            Ok(Some(lock)) => Some(StateFolder { path, _lock: lock }),
            Ok(None) => {
                info!("another run has {}: this one reads everything, and keeps nothing", path.display());
                None
            }
            Err(cause) => {
                warn!("nothing is kept for the next run, for {} can't be used: {cause}", path.display());
                None
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Where the state of `pipeline` is, if it keeps one.
pub(super) fn place(pipeline: &Pipeline) -> Option<PathBuf> {
    pipeline.limits.state_dir.as_ref().map(|folder| folder.join(&pipeline.name))
}

/// None if somebody else holds the lock. It ends with its process, however that ends.
fn locked(path: &Path) -> io::Result<Option<File>> {
    DirBuilder::new().recursive(true).mode(MODE).create(path)?;
    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}
