//! Time zones by name.

use chrono_tz::Tz;

use crate::suggest;
use crate::yaml::{At, Mistakes};

/// The zone of that name, or `None` after a mistake.
pub fn zone(name: &str, at: &At, mistakes: &mut Mistakes) -> Option<Tz> {
    let zone = name.parse().ok();
    if zone.is_none() {
        mistakes.value(at, unknown_zone(name));
    }
    zone
}

/// What is wrong with the name of a zone that there isn't.
pub fn unknown_zone(name: &str) -> String {
    // Bare abbreviations would attract whatever is short, such as `UTC+8`.
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/'));
    let remedy = suggest::closest(name, names);
    let remedy =
        remedy.map_or("a name from the IANA list, such as `Asia/Taipei`".to_owned(), |zone| format!("`{zone}`"));
    format!("there is no time zone `{name}`; write {remedy}")
}
