//! Days and points in time from text.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

/// Microseconds of a day.
pub(in crate::source) const DAY_US: i64 = 86_400_000_000;
/// The days of the years 1900 to 2200, from 1970-01-01. Others are typing errors, or stand for none.
const DAYS: RangeInclusive<i32> = -25_567..=84_370;

/// What a text says about when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum ParsedTime {
    /// A day, counted from 1970-01-01.
    Day(i32),
    /// A wall clock's reading, in microseconds from 1970-01-01T00:00 on that clock.
    Local(i64),
    /// A point in time, in microseconds from 1970-01-01T00:00Z.
    Instant(i64),
}

impl ParsedTime {
    /// Whether it is in a year from 1900 to 2200.
    pub fn is_in_calendar(self) -> bool {
        match self {
            ParsedTime::Day(day) => DAYS.contains(&day),
            ParsedTime::Local(us) | ParsedTime::Instant(us) => {
                i32::try_from(us.div_euclid(DAY_US)).is_ok_and(|day| DAYS.contains(&day))
            }
        }
    }
}

/// Days from 1970-01-01 to `date`.
pub(in crate::source) fn day_number(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

/// The usual forms, year first: `2026-11-21`, `2026/1/2` or `2026.1.2`, then optionally (after `T` or blank)
/// `14:05`, `9:05:09` or `14:05:09.123456`, then optionally `Z`, `+08`, `+0800` or `+08:00`. A day that doesn't
/// begin with a year of four digits isn't read: nothing says what of it is the month.
pub(in crate::source) fn parse_usual(text: &str) -> Option<ParsedTime> {
    let mut cursor = Cursor(text.as_bytes());
    let year = cursor.digits(4, 4)?;
    let separator = cursor.one_of(b"-/.")?;
    let month = cursor.digits(1, 2)?;
    cursor.one_of(&[separator])?;
    let day_of_month = cursor.digits(1, 2)?;
    let day = day_of(year, month, day_of_month)?;
    if cursor.0.is_empty() {
        return Some(ParsedTime::Day(day));
    }
    cursor.one_of(b"T ")?;
    let time_us = cursor.time()?;
    let local_us = i64::from(day) * DAY_US + time_us;
    if cursor.0.is_empty() {
        return Some(ParsedTime::Local(local_us));
    }
    let offset_us = cursor.offset()?;
    cursor.0.is_empty().then_some(ParsedTime::Instant(local_us - offset_us))
}

/// Days from 1970-01-01 to a calendar date; None if there is no such date.
pub(in crate::source) fn day_of(year: i32, month: i32, day: i32) -> Option<i32> {
    let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    Some(day_number(date))
}

/// What is left of a text.
pub(in crate::source) struct Cursor<'a>(pub &'a [u8]);

