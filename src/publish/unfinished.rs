//! What writing to a local disk leaves when it is killed: files named `<name>#<number>`, which the store writes before it
//! gives them their names, and of which its listings tell nothing.

use std::path::Path;
use std::{fs, io};

use walkdir::WalkDir;

/// Keys of such files in `folder`, below `prefix`.
pub fn keys(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = WalkDir::new(folder.join(prefix)).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let key = |entry: walkdir::DirEntry| entry.path().strip_prefix(folder).ok()?.to_str().map(str::to_owned);
    files.filter_map(key).filter(|key| is_unfinished(key)).collect()
}

/// Whether a key is that of such a file.
pub fn is_unfinished(key: &str) -> bool {
    let number = key.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Removes such a file, if it is still there: the store refuses its name.
///
/// # Errors
/// A folder that can't be written.
pub fn remove(folder: &Path, key: &str) -> io::Result<()> {
    match fs::remove_file(folder.join(key)) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}
