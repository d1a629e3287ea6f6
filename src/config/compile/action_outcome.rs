//! How it is seen whether an action worked.

use super::rules;
use crate::config::raw::{RawActionOutcome, RawHoldOut};
use crate::policy::{ActionOutcome, HoldOut};
use crate::yaml::{At, Mistakes};

/// The settings, or `None` after at least one mistake.
pub fn action_outcome(raw: RawActionOutcome, at: &At, mistakes: &mut Mistakes) -> Option<ActionOutcome> {
    let default = ActionOutcome::default();
    let hold_out = match raw.hold_out {
        Some(raw) => Some(hold_out(raw, &at.key("hold_out"), mistakes)?),
        None => default.hold_out,
    };
    Some(ActionOutcome { contact_days: raw.contact_days.unwrap_or(default.contact_days), hold_out })
}

fn hold_out(raw: RawHoldOut, at: &At, mistakes: &mut Mistakes) -> Option<HoldOut> {
    let share_millionths = raw.share.and_then(|share| rules::millionths(share, &at.key("share"), mistakes));
    let from = raw.from.and_then(|text| rules::day(&text, &at.key("from"), mistakes));
    let key = raw.key.filter(|key| {
        let is_text = !key.trim().is_empty();
        if !is_text {
            mistakes.value(&at.key("key"), "`key` is empty; write any text, such as `spring-2026`");
        }
        is_text
    });
    Some(HoldOut { share_millionths: share_millionths?, key: key?, from: from? })
}
