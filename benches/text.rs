//! What reading a text costs: amounts, days, zones, fields of CSV. Nanoseconds for each, the least of many rounds.
//!
//!   cargo bench --bench text
//!
//! Beside some stands the plain way, which the one in use must beat to be worth its lines.

#![allow(dead_code, missing_docs, unused_imports, reason = "of the files under measurement, only a part is called")]

use std::hint::black_box;
use std::time::Instant;

#[path = "../src/number.rs"]
mod number;

// The files under measurement name each other by these paths.
#[path = "../src/source"]
mod source {
    pub mod parse {
        pub mod parsed_time;
        pub mod zones;
    }

    pub mod read {
        pub mod csv_fields;
    }

    pub mod bench {
        use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
        use chrono_tz::Tz;

        use super::parse::parsed_time::{DAY_US, ParsedTime, parse_usual};
        use super::parse::zones::ZoneClock;
        use super::read::csv_fields::{CsvDialect, Fields};
        use crate::number::{parse_count, parse_money};
        use crate::{VALUES, measure};

        const COMMA: CsvDialect = CsvDialect { delimiter: b',', quote: b'"' };
        const ZONE: Tz = chrono_tz::Asia::Taipei;

        fn texts(text: impl Fn(usize) -> String) -> Vec<String> {
            (0..VALUES).map(text).collect()
        }

        pub fn numbers() {
            let plain = texts(|n| format!("{}.{:02}", n * 7 % 90_000, n % 100));
            let grouped = texts(|n| format!("{},{:03}.50", n % 90 + 1, n % 1_000));
            let counts = texts(|n| (n % 12).to_string());
            measure("amount, plain", &plain, |text| parse_money(text).ok());
            measure("amount, plain: as a float", &plain, |text| text.parse::<f64>().ok());
            measure("amount, grouped", &grouped, |text| parse_money(text).ok());
            measure("quantity", &counts, |text| parse_count(text).ok());
            measure("quantity: as an integer", &counts, |text| text.parse::<i64>().ok());
        }

        pub fn times() {
            let day = |n: usize| format!("2025-{:02}-{:02}", n % 12 + 1, n % 28 + 1);
            let days = texts(day);
            let locals = texts(|n| format!("{} {:02}:{:02}:00", day(n), n % 24, n % 60));
            let instants = texts(|n| format!("{}T{:02}:{:02}:09Z", day(n), n % 24, n % 60));
            measure("day", &days, |text| parse_usual(text));
            measure("day: by chrono", &days, |text| text.parse::<NaiveDate>().ok());
            measure("local time", &locals, |text| parse_usual(text));
            let form = "%Y-%m-%d %H:%M:%S";
            measure("local time: by chrono", &locals, |text| NaiveDateTime::parse_from_str(text, form).ok());
            measure("point in time", &instants, |text| parse_usual(text));
            measure("point in time: by chrono", &instants, |text| DateTime::parse_from_rfc3339(text).ok());
        }

        pub fn zones() {
            let start = 1_735_689_600_000_000;
            let instants: Vec<i64> =
                (0..VALUES).map(|n| start + i64::try_from(n).unwrap_or(0) * 7_919_000_000).collect();
            let clock = ZoneClock::new(ZONE);
            measure("local day", &instants, |us| clock.day_of(*us));
            measure("local day: by chrono-tz", &instants, |us| {
                let utc = DateTime::from_timestamp_micros(*us)?.naive_utc();
                let offset_s = ZONE.offset_from_utc_datetime(&utc).fix().local_minus_utc();
                i32::try_from((us + i64::from(offset_s) * 1_000_000).div_euclid(DAY_US)).ok()
            });
            measure("point in time of a clock", &instants, |us| clock.instant_of(*us));
            measure("point in time of a clock: by chrono-tz", &instants, |us| {
                let local = DateTime::from_timestamp_micros(*us)?.naive_utc();
                ZONE.from_local_datetime(&local).earliest().map(|time| time.timestamp_micros())
            });
            assert!(matches!(parse_usual("2025-01-01T00:00Z"), Some(ParsedTime::Instant(us)) if us == start));
        }

        pub fn fields() {
            let plain = texts(|n| {
                format!(
                    "O{n:08}-001,1,C{n:08},BKK01,2024-09-02 14:09:00,skin,SKN-103,1,540.00,156.00,paid,single,,,2024-09-02T07:47:00Z"
                )
            });
            let quoted =
                texts(|n| format!("\"O{n:08}-001\",1,C{n:08},BKK01,2024-09-02 14:09:00,skin,SKN-103,1,540.00"));
            let mut fields = Fields::default();
            measure("record of 15 fields", &plain, |record| {
                fields.split(record.as_bytes(), COMMA);
                fields.all().len()
            });
            let mut places: Vec<usize> = Vec::new();
            measure("record of 15 fields: delimiters by search", &plain, |record| {
                places.clear();
                places.extend(memchr::memchr2_iter(COMMA.delimiter, COMMA.quote, record.as_bytes()));
                places.len()
            });
            measure("record of 9 fields, one in quotes", &quoted, |record| {
                fields.split(record.as_bytes(), COMMA);
                fields.all().len()
            });
        }
    }
}

/// Values of a round.
const VALUES: usize = 4_096;
const ROUNDS: usize = 200;

/// Prints what `read` takes for each of `values`.
fn measure<V, T>(name: &str, values: &[V], mut read: impl FnMut(&V) -> T) {
    let round = || {
        let started = Instant::now();
        for value in values {
            black_box(read(black_box(value)));
        }
        started.elapsed()
    };
    let least = std::iter::repeat_with(round).take(ROUNDS).min().unwrap_or_default();
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    eprintln!("{name:45} {:7.1}", least.as_secs_f64() * 1e9 / f64::from(count));
}

fn main() {
    source::bench::numbers();
    source::bench::times();
    source::bench::zones();
    source::bench::fields();
}
