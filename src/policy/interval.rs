//! Thresholds as people write them, an interval per score, proved total and disjoint.
//!
//! A metric's values lie on a grid: whole days, whole counts, hundredths of the currency. On a grid
//! every open edge is a closed one a step further, so intervals are pairs of integers and the proof
//! is a walk from the least to the greatest.

use std::fmt;

use super::CutPoints;

/// The greatest value of a metric: what DECIMAL(18, 2) holds, in hundredths.
const MAX_VALUE: i64 = 999_999_999_999_999_999;

/// What a metric is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Whole days, of which fewer are better. None is negative.
    Days,
    /// A count, of which more is better. None is negative.
    Count,
    /// Hundredths of the currency, of which more is better. Refunds can make it negative.
    Money,
}

impl Measure {
    /// A value on the metric's grid from its decimal text: `2.5` is 250 hundredths of the currency.
    ///
    /// # Errors
    /// What is wrong with the text, and what to write.
    pub fn parse(self, text: &str) -> Result<i64, String> {
        let refuse = || format!("`{text}` is not {self}; write a number such as `{}`", self.example());
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_dangling_point = digits.ends_with('.');
        if whole.is_empty() || has_dangling_point || !is_digits(whole) || !is_digits(fraction) {
            return Err(refuse());
        }
        let decimals = self.decimals();
        let kept = fraction.trim_end_matches('0');
        if kept.len() > decimals {
            return Err(refuse());
        }
        let value: i64 = format!("{whole}{kept:0<decimals$}").parse().map_err(|_| refuse())?;
        if value > MAX_VALUE {
            return Err(refuse());
        }
        Ok(if is_negative { -value } else { value })
    }

    /// A value on the grid, as people write it, with its unit.
    pub fn show(self, value: i64) -> String {
        match self {
            Measure::Days if value == 1 => "1 day".to_owned(),
            Measure::Days => format!("{value} days"),
            Measure::Count | Measure::Money => self.number(value),
        }
    }

    /// A customer with a value, as the subject of a sentence.
    fn customer(self, value: i64) -> String {
        match self {
            Measure::Days => format!("a customer whose last visit was {} ago", self.show(value)),
            Measure::Count => format!("a customer with a frequency of {value}"),
            Measure::Money => format!("a customer with a monetary value of {}", self.number(value)),
        }
    }

    /// The score that such values earn.
    fn score(self) -> &'static str {
        match self {
            Measure::Days => "recency score",
            Measure::Count => "frequency score",
            Measure::Money => "monetary score",
        }
    }

    /// The same without its unit.
    fn number(self, value: i64) -> String {
        match self {
            Measure::Days | Measure::Count => value.to_string(),
            Measure::Money => {
                let sign = if value < 0 { "-" } else { "" };
                let (whole, cents) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
                if cents == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents:02}") }
            }
        }
    }

    fn decimals(self) -> usize {
        match self {
            Measure::Money => 2,
            Measure::Days | Measure::Count => 0,
        }
    }

    fn example(self) -> &'static str {
        match self {
            Measure::Money => "1500 or 99.50",
            Measure::Days | Measure::Count => "30",
        }
    }

    fn least(self) -> Option<i64> {
        match self {
            Measure::Days | Measure::Count => Some(0),
            Measure::Money => None,
        }
    }

    /// Whether a lower value earns a higher score.
    fn is_falling(self) -> bool {
        self == Measure::Days
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Measure::Days => "a whole number of days",
            Measure::Count => "a whole number",
            Measure::Money => "an amount with at most two decimals",
        })
    }
}

/// An interval on a metric's grid, both edges included; without an edge it goes on for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    low: Option<i64>,
    high: Option<i64>,
}

const FORMS: &str = "write it as `<= 30`, `(30, 35]`, `> 50` or a single value";

