//! Local files that are still there, and whole, after a power failure: their bytes, and the folders that name them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Creates a file whole or not at all.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if it is there; a disk that is full or may not be written.
pub fn create(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let readable = fs::Permissions::from_mode(0o666);
    // Gone when dropped, but for the second name that it has got by then. The umask has its say.
    let mut unnamed = tempfile::Builder::new().prefix(".rfmart-").permissions(readable).tempfile_in(folder)?;
    unnamed.write_all(bytes)?;
    unnamed.as_file().sync_all()?;
    fs::hard_link(unnamed.path(), file)?;
    sync_folder(folder)
}

/// Writes a file's bytes to the disk.
///
/// # Errors
/// A disk that fails.
pub fn sync_file(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

/// Writes the folders of `files`, and those above them up to `root`, to the disk, each once.
///
/// # Errors
/// A disk that fails.
pub fn sync_folders<'a>(files: impl IntoIterator<Item = &'a Path>, root: &Path) -> io::Result<()> {
    let above = |file: &'a Path| file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let folders: BTreeSet<PathBuf> = files.into_iter().flat_map(above).map(Path::to_owned).collect();
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_once_and_as_readable_as_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, other) = (folder.path().join("a/b.json"), folder.path().join("other"));
        create(&file, b"one").expect("a file");
        fs::write(&other, b"x").expect("a file");
        let mode = |file: &Path| fs::metadata(file).expect("a file").permissions().mode();
        assert_eq!(mode(&file), mode(&other));
        assert_eq!(create(&file, b"two").expect_err("it is there").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).expect("a file"), b"one");
        let names = fs::read_dir(folder.path().join("a")).expect("a folder");
        assert_eq!(names.count(), 1, "nothing is left beside it");
    }

    #[test]
    fn folders_up_to_the_root_are_synced_and_none_above() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("warehouse");
        fs::create_dir_all(root.join("t/dt=1")).expect("a folder");
        let file = root.join("t/dt=1/part.parquet");
        sync_folders([file.as_path()], &root).expect("folders");
        fs::remove_dir_all(&root).expect("gone");
        let gone = sync_folders([file.as_path()], &root).expect_err("no such folder");
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }
}
