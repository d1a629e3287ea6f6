//! From what a run has read to the state that the next one finds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tracing::warn;

use super::folder::StateFolder;
use super::ids;
use super::kept::Kept;
use super::manifest::{self, KeptFile, KeptObject, Manifest, Pack, checksum};
use super::rules::{can_be_kept, rules};
use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::folders::{cannot_write, rejected_folder};
use crate::source::ingested::{Dictionaries, InputObject};
use crate::source::list::FoundObject;
use crate::source::reject::limit::RejectedRows;
use crate::source::staging::pool::ObjectResult;
use crate::source::staging::writer::StagedFile;
use crate::{Context, Kind, Result};

/// What a run has read itself.
pub(in crate::source) struct NewlyRead {
    pub found: Vec<FoundObject>,
    /// By the number of the object within its entity.
    pub inputs: Vec<(i32, InputObject)>,
    /// Objects, or the parts of them.
    pub objects: Vec<ObjectResult>,
    /// Staged files, and the rows of each.
    pub files: BTreeMap<Entity, Vec<StagedFile>>,
    pub dictionaries: Dictionaries,
    /// Hash of what rows were held against.
    pub lookups: String,
}

/// What the next run is to find: what stays read, and what was read now.
pub(in crate::source) struct ToKeep {
    pub kept: Kept,
    pub read: NewlyRead,
}

impl fmt::Debug for ToKeep {
    /// Rows are none of a message's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToKeep")
    }
}

impl Kept {
    /// The objects that stay read, as a run's inputs.
    pub fn inputs<'a>(&'a self, found: &'a [FoundObject]) -> impl Iterator<Item = (i32, InputObject)> + 'a {
        self.of_found(found).map(|(found, kept)| (found.object_no, kept.input.clone()))
    }

    /// The objects that stay read, each beside what was found of it.
    fn of_found<'a>(
        &'a self,
        found: &'a [FoundObject],
    ) -> impl Iterator<Item = (&'a FoundObject, &'a KeptObject)> + 'a {
        let known: HashMap<i32, &KeptObject> = self.objects().map(|object| (object.object_ref, object)).collect();
        let kept = found.iter().filter(|found| found.is_kept);
        kept.filter_map(move |found| Some((found, *known.get(&found.object_ref)?)))
    }

    fn packs_of(&self, entity: Entity) -> impl Iterator<Item = &Pack> {
        self.packs.iter().filter(move |pack| pack.entity == entity)
    }

    /// The staged files of an entity's rows.
    pub fn files(&self, folder: &Path, entity: Entity) -> Vec<PathBuf> {
        self.packs_of(entity).flat_map(|pack| &pack.files).map(|file| folder.join(&file.name)).collect()
    }

    /// Rejected rows of an entity's objects.
    pub fn rejected(&self, entity: Entity) -> RejectedRows {
        let mut rejected = RejectedRows::default();
        self.packs_of(entity).flat_map(|pack| &pack.objects).for_each(|object| rejected.merge(&object.rejected));
        rejected
    }

    /// Puts the files of rejected rows where this run's are, under names that sort alike.
    ///
    /// # Errors
    /// The work folder can't be written.
    pub fn restore_rejected(&self, folder: &Path, work: &Path, found: &[FoundObject]) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (found, kept) in self.of_found(found) {
            for (part, file) in kept.rejected_files.iter().enumerate() {
                let name = format!("{}-{:06}-{part:012}.parquet", found.entity.name(), found.object_no);
                let path = rejected_folder(work).join(name);
                link_or_copy(&folder.join(&file.name), &path).context(Kind::Output, || cannot_write(&path))?;
                paths.push(path);
            }
        }
        Ok(paths)
    }
}

impl ToKeep {
    /// Keeps what stays read and what was read now, and removes what neither needs. What can't be kept is read again by
    /// the next run: no reason to fail this one.
    pub fn keep(self, folder: &StateFolder, pipeline: &Pipeline) {
        let folder = folder.path();
        if let Err(cause) = self.try_keep(folder, pipeline) {
            warn!("{} isn't up to date, and the next run will read more: {cause}", folder.display());
        }
    }

    fn try_keep(self, folder: &Path, pipeline: &Pipeline) -> io::Result<()> {
        let ToKeep { kept, read } = self;
        let mut manifest = Manifest { lookups: read.lookups.clone(), ..Manifest::empty() };
        manifest.packs = kept.packs;
        for (entity, files) in read.files.iter().filter(|(entity, _)| can_be_kept(pipeline, **entity)) {
            manifest.packs.extend(new_packs(folder, pipeline, *entity, files, &read)?);
        }
        for (domain, dictionary) in read.dictionaries.of_ids() {
            let fresh = tempfile::Builder::new().prefix(manifest::FRESH).tempfile_in(folder)?;
            ids::write(dictionary, fresh.path()).map_err(io::Error::other)?;
            manifest.ids.insert(domain.to_owned(), take_in(folder, fresh.path(), domain)?);
        }
        manifest.write(folder)?;
        sweep(folder, &manifest)
    }
}