impl Interval {
    /// Reads `<= 30`, `< 30`, `>= 30`, `> 30`, `30` or a pair of edges in brackets, where a round one
    /// leaves the edge out and a square one takes it in.
    ///
    /// # Errors
    /// What is wrong with the text, and what to write.
    pub fn parse(text: &str, measure: Measure) -> Result<Self, String> {
        let text = text.trim();
        let value = |text: &str| measure.parse(text.trim());
        let interval = if let Some(edge) = text.strip_prefix("<=") {
            Interval { low: None, high: Some(value(edge)?) }
        } else if let Some(edge) = text.strip_prefix('<') {
            Interval { low: None, high: Some(value(edge)? - 1) }
        } else if let Some(edge) = text.strip_prefix(">=") {
            Interval { low: Some(value(edge)?), high: None }
        } else if let Some(edge) = text.strip_prefix('>') {
            Interval { low: Some(value(edge)? + 1), high: None }
        } else if text.starts_with(['(', '[']) {
            Interval::parse_pair(text, measure)?
        } else {
            let value = value(text).map_err(|_| format!("`{text}` is not an interval; {FORMS}"))?;
            Interval { low: Some(value), high: Some(value) }
        };
        match (interval.low, interval.high) {
            (Some(low), Some(high)) if low > high => Err(format!("`{text}` holds no value; {FORMS}")),
            _ => Ok(interval),
        }
    }

    fn parse_pair(text: &str, measure: Measure) -> Result<Self, String> {
        let not_a_pair = || format!("`{text}` is not an interval; {FORMS}");
        let inner =
            text.strip_prefix(['(', '[']).and_then(|text| text.strip_suffix([')', ']'])).ok_or_else(not_a_pair)?;
        let (low, high) = inner.split_once(',').ok_or_else(not_a_pair)?;
        let low = measure.parse(low.trim())? + i64::from(text.starts_with('('));
        let high = measure.parse(high.trim())? - i64::from(text.ends_with(')'));
        Ok(Interval { low: Some(low), high: Some(high) })
    }
}

/// Why five intervals aren't a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The score whose interval has to change, from 1 to 5.
    pub score: usize,
    /// What is wrong, with an example customer and what to write.
    pub message: String,
}

/// The cut points of the intervals of scores 1 to 5, in that order.
///
/// # Errors
/// Every gap, every overlap, and scores that don't rise (for days: fall) with the value.
pub fn cut_points(intervals: [Interval; 5], measure: Measure) -> Result<CutPoints, Vec<Flaw>> {
    let mut scale: Vec<(usize, Interval)> = (1..).zip(intervals).collect();
    scale.sort_by_key(|(_, interval)| (interval.low, interval.high.is_none(), interval.high));
    let mut flaws = Vec::new();
    edges(&scale, measure, &mut flaws);
    for pair in scale.windows(2) {
        if let [lower, upper] = pair {
            neighbours(lower, upper, measure, &mut flaws);
        }
    }
    if flaws.is_empty() {
        order(&scale, measure, &mut flaws);
    }
    match (flaws.is_empty(), inner_cuts(&intervals, measure)) {
        (true, Some(cuts)) => Ok(CutPoints(cuts)),
        _ => Err(flaws),
    }
}

/// The scale must begin at the least value there is and have no end.
fn edges(scale: &[(usize, Interval)], measure: Measure, flaws: &mut Vec<Flaw>) {
    if let Some((score, Interval { low: Some(low), high })) = scale.first()
        && measure.least().is_none_or(|least| *low > least)
    {
        let nobodys = unscored(measure, low - 1);
        let edge = high.map_or(format!("< {}", measure.number(*low)), |high| format!("<= {}", measure.number(high)));
        let message = format!("{nobodys}; write `{edge}` for the lowest values");
        flaws.push(Flaw { score: *score, message });
    }
    let unbounded = scale.iter().any(|(_, interval)| interval.high.is_none());
    let last =
        scale.iter().filter_map(|(score, interval)| interval.high.map(|high| (high, *score, interval.low))).max();
    if let (false, Some((high, score, low))) = (unbounded, last) {
        let nobodys = unscored(measure, high + 1);
        let edge = low.map_or(format!("> {}", measure.number(high)), |low| format!(">= {}", measure.number(low)));
        let message = format!("{nobodys}; write `{edge}` for the highest values");
        flaws.push(Flaw { score, message });
    }
}

