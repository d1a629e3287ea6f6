//! Folders for what is written.

use std::fs;
use std::path::Path;

use crate::{Context, Error, Kind, Result};

/// Makes `dir`. Files of an earlier spec would be read together with the new ones, so there may be none.
pub(super) fn make_empty(dir: &Path) -> Result<()> {
    make_dir(dir)?;
    let mut entries = fs::read_dir(dir).context(Kind::Output, || format!("can't read {}", dir.display()))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::new(Kind::Output, format!("{} isn't empty", dir.display()))
            .hint("name a folder that is empty or doesn't exist yet")),
    }
}

/// Makes `dir` and what leads to it, if need be.
pub(super) fn make_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).context(Kind::Output, || format!("can't make the folder {}", dir.display()))
}
