//! Rows that were kept in place of what has become of their objects.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int32Type;
use chrono::NaiveDate;
use object_store::ObjectMeta;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};

use super::folder::StateFolder;
use super::ids;
use super::keep::take_in;
use super::kept::Kept;
use super::manifest::{self, KeptFile, KeptObject, Manifest, Pack};
use super::standing::{by_place, is_same, place_of};
use crate::config::{Pipeline, Source};
use crate::entity::Entity;
use crate::source::held::Held;
use crate::source::list::{self, FoundObject};
use crate::source::staging::references::Used;
use crate::storage::{Stores, url_of};
use crate::{Error, Kind, Result};

/// What stands for the objects found, with what was kept of those that are `held` in place of what was found of them; and
/// a sentence on each of these.
///
/// # Errors
/// Nothing is kept of any of them; the state can't be read or written.
pub(in crate::source) fn stand_in(
    folder: &StateFolder,
    pipeline: &Pipeline,
    stores: &Stores,
    held: &Held,
    found: &mut Vec<FoundObject>,
    as_of: NaiveDate,
) -> Result<(Kept, Vec<String>)> {
    let mut manifest = Manifest::read(folder.path()).map_err(|unread| cannot(&unread.to_string()))?;
    let mut told = Vec::new();
    for object in manifest.packs.iter().flat_map(|pack| &pack.objects) {
        let Some((index, source)) = source_of(pipeline, object) else { continue };
        let Some(why) = held.why(&object.input.url).or_else(|| held.why(&list::shown(&source.location))) else {
            continue;
        };
        if put_in_place(found, object, index, source, stores)? {
            let (url, read) = (&object.input.url, object.input.last_modified.format("%Y-%m-%d %H:%M UTC"));
            told.push(format!("{} is held at what was written {read}: {why}", url));
        }
    }
    if told.is_empty() {
        return Err(cannot("nothing else is kept of them"));
    }
    list::number(pipeline, found);
    manifest.packs = apart(folder.path(), manifest.packs, found)?;
    told.sort_unstable();
    Ok((Kept::with_held(manifest, folder, pipeline, found, as_of), told))
}

fn cannot(why: &str) -> Error {
    Error::new(Kind::Data, format!("what was read before can't stand in for them: {why}"))
}

fn source_of<'a>(pipeline: &'a Pipeline, object: &KeptObject) -> Option<(usize, &'a Source)> {
    pipeline.sources.iter().enumerate().find(|(_, source)| source.label == object.input.source)
}

/// Whether another version of the object, or none, was found.
fn put_in_place(
    found: &mut Vec<FoundObject>,
    kept: &KeptObject,
    index: usize,
    source: &Source,
    stores: &Stores,
) -> Result<bool> {
    let input = &kept.input;
    let root = url_of(&source.location.store, "");
    let Some(location) = input.url.strip_prefix(&root) else { return Ok(false) };
    let location = object_store::path::Path::parse(location).map_err(|cause| cannot(&cause.to_string()))?;
    let meta = ObjectMeta {
        location,
        last_modified: input.last_modified,
        size: input.size_bytes,
        e_tag: input.e_tag.clone(),
        version: None,
    };
    match found.iter_mut().find(|found| found.source == index && found.url == input.url) {
        Some(found) if is_same(found, kept) => return Ok(false),
        Some(found) => (found.meta, found.is_held) = (meta, true),
        None => {
            let store = stores.get(&source.location.store)?;
            found.push(FoundObject { is_held: true, ..FoundObject::new(index, source, store, &root, meta) });
        }
    }
    Ok(true)
}

/// Packs of held objects by themselves, where others of their packs have changed and would take them along.
fn apart(folder: &Path, packs: Vec<Pack>, found: &[FoundObject]) -> Result<Vec<Pack>> {
    let found: BTreeMap<_, _> = found.iter().map(|found| (place_of(found), found)).collect();
    let mut stay = Vec::new();
    for pack in packs {
        let members = by_place(pack.objects.iter());
        let stands = |(place, kept): (_, &&KeptObject)| found.get(place).is_some_and(|found| is_same(found, kept));
        let held: BTreeSet<i32> = members
            .iter()
            .filter(|(place, _)| found.get(place).is_some_and(|found| found.is_held))
            .map(|(_, kept)| kept.object_ref)
            .collect();
        if held.is_empty() || members.iter().all(stands) {
            stay.push(pack);
        } else {
            let made = only(folder, &pack, &held);
            stay.push(made.map_err(|cause| cannot(&format!("{}: {cause}", folder.display())))?);
        }
    }
    Ok(stay)
}

