//! An object's bytes: fetched as one version, hashed and counted as they pass, decompressed, decoded.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs_io::DecodeReaderBytesBuilder;
use md5::Md5;
use object_store::{GetOptions, GetResultPayload, ObjectStore};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::download::{Chunk, Download};
use crate::config::{Compression, Source};
use crate::source::list::FoundObject;
use crate::storage::failure;
use crate::{Context, Error, Kind, Result};

/// Chunks of a download that may wait for the reader.
const CHUNKS_AHEAD: usize = 16;
/// Of each of the buffers that text passes through: small, for there may be many small objects.
const BUFFER_BYTES: usize = 64 << 10;
/// Longest line.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// What reading needs from the run: where downloads run, who is told of bytes, and whether to stop.
#[derive(Clone)]
pub(in crate::source) struct ReadContext {
    pub runtime: Handle,
    pub progress: mpsc::UnboundedSender<u64>,
    pub stop: Stop,
    /// Whether messages may not quote rows.
    pub hides_rows: bool,
    /// Whether an object's tag was seen not to be the MD5 of its bytes.
    pub tags_are_no_md5: Arc<AtomicBool>,
}

/// Tells all threads to stop, and keeps the error that was the reason.
#[derive(Clone, Default)]
pub(in crate::source) struct Stop(Arc<(AtomicBool, Mutex<Option<Error>>)>);

impl Stop {
    /// Stops without an error: the run is being given up.
    pub fn set(&self) {
        self.0.0.store(true, Ordering::Relaxed);
    }

    fn fail(&self, error: Error) -> Error {
        if !self.0.0.swap(true, Ordering::Relaxed) {
            *self.0.1.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            return stopped();
        }
        error
    }

    /// The first error.
    pub fn take_failure(&self) -> Option<Error> {
        self.0.1.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn stopped() -> Error {
    Error::new(Kind::Storage, "reading was stopped")
}

impl ReadContext {
    /// The same, but nobody is told of bytes.
    pub fn silent(&self) -> ReadContext {
        let (progress, _) = mpsc::unbounded_channel();
        ReadContext { progress, ..self.clone() }
    }

    /// Tells that `bytes` more were read.
    pub fn advance(&self, bytes: u64) {
        // Nobody listens any more when the run is being given up.
        let _ = self.progress.send(bytes);
    }

    /// # Errors
    /// Another thread failed, or the run was given up.
    pub fn check(&self) -> Result<()> {
        match self.stop.0.0.load(Ordering::Relaxed) {
            true => Err(stopped()),
            false => Ok(()),
        }
    }

    /// Stops all threads because of `error`.
    pub fn fail(&self, error: Error) -> Error {
        self.stop.fail(error)
    }

    /// The error that stopped the threads.
    pub fn first_failure(&self) -> Option<Error> {
        self.stop.take_failure()
    }
}

/// What is known when an object was read to its end, or failed.
#[derive(Clone, Default)]
pub(in crate::source) struct ReadStatus(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    sha256: Option<String>,
    failure: Option<Error>,
}

impl ReadStatus {
    /// The SHA-256 of all bytes, in hex.
    ///
    /// # Errors
    /// Bytes were left unread.
    pub fn sha256(&self, found: &FoundObject) -> Result<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.sha256.take().ok_or_else(|| Error::new(Kind::Bug, format!("{}: not read to its end", found.url)))
    }

    /// The error behind a reader's: of the store if that failed, else of the content.
    pub fn explain(&self, found: &FoundObject, cause: &dyn std::fmt::Display) -> Error {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure.take().unwrap_or_else(|| damaged(found, cause))
    }
}

/// The content of an object can't be decoded.
pub(in crate::source) fn damaged(found: &FoundObject, cause: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Data, format!("{} is damaged", found.url))
        .detail(cause.to_string())
        .hint("have it exported again; check the source's format and compression")
}

/// An object's raw bytes.
pub(in crate::source) struct RawBytes {
    body: Body,
    /// Of an object that is read from its first byte.
    hasher: Option<Hasher>,
    left: u64,
    url: String,
    /// What is asked for again if the bytes aren't those that the store tells of.
    found: FoundObject,
    status: ReadStatus,
    context: ReadContext,
}

