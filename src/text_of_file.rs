//! A file that people write, read whole: text, and not more of it than people write.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// Bytes of a file; more is data, which belongs into a source.
const MAX_BYTES: u64 = 16 << 20;

/// The text of the file at `path`.
///
/// # Errors
/// What can't be read (of `kind()` as the system tells it), is no file, is longer than 16 MiB (`FileTooLarge`), or isn't
/// UTF-8 (`InvalidData`).
pub(crate) fn text_of_file(path: &Path) -> Result<String, Error> {
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).map_or(true, |read| read > MAX_BYTES) {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it is longer than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8 text; save it as UTF-8"))
}
