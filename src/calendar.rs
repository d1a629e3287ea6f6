//! Reporting periods: day, ISO week, month, quarter. Pure date arithmetic; no clock is read here.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// Length of a reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodKind {
    /// A calendar day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
}

impl PeriodKind {
    /// The name in the pipeline YAML and in SQL: `day`, `week`, `month`, `quarter`.
    pub fn name(self) -> &'static str {
        match self {
            PeriodKind::Day => "day",
            PeriodKind::Week => "week",
            PeriodKind::Month => "month",
            PeriodKind::Quarter => "quarter",
        }
    }

    /// The kind of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        [PeriodKind::Day, PeriodKind::Week, PeriodKind::Month, PeriodKind::Quarter]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A period: its first and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Length.
    pub kind: PeriodKind,
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
}

impl Period {
    /// The period of `kind` that holds `day`.
    pub fn containing(kind: PeriodKind, day: NaiveDate) -> Self {
        let start = match kind {
            PeriodKind::Day => day,
            PeriodKind::Week => day.week(Weekday::Mon).first_day(),
            PeriodKind::Month => first_of_month(day, day.month()),
            PeriodKind::Quarter => first_of_month(day, (day.month0() / 3) * 3 + 1),
        };
        let end = match kind {
            PeriodKind::Day => day,
            PeriodKind::Week => start + Days::new(6),
            PeriodKind::Month => start + Months::new(1) - Days::new(1),
            PeriodKind::Quarter => start + Months::new(3) - Days::new(1),
        };
        Period { kind, start, end }
    }

    /// The period before this one.
    pub fn previous(self) -> Self {
        Period::containing(self.kind, self.start - Days::new(1))
    }

    /// The same period a year earlier: the same month or quarter; the same day (29 February: the
    /// 28th); the ISO week 52 weeks earlier.
    pub fn year_before(self) -> Self {
        let start = match self.kind {
            PeriodKind::Week => self.start - Days::new(364),
            _ => self.start - Months::new(12),
        };
        Period::containing(self.kind, start)
    }

    /// Its place among the periods of its kind: the next one has the next number.
    pub fn number(self) -> i32 {
        let days = i64::from(self.start.num_days_from_ce());
        let number = match self.kind {
            PeriodKind::Day => days,
            // Day 1 of the common era was a Monday.
            PeriodKind::Week => (days - 1).div_euclid(7),
            PeriodKind::Month => i64::from(self.start.year()) * 12 + i64::from(self.start.month0()),
            PeriodKind::Quarter => i64::from(self.start.year()) * 4 + i64::from(self.start.month0() / 3),
        };
        i32::try_from(number).unwrap_or(i32::MAX)
    }

    /// As published in the column `period`: `2026-11-21`, `2026-W47`, `2026-11`, `2026-Q4`.
    pub fn label(self) -> String {
        match self.kind {
            PeriodKind::Day => self.start.format("%Y-%m-%d").to_string(),
            PeriodKind::Week => self.start.format("%G-W%V").to_string(),
            PeriodKind::Month => self.start.format("%Y-%m").to_string(),
            PeriodKind::Quarter => format!("{}-Q{}", self.start.format("%Y"), self.start.month0() / 3 + 1),
        }
    }
}

fn first_of_month(day: NaiveDate, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn labelled(kind: PeriodKind, text: &str) -> (String, NaiveDate, NaiveDate) {
        let period = Period::containing(kind, day(text));
        (period.label(), period.start, period.end)
    }

    #[test]
    fn a_period_has_the_label_and_bounds_of_its_calendar() {
        let expect = |label: &str, start, end| (label.to_owned(), day(start), day(end));
        assert_eq!(labelled(PeriodKind::Day, "2026-11-21"), expect("2026-11-21", "2026-11-21", "2026-11-21"));
        assert_eq!(labelled(PeriodKind::Week, "2026-11-21"), expect("2026-W47", "2026-11-16", "2026-11-22"));
        assert_eq!(labelled(PeriodKind::Week, "2027-01-01"), expect("2026-W53", "2026-12-28", "2027-01-03"));
        assert_eq!(labelled(PeriodKind::Month, "2028-02-29"), expect("2028-02", "2028-02-01", "2028-02-29"));
        assert_eq!(labelled(PeriodKind::Quarter, "2026-11-21"), expect("2026-Q4", "2026-10-01", "2026-12-31"));
    }

    #[test]
    fn the_year_before_is_the_same_period_of_that_year() {
        let year_before = |kind, text| Period::containing(kind, day(text)).year_before().label();
        assert_eq!(year_before(PeriodKind::Day, "2028-02-29"), "2027-02-28");
        assert_eq!(year_before(PeriodKind::Week, "2026-11-21"), "2025-W47");
        assert_eq!(year_before(PeriodKind::Month, "2026-11-21"), "2025-11");
        assert_eq!(year_before(PeriodKind::Quarter, "2026-11-21"), "2025-Q4");
    }

    #[test]
    fn periods_tile_the_calendar() {
        for kind in [PeriodKind::Day, PeriodKind::Week, PeriodKind::Month, PeriodKind::Quarter] {
            let mut date = day("2019-12-25");
            while date < day("2028-03-05") {
                let period = Period::containing(kind, date);
                assert!(period.start <= date && date <= period.end);
                assert_eq!(period.previous().end + Days::new(1), period.start);
                assert_eq!(period.previous().number() + 1, period.number());
                assert_eq!(PeriodKind::of_name(kind.name()), Some(kind));
                date = date + Days::new(1);
            }
        }
    }
}
