//! Which objects stay read, and why the others don't.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::folder::place;
use super::manifest::{KeptObject, Manifest, Pack};
use super::rules::{can_be_kept, rules};
use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::list::FoundObject;

/// Packs of fewer rows are small: where there are many of them, they are read again, together.
const SMALL_ROWS: u64 = 1 << 17;

/// As many small packs of an entity are left alone. A night adds one or two.
const SMALL_PACKS: usize = 96;

/// Whether an object stays read, or why it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its rows are kept.
    Kept,
    /// The pipeline, or the entity, keeps none.
    NeverKept,
    /// Its rows aren't kept.
    New,
    /// Its rows are kept as it was before it was written anew.
    Replaced,
    /// Its rows are kept as another mapping, format or zone had them.
    OtherRules,
    /// As of this day, other rows of it can be true than when it was read.
    OtherDay,
    /// Its rows lie among those of an object that is read again or is gone.
    Beside,
    /// Its rows lie in one of many small files, which are made one.
    Small,
}

impl Standing {
    /// Why an object is read, in words; None if it isn't, or always is.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Standing::Kept | Standing::NeverKept => None,
            Standing::New => Some("not kept yet"),
            Standing::Replaced => Some("written anew"),
            Standing::OtherRules => Some("kept by other rules of reading"),
            Standing::OtherDay => Some("judged by another day"),
            Standing::Beside => Some("kept together with one that changed or is gone"),
            Standing::Small => Some("kept in many small files, which become one"),
        }
    }
}

/// What tells an object among those of a pipeline: entity, source and URL.
pub(super) type Place<'a> = (Entity, &'a str, &'a str);

/// Kept objects by their place.
pub(super) fn by_place<'a>(objects: impl Iterator<Item = &'a KeptObject>) -> HashMap<Place<'a>, &'a KeptObject> {
    objects.map(|object| (place_of_kept(object), object)).collect()
}

/// How each of the objects found stands, in their order.
pub(super) struct Standings<'a> {
    found: &'a [FoundObject],
    pub each: Vec<Standing>,
}

impl<'a> Standings<'a> {
    pub fn of(pipeline: &Pipeline, found: &'a [FoundObject], as_of: NaiveDate, manifest: &Manifest) -> Self {
        let known = by_place(manifest.packs.iter().flat_map(|pack| &pack.objects));
        let rules: Vec<String> = pipeline.sources.iter().map(|source| rules(pipeline, source)).collect();
        let each = found.iter().map(|found| {
            let known = known.get(&place_of(found));
            let rules = rules.get(found.source).map(String::as_str).unwrap_or_default();
            match known {
                _ if !can_be_kept(pipeline, found.entity) => Standing::NeverKept,
                None => Standing::New,
                Some(known) => stand(known, found, rules, found.last_possible_day(pipeline.timezone, as_of)),
            }
        });
        let mut standings = Standings { found, each: each.collect() };
        standings.fell_packs(manifest);
        standings
    }

    /// A pack stands or falls as a whole.
    fn fell_packs(&mut self, manifest: &Manifest) {
        let mut small: HashMap<Entity, usize> = HashMap::new();
        for pack in manifest.packs.iter().filter(|pack| is_small(pack)) {
            *small.entry(pack.entity).or_default() += 1;
        }
        let places: HashMap<Place<'_>, usize> =
            self.found.iter().enumerate().map(|(index, found)| (place_of(found), index)).collect();
        for pack in &manifest.packs {
            let index = |object: &KeptObject| places.get(&place_of_kept(object)).copied();
            let members: Vec<Option<usize>> = pack.objects.iter().map(index).collect();
            let stands = |index: &Option<usize>| index.and_then(|index| self.each.get(index)) == Some(&Standing::Kept);
            let fall = match () {
                () if !members.iter().all(stands) => Standing::Beside,
                () if is_small(pack) && small.get(&pack.entity) > Some(&SMALL_PACKS) => Standing::Small,
                () => continue,
            };
            for index in members.into_iter().flatten() {
                if let Some(standing) = self.each.get_mut(index).filter(|standing| **standing == Standing::Kept) {
                    *standing = fall;
                }
            }
        }
    }

    /// The packs of which all objects stay read.
    pub fn whole_packs(&self, manifest: Manifest) -> Vec<Pack> {
        let kept = self.found.iter().zip(&self.each).filter(|(_, standing)| **standing == Standing::Kept);
        let kept: HashSet<Place<'_>> = kept.map(|(found, _)| place_of(found)).collect();
        let stays = |pack: &Pack| pack.objects.iter().all(|object| kept.contains(&place_of_kept(object)));
        manifest.packs.into_iter().filter(stays).collect()
    }
}

/// How each of the objects found would stand in a run as of a day, as far as can be told before anything is read.
pub(in crate::source) fn outlook(pipeline: &Pipeline, found: &[FoundObject], as_of: NaiveDate) -> Vec<Standing> {
    match place(pipeline) {
        None => vec![Standing::NeverKept; found.len()],
        Some(folder) => {
            let manifest = Manifest::read(&folder).unwrap_or_else(|_| Manifest::empty());
            Standings::of(pipeline, found, as_of, &manifest).each
        }
    }
}

fn stand(known: &KeptObject, found: &FoundObject, rules: &str, last_possible_day: i32) -> Standing {
    match () {
        () if !is_same(found, known) => Standing::Replaced,
        () if known.rules != rules => Standing::OtherRules,
        () if known.last_day.is_some_and(|day| day > last_possible_day) => Standing::OtherDay,
        () if known.first_future_day.is_some_and(|day| day <= last_possible_day) => Standing::OtherDay,
        () => Standing::Kept,
    }
}

/// Whether what was found is the version of which rows are kept.
pub(super) fn is_same(found: &FoundObject, kept: &KeptObject) -> bool {
    let input = &kept.input;
    (input.size_bytes, &input.e_tag, input.last_modified)
        == (found.meta.size, &found.meta.e_tag, found.meta.last_modified)
}

/// That of an object.
pub(super) fn place_of(found: &FoundObject) -> Place<'_> {
    (found.entity, found.label.as_str(), found.url.as_str())
}

fn place_of_kept(object: &KeptObject) -> Place<'_> {
    (object.input.entity, object.input.source.as_str(), object.input.url.as_str())
}

fn is_small(pack: &Pack) -> bool {
    !pack.files.is_empty() && pack.rows < SMALL_ROWS
}
