//! Thresholds as people write them, an interval per score that occurs, proved total and disjoint.
//!
//! A metric's values lie on a grid: whole days, whole counts, hundredths of the currency. On a grid
//! every open edge is a closed one a step further, so intervals are pairs of integers and the proof
//! is a walk from the least to the greatest.

use std::fmt;

use super::CutPoints;

/// The greatest value of a metric: what DECIMAL(18, 2) holds, in hundredths.
const MAX_VALUE: i64 = 999_999_999_999_999_999;

/// More days than there can be between two dates.
const MAX_DAYS: i64 = 9_999_999;

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
            Measure::Days => "30",
            Measure::Count => "3",
            Measure::Money => "99.50",
        }
    }

    /// How intervals are written.
    fn forms(self) -> &'static str {
        match self {
            Measure::Days => "write it as `<= 30`, `(30, 35]`, `> 50` or a single value",
            Measure::Count => "write it as `<= 1`, `(1, 2]`, `> 8` or a single value",
            Measure::Money => "write it as `< 1000`, `[1000, 1500)`, `>= 2500` or a single value",
        }
    }

    /// The worst value there can be, which everybody has or exceeds.
    pub fn worst(self) -> i64 {
        match self {
            Measure::Days => MAX_DAYS,
            Measure::Count => 0,
            Measure::Money => -MAX_VALUE,
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
            let value = value(text).map_err(|_| format!("`{text}` is not an interval; {}", measure.forms()))?;
            Interval { low: Some(value), high: Some(value) }
        };
        match (interval.low, interval.high) {
            (Some(low), Some(high)) if low > high => Err(format!("`{text}` holds no value; {}", measure.forms())),
            _ => Ok(interval),
        }
    }

    fn parse_pair(text: &str, measure: Measure) -> Result<Self, String> {
        let not_a_pair = || format!("`{text}` is not an interval; {}", measure.forms());
        let inner =
            text.strip_prefix(['(', '[']).and_then(|text| text.strip_suffix([')', ']'])).ok_or_else(not_a_pair)?;
        let (low, high) = inner.split_once(',').ok_or_else(not_a_pair)?;
        let low = measure.parse(low.trim())? + i64::from(text.starts_with('('));
        let high = measure.parse(high.trim())? - i64::from(text.ends_with(')'));
        Ok(Interval { low: Some(low), high: Some(high) })
    }
}

/// Why intervals aren't a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The score whose interval has to change, from 1 to 5.
    pub score: usize,
    /// What is wrong, with an example customer and what to write.
    pub message: String,
}

/// The cut points of the intervals of scores 1 to 5, in that order; a score without one never occurs.
///
/// # Errors
/// Every gap, every overlap, and scores that don't rise (for days: fall) with the value. Without any
/// interval there is no cut point, and no score but 1.
pub fn cut_points(intervals: [Option<Interval>; 5], measure: Measure) -> Result<CutPoints, Vec<Flaw>> {
    let scored = (1..).zip(intervals).filter_map(|(score, interval)| Some((score, interval?)));
    let mut scale: Vec<(usize, Interval)> = scored.collect();
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
    if flaws.is_empty() { Ok(CutPoints(inner_cuts(&scale, measure))) } else { Err(flaws) }
}

/// The scale must begin at the least value there is and have no end.
fn edges(scale: &[(usize, Interval)], measure: Measure, flaws: &mut Vec<Flaw>) {
    if let Some((score, Interval { low: Some(low), high })) = scale.first()
        && measure.least().is_none_or(|least| *low > least)
    {
        let nobodys = unscored(measure, low - 1);
        let remedy = high.map_or_else(
            || format!("write a score for the values below {}, too", measure.number(*low)),
            |high| format!("write `<= {}` for the lowest values", measure.number(high)),
        );
        let message = format!("{nobodys}; {remedy}");
        flaws.push(Flaw { score: *score, message });
    }
    let unbounded = scale.iter().any(|(_, interval)| interval.high.is_none());
    let last =
        scale.iter().filter_map(|(score, interval)| interval.high.map(|high| (high, *score, interval.low))).max();
    if let (false, Some((high, score, low))) = (unbounded, last) {
        let nobodys = unscored(measure, high + 1);
        let remedy = low.map_or_else(
            || format!("write a score for the values above {}, too", measure.number(high)),
            |low| format!("write `>= {}` for the highest values", measure.number(low)),
        );
        let message = format!("{nobodys}; {remedy}");
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
    let mut wanted: Vec<usize> = scale.iter().map(|(score, _)| *score).collect();
    wanted.sort_unstable();
    let best_score = wanted.last().copied().unwrap_or_default();
    if measure.is_falling() {
        wanted.reverse();
    }
    if let Some(((score, _), wanted)) = scale.iter().zip(wanted).find(|((score, _), wanted)| score != wanted) {
        let (values, best) = if measure.is_falling() { ("fewest days", "fewer") } else { ("highest values", "more") };
        let message = format!(
            "score {score} stands where score {wanted} should, for {best} is better; \
             write score {best_score} for the {values}"
        );
        flaws.push(Flaw { score: *score, message });
    }
}

/// Of scores 2 to 5, the edge on the side of the worse values: that of the score, else of the next better one.
fn inner_cuts(scale: &[(usize, Interval)], measure: Measure) -> [Option<i64>; 4] {
    [2, 3, 4, 5].map(|score| {
        let (_, interval) = scale.iter().filter(|(other, _)| *other >= score).min_by_key(|(other, _)| *other)?;
        let is_worst = scale.iter().all(|(other, _)| *other >= score);
        let edge = if measure.is_falling() { interval.high } else { interval.low };
        if is_worst { Some(measure.worst()) } else { edge }
    })
}

#[cfg(test)]
mod tests;