/// A pack of the rows of some of a pack's objects.
fn only(folder: &Path, pack: &Pack, objects: &BTreeSet<i32>) -> Result<Pack, String> {
    let mut made = Pack { entity: pack.entity, rows: 0, files: Vec::new(), objects: Vec::new() };
    for file in &pack.files {
        let fresh = tempfile::Builder::new().prefix(manifest::FRESH).tempfile_in(folder);
        let fresh = fresh.map_err(|cause| cause.to_string())?;
        let rows = copy_rows(&file.checked(folder)?, fresh.path(), objects).map_err(|cause| cause.to_string())?;
        if rows > 0 {
            let name = pack.entity.name();
            made.files.push(take_in(folder, fresh.path(), name).map_err(|cause| cause.to_string())?);
            made.rows += rows;
        }
    }
    made.objects = pack.objects.iter().filter(|object| objects.contains(&object.object_ref)).cloned().collect();
    Ok(made)
}

/// Copies the rows of some objects from one staged file into another; how many they are.
fn copy_rows(from: &Path, to: &Path, objects: &BTreeSet<i32>) -> parquet::errors::Result<u64> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from)?)?;
    let mut writer = ArrowWriter::try_new(File::create(to)?, Arc::clone(reader.schema()), None)?;
    let mut rows = 0;
    for batch in reader.build()? {
        let batch = batch?;
        let refs = batch.column_by_name("object_ref").and_then(|column| column.as_primitive_opt::<Int32Type>());
        let is_wanted: BooleanArray = match refs {
            Some(refs) => refs.values().iter().map(|object| Some(objects.contains(object))).collect(),
            None => return Err(parquet::errors::ParquetError::General("rows don't tell their objects".to_owned())),
        };
        let wanted = filter_record_batch(&batch, &is_wanted)?;
        rows += u64::try_from(wanted.num_rows()).unwrap_or(u64::MAX);
        writer.write(&wanted)?;
    }
    writer.close()?;
    Ok(rows)
}

/// URLs of the objects of which rows of these branches are kept, of one entity.
///
/// # Errors
/// Why what is kept can't be read, in words.
pub(in crate::source) fn objects_of(
    folder: &StateFolder,
    entity: Entity,
    branches: &BTreeSet<String>,
) -> Result<Vec<String>, String> {
    let folder = folder.path();
    let manifest = Manifest::read(folder).map_err(|unread| unread.to_string())?;
    let packs = || manifest.packs.iter().filter(|pack| pack.entity == entity);
    let mut pairs = BTreeSet::new();
    for file in packs().flat_map(|pack| &pack.files) {
        objects_and_branches(folder, file, &mut pairs)?;
    }
    let mut used = Used::default();
    pairs.iter().for_each(|(_, branch)| used.mark(*branch));
    let Some(file) = manifest.ids.get("branch") else { return Ok(Vec::new()) };
    let known = ids::read(&file.checked(folder)?, &used).map_err(|cause| cause.to_string())?;
    let known = known.ok_or_else(|| format!("{} lacks some", file.name))?;
    let wanted: BTreeSet<i32> = known
        .references
        .values()
        .iter()
        .zip(known.ids.iter())
        .filter(|(_, id)| id.is_some_and(|id| branches.contains(id)))
        .map(|(reference, _)| *reference)
        .collect();
    let objects: BTreeSet<i32> =
        pairs.iter().filter(|(_, branch)| wanted.contains(branch)).map(|(object, _)| *object).collect();
    let all = packs().flat_map(|pack| &pack.objects).filter(|object| objects.contains(&object.object_ref));
    Ok(all.map(|object| object.input.url.clone()).collect())
}

fn objects_and_branches(folder: &Path, file: &KeptFile, pairs: &mut BTreeSet<(i32, i32)>) -> Result<(), String> {
    let source = File::open(file.checked(folder)?).map_err(|cause| cause.to_string())?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(source).map_err(|cause| cause.to_string())?;
    let wanted = ProjectionMask::columns(reader.parquet_schema(), ["object_ref", "branch_ref"]);
    for batch in reader.with_projection(wanted).build().map_err(|cause| cause.to_string())? {
        let batch = batch.map_err(|cause| cause.to_string())?;
        let column = |name| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>();
        let (objects, branches) = column("object_ref").zip(column("branch_ref")).ok_or("it lacks a column")?;
        let known = objects.iter().zip(branches.iter()).filter_map(|(object, branch)| object.zip(branch));
        pairs.extend(known);
    }
    Ok(())
}
