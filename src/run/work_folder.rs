//! The folder of a run's intermediate files: private, locked while its run lives, and removed with it, or by a
//! later run if it was killed.
//!
//! The lock is one of the system's on the folder itself. It ends with its process, however that ends, and is
//! seen across containers that share the folder; a process id would be neither. systemd-tmpfiles heeds it, too. What
//! goes on in the folder of another user, or under a name that isn't one of a work folder, is none of a run's business.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tracing::{info, warn};

use crate::config::Limits;
use crate::{Error, Kind, Result, source};

/// How the name of a work folder begins; letters and digits follow, [`RANDOM_LETTERS`] of them.
const PREFIX: &str = "rfmart-work-";

/// Enough that no folder has such a name by chance, nor can anybody be there first.
const RANDOM_LETTERS: usize = 16;

/// For its owner only: rows are in it as they were read.
const MODE: u32 = 0o700;

/// Names that are tried before giving up.
const MAX_ATTEMPTS: usize = 8;

/// Days for which rejected rows of a run that had too many can be looked at.
const KEPT_DAYS: u64 = 7;

/// The file that says that a folder is kept; its age is counted from when this was written.
const KEPT: &str = "KEPT.txt";

/// A folder for one run; gone when dropped.
pub(super) struct WorkFolder {
    folder: TempDir,
    /// Held, never read: other runs leave the folder alone as long as this is open. None where the file system has
    /// no locks: there no run can lock a folder to remove it, either.
    _lock: Option<File>,
}

impl WorkFolder {
    /// A new folder in the place that `limits` name, after the removal of those that killed runs left there.
    ///
    /// # Errors
    /// The place can't be written.
    pub fn create(limits: &Limits) -> Result<Self> {
        let parent = place(limits);
        let made = fs::create_dir_all(&parent).and_then(|()| Self::in_folder(&parent));
        let work = made.map_err(|cause| {
            Error::new(Kind::Output, format!("can't create a work folder in {}", parent.display()))
                .detail(cause.to_string())
                .hint("point limits.work_dir at a folder that this user may write")
        })?;
        work.sweep_beside(&parent);
        Ok(work)
    }

    /// A sweep may take a new folder for a dead one until it is locked; then there is another.
    fn in_folder(parent: &Path) -> io::Result<Self> {
        for _ in 0..MAX_ATTEMPTS {
            let folder = tempfile::Builder::new()
                .prefix(PREFIX)
                .rand_bytes(RANDOM_LETTERS)
                .permissions(Permissions::from_mode(MODE))
                .tempdir_in(parent)?;
            match lock(folder.path()) {
                Ok(None) => {}
                locked => return Ok(WorkFolder { folder, _lock: locked.ok().flatten() }),
            }
        }
        Err(io::Error::other("other runs keep removing it"))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the rejected rows behind whose files `error` names, if it does, and says so in it.
    pub fn keep_rejected(mut self, error: Error) -> Error {
        let rejected = source::rejected_folder(self.path());
        if !error.to_string().contains(&*rejected.to_string_lossy()) {
            return error;
        }
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        self.folder.disable_cleanup(true);
        // What can't be removed or written is no reason to hide the error at hand.
        for other in entries(self.path()).map(|entry| entry.path()).filter(|path| *path != rejected) {
            let _ = fs::remove_dir_all(other);
        }
        let text =
            format!("Rejected rows of a run that had too many. After {KEPT_DAYS} days, the next run removes them.\n");
        match fs::write(self.path().join(KEPT), text) {
            Ok(()) => error.detail(format!("they are kept for {KEPT_DAYS} days, readable to this user only")),
            Err(_) => error,
        }
    }

    /// Removes what runs that were killed left beside this folder, as far as it is this user's.
    fn sweep_beside(&self, parent: &Path) {
        let Ok(own) = fs::symlink_metadata(self.path()) else { return };
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            if !entry.file_name().to_str().is_some_and(is_name) {
                continue;
            }
            let path = entry.path();
            match remove_if_abandoned(&path, own.uid()) {
                Ok(true) => info!("removed {}, which a run that was killed had left", path.display()),
                Ok(false) => {}
                // Another run may sweep at the same time.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => warn!("can't remove {}, which a run that was killed has left: {cause}", path.display()),
            }
        }
    }
}

/// A folder where what a run has read stays for the next one of the same process; gone when dropped.
pub struct BetweenRuns {
    _folder: WorkFolder,
}

impl BetweenRuns {
    /// In the place of work folders; it becomes the `state_dir` of `limits`. None where these name one.
    ///
    /// # Errors
    /// The place can't be written.
    pub fn create(limits: &mut Limits) -> Result<Option<Self>> {
        if limits.state_dir.is_some() {
            return Ok(None);
        }
        let folder = WorkFolder::create(limits)?;
        limits.state_dir = Some(folder.path().join("state"));
        Ok(Some(BetweenRuns { _folder: folder }))
    }
}

/// Removes what a run that ended early could not: one of its threads may have put a file back after it.
///
/// The threads must have ended.
pub fn sweep(limits: &Limits) {
    // A new folder sweeps beside it. If there can't be one, nothing was left.
    if place(limits).is_dir() {
        drop(WorkFolder::create(limits));
    }
}

fn place(limits: &Limits) -> PathBuf {
    limits.work_dir.clone().unwrap_or_else(std::env::temp_dir)
}

fn is_name(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|end| end.len() == RANDOM_LETTERS && end.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether the folder was this user's, had no run any more, and is gone.
fn remove_if_abandoned(path: &Path, user: u32) -> io::Result<bool> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() || found.uid() != user {
        return Ok(false);
    }
    // Held while the folder is being removed.
    let Some(_lock) = lock(path)? else {
        return Ok(false);
    };
    if is_kept(path) {
        return Ok(false);
    }
    fs::remove_dir_all(path)?;
    Ok(true)
}

fn is_kept(path: &Path) -> bool {
    let written = fs::symlink_metadata(path.join(KEPT)).and_then(|file| file.modified());
    let kept = Duration::from_secs(KEPT_DAYS * 24 * 60 * 60);
    written.is_ok_and(|written| SystemTime::now().duration_since(written).map_or(true, |age| age < kept))
}

/// The lock on the folder at `path`, held until it is dropped; none if somebody else holds it, or if what stands
/// at `path` by now is another folder.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let folder = match File::open(path) {
        Ok(folder) => folder,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cause),
    };
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(cause)) => return Err(cause),
    }
    let held = folder.metadata()?;
    let is_there = fs::symlink_metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == (held.dev(), held.ino()));
    Ok(is_there.then_some(folder))
}
