//! Where the bands of risk begin.

use super::rules::SectionMistakes;
use crate::config::raw::{RawBands, RawRisk};
use crate::policy::{Bands, Risk};
use crate::yaml::{At, Mistakes};

/// The bands; mistakes are noted. What is missing has been reported, and takes its default.
pub fn risk(raw: RawRisk, at: &At, sections: &mut SectionMistakes<'_>) -> Risk {
    let above = Risk::default();
    Risk {
        silence: bands(raw.silence, above.silence, &at.key("silence"), sections.of("/risk/silence")),
        churn: bands(raw.churn, above.churn, &at.key("churn"), sections.of("/risk/churn")),
    }
}

fn bands(raw: Option<RawBands>, above: Bands, at: &At, mistakes: &mut Mistakes) -> Bands {
    let raw = raw.unwrap_or_default();
    let bands = Bands { medium: raw.medium.unwrap_or(above.medium), high: raw.high.unwrap_or(above.high) };
    check(bands, at, mistakes);
    bands
}

/// Every risk is in one band; what can be wrong is a band that nobody would ever be in.
fn check(Bands { medium, high }: Bands, at: &At, mistakes: &mut Mistakes) {
    let (at_medium, at_high) = (at.key("medium"), at.key("high"));
    if medium <= 0.0 {
        mistakes.value(&at_medium, "nobody's risk would be low; write a number above 0, such as `0.4`");
    } else if medium >= 1.0 {
        mistakes.value(&at_medium, "nobody's risk would be high, for none is greater than 1; write a number below 1");
    } else if high <= medium && mistakes.is_written(&at_high) {
        let message = format!("nobody's risk would be medium, for that begins at {medium}; write more than {medium}");
        mistakes.value(&at_high, message);
    } else if high <= medium {
        let message = format!("nobody's risk would be medium, for high begins at {high}; write less than {high}");
        mistakes.value(&at_medium, message);
    }
}
