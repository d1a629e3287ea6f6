//! What has become of the sources' objects since a commit.

use std::collections::{HashMap, HashSet};

use crate::config::Pipeline;
use crate::entity::Entity;
use crate::publish::{Commit, Input};
use crate::source::{ListedObject, Naming, Standing};

/// What has become of an object since a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The commit didn't read it.
    New,
    /// The commit read other bytes under its URL.
    Replaced,
    /// The commit read it.
    Same,
    /// The commit read it, and no source names it any more.
    Missing,
}

impl Change {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Replaced => "replaced",
            Change::Same => "same",
            Change::Missing => "missing",
        }
    }
}

/// An object, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedObject {
    /// Index of its source in [`Pipeline::sources`]; of a missing one, the source whose location it lies in, if there
    /// still is one.
    pub source: Option<usize>,
    /// What it holds.
    pub entity: String,
    /// Full URL, without credentials.
    pub url: String,
    /// Size in bytes, of a missing one as the commit tells it.
    pub size_bytes: u64,
    /// What has become of it.
    pub change: Change,
    /// Whether its rows stay as they were read.
    pub stays_read: bool,
    /// Why they don't, in words; None where they do or never could.
    pub read_because: Option<&'static str>,
}

/// Objects by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectCounts {
    /// New ones.
    pub new: u64,
    /// Replaced ones.
    pub replaced: u64,
    /// Those that are the same.
    pub same: u64,
    /// Missing ones.
    pub missing: u64,
    /// Those whose rows stay read.
    pub kept: u64,
    /// Bytes of all but the missing ones.
    pub bytes: u64,
}

impl ObjectCounts {
    /// Counts objects.
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a ComparedObject>) -> Self {
        let mut counts = ObjectCounts::default();
        for object in objects {
            let count = match object.change {
                Change::New => &mut counts.new,
                Change::Replaced => &mut counts.replaced,
                Change::Same => &mut counts.same,
                Change::Missing => &mut counts.missing,
            };
            *count += 1;
            counts.kept += u64::from(object.stays_read);
            if object.change != Change::Missing {
                counts.bytes += object.size_bytes;
            }
        }
        counts
    }

    /// Objects that would be read.
    pub fn listed(&self) -> u64 {
        self.new + self.replaced + self.same
    }
}

/// The objects that were listed, in their order, then those that are missing, each beside what `commit` read.
pub fn compare(pipeline: &Pipeline, listed: &[ListedObject], commit: Option<&Commit>) -> Vec<ComparedObject> {
    let read = commit.map(|commit| commit.inputs.as_slice()).unwrap_or_default();
    let known: HashMap<(&str, &str), &Input> =
        read.iter().map(|input| ((input.entity.as_str(), input.url.as_str()), input)).collect();
    let compared = |object: &ListedObject| ComparedObject {
        source: Some(object.source),
        entity: object.entity.name().to_owned(),
        url: object.url.clone(),
        size_bytes: object.size_bytes,
        change: match known.get(&(object.entity.name(), object.url.as_str())) {
            None => Change::New,
            Some(read) if read.size_bytes != object.size_bytes || read.e_tag != object.e_tag => Change::Replaced,
            Some(_) => Change::Same,
        },
        stays_read: object.standing == Standing::Kept,
        read_because: object.standing.reason(),
    };
    let there: HashSet<(&str, &str)> =
        listed.iter().map(|object| (object.entity.name(), object.url.as_str())).collect();
    let missing = read.iter().filter(|input| !there.contains(&(input.entity.as_str(), input.url.as_str())));
    let sources = Sources::of(pipeline);
    let missing = missing.map(|input| ComparedObject {
        source: sources.naming(&input.entity, &input.url),
        entity: input.entity.clone(),
        url: input.url.clone(),
        size_bytes: input.size_bytes,
        change: Change::Missing,
        stays_read: false,
        read_because: None,
    });
    listed.iter().map(compared).chain(missing).collect()
}

/// Which source would name an object, if it were there.
struct Sources(Vec<(Entity, Naming)>);

impl Sources {
    fn of(pipeline: &Pipeline) -> Self {
        Sources(pipeline.sources.iter().map(|source| (source.entity, Naming::of(&source.location))).collect())
    }

    fn naming(&self, entity: &str, url: &str) -> Option<usize> {
        self.0.iter().position(|(of, naming)| of.name() == entity && naming.names(url))
    }
}
