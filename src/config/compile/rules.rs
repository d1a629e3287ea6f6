//! The rules of a chain, a department or an item: window, scores, ladder, VIP tiers and margin.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::{lifecycle, presets};
use crate::calendar::{Period, PeriodKind};
use crate::config::raw::{
    RawCutPoints, RawIntervals, RawMethod, RawNamedMethod, RawPreset, RawRules, RawScoring, RawTier, RawVip,
    RawVipMetric, Text,
};
use crate::policy::interval::{Interval, Measure, cut_points};
use crate::policy::{CutPoints, Method, Rules, Scoring, Vip, VipMetric, VipTier};
use crate::yaml::{At, Mistakes};

/// What rules are compiled for.
#[derive(Clone, Copy)]
pub struct Setting {
    /// Length of a reporting period.
    pub period: PeriodKind,
    /// First day of the rules; the first ones have none.
    pub from: Option<NaiveDate>,
}

/// The rules, or `None` after at least one mistake. Sections that are as in one of `reported` have been
/// compiled there, and their mistakes reported.
pub fn rules(merged: &Value, reported: &[&Value], setting: Setting, at: &At, mistakes: &mut Mistakes) -> Option<Rules> {
    let raw: RawRules = serde_json::from_value(merged.clone()).ok()?;
    let mut sections = SectionMistakes::new(merged, reported, mistakes);
    let scoring = scoring(raw.scoring.unwrap_or_default(), setting, &at.key("scoring"), &mut sections);
    let ladder = lifecycle::ladder(&raw.lifecycle.unwrap_or_default(), &at.key("lifecycle"), sections.of("/lifecycle"));
    let vip = raw.vip.map(|raw| vip(raw, &at.key("vip"), sections.of("/vip")));
    let margin = raw.margin.map(|share| millionths(share, &at.key("margin"), sections.of("/margin")));
    Some(Rules {
        window_days: raw.window_days.unwrap_or(Rules::default().window_days),
        scoring: scoring?,
        ladder,
        cycle_days: raw.period_status.and_then(|status| status.cycle_days),
        vip: unless_written(vip)?,
        margin_millionths: unless_written(margin)?,
    })
}

/// `None` inside is a mistake; outside, nothing is written.
fn unless_written<T>(compiled: Option<Option<T>>) -> Option<Option<T>> {
    compiled.map_or(Some(None), |compiled| compiled.map(Some))
}

/// Where the mistakes of each section of rules go: those that have been reported before aren't again.
pub struct SectionMistakes<'a> {
    merged: &'a Value,
    reported: &'a [&'a Value],
    mistakes: &'a mut Mistakes,
    repeated: Mistakes,
}