enum Body {
    File { file: File, opened: std::fs::Metadata },
    Download { chunks: mpsc::Receiver<object_store::Result<Chunk>>, chunk: Chunk, position: usize },
}

impl RawBytes {
    /// Fetches the version of the object that was listed. Not to be called on an async thread.
    ///
    /// # Errors
    /// It was removed or replaced, or can't be read.
    pub fn open(found: &FoundObject, context: &ReadContext) -> Result<(Self, ReadStatus)> {
        // A weak tag (W/"…") never matches: RFC 9110, 8.8.3.2.
        let if_match = found.meta.e_tag.clone().filter(|tag| !tag.starts_with("W/"));
        let options = GetOptions { if_match: if_match.clone(), ..GetOptions::default() };
        let (store, location) = (Arc::clone(&found.store), found.meta.location.clone());
        // A task ends with its runtime. Without one, this thread would go on asking for timers that are gone.
        let answer = context.runtime.spawn(async move { store.get_opts(&location, options).await });
        let answer = context.runtime.block_on(answer).map_err(|ended| match ended.is_panic() {
            true => Error::new(Kind::Bug, format!("reading {} broke off", found.url)),
            false => stopped(),
        })?;
        let answer = answer.map_err(|cause| failure(&cause, format!("can't read {}", found.url)))?;
        let body = match answer.payload {
            GetResultPayload::File(file, _) => {
                let opened = file.metadata().context(Kind::Storage, || format!("can't read {}", found.url))?;
                Body::File { file, opened }
            }
            GetResultPayload::Stream(stream) => {
                let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
                let (store, location) = (Arc::clone(&found.store), found.meta.location.clone());
                let download = Download::new(store, location, if_match, sender);
                context.runtime.spawn(download.pass_on(stream));
                Body::Download { chunks, chunk: Box::new([]), position: 0 }
            }
        };
        let status = ReadStatus::default();
        let raw = RawBytes {
            body,
            hasher: Some(Hasher::of(found, context)),
            left: found.meta.size,
            url: found.url.clone(),
            found: found.clone(),
            status: status.clone(),
            context: context.clone(),
        };
        Ok((raw, status))
    }

    /// The whole object as a local file: itself if it is one, else a copy in `work`.
    pub fn into_file(mut self, work: &std::path::Path) -> Result<File> {
        let problem = || format!("can't keep a copy of {} in {}", self.url, work.display());
        match &self.body {
            Body::File { file, .. } => {
                let file = file.try_clone().context(Kind::Storage, || format!("can't read {}", self.url))?;
                let drained = io::copy(&mut self, &mut io::sink());
                drained.map_err(|cause| self.status.take_or(|| Error::new(Kind::Storage, cause.to_string())))?;
                Ok(file)
            }
            Body::Download { .. } => {
                let mut copy = tempfile::tempfile_in(work).context(Kind::Output, problem)?;
                let problem = problem();
                io::copy(&mut self, &mut copy).map_err(|cause| {
                    self.status.take_or(|| {
                        Error::new(Kind::Output, problem).detail(cause.to_string()).hint("is the disk full?")
                    })
                })?;
                Ok(copy)
            }
        }
    }

    /// Passes over the first `count` bytes of a local file, which are read elsewhere. What is left has no hash.
    fn skip(&mut self, count: u64) -> Result<()> {
        let Body::File { file, .. } = &mut self.body else { return Ok(()) };
        file.seek(SeekFrom::Start(count)).context(Kind::Storage, || format!("can't read {}", self.url))?;
        self.left = self.left.saturating_sub(count);
        self.hasher = None;
        Ok(())
    }

