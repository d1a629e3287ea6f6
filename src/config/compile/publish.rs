//! Where tables go.

use std::path::Path;

use super::location::{is_pattern, location};
use crate::config::pipeline::{LateData, Location, LocationKind, Publish, Source};
use crate::config::raw::{RawLateData, RawPublish};
use crate::yaml::{At, Mistakes};

/// The place to publish to, or `None` after at least one mistake.
pub fn publish(raw: RawPublish, folder: &Path, at: &At, mistakes: &mut Mistakes) -> Option<Publish> {
    if raw.tables.as_ref().is_some_and(Vec::is_empty) {
        let at = at.key("tables");
        mistakes.value(&at, "`tables` is empty, so nothing would be published; name some, or leave it out for all");
    }
    match prefix(&raw.location?, folder) {
        Ok(location) => Some(Publish {
            location,
            tables: raw.tables,
            delta: raw.delta.unwrap_or(false),
            report: raw.report.unwrap_or(false),
            keep_daily: raw.keep_daily,
            late_data: match raw.late_data {
                None | Some(RawLateData::Report) => LateData::Report,
                Some(RawLateData::Restate) => LateData::Restate,
            },
        }),
        Err(message) => {
            mistakes.value(&at.key("location"), message);
            None
        }
    }
}

fn prefix(text: &str, folder: &Path) -> Result<Location, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Err("a web server can't be published to; write a prefix in s3, gs, az, or a path".to_owned());
    }
    if is_pattern(text) {
        return Err("tables can't be published to a pattern; write a prefix, such as `s3://warehouse/rfm/`".to_owned());
    }
    let mut location = location(text, folder)?;
    if location.store.scheme() == "file" && location.path.trim_matches('/').is_empty() {
        return Err(
            "tables can't be published to the root of the disk; write a folder, such as `warehouse/`".to_owned()
        );
    }
    if location.kind == LocationKind::Object {
        location.path.push('/');
        location.kind = LocationKind::Prefix;
    }
    Ok(location)
}

/// What is published must not be read again as input.
pub fn apart(publish: &Publish, sources: &[Source], at: &At, mistakes: &mut Mistakes) {
    for source in sources.iter().filter(|source| reads(&source.location, &publish.location)) {
        let message =
            format!("`{}` would read the tables published here; write a prefix outside of its location", source.label);
        mistakes.value(at, message);
    }
}

fn reads(source: &Location, publish: &Location) -> bool {
    let published = format!("{}fct_customer_rfm/dt=2026-01-31/part-0123456789abcdef.parquet", publish.path);
    source.store == publish.store
        && match source.kind {
            LocationKind::Object => false,
            LocationKind::Prefix => published.starts_with(&source.path),
            LocationKind::Glob => glob::Pattern::new(&source.path).is_ok_and(|pattern| {
                let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
                pattern.matches_with(&published, options)
            }),
        }
}
