//! The ladder of life stages.

use crate::config::raw::{RawDead, RawDormant, RawLadder, RawNew, RawRule};
use crate::policy::{FrequencyRule, Ladder};
use crate::yaml::{At, Mistakes};

/// The ladder; mistakes are noted. What is missing has been told, and takes its default.
pub fn ladder(raw: &RawLadder, at: &At, mistakes: &mut Mistakes) -> Ladder {
    let ladder = numbers(raw, &Ladder::default());
    check(&ladder, at, mistakes);
    ladder
}

fn numbers(raw: &RawLadder, above: &Ladder) -> Ladder {
    let RawDead { idle_days: dead_idle_days, beyond_recall_days } = raw.dead.unwrap_or_default();
    let RawDormant { idle_days } = raw.dormant.unwrap_or_default();
    let RawNew { recency_days: new_recency_days } = raw.new.unwrap_or_default();
    Ladder {
        dead_idle_days: dead_idle_days.unwrap_or(above.dead_idle_days),
        beyond_recall_days: beyond_recall_days.unwrap_or(above.beyond_recall_days),
        dormant_idle_days: idle_days.unwrap_or(above.dormant_idle_days),
        loyal: rule(raw.loyal, above.loyal),
        active: rule(raw.active, above.active),
        effective: rule(raw.effective, above.effective),
        new_recency_days: new_recency_days.unwrap_or(above.new_recency_days),
    }
}

fn rule(raw: Option<RawRule>, above: FrequencyRule) -> FrequencyRule {
    let raw = raw.unwrap_or_default();
    FrequencyRule {
        recency_days: raw.recency_days.unwrap_or(above.recency_days),
        window_days: raw.window_days.unwrap_or(above.window_days),
        frequency: raw.frequency.unwrap_or(above.frequency),
    }
}

/// The ladder is total and disjoint as it stands, for the first rule that matches decides. What can
/// be wrong is a stage that nobody would ever be in.
fn check(ladder: &Ladder, at: &At, mistakes: &mut Mistakes) {
    let (dead, beyond_recall) = (ladder.dead_idle_days, ladder.beyond_recall_days);
    if beyond_recall < dead {
        let message = format!("customers would be beyond recall before they are dead; write {dead} or more");
        mistakes.value(&at.key("dead").key("beyond_recall_days"), message);
    }
    if ladder.dormant_idle_days >= dead {
        let message =
            format!("nobody would ever be dormant, for they are dead from {dead} days on; write less than {dead}");
        mistakes.value(&at.key("dormant").key("idle_days"), message);
    }
    if ladder.new_recency_days >= dead {
        let message =
            format!("nobody is new up to that day, for they are dead from {dead} days on; write less than {dead}");
        mistakes.value(&at.key("new").key("recency_days"), message);
    }
    let rules = [("loyal", ladder.loyal), ("active", ladder.active), ("effective", ladder.effective)];
    for (index, (name, rule)) in rules.iter().enumerate() {
        if rule.frequency > rule.window_days {
            let days = rule.window_days;
            let message = format!("{days} days can't hold that many consumption days; write {days} or less");
            mistakes.value(&at.key(name).key("frequency"), message);
        }
        let earlier = rules.iter().take(index).find(|(_, earlier)| implies(rule, earlier));
        if let Some((earlier, _)) = earlier {
            let message = format!(
                "nobody would ever be {name}, for `{earlier}` comes first and takes them all; write a weaker rule"
            );
            mistakes.key(&at.key(name), message);
        }
    }
}

/// Whether all that `rule` holds for also satisfy `earlier`.
fn implies(rule: &FrequencyRule, earlier: &FrequencyRule) -> bool {
    rule.recency_days <= earlier.recency_days
        && rule.window_days <= earlier.window_days
        && rule.frequency >= earlier.frequency
}