fn neighbours(lower: &(usize, Interval), upper: &(usize, Interval), measure: Measure, flaws: &mut Vec<Flaw>) {
    let ((low_score, lower), (score, upper)) = (lower, upper);
    let Some(start) = upper.low else {
        let shared = lower.high.into_iter().chain(upper.high).min().unwrap_or_default();
        flaws.push(overlap(*score, *low_score, measure, shared));
        return;
    };
    match lower.high {
        Some(end) if end + 1 == start => {}
        Some(end) if end < start => {
            let (nobodys, end, start) = (unscored(measure, end + 1), measure.show(end), measure.show(start));
            let message = format!(
                "{nobodys}; write intervals that meet: score {low_score} ends at {end}, score {score} begins at {start}"
            );
            flaws.push(Flaw { score: *score, message });
        }
        _ => flaws.push(overlap(*score, *low_score, measure, start)),
    }
}

fn unscored(measure: Measure, value: i64) -> String {
    format!("{} has no {}", measure.customer(value), measure.score())
}

fn overlap(score: usize, other: usize, measure: Measure, value: i64) -> Flaw {
    let (low, high) = (score.min(other), score.max(other));
    let (customer, kind) = (measure.customer(value), measure.score());
    let message = format!("{customer} has the {kind}s {low} and {high}; write intervals that don't overlap");
    Flaw { score, message }
}

fn order(scale: &[(usize, Interval)], measure: Measure, flaws: &mut Vec<Flaw>) {
    let wanted: Vec<usize> = if measure.is_falling() { (1..=5).rev().collect() } else { (1..=5).collect() };
    if let Some(((score, _), wanted)) = scale.iter().zip(wanted).find(|((score, _), wanted)| score != wanted) {
        let (values, best) = if measure.is_falling() { ("fewest days", "fewer") } else { ("highest values", "more") };
        let message = format!(
            "score {score} stands where score {wanted} should, for {best} is better; write score 5 for the {values}"
        );
        flaws.push(Flaw { score: *score, message });
    }
}