    fn fail(&self, error: Error) -> io::Error {
        self.status.0.lock().unwrap_or_else(PoisonError::into_inner).failure = Some(error);
        io::Error::other("the object can't be read")
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let unreadable = |url: &str| format!("can't read {url}");
        match &mut self.body {
            Body::File { file, .. } => file.read(buffer).context(Kind::Storage, || unreadable(&self.url)),
            Body::Download { chunks, chunk, position } => {
                let is_used_up = |chunk: &Chunk, position: usize| (**chunk).as_ref().len() <= position;
                while is_used_up(chunk, *position) {
                    match chunks.blocking_recv() {
                        None => return Ok(0),
                        Some(Ok(next)) => (*chunk, *position) = (next, 0),
                        Some(Err(cause)) => return Err(failure(&cause, unreadable(&self.url))),
                    }
                }
                let mut rest = (**chunk).as_ref().get(*position..).unwrap_or_default();
                let count = rest.read(buffer).context(Kind::Bug, || unreadable(&self.url))?;
                *position += count;
                Ok(count)
            }
        }
    }

    /// At the end: nothing is missing, and a local file was not written to meanwhile.
    fn finish(&mut self) -> Result<()> {
        let is_same = match &self.body {
            Body::File { file, opened } => file
                .metadata()
                .is_ok_and(|now| now.len() == opened.len() && now.modified().ok() == opened.modified().ok()),
            Body::Download { .. } => true,
        };
        if self.left != 0 || !is_same {
            return Err(Error::new(Kind::Storage, format!("{} changed while it was read", self.url)).hint("run again"));
        }
        let Some(hasher) = &mut self.hasher else { return Ok(()) };
        let (hex, may_be_damaged) = std::mem::take(hasher).finish();
        if may_be_damaged {
            self.compare_with_another_read(&hex)?;
        }
        self.status.0.lock().unwrap_or_else(PoisonError::into_inner).sha256.get_or_insert(hex);
        Ok(())
    }
}

impl RawBytes {
    /// The bytes aren't those of which the object's tag is the MD5. If they come out the same once more, the tag is
    /// none, as where a store encrypts with keys of its own.
    fn compare_with_another_read(&self, sha256: &str) -> Result<()> {
        self.context.tags_are_no_md5.store(true, Ordering::Relaxed);
        let (mut again, status) = RawBytes::open(&self.found, &self.context.silent())?;
        io::copy(&mut again, &mut io::sink()).map_err(|cause| status.explain(&self.found, &cause))?;
        if status.sha256(&self.found)? == sha256 {
            return Ok(());
        }
        self.context.tags_are_no_md5.store(false, Ordering::Relaxed);
        Err(Error::new(Kind::Storage, format!("{} was damaged on its way here", self.url))
            .detail("read twice, it came with other bytes, and at first not with those of its ETag")
            .hint("run again; if it happens again, look into the network or the store"))
    }
}

/// What bytes come to as they pass.
#[derive(Default)]
struct Hasher {
    sha256: Sha256,
    /// With the tag that it must come to.
    md5: Option<(Md5, String)>,
}

impl Hasher {
    /// An object that was stored in one part has its MD5 as tag, in 32 hex digits; with a few stores it is another hash.
    fn of(found: &FoundObject, context: &ReadContext) -> Self {
        let tag = found.meta.e_tag.as_deref().map(|tag| tag.trim_matches('"').to_ascii_lowercase());
        let is_md5 = |tag: &String| tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_known_not_to_be = context.tags_are_no_md5.load(Ordering::Relaxed);
        let md5 = tag.filter(is_md5).filter(|_| !is_known_not_to_be).map(|tag| (Md5::new(), tag));
        Hasher { sha256: Sha256::new(), md5 }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some((md5, _)) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    /// The SHA-256 in hex, and whether the tag tells of other bytes.
    fn finish(self) -> (String, bool) {
        let differs = self.md5.is_some_and(|(md5, tag)| format!("{:x}", md5.finalize()) != tag);
        (format!("{:x}", self.sha256.finalize()), differs)
    }
}

impl ReadStatus {
    fn take_or(&self, other: impl FnOnce() -> Error) -> Error {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failure.take().unwrap_or_else(other)
    }
}

impl Read for RawBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.context.check().and_then(|()| self.fill(buffer)).map_err(|error| self.fail(error))?;
        let read = u64::try_from(count).unwrap_or(u64::MAX);
        match self.left.checked_sub(read) {
            Some(left) => self.left = left,
            None => {
                let grown = Error::new(Kind::Storage, format!("{} grew while it was read", self.url)).hint("run again");
                return Err(self.fail(grown));
            }
        }
        if count == 0 && !buffer.is_empty() {
            self.finish().map_err(|error| self.fail(error))?;
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(buffer.get(..count).unwrap_or_default());
        }
        self.context.advance(read);
        Ok(count)
    }
}

