//! What lies in a state's folder, and what it was made of.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::entity::Entity;
use crate::source::ingested::InputObject;
use crate::source::reject::limit::RejectedRows;

/// The manifest's file; beside it lie the files that it names.
const FILE: &str = "state.json";

/// How the names of files begin that are being written.
pub(super) const FRESH: &str = "rfmart-fresh-";

/// Counts up whenever files or manifests mean something else than before.
const FORMAT: u32 = 1;

/// A state's contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// What wrote it: a state of another is foreign.
    pub written_by: String,
    /// Hash of what rows were held against: the branches with their zones, and what customers' numbers stand for.
    pub lookups: String,
    pub packs: Vec<Pack>,
    /// References and ids, by domain.
    pub ids: BTreeMap<String, KeptFile>,
}

/// Files and the objects whose rows they hold, none of which has rows anywhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pack {
    pub entity: Entity,
    /// Staged rows.
    pub rows: u64,
    pub files: Vec<KeptFile>,
    pub objects: Vec<KeptObject>,
}

/// A file in the state's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub name: String,
    pub checksum: String,
}

/// An object that was read, how to recognise it again, and what became of its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptObject {
    /// What staged rows call it.
    pub object_ref: i32,
    pub input: InputObject,
    /// Hash of the rules by which it was read.
    pub rules: String,
    /// The last day of a good row, as days since 1970.
    pub last_day: Option<i32>,
    /// The first day for which a row was rejected as in the future.
    pub first_future_day: Option<i32>,
    pub rejected: RejectedRows,
    pub rejected_files: Vec<KeptFile>,
}

/// Why there is no manifest to go by.
#[derive(Debug)]
pub(super) enum Unread {
    Missing,
    /// It isn't as it was written.
    Corrupt,
    /// Another version wrote it.
    Foreign(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Missing => f.write_str("no run has kept anything yet"),
            Unread::Corrupt => write!(f, "{FILE} isn't as it was written"),
            Unread::Foreign(writer) => write!(f, "{FILE} is of {writer}"),
        }
    }
}

impl Manifest {
    /// Without packs.
    pub fn empty() -> Self {
        Manifest { written_by: writer(), lookups: String::new(), packs: Vec::new(), ids: BTreeMap::new() }
    }

    /// That of a folder.
    pub fn read(folder: &Path) -> Result<Self, Unread> {
        let Ok(text) = fs::read_to_string(folder.join(FILE)) else { return Err(Unread::Missing) };
        let (checksum, body) = text.split_once('\n').ok_or(Unread::Corrupt)?;
        if checksum != hex(xxh3_128(body.as_bytes())) {
            return Err(Unread::Corrupt);
        }
        let manifest: Manifest = serde_json::from_str(body).map_err(|_| Unread::Corrupt)?;
        match manifest.written_by == writer() {
            true => Ok(manifest),
            false => Err(Unread::Foreign(manifest.written_by)),
        }
    }

    /// Puts it into a folder, in place of the one before.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let body = serde_json::to_string(self)?;
        let mut file = tempfile::Builder::new().prefix(FRESH).tempfile_in(folder)?;
        writeln!(file, "{}", hex(xxh3_128(body.as_bytes())))?;
        file.write_all(body.as_bytes())?;
        file.persist(folder.join(FILE))?;
        Ok(())
    }

    /// Names of all files that it needs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.packs.iter().flat_map(Pack::all_files).chain(self.ids.values()).map(|file| file.name.as_str())
    }
}

impl Pack {
    /// Its files, of rejected rows, too.
    fn all_files(&self) -> impl Iterator<Item = &KeptFile> {
        self.files.iter().chain(self.rejected_files())
    }

    /// Its files of rejected rows.
    pub fn rejected_files(&self) -> impl Iterator<Item = &KeptFile> {
        self.objects.iter().flat_map(|object| &object.rejected_files)
    }
}

impl KeptFile {
    /// Its path in `folder`, if it is as it was written.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub fn checked(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(&self.name);
        match checksum(&path) {
            Ok(checksum) if checksum == self.checksum => Ok(path),
            Ok(_) => Err(format!("{} isn't as it was written", self.name)),
            Err(cause) => Err(format!("{}: {cause}", self.name)),
        }
    }
}

/// The format, and this version of the program: another may read rows differently.
fn writer() -> String {
    format!("rfmart {} format {FORMAT}", env!("CARGO_PKG_VERSION"))
}

/// Of a file's bytes.
pub(super) fn checksum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash.digest128())),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}
