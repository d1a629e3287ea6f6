//! Text files, very many at once: a file is open only while it is appended to.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{Context, Kind, Result};

/// Bytes that are kept in memory before they are appended.
const BUFFER_BYTES: usize = 128 * 1024;

/// A file that is written line by line in an encoding, plain or through gzip.
pub struct TextFile {
    output: Output,
    encoding: &'static Encoding,
    path: PathBuf,
    /// Rows written, without the header.
    pub rows: u64,
}

enum Output {
    Plain(Appender),
    Gzip(Box<GzEncoder<Appender>>),
}

impl TextFile {
    /// A new file that starts with `header`.
    ///
    /// # Errors
    /// A file that can't be made.
    pub fn create(path: PathBuf, encoding: &'static Encoding, header: &str) -> Result<Self> {
        let appender = Appender { path: path.clone(), buffer: Vec::new(), bytes: 0, is_new: true };
        let output = match path.extension().is_some_and(|extension| extension == "gz") {
            true => Output::Gzip(Box::new(GzEncoder::new(appender, Compression::default()))),
            false => Output::Plain(appender),
        };
        let mut file = TextFile { output, encoding, path, rows: 0 };
        file.put(header)?;
        Ok(file)
    }

    /// Writes a row, which ends with a line break.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn write_row(&mut self, row: &str) -> Result<()> {
        self.rows += 1;
        self.put(row)
    }

    fn put(&mut self, line: &str) -> Result<()> {
        let (bytes, _, _) = self.encoding.encode(line);
        let written = match &mut self.output {
            Output::Plain(appender) => appender.write_all(&bytes),
            Output::Gzip(encoder) => encoder.write_all(&bytes),
        };
        written.context(Kind::Output, || cannot_write(&self.path))
    }

    /// Writes what is still in memory; returns the file's rows and bytes.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn finish(self) -> Result<(u64, u64)> {
        let appender = match self.output {
            Output::Plain(appender) => Ok(appender),
            Output::Gzip(encoder) => encoder.finish(),
        };
        let bytes = appender.and_then(Appender::finish).context(Kind::Output, || cannot_write(&self.path))?;
        Ok((self.rows, bytes))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("can't write {}", path.display())
}

/// Collects bytes and appends them to a file that is otherwise closed.
struct Appender {
    path: PathBuf,
    buffer: Vec<u8>,
    bytes: u64,
    is_new: bool,
}

impl Appender {
    fn append(&mut self) -> io::Result<()> {
        let mut file = match self.is_new {
            true => File::create_new(&self.path)?,
            false => File::options().append(true).open(&self.path)?,
        };
        self.is_new = false;
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        self.append()?;
        Ok(self.bytes)
    }
}

impl Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        self.bytes += bytes.len() as u64;
        if self.buffer.len() >= BUFFER_BYTES {
            self.append()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
