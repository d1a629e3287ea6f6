//! From a file of cases to cases. Every mistake is told, with its place.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::case::{Case, Expected, Rows};
use super::expected;
use super::given::{self, Defaults};
use super::settings;
use super::table::{self, Table};
use crate::config::Pipeline;
use crate::diagnostic::{Diagnostic, Place};
use crate::entity::Entity;
use crate::model::CaseFile;
use crate::policy::Method;
use crate::run::Schemas;
use crate::suggest::write_instead;
use crate::yaml::{self, Content, Entry, Mistakes, Node, Subject};
use crate::{Error, Result};

const SUBJECT: Subject = Subject { noun: "file of cases", beginning: "cases: and a list of them" };

/// What a case needs for itself.
const OF_A_CASE: [&str; 2] = ["name", "expect"];

/// What a case may have, or take from the top of its file, beside the settings of its pipeline.
const SHARED: [&str; 3] = ["as_of", "defaults", "rows"];

/// The cases of all `files`; each will find its rows in a folder of its own below `folder`. `schemas` tells the columns
/// of models and checks.
///
/// # Errors
/// Every mistake in the files, at once, as `file:line:column`.
pub fn read<'f>(files: impl IntoIterator<Item = &'f CaseFile>, schemas: &Schemas, folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut diagnostics = Vec::new();
    for (number, file) in files.into_iter().enumerate() {
        let mut mistakes = Mistakes::of(&file.file);
        let folder = folder.join(number.to_string());
        let mut reader = Reader { file, schemas, mistakes: &mut mistakes };
        cases.extend(reader.cases(&folder)?);
        diagnostics.extend(mistakes.into_diagnostics());
    }
    if diagnostics.is_empty() { Ok(cases) } else { Err(refuse(&diagnostics)) }
}

fn refuse(diagnostics: &[Diagnostic]) -> Error {
    Diagnostic::all_into_error(diagnostics, |count| format!("{count} in the cases: none was run"))
        .hint("docs/testing.md shows what a file of cases holds")
}

struct Reader<'a> {
    file: &'a CaseFile,
    schemas: &'a Schemas,
    mistakes: &'a mut Mistakes,
}