impl<'a> SectionMistakes<'a> {
    /// For sections of `merged`; those that are as in one of `reported` have been reported.
    pub fn new(merged: &'a Value, reported: &'a [&'a Value], mistakes: &'a mut Mistakes) -> Self {
        SectionMistakes { merged, reported, mistakes, repeated: Mistakes::of("") }
    }

    /// For the section at `pointer`.
    pub fn of(&mut self, pointer: &str) -> &mut Mistakes {
        let is_reported =
            self.reported.iter().any(|reported| reported.pointer(pointer) == self.merged.pointer(pointer));
        if is_reported { &mut self.repeated } else { self.mistakes }
    }
}

fn scoring(raw: RawScoring, setting: Setting, at: &At, sections: &mut SectionMistakes<'_>) -> Option<Scoring> {
    let mut of = |raw: Option<RawMethod>, name: &str, measure| match raw {
        None => Some(Method::Quintile),
        Some(raw) => method(raw, name, measure, setting, &at.key(name), sections.of(&format!("/scoring/{name}"))),
    };
    let recency = of(raw.recency, "recency", Measure::Days);
    let frequency = of(raw.frequency, "frequency", Measure::Count);
    let monetary = of(raw.monetary, "monetary", Measure::Money);
    Some(Scoring { recency: recency?, frequency: frequency?, monetary: monetary? })
}

fn method(
    raw: RawMethod,
    metric: &str,
    measure: Measure,
    setting: Setting,
    at: &At,
    mistakes: &mut Mistakes,
) -> Option<Method> {
    match raw {
        RawMethod::Named(RawNamedMethod::Quintile) => Some(Method::Quintile),
        RawMethod::Named(RawNamedMethod::Injection) => {
            // Presets are proved right by a test: this one has thresholds for every metric.
            let preset = presets::policy(RawPreset::Injection);
            let intervals = preset.pointer(&format!("/scoring/{metric}/thresholds"))?;
            let intervals = serde_json::from_value(intervals.clone()).ok()?;
            thresholds(intervals, measure, at, mistakes).map(Method::Thresholds)
        }
        RawMethod::Own(RawCutPoints { thresholds: Some(own), frozen: None }) => {
            thresholds(own, measure, &at.key("thresholds"), mistakes).map(Method::Thresholds)
        }
        RawMethod::Own(RawCutPoints { thresholds: None, frozen: Some(day) }) => {
            frozen(&day, setting, &at.key("frozen"), mistakes).map(Method::Frozen)
        }
        RawMethod::Own(RawCutPoints { thresholds: Some(_), frozen: Some(_) }) => {
            mistakes.value(at, format!("{at} has two rulers; write either `thresholds` or `frozen`"));
            None
        }
        RawMethod::Own(RawCutPoints { thresholds: None, frozen: None }) => {
            // One of the wrong shape has been reported.
            let is_reported = ["thresholds", "frozen"].iter().any(|key| mistakes.is_written(&at.key(key)));
            if !is_reported || mistakes.is_empty() {
                mistakes
                    .value(at, format!("{at} has no ruler; write `quintile`, `{{thresholds: …}}` or `{{frozen: …}}`"));
            }
            None
        }
    }
}

/// The day of a closing snapshot that can be there when these rules are first used.
fn frozen(text: &str, setting: Setting, at: &At, mistakes: &mut Mistakes) -> Option<NaiveDate> {
    let on = day(text, at, mistakes)?;
    let period = Period::containing(setting.period, on);
    if on != period.end {
        let end = period.end;
        mistakes.value(at, format!("{on} closes no period, so its cut points aren't kept; write its last day, {end}"));
        return None;
    }
    if let Some(from) = setting.from.filter(|from| on >= *from) {
        let earlier = Period::containing(setting.period, from).previous().end;
        mistakes
            .value(at, format!("no snapshot is scored by a later one; write a day before {from}, such as {earlier}"));
        return None;
    }
    Some(on)
}

/// A date as people write it, 2026-06-30.
pub fn day(text: &str, at: &At, mistakes: &mut Mistakes) -> Option<NaiveDate> {
    let day = text.parse().ok().filter(|day: &NaiveDate| (1900..10_000).contains(&day.year()));
    if day.is_none() {
        mistakes.value(at, format!("`{text}` is no date; write year, month and day, such as `2026-06-30`"));
    }
    day
}

fn thresholds(raw: RawIntervals, measure: Measure, at: &At, mistakes: &mut Mistakes) -> Option<CutPoints> {
    let texts = [raw.one, raw.two, raw.three, raw.four, raw.five];
    let places = [1, 2, 3, 4, 5].map(|score: usize| at.key(&score.to_string()));
    // One of the wrong shape has been reported, and what it leaves open is no mistake.
    let is_reported = |(text, place): (&Option<Text>, &At)| text.is_none() && mistakes.is_written(place);
    if !mistakes.is_empty() && texts.iter().zip(&places).any(is_reported) {
        return None;
    }
    if texts.iter().all(Option::is_none) {
        let all = if measure == Measure::Money { "{1: \"< 1000\", 5: \">= 1000\"}" } else { "{5: \">= 0\"}" };
        mistakes
            .value(at, format!("{at} gives nobody a score; write an interval for each that there is, such as `{all}`"));
        return None;
    }
    let intervals = parsed(texts, measure, &places, mistakes)?;
    match cut_points(intervals, measure) {
        Ok(cuts) => Some(cuts),
        Err(flaws) => {
            for flaw in flaws {
                mistakes.value(&at.key(&flaw.score.to_string()), flaw.message);
            }
            None
        }
    }
}

/// The intervals that are written, or `None` after telling all that can't be read.
fn parsed(
    texts: [Option<Text>; 5],
    measure: Measure,
    places: &[At; 5],
    mistakes: &mut Mistakes,
) -> Option<[Option<Interval>; 5]> {
    let mut intervals = [None; 5];
    let mut is_whole = true;
    for ((interval, text), place) in intervals.iter_mut().zip(texts).zip(places) {
        match text.map(|text| Interval::parse(&text.0, measure)).transpose() {
            Ok(read) => *interval = read,
            Err(message) => {
                mistakes.value(place, message);
                is_whole = false;
            }
        }
    }
    is_whole.then_some(intervals)
}

fn vip(raw: RawVip, at: &At, mistakes: &mut Mistakes) -> Option<Vip> {
    let (metric, measure, example) = match raw.metric {
        None | Some(RawVipMetric::Monetary) => (VipMetric::Monetary, Measure::Money, "[{name: gold, from: 150000}]"),
        Some(RawVipMetric::LifetimeMonetary) => {
            (VipMetric::LifetimeMonetary, Measure::Money, "[{name: gold, from: 500000}]")
        }
        Some(RawVipMetric::Frequency) => (VipMetric::Frequency, Measure::Count, "[{name: regular, from: 8}]"),
    };
    let at = at.key("tiers");
    let Some(raw_tiers) = raw.tiers else {
        // Of the wrong shape, they have been reported.
        if !mistakes.is_written(&at) || mistakes.is_empty() {
            mistakes.value(&at, format!("`vip` has no tiers; write `tiers: {example}`, with your own values"));
        }
        return None;
    };
    if raw_tiers.is_empty() {
        mistakes.value(&at, format!("`tiers` is empty; write `{example}`, or leave `vip` out"));
    }
    let tiers: Vec<Option<VipTier>> =
        raw_tiers.into_iter().enumerate().map(|(index, raw)| tier(raw, measure, &at.index(index), mistakes)).collect();
    let tiers = tiers.into_iter().collect::<Option<Vec<VipTier>>>()?;
    rising(&tiers, measure, &at, mistakes);
    Some(Vip { metric, tiers })
}

fn tier(raw: RawTier, measure: Measure, at: &At, mistakes: &mut Mistakes) -> Option<VipTier> {
    let name = raw.name?.0;
    if name.trim().is_empty() {
        mistakes.value(&at.key("name"), "a tier's name is empty; write one, such as `gold`");
    }
    match measure.parse(&raw.from?.0) {
        Ok(from) if from > 0 => Some(VipTier { name, from }),
        Ok(_) => {
            mistakes.value(&at.key("from"), "everybody would be in this tier; write a value above 0");
            None
        }
        Err(message) => {
            mistakes.value(&at.key("from"), message);
            None
        }
    }
}

fn rising(tiers: &[VipTier], measure: Measure, at: &At, mistakes: &mut Mistakes) {
    for (index, tier) in tiers.iter().enumerate().skip(1) {
        let at = at.index(index);
        let earlier = tiers.get(..index).unwrap_or_default();
        if earlier.iter().any(|earlier| earlier.name == tier.name) {
            mistakes.value(&at.key("name"), format!("there is a tier `{}` above; write another name", tier.name));
        }
        if let Some(previous) = earlier.last().filter(|previous| previous.from >= tier.from) {
            let (name, floor) = (&previous.name, measure.show(previous.from));
            mistakes.value(&at.key("from"), format!("tiers must rise; write a value above {floor}, that of `{name}`"));
        }
    }
}

/// A share in millionths.
/// A share in millionths, or `None` after a mistake.
pub fn millionths(share: f64, at: &At, mistakes: &mut Mistakes) -> Option<u32> {
    let text = share.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let millionths = if decimals.len() > 6 { None } else { format!("{whole}{decimals:0<6}").parse().ok() };
    if millionths.is_none() {
        mistakes.value(at, format!("{at} can't be {text}; write at most six decimals, such as `0.35`"));
    }
    millionths
}
