//! Local days: which calendar day it is at a branch at a point in time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::source::parse::parsed_time::{DAY_US, ParsedTime};

/// First day of the offset tables: 1973-01-01. Before, some zones had offsets of odd seconds.
const FIRST_DAY: i64 = 1_096;
/// Length of the offset tables: up to the end of 2099.
const TABLE_DAYS: usize = 46_386;
const UNKNOWN: i32 = i32::MIN;
const CHANGES: i32 = i32::MIN + 1;
const SECOND_US: i64 = 1_000_000;

/// A zone whose offsets are looked up once per day rather than per row.
pub(in crate::source) struct ZoneClock {
    zone: Tz,
    by_utc_day: Vec<AtomicI32>,
    by_local_day: Vec<AtomicI32>,
}

impl ZoneClock {
    pub fn new(zone: Tz) -> Self {
        let table = || (0..TABLE_DAYS).map(|_| AtomicI32::new(UNKNOWN)).collect();
        ZoneClock { zone, by_utc_day: table(), by_local_day: table() }
    }

    /// The local day of a point in time; none if it is beyond the calendar.
    pub fn day_of(&self, instant_us: i64) -> Option<i32> {
        let offset_s = offset(&self.by_utc_day, instant_us, |us| self.offset_at(us))?;
        let local_us = instant_us.checked_add(i64::from(offset_s) * SECOND_US)?;
        i32::try_from(local_us.div_euclid(DAY_US)).ok()
    }

    /// The point in time when this zone's clocks read `local_us`: the earlier one if they do so
    /// twice, and as if they had not been put forward if they never do.
    pub fn instant_of(&self, local_us: i64) -> Option<i64> {
        let offset_s = offset(&self.by_local_day, local_us, |us| self.offset_before(us))?;
        local_us.checked_sub(i64::from(offset_s) * SECOND_US)
    }

    fn offset_at(&self, instant_us: i64) -> Option<i32> {
        Some(self.zone.offset_from_utc_datetime(&reading(instant_us)?).fix().local_minus_utc())
    }

    fn offset_before(&self, local_us: i64) -> Option<i32> {
        let local = reading(local_us)?;
        // Clocks go forward by at most an hour or two, but by a whole day across the date line.
        let earlier = |hours| local.checked_sub_signed(TimeDelta::hours(hours));
        [Some(local), earlier(3), earlier(30)].into_iter().flatten().find_map(|local| {
            match self.zone.offset_from_local_datetime(&local) {
                MappedLocalTime::Single(offset) => Some(offset.fix().local_minus_utc()),
                MappedLocalTime::Ambiguous(first, second) => {
                    Some(first.fix().local_minus_utc().max(second.fix().local_minus_utc()))
                }
                MappedLocalTime::None => None,
            }
        })
    }
}

fn reading(us: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(us).map(|time| time.naive_utc())
}

/// `exact(us)`, from the table if the day that holds `us` has the same offset throughout.
fn offset(table: &[AtomicI32], us: i64, exact: impl Fn(i64) -> Option<i32>) -> Option<i32> {
    let day = us.div_euclid(DAY_US);
    let Some(entry) = usize::try_from(day - FIRST_DAY).ok().and_then(|index| table.get(index)) else {
        return exact(us);
    };
    match entry.load(Ordering::Relaxed) {
        UNKNOWN => {
            let (first, last) = (exact(day * DAY_US)?, exact((day + 1) * DAY_US - 1)?);
            entry.store(if first == last { first } else { CHANGES }, Ordering::Relaxed);
            exact(us)
        }
        CHANGES => exact(us),
        offset_s => Some(offset_s),
    }
}

/// The zones of a run, and which branch is in which.
pub(in crate::source) struct Zones {
    clocks: Vec<ZoneClock>,
    by_branch: Option<HashMap<String, usize>>,
}

/// The zone of each row of a batch, as indices for [`Zones::clock`].
pub(in crate::source) enum RowZones {
    Same(usize),
    Each(Vec<usize>),
}

impl RowZones {
    pub fn at(&self, row: usize) -> usize {
        match self {
            RowZones::Same(zone) => *zone,
            RowZones::Each(zones) => zones.get(row).copied().unwrap_or(Zones::PIPELINE),
        }
    }
}

impl Zones {
    /// The pipeline's zone.
    pub const PIPELINE: usize = 0;

    /// `branches` are all the chain has, each with its zone if it names one; None if the pipeline
    /// has no source that says.
    pub fn new(pipeline: Tz, branches: Option<HashMap<String, Option<Tz>>>) -> Self {
        let mut clocks = vec![ZoneClock::new(pipeline)];
        let by_branch = branches.map(|branches| {
            let mut place = |zone: Tz| {
                clocks.iter().position(|clock| clock.zone == zone).unwrap_or_else(|| {
                    clocks.push(ZoneClock::new(zone));
                    clocks.len() - 1
                })
            };
            branches.into_iter().map(|(branch, zone)| (branch, zone.map_or(Self::PIPELINE, &mut place))).collect()
        });
        Zones { clocks, by_branch }
    }

    /// Whether the branches are known.
    pub fn knows_branches(&self) -> bool {
        self.by_branch.is_some()
    }

    /// Whether all rows are in the pipeline's zone.
    pub fn is_single(&self) -> bool {
        self.clocks.len() == 1
    }

    /// The zone of a branch; None if the branches are known and it isn't among them.
    pub fn of_branch(&self, branch: &str) -> Option<usize> {
        match &self.by_branch {
            Some(by_branch) => by_branch.get(branch).copied(),
            None => Some(Self::PIPELINE),
        }
    }