impl Reader<'_> {
    fn cases(&mut self, folder: &Path) -> Result<Vec<Case>> {
        let Some(root) = yaml::parse(&self.file.text, &SUBJECT, self.mistakes) else { return Ok(Vec::new()) };
        let Content::Mapping(top) = &root.content else {
            self.mistakes.at(root.place, "this is no file of cases; write `cases:` and a list of them");
            return Ok(Vec::new());
        };
        self.only_known(top, &["cases"]);
        let items = match of(top, "cases").map(|entry| &entry.value.content) {
            Some(Content::List(items)) if !items.is_empty() => items,
            _ => {
                let place = of(top, "cases").map_or(root.place, |entry| entry.place);
                let message = "`cases` is a list of at least one; write `- name: …`, with `as_of`, `rows` and `expect`";
                self.mistakes.at(place, message);
                return Ok(Vec::new());
            }
        };
        let mut cases: Vec<Case> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let Some(case) = self.case(top, item, &folder.join(number.to_string()))? else { continue };
            match cases.iter().find(|earlier| earlier.name == case.name) {
                Some(earlier) => {
                    let message = format!("line {} has a case of this name; write what tells them apart", earlier.line);
                    self.mistakes.at(item.place, message);
                }
                None => cases.push(case),
            }
        }
        Ok(cases)
    }

    /// A case, with what stands at the top of its file below it; none after a mistake.
    fn case(&mut self, top: &[Entry], item: &Node, folder: &Path) -> Result<Option<Case>> {
        let Content::Mapping(own) = &item.content else {
            self.mistakes.at(item.place, "this is no case; write `name`, `as_of`, `rows` and `expect`");
            return Ok(None);
        };
        self.only_known(own, &OF_A_CASE);
        let layered = layered(top, own);
        let name = self.name(own, item.place);
        let days = self.days(of(&layered, "as_of"), item.place);
        let given = self.given(&layered);
        let pipeline = self.pipeline(&layered, given.as_ref(), folder, item.place)?;
        let expected = self.expected(of(own, "expect"), days.as_ref().map_or(1, Vec::len), item.place);
        self.refuse_frozen(days.as_deref(), pipeline.as_ref(), item.place);
        let parts = name.zip(days).zip(given).zip(pipeline).zip(expected);
        Ok(parts.map(|((((name, days), given), pipeline), expected)| Case {
            file: self.file.file.clone(),
            line: item.place.line,
            origin: self.file.origin,
            name,
            days,
            pipeline,
            given,
            expected,
        }))
    }

    fn only_known(&mut self, entries: &[Entry], own: &[&str]) {
        let known: Vec<&str> = own.iter().chain(&SHARED).chain(&settings::KEYS).copied().collect();
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let remedy = write_instead(&entry.key, &known);
            self.mistakes.at(entry.place, format!("the key `{}` is not known here; {remedy}", entry.key));
        }
    }

    fn name(&mut self, own: &[Entry], place: Place) -> Option<String> {
        let name = of(own, "name").and_then(|entry| table::cell(&entry.value)?.text);
        if name.is_none() {
            let place = of(own, "name").map_or(place, |entry| entry.place);
            self.mistakes.at(place, "`name` is missing; write in a sentence what the case shows");
        }
        name
    }

    /// The days of a case: one, or a list.
    fn days(&mut self, entry: Option<&Entry>, place: Place) -> Option<Vec<NaiveDate>> {
        let Some(entry) = entry else {
            self.mistakes.at(
                place,
                "`as_of` is missing; write the day whose end the tables describe, such as `as_of: 2026-11-30`",
            );
            return None;
        };
        let nodes = match &entry.value.content {
            Content::List(items) if !items.is_empty() => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        let mut days = Some(Vec::new());
        for node in nodes {
            let day = table::cell(node).and_then(|cell| cell.text?.parse::<NaiveDate>().ok());
            // Far enough from the calendar's ends for what is counted from it.
            match day.filter(|day| (1900..10_000).contains(&day.year())) {
                Some(day) => days.iter_mut().for_each(|days| days.push(day)),
                None => {
                    self.mistakes.at(node.place, "`as_of` is a day or a list of days; write such as 2026-11-30");
                    days = None;
                }
            }
        }
        days
    }

    fn given(&mut self, layered: &[Entry]) -> Option<BTreeMap<Entity, Rows>> {
        let defaults = self.defaults(of(layered, "defaults"))?;
        // Orders must be there, if only their header.
        let mut given = BTreeMap::from([(Entity::Orders, given::header_of(Entity::Orders))]);
        let mut is_sound = true;
        for entry in self.mapping(of(layered, "rows"))? {
            match self.table(entry) {
                Some((entity, table)) => match given::rows(entity, &table, &defaults, self.mistakes) {
                    Some(rows) => drop(given.insert(entity, rows)),
                    None => is_sound = false,
                },
                None => is_sound = false,
            }
        }
        is_sound.then_some(given)
    }

    fn table(&mut self, entry: &Entry) -> Option<(Entity, Table)> {
        let Some(entity) = Entity::named(&entry.key) else {
            let names = Entity::ALL.map(Entity::name);
            let remedy = write_instead(&entry.key, &names);
            self.mistakes.at(entry.place, format!("`{}` is nothing that is read; {remedy}", entry.key));
            return None;
        };
        Some((entity, table::table(&entry.value, &self.file.text, self.mistakes)?))
    }

    fn defaults(&mut self, entry: Option<&Entry>) -> Option<Defaults> {
        let mut defaults = Defaults::new();
        for entry in self.mapping(entry)? {
            match table::cell(&entry.value) {
                Some(cell) => drop(defaults.insert(entry.key.clone(), cell)),
                None => self.mistakes.at(entry.value.place, "a default is a single value; write one after the colon"),
            }
        }
        given::check_defaults(&defaults, self.mistakes);
        Some(defaults)
    }

    /// The entries of a mapping; of what isn't written, no entries.
    fn mapping<'n>(&mut self, entry: Option<&'n Entry>) -> Option<&'n [Entry]> {
        match entry.map(|entry| (&entry.value.content, entry)) {
            None => Some(&[]),
            Some((Content::Mapping(entries), _)) => Some(entries),
            Some((_, entry)) if entry.value.is_null() => Some(&[]),
            Some((_, entry)) => {
                self.mistakes
                    .at(entry.value.place, format!("`{}` is a mapping; write names, each with a colon", entry.key));
                None
            }
        }
    }

    fn pipeline(
        &mut self,
        layered: &[Entry],
        given: Option<&BTreeMap<Entity, Rows>>,
        folder: &Path,
        place: Place,
    ) -> Result<Option<Pipeline>> {
        let is_setting = |entry: &&Entry| settings::KEYS.contains(&entry.key.as_str());
        let own = layered.iter().filter(is_setting).cloned().collect();
        let entities: Vec<Entity> = given.map_or_else(|| vec![Entity::Orders], |given| given.keys().copied().collect());
        // Each case knows where its own settings stand.
        let mut mistakes = Mistakes::of(&self.file.file);
        let pipeline = settings::pipeline(own, entities, folder, place, &mut mistakes)?;
        for mistake in mistakes.into_diagnostics() {
            self.mistakes.at(mistake.place.unwrap_or(place), mistake.message);
        }
        Ok(pipeline)
    }

    /// There is no earlier snapshot to take cut points from.
    fn refuse_frozen(&mut self, days: Option<&[NaiveDate]>, pipeline: Option<&Pipeline>, place: Place) {
        let (Some(days), Some(pipeline)) = (days, pipeline) else { return };
        let policies = days.iter().map(|day| pipeline.policies.on(*day));
        let mut methods = policies.flat_map(|policy| policy.numbered().flat_map(|(_, rules)| rules.scoring.methods()));
        if let Some(Method::Frozen(day)) = methods.find(|method| matches!(method, Method::Frozen(_))) {
            let message = format!("scores are frozen on {day}, and a case has no earlier snapshot; leave `frozen` out");
            self.mistakes.at(place, message);
        }
    }

    fn expected(&mut self, entry: Option<&Entry>, days: usize, place: Place) -> Option<Vec<Expected>> {
        let entries = self.mapping(entry)?;
        if entries.is_empty() {
            let place = entry.map_or(place, |entry| entry.place);
            self.mistakes
                .at(place, "`expect` is missing or empty, so the case could not fail; name a model and its rows");
            return None;
        }
        let mut expected = Some(Vec::new());
        for entry in entries {
            match expected::expected(entry, self.schemas, days, &self.file.text, self.mistakes) {
                Some(table) => expected.iter_mut().for_each(|expected| expected.push(table.clone())),
                None => expected = None,
            }
        }
        expected
    }
}

fn of<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// What a case has, laid over what stands at the top of its file: mapping by mapping, but a table is replaced.
fn layered(top: &[Entry], own: &[Entry]) -> Vec<Entry> {
    let mut layered: Vec<Entry> = top.iter().filter(|entry| entry.key != "cases").cloned().collect();
    for entry in own {
        match layered.iter_mut().find(|below| below.key == entry.key) {
            Some(below) => *below = Entry { value: settings::merged(&below.value, &entry.value), ..entry.clone() },
            None => layered.push(entry.clone()),
        }
    }
    layered
}
