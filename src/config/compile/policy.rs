//! What counts, how it is scored, and VIP tiers.

use super::lifecycle::lifecycle;
use crate::config::mistakes::{At, Mistakes};
use crate::config::raw::{
    RawEvent, RawFrequency, RawIntervals, RawMethod, RawNamedMethod, RawPolicy, RawScoring, RawSegmentNames, RawTier,
    RawVip, RawVipMetric,
};
use crate::policy::interval::{Interval, Measure, cut_points};
use crate::policy::{
    Consumption, CutPoints, FrequencyUnit, Method, Policy, Rules, Scoring, SegmentNames, Vip, VipMetric, VipTier,
    presets,
};

/// The policy, or `None` after at least one mistake.
pub fn policy(raw: RawPolicy, at: &At, mistakes: &mut Mistakes) -> Option<Policy> {
    let default = Policy::default();
    let consumption = match raw.consumption {
        None => Some(default.consumption),
        Some(events) => consumption(&events, &at.key("consumption"), mistakes),
    };
    let scoring = scoring(raw.scoring.unwrap_or_default(), &at.key("scoring"), mistakes);
    let (package_valid_days, ladder, ladders) =
        lifecycle(raw.lifecycle.unwrap_or_default(), &at.key("lifecycle"), mistakes);
    let vip = raw.vip.map(|raw| vip(raw, &at.key("vip"), mistakes));
    let vip = match vip {
        None => None,
        Some(vip) => Some(vip?),
    };
    let rules = Rules { scoring: scoring?, ladder, vip, margin_millionths: None };
    Some(Policy {
        window_days: raw.window_days.unwrap_or(default.window_days),
        consumption: consumption?,
        frequency_unit: raw.frequency.map_or(default.frequency_unit, frequency_unit),
        segment_names: raw.segment_names.map_or(default.segment_names, segment_names),
        package_valid_days,
        departments: ladders.into_iter().map(|(name, ladder)| (name, Rules { ladder, ..rules.clone() })).collect(),
        items: default.items,
        rules,
    })
}

fn consumption(events: &[RawEvent], at: &At, mistakes: &mut Mistakes) -> Option<Consumption> {
    if events.is_empty() {
        mistakes.value(at, "`consumption` is empty, so nobody would ever have come; write `[order, treatment]`");
        return None;
    }
    super::distinct(events, at, mistakes)?;
    let has = |event| events.contains(&event);
    Some(Consumption {
        order: has(RawEvent::Order),
        treatment: has(RawEvent::Treatment),
        package_session: has(RawEvent::PackageSession),
        review: has(RawEvent::Review),
        consultation: has(RawEvent::Consultation),
    })
}

fn frequency_unit(raw: RawFrequency) -> FrequencyUnit {
    match raw {
        RawFrequency::Days => FrequencyUnit::Days,
        RawFrequency::Orders => FrequencyUnit::Orders,
        RawFrequency::Lines => FrequencyUnit::Lines,
    }
}

fn segment_names(raw: RawSegmentNames) -> SegmentNames {
    match raw {
        RawSegmentNames::Articles => SegmentNames::Articles,
        RawSegmentNames::Textbook => SegmentNames::Textbook,
    }
}

fn scoring(raw: RawScoring, at: &At, mistakes: &mut Mistakes) -> Option<Scoring> {
    let mut of = |raw: Option<RawMethod>, name: &str, measure, preset| match raw {
        None => Some(Method::Quintile),
        Some(raw) => method(raw, measure, preset, &at.key(name), mistakes),
    };
    let recency = of(raw.recency, "recency", Measure::Days, Some(presets::INJECTION_RECENCY));
    let frequency = of(raw.frequency, "frequency", Measure::Count, None);
    let monetary = of(raw.monetary, "monetary", Measure::Money, Some(presets::INJECTION_MONETARY));
    Some(Scoring { recency: recency?, frequency: frequency?, monetary: monetary? })
}

/// `injection` are the cut points of the preset for this metric, if it has any.
fn method(
    raw: RawMethod,
    measure: Measure,
    injection: Option<CutPoints>,
    at: &At,
    mistakes: &mut Mistakes,
) -> Option<Method> {
    match raw {
        RawMethod::Named(RawNamedMethod::Quintile) => Some(Method::Quintile),
        RawMethod::Named(RawNamedMethod::Injection) => {
            if injection.is_none() {
                mistakes
                    .value(at, format!("the preset `injection` has no {at}; write `quintile` or `{{thresholds: …}}`"));
            }
            injection.map(Method::Thresholds)
        }
        RawMethod::Own(raw) => {
            thresholds(raw.thresholds?, measure, &at.key("thresholds"), mistakes).map(Method::Thresholds)
        }
    }
}

fn thresholds(raw: RawIntervals, measure: Measure, at: &At, mistakes: &mut Mistakes) -> Option<CutPoints> {
    let mut score = 0;
    let intervals = [raw.one?, raw.two?, raw.three?, raw.four?, raw.five?].map(|text| {
        score += 1;
        match Interval::parse(&text.0, measure) {
            Ok(interval) => Some(interval),
            Err(message) => {
                mistakes.value(&at.key(&score.to_string()), message);
                None
            }
        }
    });
    let [one, two, three, four, five] = intervals;
    match cut_points([one?, two?, three?, four?, five?], measure) {
        Ok(cuts) => Some(cuts),
        Err(flaws) => {
            for flaw in flaws {
                mistakes.value(&at.key(&flaw.score.to_string()), flaw.message);
            }
            None
        }
    }
}

fn vip(raw: RawVip, at: &At, mistakes: &mut Mistakes) -> Option<Vip> {
    let (metric, measure) = match raw.metric {
        None | Some(RawVipMetric::Monetary) => (VipMetric::Monetary, Measure::Money),
        Some(RawVipMetric::LifetimeMonetary) => (VipMetric::LifetimeMonetary, Measure::Money),
        Some(RawVipMetric::Frequency) => (VipMetric::Frequency, Measure::Count),
    };
    let at = at.key("tiers");
    let raw_tiers = raw.tiers?;
    if raw_tiers.is_empty() {
        mistakes.value(&at, "`tiers` is empty; write `[{name: gold, from: 150000}]`, or leave `vip` out");
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
