//! Which objects the sources name.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use futures::{StreamExt, TryStreamExt, stream};
use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::config::{Location, LocationKind, Pipeline, Source};
use crate::entity::Entity;
use crate::source::held::Held;
use crate::source::ingested::InputObject;
use crate::source::parse::parsed_time::day_number;
use crate::storage::{Stores, failure, url_of};
use crate::{Error, Kind, Result};

/// Sources that are listed at the same time.
const CONCURRENT_LISTINGS: usize = 8;

/// `*` and `?` stay within a folder.
const GLOB_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// An object to be read.
#[derive(Clone)]
pub(super) struct FoundObject {
    pub entity: Entity,
    /// Index of its source in [`Pipeline::sources`].
    pub source: usize,
    /// How messages name the source.
    pub label: String,
    pub store: Arc<dyn ObjectStore>,
    pub meta: ObjectMeta,
    /// Full URL, without credentials.
    pub url: String,
    /// Rank of the URL among the entity's objects, from 0.
    pub object_no: i32,
    /// What staged rows call it, whichever objects there are besides; of all entities together.
    pub object_ref: i32,
    /// Its rows are there, as an earlier run staged them.
    pub is_kept: bool,
    /// It stands for what was read of it last: another version of it, or none, is there.
    pub is_held: bool,
    /// Another source of the entity that names the object, too.
    pub other_source: Option<String>,
}

impl FoundObject {
    /// An object of the source in place `index`, in the store whose root messages show as `root`; not numbered yet.
    pub fn new(index: usize, source: &Source, store: Arc<dyn ObjectStore>, root: &str, meta: ObjectMeta) -> Self {
        FoundObject {
            entity: source.entity,
            source: index,
            label: source.label.clone(),
            store,
            url: format!("{root}{}", meta.location),
            meta,
            object_no: 0,
            object_ref: 0,
            is_kept: false,
            is_held: false,
            other_source: None,
        }
    }

    /// The last day that a row can be of: of a later one neither a snapshot of `as_of` nor the object knows.
    pub fn last_possible_day(&self, timezone: Tz, as_of: NaiveDate) -> i32 {
        let modified = self.meta.last_modified.with_timezone(&timezone).date_naive();
        day_number(as_of.max(modified)) + 1
    }

    /// As an input of a run that has read bytes of this hash.
    pub fn input(&self, sha256: String) -> InputObject {
        InputObject {
            entity: self.entity,
            source: self.label.clone(),
            url: self.url.clone(),
            size_bytes: self.meta.size,
            e_tag: self.meta.e_tag.clone(),
            last_modified: self.meta.last_modified,
            sha256,
        }
    }
}

/// Lists all sources; the result is ordered by entity and URL. Where a location is held, nothing may be.
pub(super) async fn find_all(pipeline: &Pipeline, stores: &Stores, held: &Held) -> Result<Vec<FoundObject>> {
    let listings = pipeline.sources.iter().enumerate().map(|(index, source)| async move {
        match find(index, source, stores).await {
            Err(_) if held.why(&shown(&source.location)).is_some() => Ok(Vec::new()),
            listed => listed,
        }
    });
    let listings: Vec<Vec<FoundObject>> = stream::iter(listings).buffered(CONCURRENT_LISTINGS).try_collect().await?;
    let mut found: Vec<FoundObject> = listings.into_iter().flatten().collect();
    number(pipeline, &mut found);
    Ok(found)
}

/// Puts objects in order, and gives each its rank.
pub(super) fn number(pipeline: &Pipeline, found: &mut [FoundObject]) {
    found.sort_by(|a, b| (a.entity, &a.url, a.source).cmp(&(b.entity, &b.url, b.source)));
    let mut previous = None;
    for object in found.iter_mut() {
        let rank = match previous {
            Some((entity, rank)) if entity == object.entity => rank + 1,
            _ => 0,
        };
        object.object_no = rank;
        previous = Some((object.entity, rank));
    }
    note_other_sources(pipeline, found);
}

/// Objects that two sources name stand side by side.
fn note_other_sources(pipeline: &Pipeline, found: &mut [FoundObject]) {
    for index in 1..found.len() {
        let (before, after) = found.split_at_mut(index);
        if let (Some(first), Some(second)) = (before.last_mut(), after.first_mut())
            && (first.entity, &first.url) == (second.entity, &second.url)
        {
            let label = |source: usize| pipeline.sources.get(source).map(|source| source.label.clone());
            second.other_source = label(first.source);
            first.other_source = first.other_source.take().or_else(|| label(second.source));
        }
    }
}

/// Lists one source; `index` is its place in the pipeline.
pub(super) async fn find(index: usize, source: &Source, stores: &Stores) -> Result<Vec<FoundObject>> {
    let location = &source.location;
    let store = stores.get(&location.store)?;
    let metas = match location.kind {
        LocationKind::Object => vec![head(source, store.as_ref()).await?],
        LocationKind::Prefix => list_folder(source, store.as_ref(), &location.path, |_| true).await?,
        LocationKind::Glob => {
            let pattern = Pattern::new(&location.path).map_err(|mistake| {
                Error::new(Kind::Config, format!("{}: {location} is not a glob", source.label))
                    .detail(mistake.to_string())
            })?;
            list_folder(source, store.as_ref(), literal_folder(&location.path), |key| {
                pattern.matches_with(key, GLOB_OPTIONS)
            })
            .await?
        }
    };
    if metas.is_empty() {
        return Err(nothing(source));
    }
    let root = url_of(&location.store, "");
    let found = |meta| FoundObject::new(index, source, Arc::clone(&store), &root, meta);
    Ok(metas.into_iter().map(found).collect())
}

