//! The files of an intermediate table.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of the work folder, which is removed once nobody holds it: what is read no more needs no disk.
#[derive(Debug)]
pub struct WorkFiles {
    folder: PathBuf,
}

impl WorkFiles {
    /// Creates the folder.
    ///
    /// # Errors
    /// It can't be created.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(WorkFiles { folder: folder.to_owned() })
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for WorkFiles {
    fn drop(&mut self) {
        // What can't be removed now goes with the work folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
