//! Declared date formats: chrono's strftime, and `%Ey` for the year of the Republic of China.

use chrono::NaiveDateTime;
use chrono::format::{Item, Numeric, Parsed, StrftimeItems, parse, parse_and_remainder};

use crate::config::era;
use crate::source::parse::parsed_time::{Cursor, DAY_US, ParsedTime, day_number, day_of, parse_usual};

/// A declared format, taken apart once.
pub(in crate::source) struct DatePattern {
    /// All of it, or what stands before `%Ey`.
    items: Vec<Item<'static>>,
    behind_era: Option<BehindEra>,
    fixed: Option<Vec<Part>>,
}

/// Whether `text` is a date or a time in one of the usual forms, or as `format` has it.
pub fn is_date_of(format: Option<&str>, text: &str) -> bool {
    let time = match format {
        None => parse_usual(text),
        Some(format) => DatePattern::new(format).parse(text),
    };
    time.is_some()
}

/// What stands behind `%Ey`.
struct BehindEra {
    items: Vec<Item<'static>>,
    /// Digits that follow the year's without a separator.
    digits: usize,
}

/// Part of a format whose fields all have their full width.
enum Part {
    Year,
    /// Has as many digits as the ones behind it leave over.
    EraYear {
        digits_behind: usize,
    },
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Literal(u8),
}

impl DatePattern {
    /// Takes `pattern` apart.
    pub fn new(pattern: &str) -> Self {
        let Some((before, behind)) = era::split(pattern) else {
            return DatePattern { items: items_of(pattern), behind_era: None, fixed: fixed_parts(pattern) };
        };
        let items = items_of(behind);
        let digits = digits_at_start(&items);
        let year = Part::EraYear { digits_behind: digits };
        let fixed = fixed_parts(before).zip(fixed_parts(behind));
        let fixed = fixed.map(|(before, behind)| before.into_iter().chain([year]).chain(behind).collect());
        DatePattern { items: items_of(before), behind_era: Some(BehindEra { items, digits }), fixed }
    }

    /// Reads all of `text`, or nothing.
    pub fn parse(&self, text: &str) -> Option<ParsedTime> {
        self.fixed.as_ref().and_then(|parts| parse_fixed(parts, text)).or_else(|| self.parse_any(text))
    }

    fn parse_any(&self, text: &str) -> Option<ParsedTime> {
        let mut parsed = Parsed::new();
        match &self.behind_era {
            None => parse(&mut parsed, text, self.items.iter()).ok()?,
            Some(behind) => {
                // As chrono does, blanks before a number are passed over.
                let rest = parse_and_remainder(&mut parsed, text, self.items.iter()).ok()?.trim_start();
                let (digits, rest) = rest.split_at_checked(era_width(rest.as_bytes(), behind.digits)?)?;
                parsed.set_year(i64::from(era_year(digits.as_bytes())?)).ok()?;
                parse(&mut parsed, rest, behind.items.iter()).ok()?;
            }
        }
        if parsed.offset().is_some() || parsed.timestamp().is_some() {
            return Some(ParsedTime::Instant(parsed.to_datetime().ok()?.timestamp_micros()));
        }
        if parsed.hour_div_12().is_some() {
            return Some(ParsedTime::Local(micros(parsed.to_naive_datetime_with_offset(0).ok()?)));
        }
        Some(ParsedTime::Day(day_number(parsed.to_naive_date().ok()?)))
    }
}

fn micros(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp_micros()
}

fn items_of(pattern: &str) -> Vec<Item<'static>> {
    StrftimeItems::new(pattern).map(Item::to_owned).collect()
}

/// Digits of the numbers that stand at the start without anything between them.
fn digits_at_start(items: &[Item<'_>]) -> usize {
    let width = |item: &Item<'_>| match item {
        Item::Numeric(Numeric::Year | Numeric::IsoYear, _) => Some(4),
        Item::Numeric(Numeric::Ordinal, _) => Some(3),
        Item::Numeric(_, _) => Some(2),
        _ => None,
    };
    items.iter().map_while(width).sum()
}

/// Digits of the year that `text` begins with. Only a separator tells a year of one digit from the digits
/// behind it.
fn era_width(text: &[u8], digits_behind: usize) -> Option<usize> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let shortest = if digits_behind > 0 { 2 } else { 1 };
    digits.checked_sub(digits_behind).filter(|width| (shortest..=3).contains(width))
}