async fn head(source: &Source, store: &dyn ObjectStore) -> Result<ObjectMeta> {
    let path = key(source, &source.location.path)?;
    store.head(&path).await.map_err(|cause| {
        let trouble = failure(&cause, format!("{}: can't look up {}", source.label, shown(&source.location)));
        match cause {
            object_store::Error::NotFound { .. } if trouble.kind() == Kind::Storage => nothing(source),
            _ => trouble,
        }
    })
}

async fn list_folder(
    source: &Source,
    store: &dyn ObjectStore,
    folder: &str,
    matches: impl Fn(&str) -> bool,
) -> Result<Vec<ObjectMeta>> {
    let prefix = key(source, folder)?;
    let metas: Vec<ObjectMeta> =
        store.list(Some(&prefix).filter(|prefix| !prefix.is_root())).try_collect().await.map_err(|cause| {
            let trouble = failure(&cause, format!("{}: can't list {}", source.label, shown(&source.location)));
            match source.location.store.scheme() {
                "http" | "https" => trouble.hint("most web servers can't be listed: name each object"),
                _ => trouble,
            }
        })?;
    let is_wanted = |meta: &ObjectMeta| {
        let key = meta.location.as_ref();
        let below = key.strip_prefix(prefix.as_ref()).unwrap_or(key);
        !is_hidden(below) && !is_folder_marker(meta) && matches(key)
    };
    let mut seen = HashSet::new();
    // A listing may tell of an object twice.
    Ok(metas.into_iter().filter(is_wanted).filter(|meta| seen.insert(meta.location.clone())).collect())
}

fn key(source: &Source, path: &str) -> Result<Path> {
    Path::parse(path).map_err(|mistake| {
        Error::new(Kind::Config, format!("{}: {} is not a path", source.label, shown(&source.location)))
            .detail(mistake.to_string())
    })
}

/// The part of a glob before its first segment with a wildcard.
fn literal_folder(pattern: &str) -> &str {
    let literal = pattern.split(['*', '?', '[']).next().unwrap_or_default();
    literal.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Names that start with `_` or `.` are other programs' marks (`_SUCCESS`, `_temporary/`, `.crc`).
fn is_hidden(below: &str) -> bool {
    below.split('/').any(|segment| segment.starts_with(['_', '.']))
}

fn is_folder_marker(meta: &ObjectMeta) -> bool {
    meta.size == 0 && !meta.location.filename().is_some_and(|name| name.contains('.'))
}

/// A location, as messages show it.
pub(super) fn shown(location: &Location) -> String {
    url_of(&location.store, &location.path)
}

fn nothing(source: &Source) -> Error {
    let hint = match source.location.kind {
        LocationKind::Object => "check the location; a folder's ends with a slash",
        LocationKind::Prefix => "check the location; names that start with _ or . are skipped",
        LocationKind::Glob => "check the pattern; * and ? stay within a folder, ** goes across",
    };
    let shown = shown(&source.location);
    Error::new(Kind::Data, format!("{}: nothing at {shown}", source.label)).hint(hint).blaming([shown])
}

/// Which URLs a location names, whether or not there are objects.
pub struct Naming {
    root: String,
    path: String,
    kind: LocationKind,
    /// Of a glob.
    pattern: Option<Pattern>,
}

impl Naming {
    /// That of a location.
    pub fn of(location: &Location) -> Self {
        let pattern = (location.kind == LocationKind::Glob).then(|| Pattern::new(&location.path).ok()).flatten();
        Naming { root: url_of(&location.store, ""), path: location.path.clone(), kind: location.kind, pattern }
    }

    /// Whether the location names `url`.
    pub fn names(&self, url: &str) -> bool {
        let Some(key) = url.strip_prefix(&self.root) else {
            return false;
        };
        match self.kind {
            LocationKind::Object => key == self.path,
            LocationKind::Prefix => key.starts_with(&self.path),
            LocationKind::Glob => self.pattern.as_ref().is_some_and(|pattern| pattern.matches_with(key, GLOB_OPTIONS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_names_what_lies_there() {
        let at = |store: &str, path: &str, kind| {
            Naming::of(&Location { store: store.parse().expect("a URL"), path: path.to_owned(), kind })
        };
        let object = at("s3://b/", "a/x.csv", LocationKind::Object);
        assert!(
            object.names("s3://b/a/x.csv") && !object.names("s3://b/a/x.csv.gz") && !object.names("s3://c/a/x.csv")
        );
        let folder = at("s3://b/", "a/", LocationKind::Prefix);
        assert!(folder.names("s3://b/a/2026/x.csv") && !folder.names("s3://b/ab/x.csv"));
        let glob = at("https://ann:secret@host/", "a/*.csv", LocationKind::Glob);
        assert!(glob.names("https://host/a/x.csv") && !glob.names("https://host/a/2026/x.csv"));
    }

    #[test]
    fn a_globs_folder_is_what_stands_before_the_first_wildcard() {
        assert_eq!(literal_folder("a/b*/c.csv"), "a");
        assert_eq!(literal_folder("a/b/*.csv"), "a/b");
        assert_eq!(literal_folder("*.csv"), "");
        assert_eq!(literal_folder("a/[xy]/c"), "a");
    }

    #[test]
    fn marks_of_other_programs_are_hidden_wherever_they_stand() {
        for hidden in ["_SUCCESS", "/.part.crc", "/_temporary/0/part.csv", "/2026/_old/a.csv"] {
            assert!(is_hidden(hidden), "{hidden}");
        }
        assert!(!is_hidden("/2026/a_b.csv"));
    }
}