/// The text of a CSV or NDJSON object: decompressed, in UTF-8 (unless malformed), without mark.
/// The counter is to be set to zero after each line: one that grows too long is an error.
pub(in crate::source) fn open_text(
    found: &FoundObject,
    source: &Source,
    context: &ReadContext,
) -> Result<(Box<dyn Read + Send>, LineLimit, ReadStatus)> {
    let (raw, status) = RawBytes::open(found, context)?;
    let raw = BufReader::with_capacity(BUFFER_BYTES, raw);
    let plain: Box<dyn Read + Send> = match compression(found, source) {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(raw)),
        Compression::Zstd => {
            let decoder = zstd::Decoder::with_buffer(raw).map_err(|cause| status.explain(found, &cause))?;
            Box::new(decoder)
        }
        Compression::Auto | Compression::None => Box::new(raw),
    };
    let is_utf8 = source.csv.encoding == encoding_rs::UTF_8;
    let decoded = DecodeReaderBytesBuilder::new()
        .encoding((!is_utf8).then_some(source.csv.encoding))
        .utf8_passthru(is_utf8)
        .strip_bom(true)
        .build_with_buffer(plain, vec![0; BUFFER_BYTES])
        .map_err(|cause| status.explain(found, &cause))?;
    let limit = LineLimit::default();
    Ok((Box::new(Limited { inner: decoded, limit: limit.clone() }), limit, status))
}

/// The text of a plain file from byte `start` on, as [`mark_of_plain_text`] says that it can be read.
pub(in crate::source) fn open_plain_text(
    found: &FoundObject,
    context: &ReadContext,
    start: u64,
) -> Result<(Box<dyn Read + Send>, LineLimit, ReadStatus)> {
    let (mut raw, status) = RawBytes::open(found, context)?;
    raw.skip(start)?;
    let limit = LineLimit::default();
    Ok((Box::new(Limited { inner: raw, limit: limit.clone() }), limit, status))
}

/// An error if the object isn't any more what was listed: a part's bytes go by without being hashed.
pub(in crate::source) fn check_unchanged(found: &FoundObject, context: &ReadContext) -> Result<()> {
    RawBytes::open(found, context).map(drop)
}

/// The length of the mark before the text of an object that is a local file, not compressed, and in UTF-8: such a text
/// can be read from any of its lines on. None of others.
pub(in crate::source) fn mark_of_plain_text(
    found: &FoundObject,
    source: &Source,
    context: &ReadContext,
) -> Result<Option<u64>> {
    let is_plain = matches!(compression(found, source), Compression::Auto | Compression::None);
    if !is_plain || source.csv.encoding != encoding_rs::UTF_8 || !found.url.starts_with("file:") {
        return Ok(None);
    }
    let (mut raw, status) = RawBytes::open(found, context)?;
    let mut first = Vec::new();
    raw.by_ref().take(3).read_to_end(&mut first).map_err(|cause| status.explain(found, &cause))?;
    Ok(match first.as_slice() {
        [0xef, 0xbb, 0xbf] => Some(3),
        // The mark says that it is UTF-16 after all.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => None,
        _ => Some(0),
    })
}

fn compression(found: &FoundObject, source: &Source) -> Compression {
    match (source.compression, found.meta.location.extension()) {
        (Compression::Auto, Some("gz" | "gzip")) => Compression::Gzip,
        (Compression::Auto, Some("zst" | "zstd")) => Compression::Zstd,
        (declared, _) => declared,
    }
}

/// Bytes since the last line ended.
#[derive(Clone, Default)]
pub(in crate::source) struct LineLimit(Arc<AtomicU64>);

impl LineLimit {
    /// A line ended.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

struct Limited<R> {
    inner: R,
    limit: LineLimit,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let since = self.limit.0.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        if since > MAX_LINE_BYTES {
            return Err(io::Error::other("a line is longer than 16 MiB: is it text at all?"));
        }
        Ok(count)
    }
}