/// The packs that an entity's newly staged `files` make, but for those with an object that can't be kept.
fn new_packs(
    folder: &Path,
    pipeline: &Pipeline,
    entity: Entity,
    files: &[StagedFile],
    read: &NewlyRead,
) -> io::Result<Vec<Pack>> {
    let objects = new_objects(folder, pipeline, entity, read)?;
    // An object's rows are in one file that it may share, or in several that are its own.
    let mut packs: BTreeMap<i32, (Vec<&StagedFile>, BTreeSet<i32>)> = BTreeMap::new();
    for file in files {
        let (members, refs) = packs.entry(file.objects.first().copied().unwrap_or_default()).or_default();
        members.push(file);
        refs.extend(&file.objects);
    }
    let staged: BTreeSet<i32> = packs.values().flat_map(|(_, refs)| refs).copied().collect();
    let without_rows = objects.keys().filter(|object| !staged.contains(object));
    let without_rows = without_rows.map(|object| (Vec::new(), BTreeSet::from([*object])));
    let all: Vec<_> = packs.into_values().chain(without_rows).collect();
    let mut made = Vec::new();
    for (members, refs) in all {
        let Some(objects) = refs.iter().map(|object| objects.get(object).cloned()).collect::<Option<Vec<_>>>() else {
            continue;
        };
        let files = members.iter().map(|file| take_in(folder, &file.path, entity.name())).collect::<io::Result<_>>()?;
        let rows = members.iter().map(|file| file.rows).sum();
        made.push(Pack { entity, rows, files, objects });
    }
    Ok(made)
}

/// The objects of an entity that can be kept, by their references.
fn new_objects(
    folder: &Path,
    pipeline: &Pipeline,
    entity: Entity,
    read: &NewlyRead,
) -> io::Result<BTreeMap<i32, KeptObject>> {
    let inputs: HashMap<i32, &InputObject> = read
        .inputs
        .iter()
        .filter(|(_, input)| input.entity == entity)
        .map(|(number, input)| (*number, input))
        .collect();
    let rules: Vec<String> = pipeline.sources.iter().map(|source| rules(pipeline, source)).collect();
    let mut parts: BTreeMap<i32, Vec<&ObjectResult>> = BTreeMap::new();
    for part in read.objects.iter().filter(|part| part.entity == entity) {
        parts.entry(part.object_ref).or_default().push(part);
    }
    let mut objects = BTreeMap::new();
    for found in read.found.iter().filter(|found| found.entity == entity && !found.is_kept) {
        let (Some(input), Some(parts)) = (inputs.get(&found.object_no), parts.get_mut(&found.object_ref)) else {
            continue;
        };
        if parts.iter().any(|part| part.has_own_orders) {
            continue;
        }
        parts.sort_by(|one, other| one.rejected_file.cmp(&other.rejected_file));
        let rules = rules.get(found.source).cloned().unwrap_or_default();
        let mut object = KeptObject::new(found.object_ref, (*input).clone(), rules);
        for part in parts {
            object.last_day = object.last_day.max(part.last_day);
            object.first_future_day = object.first_future_day.into_iter().chain(part.first_future_day).min();
            object.rejected.merge(&part.rejected);
            if let Some(path) = &part.rejected_file {
                object.rejected_files.push(take_in(folder, path, "rejected")?);
            }
        }
        objects.insert(found.object_ref, object);
    }
    Ok(objects)
}

impl KeptObject {
    fn new(object_ref: i32, input: InputObject, rules: String) -> Self {
        KeptObject {
            object_ref,
            input,
            rules,
            last_day: None,
            first_future_day: None,
            rejected: RejectedRows::default(),
            rejected_files: Vec::new(),
        }
    }
}

/// Puts a file into the state's folder, under a name that its contents give it.
pub(super) fn take_in(folder: &Path, path: &Path, kind: &str) -> io::Result<KeptFile> {
    let checksum = checksum(path)?;
    let name = format!("{kind}-{checksum}.parquet");
    let place = folder.join(&name);
    // What lies there under the name may be torn.
    match fs::remove_file(&place) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    link_or_copy(path, &place)?;
    Ok(KeptFile { name, checksum })
}

/// Both are in one file system as a rule, and nobody changes either.
fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => fs::copy(from, to).map(drop),
    }
}

/// Removes files of a state that the manifest doesn't name, and no others.
fn sweep(folder: &Path, manifest: &Manifest) -> io::Result<()> {
    let needed: BTreeSet<&str> = manifest.names().collect();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| is_of_state(name) && !needed.contains(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether [`take_in`] gives such names, or a file that was being written has it.
fn is_of_state(name: &str) -> bool {
    let checksum = name.strip_suffix(".parquet").and_then(|name| name.rsplit_once('-')).map(|(_, checksum)| checksum);
    let is_checksum = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.starts_with(manifest::FRESH) || checksum.is_some_and(is_checksum)
}