/// The edge of scores 2 to 5 on the side of the worse values.
fn inner_cuts(intervals: &[Interval; 5], measure: Measure) -> Option<[i64; 4]> {
    let edge = |interval: &Interval| if measure.is_falling() { interval.high } else { interval.low };
    let [_, two, three, four, five] = intervals;
    Some([edge(two)?, edge(three)?, edge(four)?, edge(five)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scale(texts: [&str; 5], measure: Measure) -> Result<CutPoints, Vec<Flaw>> {
        cut_points(texts.map(|text| Interval::parse(text, measure).expect("an interval")), measure)
    }

    fn flaws(texts: [&str; 5], measure: Measure) -> Vec<String> {
        let flaws = scale(texts, measure).expect_err("flaws");
        flaws.into_iter().map(|flaw| flaw.message).collect()
    }

    #[test]
    fn open_edges_become_closed_ones_on_the_grid() {
        let interval = |low, high| Ok(Interval { low, high });
        assert_eq!(Interval::parse("(30, 35]", Measure::Days), interval(Some(31), Some(35)));
        assert_eq!(Interval::parse("[1000,1500)", Measure::Money), interval(Some(100_000), Some(149_999)));
        assert_eq!(Interval::parse(" < 2.5 ", Measure::Money), interval(None, Some(249)));
        assert_eq!(Interval::parse(">50", Measure::Days), interval(Some(51), None));
        assert_eq!(Interval::parse("7", Measure::Count), interval(Some(7), Some(7)));
    }

    #[test]
    fn text_that_is_no_interval_of_the_metric_is_refused() {
        for text in
            ["", "about 30", "(3, 3)", "(3, 4", "3, 4", "(3; 4)", "<= 2.5", "[5, 4]", "> 9223372036854775807", "5."]
        {
            assert!(Interval::parse(text, Measure::Days).is_err(), "{text}");
        }
        assert!(Interval::parse("< 0.001", Measure::Money).is_err());
    }

    #[test]
    fn cut_points_are_the_worst_values_that_still_earn_a_score() {
        let days = scale(["> 50", "(40, 50]", "(35, 40]", "(30, 35]", "<= 30"], Measure::Days);
        assert_eq!(days, Ok(CutPoints([50, 40, 35, 30])));
        let counts = scale(["<= 1", "(1, 2]", "(2, 4]", "(4, 8]", "> 8"], Measure::Count);
        assert_eq!(counts, Ok(CutPoints([2, 3, 5, 9])));
        let money = scale(["< 10", "[10, 20)", "[20, 30)", "[30, 40)", ">= 40"], Measure::Money);
        assert_eq!(money, Ok(CutPoints([1000, 2000, 3000, 4000])));
    }

    #[test]
    fn a_flaw_is_shown_by_a_value() {
        let gap = flaws(["> 50", "(40, 50]", "(35, 40]", "(30, 33]", "<= 30"], Measure::Days);
        assert!(gap[0].starts_with("a customer whose last visit was 34 days ago has no recency score; "), "{gap:?}");
        let overlap = flaws(["> 50", "(40, 50]", "(33, 40]", "(30, 35]", "<= 30"], Measure::Days);
        assert!(
            overlap[0].starts_with("a customer whose last visit was 34 days ago has the recency scores 3 and 4; "),
            "{overlap:?}"
        );
        let endless = flaws(["<= 1", "2", "3", "4", "[5, 9]"], Measure::Count);
        assert!(endless[0].starts_with("a customer with a frequency of 10 has no frequency score"), "{endless:?}");
        let zero = flaws(["[1, 1]", "2", "3", "4", "> 4"], Measure::Count);
        assert!(zero[0].starts_with("a customer with a frequency of 0 has no frequency score"), "{zero:?}");
        let negative = flaws(["[0, 10)", "[10, 20)", "[20, 30)", "[30, 40)", ">= 40"], Measure::Money);
        assert!(
            negative[0].starts_with("a customer with a monetary value of -0.01 has no monetary score"),
            "{negative:?}"
        );
        let two_ends = flaws(["<= 1", "<= 2", "3", "4", "> 4"], Measure::Count);
        assert!(
            two_ends[0].starts_with("a customer with a frequency of 1 has the frequency scores 1 and 2"),
            "{two_ends:?}"
        );
        let reversed = flaws(["<= 30", "(30, 35]", "(35, 40]", "(40, 50]", "> 50"], Measure::Days);
        assert!(reversed[0].contains("fewer is better"), "{reversed:?}");
    }

    fn holds(interval: &Interval, value: i64) -> bool {
        interval.low.is_none_or(|low| low <= value) && interval.high.is_none_or(|high| value <= high)
    }

    prop_compose! {
        /// Mostly near a scale: rising cuts, of which single edges are moved.
        fn intervals()(
            cuts in prop::collection::btree_set(1..20_i64, 4),
            moves in prop::collection::vec(prop_oneof![8 => Just(0_i64), 1 => -2..3_i64], 8),
        ) -> [Interval; 5] {
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let low = |n: usize| Some(cuts[n] + moves[n]);
            let high = |n: usize| Some((cuts[n] - 1 + moves[n + 4]).max(if n == 0 { 0 } else { cuts[n - 1] + moves[n - 1] }));
            [
                Interval { low: None, high: high(0) },
                Interval { low: low(0), high: high(1) },
                Interval { low: low(1), high: high(2) },
                Interval { low: low(2), high: high(3) },
                Interval { low: low(3), high: None },
            ]
        }
    }

    proptest! {
        #[test]
        fn a_scale_is_accepted_exactly_if_every_value_has_one_score(intervals in intervals()) {
            let is_partition = (0..40).all(|value| intervals.iter().filter(|interval| holds(interval, value)).count() == 1);
            prop_assert_eq!(cut_points(intervals, Measure::Count).is_ok(), is_partition);
        }

        #[test]
        fn cut_points_score_every_value_as_its_interval(intervals in intervals(), value in 0..40_i64) {
            if let Ok(CutPoints(cuts)) = cut_points(intervals, Measure::Count) {
                let by_cuts = 1 + cuts.iter().filter(|cut| value >= **cut).count();
                let by_interval = 1 + intervals.iter().position(|interval| holds(interval, value)).expect("total");
                prop_assert_eq!(by_cuts, by_interval);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[<>=(\\[]{0,2}[0-9., -]{0,25}[)\\]]?") {
            for measure in [Measure::Days, Measure::Count, Measure::Money] {
                if let Ok(Interval { low: Some(low), high: Some(high) }) = Interval::parse(&text, measure) {
                    prop_assert!(low <= high);
                }
            }
        }
    }
}
