//! Thresholds that come with rfmart.

use super::CutPoints;

/// Recency of the articles' injection department: ≤ 30 days is 5, (30, 35] is 4, (35, 40] is 3,
/// (40, 50] is 2, more is 1. (The article prints 2 twice; a scale of five steps needs the 3.)
pub const INJECTION_RECENCY: CutPoints = CutPoints([50, 40, 35, 30]);

/// Monetary of the articles' injection department: < 1000 is 1, [1000, 1500) is 2, [1500, 2000) is 3,
/// [2000, 2500) is 4, more is 5.
pub const INJECTION_MONETARY: CutPoints = CutPoints([100_000, 150_000, 200_000, 250_000]);

#[cfg(test)]
mod tests {
    use super::super::interval::{Interval, Measure, cut_points};
    use super::*;

    #[test]
    fn the_injection_preset_is_what_its_intervals_say() {
        let parse = |texts: [&str; 5], measure| {
            cut_points(texts.map(|text| Interval::parse(text, measure).expect("an interval")), measure)
        };
        let recency = parse(["> 50", "(40, 50]", "(35, 40]", "(30, 35]", "<= 30"], Measure::Days);
        assert_eq!(recency, Ok(INJECTION_RECENCY));
        let monetary = parse(["< 1000", "[1000, 1500)", "[1500, 2000)", "[2000, 2500)", ">= 2500"], Measure::Money);
        assert_eq!(monetary, Ok(INJECTION_MONETARY));
    }
}