impl Cursor<'_> {
    /// A number of `least` to `most` digits.
    pub fn digits(&mut self, least: usize, most: usize) -> Option<i32> {
        let mut value = 0;
        let mut count = 0;
        while let Some((digit @ b'0'..=b'9', rest)) = self.0.split_first() {
            if count == most {
                return None;
            }
            value = value * 10 + i32::from(digit - b'0');
            count += 1;
            self.0 = rest;
        }
        (count >= least).then_some(value)
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.digits(1, 2).filter(|hour| *hour < 24)?;
        self.one_of(b":")?;
        let minute = self.digits(2, 2).filter(|minute| *minute < 60)?;
        let mut time_us = i64::from(hour * 60 + minute) * 60_000_000;
        if self.one_of(b":").is_some() {
            // A leap second belongs to the day that it ends.
            let second = self.digits(2, 2).filter(|second| *second <= 60)?.min(59);
            time_us += i64::from(second) * 1_000_000;
            if self.one_of(b".,").is_some() {
                time_us += self.fraction_us()?;
            }
        }
        Some(time_us)
    }

    /// Decimals of a second; what is finer than a microsecond is cut off.
    fn fraction_us(&mut self) -> Option<i64> {
        let mut value = 0;
        let mut weight = 100_000;
        let before = self.0.len();
        while let Some((digit @ b'0'..=b'9', rest)) = self.0.split_first() {
            value += i64::from(digit - b'0') * weight;
            weight /= 10;
            self.0 = rest;
        }
        (self.0.len() < before).then_some(value)
    }

    fn offset(&mut self) -> Option<i64> {
        if self.0.len() > 1 {
            let _blank = self.one_of(b" ");
        }
        match self.one_of(b"Zz+-")? {
            sign @ (b'+' | b'-') => {
                let (hour_text, rest) = self.0.split_at_checked(2)?;
                let hour = Cursor(hour_text).digits(2, 2).filter(|hour| *hour <= 18)?;
                self.0 = rest;
                let minute = if self.0.is_empty() {
                    0
                } else {
                    let _colon = self.one_of(b":");
                    self.digits(2, 2).filter(|minute| *minute < 60)?
                };
                let offset_us = i64::from(hour * 60 + minute) * 60_000_000;
                Some(if sign == b'-' { -offset_us } else { offset_us })
            }
            _ => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> ParsedTime {
        let local: chrono::NaiveDateTime = text.parse().expect("a local time");
        ParsedTime::Local(local.and_utc().timestamp_micros())
    }

    fn instant(text: &str) -> ParsedTime {
        ParsedTime::Instant(chrono::DateTime::parse_from_rfc3339(text).expect("an instant").timestamp_micros())
    }

    fn day(text: &str) -> ParsedTime {
        ParsedTime::Day(day_number(text.parse().expect("a date")))
    }

    #[test]
    fn the_usual_forms_are_read() {
        for (text, time) in [
            ("2026-11-21", day("2026-11-21")),
            ("2026/11/21", day("2026-11-21")),
            ("2026/1/2", day("2026-01-02")),
            ("2026-10-1", day("2026-10-01")),
            ("2026-1-12", day("2026-01-12")),
            ("2026.10.1", day("2026-10-01")),
            ("2026.01.02", day("2026-01-02")),
            ("1969-12-31", ParsedTime::Day(-1)),
            ("2026-11-21 14:05", local("2026-11-21T14:05:00")),
            ("2026-11-21T14:05:09", local("2026-11-21T14:05:09")),
            ("2026/11/21 9:05", local("2026-11-21T09:05:00")),
            ("2026/1/5 9:05:30", local("2026-01-05T09:05:30")),
            ("2026-10-1T9:05", local("2026-10-01T09:05:00")),
            ("2026.10.1 09:05", local("2026-10-01T09:05:00")),
            ("2026-11-21 14:05:09.25", local("2026-11-21T14:05:09.250")),
            ("2026-11-21 14:05:09.123456789", local("2026-11-21T14:05:09.123456")),
            ("2016-12-31 23:59:60", local("2016-12-31T23:59:59")),
            ("2026-11-21T14:05:09Z", instant("2026-11-21T14:05:09Z")),
            ("2026-11-21T14:05+08:00", instant("2026-11-21T14:05:00+08:00")),
            ("2026-11-21 14:05:09 -0330", instant("2026-11-21T14:05:09-03:30")),
            ("2026-11-21 14:05:09.5+08", instant("2026-11-21T14:05:09.5+08:00")),
        ] {
            assert_eq!(parse_usual(text), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-11/21",
            "2026.11-21",
            "2026-1",
            "2026.11",
            "2026--1-2",
            "2026-001-2",
            "21/11/2026",
            "1/2/2026",
            "5.1.2026",
            "26/1/2",
            "26-11-21",
            "02026-11-21",
            "2026-11-21 ",
            "2026-11-21 24:00",
            "2026-11-21 14:60",
            "2026-11-21 14",
            "2026-11-21 9:5",
            "2026-11-21T14:05:61",
            "2026-11-21 14:05:09.",
            "2026-11-21 14:05 +8",
            "2026-11-21 14:05 PM",
            "2026-11-21 14:05:00+19:00",
            "115/11/21",
            "20261121",
            "46347",
        ] {
            assert_eq!(parse_usual(text), None, "{text}");
        }
    }

    #[test]
    fn the_calendar_is_that_of_the_years_from_1900_to_2200() {
        for (text, is_in) in [
            ("1899-12-31", false),
            ("1900-01-01", true),
            ("2200-12-31", true),
            ("2201-01-01", false),
            ("0001-01-01", false),
            ("9999-12-31", false),
        ] {
            for text in [text.to_owned(), format!("{text} 23:59"), format!("{text} 00:00Z")] {
                assert_eq!(parse_usual(&text).map(ParsedTime::is_in_calendar), Some(is_in), "{text}");
            }
        }
        for time in [ParsedTime::Day(i32::MIN), ParsedTime::Local(i64::MAX), ParsedTime::Instant(i64::MIN)] {
            assert!(!time.is_in_calendar(), "{time:?}");
        }
    }

    proptest! {
        #[test]
        fn dates_round_trip(day in -700_000..2_900_000_i32, second in 0..86_400_i64, us in 0..1_000_000_i64) {
            let date = NaiveDate::from_epoch_days(day).expect("a date");
            let text = date.format("%Y-%m-%d").to_string();
            prop_assert_eq!(parse_usual(&text), Some(ParsedTime::Day(day)));
            let time_us = i64::from(day) * DAY_US + second * 1_000_000 + us;
            let instant = chrono::DateTime::from_timestamp_micros(time_us).expect("in range");
            prop_assert_eq!(parse_usual(&instant.to_rfc3339()), Some(ParsedTime::Instant(time_us)));
            let local = instant.naive_utc().to_string();
            prop_assert_eq!(parse_usual(&local), Some(ParsedTime::Local(time_us)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-/0-9:TZ+. ]{0,32}|.{0,12}") {
            let _ = parse_usual(&text);
        }
    }
}