/// The year of the common era. The calendar begins with 1.
fn era_year(digits: &[u8]) -> Option<i32> {
    let year = Cursor(digits).digits(1, 3)?;
    (year > 0).then_some(year + era::YEARS_BEFORE)
}

fn fixed_parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        parts.push(match byte {
            b'%' => match bytes.next()? {
                b'Y' => Part::Year,
                b'm' => Part::Month,
                b'd' => Part::Day,
                b'H' => Part::Hour,
                b'M' => Part::Minute,
                b'S' => Part::Second,
                _ => return None,
            },
            literal => Part::Literal(literal),
        });
    }
    Some(parts)
}

fn parse_fixed(parts: &[Part], text: &str) -> Option<ParsedTime> {
    let mut rest = text.as_bytes();
    let (mut year, mut month, mut day, mut hour, mut minute, mut second) = (None, None, None, None, None, None);
    for part in parts {
        let (width, field) = match part {
            Part::Literal(literal) => {
                rest = rest.strip_prefix(&[*literal])?;
                continue;
            }
            Part::EraYear { digits_behind } => {
                let (digits, behind) = rest.split_at_checked(era_width(rest, *digits_behind)?)?;
                year = Some(era_year(digits)?);
                rest = behind;
                continue;
            }
            Part::Year => (4, &mut year),
            Part::Month => (2, &mut month),
            Part::Day => (2, &mut day),
            Part::Hour => (2, &mut hour),
            Part::Minute => (2, &mut minute),
            Part::Second => (2, &mut second),
        };
        let (digits, behind) = rest.split_at_checked(width)?;
        *field = Some(Cursor(digits).digits(width, width)?);
        rest = behind;
    }
    let day = day_of(year?, month?, day?).filter(|_| rest.is_empty())?;
    match (hour, minute, second) {
        (None, None, None) => Some(ParsedTime::Day(day)),
        (Some(hour @ 0..24), Some(minute @ 0..60), second @ (None | Some(0..60))) => {
            let seconds = (hour * 60 + minute) * 60 + second.unwrap_or(0);
            Some(ParsedTime::Local(i64::from(day) * DAY_US + i64::from(seconds) * 1_000_000))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> Option<ParsedTime> {
        Some(ParsedTime::Local(micros(text.parse().expect("a local time"))))
    }

    fn instant(text: &str) -> Option<ParsedTime> {
        let instant = chrono::DateTime::parse_from_rfc3339(text).expect("an instant");
        Some(ParsedTime::Instant(instant.timestamp_micros()))
    }

    fn day(text: &str) -> Option<ParsedTime> {
        Some(ParsedTime::Day(day_number(text.parse().expect("a date"))))
    }

    #[test]
    fn declared_formats_are_read_in_full_width_and_as_chrono_reads_them() {
        let cases = [
            ("%Y/%m/%d %H:%M", "2026/11/21 14:05", local("2026-11-21T14:05:00")),
            ("%Y/%m/%d %H:%M", "2026/1/2 4:05", local("2026-01-02T04:05:00")),
            ("%Y%m%d", "20261121", day("2026-11-21")),
            ("%d.%m.%Y", "21.11.2026", day("2026-11-21")),
            ("%d.%m.%Y", "2026-11-21", None),
            ("%Y年%m月%d日", "2026年11月21日", day("2026-11-21")),
            ("%Y-%m-%d %I:%M %p", "2026-11-21 02:05 PM", local("2026-11-21T14:05:00")),
            ("%Y-%m-%d %H:%M:%S %z", "2026-11-21 14:05:09 +0800", instant("2026-11-21T14:05:09+08:00")),
            ("%s", "1700000000", Some(ParsedTime::Instant(1_700_000_000_000_000))),
            ("%Y-%m-%d", "2026-11-21 14:05", None),
            ("%Y-%m-%d %H:%M:%S", "2026-11-21 25:00:00", None),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(DatePattern::new(pattern).parse(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn years_of_the_republic_of_china_are_read() {
        let cases = [
            ("民國%Ey/%m/%d", "民國115/11/21", day("2026-11-21")),
            ("民國%Ey年%m月%d日", "民國99年1月2日", day("2010-01-02")),
            ("%Ey/%m/%d %H:%M", "115/11/21 14:05", local("2026-11-21T14:05:00")),
            ("%Ey/%m/%d %H:%M", "115/1/2 4:05", local("2026-01-02T04:05:00")),
            ("%Ey.%m.%d", "115.11.21", day("2026-11-21")),
            ("%Ey.%m.%d", "099.11.21", day("2010-11-21")),
            ("%Ey.%m.%d", "1.01.01", day("1912-01-01")),
            ("%Ey%m%d", "1151121", day("2026-11-21")),
            ("%Ey%m%d", "0991121", day("2010-11-21")),
            ("%Ey%m%d", "991121", day("2010-11-21")),
            ("%Ey%m%d%H%M", "11511211405", local("2026-11-21T14:05:00")),
            ("%Ey%m%d %H:%M:%S", "1151121 14:05:09", local("2026-11-21T14:05:09")),
            ("%d/%m/%Ey", "21/11/115", day("2026-11-21")),
            ("%Ey%j", "115325", day("2026-11-21")),
            ("%Ey/%m/%d %I:%M %p", "115/11/21 02:05 PM", local("2026-11-21T14:05:00")),
            ("%Ey/%m/%d %H:%M %z", "115/11/21 14:05 +0800", instant("2026-11-21T14:05:00+08:00")),
            ("民國%Ey/%m/%d", "民國 115/11/21", day("2026-11-21")),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(DatePattern::new(pattern).parse(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_no_year_of_the_republic_of_china_is_refused() {
        for (pattern, text) in [
            ("%Ey/%m/%d", "0/11/21"),
            ("%Ey/%m/%d", "000/11/21"),
            ("%Ey/%m/%d", "-5/11/21"),
            ("%Ey/%m/%d", "2026/11/21"),
            ("%Ey/%m/%d", "115/13/21"),
            ("%Ey/%m/%d", "114/02/29"),
            ("%Ey/%m/%d", "115/11/21 14:05"),
            ("%Ey/%m/%d", "/11/21"),
            ("民國%Ey/%m/%d", "民國前5/11/21"),
            ("民國%Ey/%m/%d", "115/11/21"),
            ("%Ey%m%d", "20261121"),
            ("%Ey%m%d", "51121"),
            ("%Ey%m%d", "0001121"),
            ("%Ey%m%d", "1151321"),
            ("%Ey%m%d", ""),
        ] {
            assert_eq!(DatePattern::new(pattern).parse(text), None, "{pattern} {text}");
        }
    }

    #[test]
    fn years_of_full_width_fields_need_no_slow_reading() {
        for (pattern, text) in [("民國%Ey/%m/%d %H:%M", "民國115/11/21 14:05"), ("%Ey%m%d", "1151121")] {
            let parts = DatePattern::new(pattern).fixed.expect("a format of fixed parts");
            assert!(parse_fixed(&parts, text).is_some(), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn dates_round_trip(day in -700_000..2_900_000_i32) {
            let text = NaiveDate::from_epoch_days(day).expect("a date").to_string();
            prop_assert_eq!(DatePattern::new("%Y-%m-%d").parse(&text), Some(ParsedTime::Day(day)));
        }

        // From 1912-01-01 to 2200-12-31.
        #[test]
        fn dates_of_the_republic_of_china_round_trip(day in -21_185..=84_370_i32, minute in 0..1_440_i64) {
            let date = NaiveDate::from_epoch_days(day).expect("a date");
            let (year, month, day_of_month) = (date.year() - 1911, date.month(), date.day());
            let (hour, minute_of_hour) = (minute / 60, minute % 60);
            let local = ParsedTime::Local(i64::from(day) * DAY_US + minute * 60_000_000);
            for (pattern, text, expected) in [
                ("民國%Ey/%m/%d", format!("民國{year}/{month:02}/{day_of_month:02}"), ParsedTime::Day(day)),
                ("%Ey.%m.%d", format!("{year}.{month}.{day_of_month}"), ParsedTime::Day(day)),
                ("%Ey%m%d", format!("{year:02}{month:02}{day_of_month:02}"), ParsedTime::Day(day)),
                ("%Ey%m%d", format!("{year:03}{month:02}{day_of_month:02}"), ParsedTime::Day(day)),
                (
                    "%Ey/%m/%d %H:%M",
                    format!("{year}/{month:02}/{day_of_month:02} {hour:02}:{minute_of_hour:02}"),
                    local,
                ),
            ] {
                prop_assert_eq!(DatePattern::new(pattern).parse(&text), Some(expected), "{} {}", pattern, text);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "民國[0-9/ ]{0,12}|[0-9]{0,14}|.{0,12}") {
            for pattern in ["民國%Ey/%m/%d", "%Ey%m%d", "%d.%m.%Ey %H:%M"] {
                let _ = DatePattern::new(pattern).parse(&text);
            }
        }
    }
}
