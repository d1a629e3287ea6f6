//! Inputs: where they are and how they are read.

use std::path::Path;

use super::columns;
use super::format::{RawReading, reading};
use super::location::location;
use super::zone::zone;
use crate::config::pipeline::{Format, Source};
use crate::config::raw::{OneOrMany, RawSource, RawSources};
use crate::entity::Entity;
use crate::yaml::{At, Mistakes};

/// The inputs in the file's order, or `None` after at least one mistake.
pub fn sources(raw: RawSources, folder: &Path, at: &At, mistakes: &mut Mistakes) -> Option<Vec<Source>> {
    let mut entities = [
        (Entity::Branches, raw.branches),
        (Entity::Contacts, raw.contacts),
        (Entity::Customers, raw.customers),
        (Entity::Items, raw.items),
        (Entity::Leads, raw.leads),
        (Entity::Orders, raw.orders),
        (Entity::Spend, raw.spend),
        (Entity::Visits, raw.visits),
    ];
    entities.sort_by_key(|(entity, _)| mistakes.position(&at.key(entity.name())));
    let mut sources = Vec::new();
    for (entity, raw) in entities {
        let at = at.key(entity.name());
        match raw {
            None => {}
            Some(OneOrMany::One(raw)) => {
                sources.push(source(entity, entity.name().to_owned(), raw, folder, &at, mistakes))
            }
            Some(OneOrMany::Many(raws)) => {
                if raws.is_empty() {
                    mistakes.value(&at, format!("{at} lists no source; write one, or leave the key out"));
                }
                for (index, raw) in raws.into_iter().enumerate() {
                    let label = format!("{}[{index}]", entity.name());
                    sources.push(source(entity, label, raw, folder, &at.index(index), mistakes));
                }
            }
        }
    }
    sources.into_iter().collect()
}

fn source(
    entity: Entity,
    label: String,
    raw: RawSource,
    folder: &Path,
    at: &At,
    mistakes: &mut Mistakes,
) -> Option<Source> {
    let location = raw.location.and_then(|text| match location(&text, folder) {
        Ok(location) => Some(location),
        Err(message) => {
            mistakes.value(&at.key("location"), message);
            None
        }
    });
    let has_no_header = raw.csv.as_ref().is_some_and(|csv| csv.header == Some(false));
    let raw_reading = RawReading { format: raw.format, compression: raw.compression, csv: raw.csv };
    let reading = location.as_ref().and_then(|location| reading(raw_reading, location, at, mistakes));
    let timezone = raw.timezone.and_then(|name| zone(&name, &at.key("timezone"), mistakes));
    let columns = columns::columns(entity, raw.columns.unwrap_or_default(), &at.key("columns"), mistakes);
    let formats = columns::formats(entity, raw.formats.unwrap_or_default(), &at.key("formats"), mistakes);
    let values = columns::values(entity, raw.values.unwrap_or_default(), &at.key("values"), mistakes);
    let constants = columns::constants(entity, raw.constants.unwrap_or_default(), &at.key("constants"), mistakes);
    columns::conflicts(&columns, &constants, &at.key("constants"), mistakes);
    if has_no_header {
        columns::numbered(entity, &columns, &constants, at, mistakes);
    }
    let (columns, expressions) = columns;
    let (location, reading) = (location?, reading?);
    if reading.format != Format::Parquet {
        columns::over_texts(entity, &expressions, &at.key("columns"), mistakes);
    }
    Some(Source {
        entity,
        label,
        location,
        format: reading.format,
        compression: reading.compression,
        csv: reading.csv,
        columns,
        expressions,
        formats,
        values,
        constants,
        timezone,
    })
}
