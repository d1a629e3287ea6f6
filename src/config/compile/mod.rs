//! From a pipeline as written to a valid one. What is missing or of the wrong shape has been noted
//! before and is passed over here; everything else that is wrong is noted here.

mod action;
mod action_outcome;
mod columns;
mod distinct;
mod format;
mod ids;
mod layers;
mod lifecycle;
mod limits;
mod location;
mod policy;
mod presets;
mod privacy;
mod publish;
mod risk;
mod rules;
mod source;
mod storage;
mod zone;

pub use format::deduced;
pub use location::location;

use std::path::{Path, PathBuf};

use self::distinct::distinct;
use self::zone::zone;
use super::pipeline::{Pipeline, Scopes};
use super::raw::{RawPeriod, RawPipeline, RawScope};
use crate::calendar::PeriodKind;
use crate::yaml::{At, Mistakes};

/// The pipeline, or `None` after at least one mistake.
pub fn pipeline(raw: RawPipeline, file: &Path, mistakes: &mut Mistakes) -> Option<Pipeline> {
    let at = At::root();
    let folder = folder_of(file, mistakes)?;
    let name = raw.name.and_then(|name| checked_name(name, &at.key("name"), mistakes));
    let timezone = raw.timezone.and_then(|name| zone(&name, &at.key("timezone"), mistakes));
    let currency = raw.currency.and_then(|code| checked_currency(code, &at.key("currency"), mistakes));
    let scopes = scopes(raw.scopes.as_deref(), &at.key("scopes"), mistakes);
    let storage = storage::storage(raw.storage.unwrap_or_default(), &at.key("storage"), mistakes);
    let sources = raw.sources.and_then(|raw| source::sources(raw, &folder, &at.key("sources"), mistakes));
    let privacy = match raw.privacy {
        None => Some(None),
        Some(raw) => privacy::privacy(raw, &at.key("privacy"), mistakes).map(Some),
    };
    let ids = ids::ids(raw.order_ids, raw.visit_ids, raw.customer_ids);
    let period = raw.period.map_or(PeriodKind::Month, period);
    let policies = policy::policies(raw.policy, period, &at.key("policy"), mistakes);
    let publish = raw.publish.and_then(|raw| publish::publish(raw, &folder, &at.key("publish"), mistakes));
    let limits = limits::limits(raw.limits.unwrap_or_default(), &folder, &at.key("limits"), mistakes);
    if let Some(sources) = &sources {
        ids::mapping_is_of_use(ids, sources, &at.key("sources").key("customers"), mistakes);
    }
    if let (Some(sources), Some(publish)) = (&sources, &publish) {
        publish::apart(publish, sources, &at.key("publish").key("location"), mistakes);
    }
    Some(Pipeline {
        file: file.to_owned(),
        name: name?,
        timezone: timezone?,
        currency: currency?,
        period,
        scopes: scopes?,
        storage,
        sources: sources?,
        ids,
        policies: policies?,
        privacy: privacy?,
        publish: publish?,
        limits: limits?,
    })
}

fn folder_of(file: &Path, mistakes: &mut Mistakes) -> Option<PathBuf> {
    match std::path::absolute(file) {
        Ok(file) => file.parent().map(Path::to_owned),
        Err(error) => {
            mistakes.value(&At::root(), format!("the file's folder is unknown ({error}); write its absolute path"));
            None
        }
    }
}

fn checked_name(name: String, at: &At, mistakes: &mut Mistakes) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(is_allowed) {
        return Some(name);
    }
    let tidy: String = name.to_lowercase().chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    let tidy = tidy.trim_matches('-');
    let remedy = if tidy.is_empty() { "aurora-clinics" } else { tidy };
    mistakes
        .value(at, format!("`{name}` is no name; write lower-case letters, digits, `-` and `_`, such as `{remedy}`"));
    None
}

fn checked_currency(code: String, at: &At, mistakes: &mut Mistakes) -> Option<String> {
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(code);
    }
    let upper = code.to_uppercase();
    let is_lower_case = upper.len() == 3 && upper.bytes().all(|byte| byte.is_ascii_uppercase());
    let remedy = if is_lower_case { upper } else { "TWD".to_owned() };
    mistakes.value(at, format!("`{code}` is no ISO 4217 code; write three capital letters, such as `{remedy}`"));
    None
}

fn period(raw: RawPeriod) -> PeriodKind {
    match raw {
        RawPeriod::Day => PeriodKind::Day,
        RawPeriod::Week => PeriodKind::Week,
        RawPeriod::Month => PeriodKind::Month,
        RawPeriod::Quarter => PeriodKind::Quarter,
    }
}

fn scopes(raw: Option<&[RawScope]>, at: &At, mistakes: &mut Mistakes) -> Option<Scopes> {
    let Some(raw) = raw else { return Some(Scopes { chain: true, branch: true, department: false, item: false }) };
    if raw.is_empty() {
        mistakes.value(at, "`scopes` is empty; write `[chain, branch]`, or some of chain, branch, department and item");
        return None;
    }
    distinct(raw, at, mistakes)?;
    Some(Scopes {
        chain: raw.contains(&RawScope::Chain),
        branch: raw.contains(&RawScope::Branch),
        department: raw.contains(&RawScope::Department),
        item: raw.contains(&RawScope::Item),
    })
}