    fn clock(&self, zone: usize) -> Option<&ZoneClock> {
        self.clocks.get(zone)
    }

    /// The local day, in `zone`, of a time whose wall clock hangs in `source`, or else in `zone`.
    pub fn day(&self, time: ParsedTime, zone: usize, source: Option<&ZoneClock>) -> Option<i32> {
        match time {
            ParsedTime::Day(day) => Some(day),
            ParsedTime::Instant(us) => self.clock(zone)?.day_of(us),
            ParsedTime::Local(us) => match (source, self.clock(zone)?) {
                (Some(source), clock) if source.zone != clock.zone => clock.day_of(source.instant_of(us)?),
                _ => i32::try_from(us.div_euclid(DAY_US)).ok(),
            },
        }
    }

    /// The point in time, in UTC microseconds, of a time whose wall clock hangs in `source`, or
    /// else in `zone`. A day is its midnight.
    pub fn instant(&self, time: ParsedTime, zone: usize, source: Option<&ZoneClock>) -> Option<i64> {
        let clock = source.or_else(|| self.clock(zone))?;
        match time {
            ParsedTime::Day(day) => clock.instant_of(i64::from(day) * DAY_US),
            ParsedTime::Local(us) => clock.instant_of(us),
            ParsedTime::Instant(us) => Some(us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse::parsed_time::{day_number, parse_usual};

    fn utc(text: &str) -> i64 {
        match parse_usual(text) {
            Some(ParsedTime::Instant(us) | ParsedTime::Local(us)) => us,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn day(text: &str) -> i32 {
        day_number(text.parse().expect("a date"))
    }

    #[test]
    fn a_day_begins_at_local_midnight_also_on_days_of_23_and_25_hours() {
        let clock = ZoneClock::new(Tz::America__New_York);
        for (instant, expected) in [
            ("2026-03-08T04:59:59Z", "2026-03-07"),
            ("2026-03-08T05:00:00Z", "2026-03-08"),
            ("2026-03-09T03:59:59Z", "2026-03-08"),
            ("2026-03-09T04:00:00Z", "2026-03-09"),
            ("2026-11-01T03:59:59Z", "2026-10-31"),
            ("2026-11-01T04:00:00Z", "2026-11-01"),
            ("2026-11-02T04:59:59Z", "2026-11-01"),
            ("2026-11-02T05:00:00Z", "2026-11-02"),
        ] {
            for _ in 0..2 {
                assert_eq!(clock.day_of(utc(instant)), Some(day(expected)), "{instant}");
            }
        }
    }

    #[test]
    fn a_time_that_never_was_is_moved_forward_and_one_that_was_twice_is_the_earlier() {
        let clock = ZoneClock::new(Tz::America__New_York);
        for (local, instant) in [
            ("2026-03-08T01:59:59", "2026-03-08T06:59:59Z"),
            ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
            ("2026-03-08T03:30:00", "2026-03-08T07:30:00Z"),
            ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            ("2026-11-01T02:30:00", "2026-11-01T07:30:00Z"),
            ("1960-06-01T12:00:00", "1960-06-01T16:00:00Z"),
        ] {
            for _ in 0..2 {
                assert_eq!(clock.instant_of(utc(local)), Some(utc(instant)), "{local}");
            }
        }
        let apia = ZoneClock::new(Tz::Pacific__Apia);
        assert_eq!(apia.instant_of(utc("2011-12-30T12:00:00")), Some(utc("2011-12-30T22:00:00Z")));
    }

    #[test]
    fn the_tables_agree_with_the_exact_offsets_on_every_hour_of_a_year() {
        let clock = ZoneClock::new(Tz::Australia__Lord_Howe);
        for hour in 0..366 * 24 {
            let us = utc("2026-01-01T00:00:00Z") + hour * 1_800 * SECOND_US;
            let exact = (us + i64::from(clock.offset_at(us).expect("an offset")) * SECOND_US).div_euclid(DAY_US);
            assert_eq!(clock.day_of(us).map(i64::from), Some(exact));
            let before = clock.offset_before(us).expect("an offset");
            assert_eq!(clock.instant_of(us), Some(us - i64::from(before) * SECOND_US));
        }
    }

    #[test]
    fn a_wall_clock_elsewhere_is_translated_to_the_branch_and_a_day_is_left_alone() {
        let branches = HashMap::from([("NYC".to_owned(), Some(Tz::America__New_York)), ("TPE".to_owned(), None)]);
        let zones = Zones::new(Tz::Asia__Taipei, Some(branches));
        let (new_york, taipei) = (zones.of_branch("NYC").expect("known"), zones.of_branch("TPE").expect("known"));
        let at_noon = ParsedTime::Local(utc("2026-11-21T09:00:00"));
        let in_taipei = ZoneClock::new(Tz::Asia__Taipei);
        assert_eq!(zones.day(at_noon, new_york, Some(&in_taipei)), Some(day("2026-11-20")));
        assert_eq!(zones.day(at_noon, new_york, None), Some(day("2026-11-21")));
        assert_eq!(zones.day(at_noon, taipei, Some(&in_taipei)), Some(day("2026-11-21")));
        assert_eq!(zones.day(ParsedTime::Day(7), new_york, Some(&in_taipei)), Some(7));
        assert_eq!(zones.instant(at_noon, new_york, None), Some(utc("2026-11-21T14:00:00Z")));
        assert_eq!(zones.of_branch("XXX"), None);
    }

    #[test]
    fn times_beyond_the_calendar_have_no_day() {
        let clock = ZoneClock::new(Tz::Asia__Taipei);
        assert_eq!(clock.day_of(i64::MAX), None);
        assert_eq!(clock.instant_of(i64::MIN), None);
    }
}
