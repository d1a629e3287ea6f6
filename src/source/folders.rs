//! Where in the work folder the files of a run's reading are.

use std::path::{Path, PathBuf};

use crate::entity::Entity;
use crate::{Context, Kind, Result};

/// Where an entity's staged files are.
pub(super) fn staged_folder(work: &Path, entity: Entity) -> PathBuf {
    work.join(format!("src_{}", entity.name()))
}

/// Where in the work folder the files of rejected rows are.
pub fn rejected_folder(work: &Path) -> PathBuf {
    work.join("rejected")
}

pub(super) fn cannot_write(path: &Path) -> String {
    format!("can't write {}", path.display())
}

/// Makes the folders of staged and of rejected rows.
pub(super) fn make_folders(work: &Path) -> Result<()> {
    let folders = Entity::ALL.iter().map(|entity| staged_folder(work, *entity)).chain([rejected_folder(work)]);
    for folder in folders {
        std::fs::create_dir_all(&folder).context(Kind::Output, || cannot_write(&folder))?;
    }
    Ok(())
}
