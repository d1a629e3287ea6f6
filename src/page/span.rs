//! How far back periods are told one by one.

use std::iter::successors;

use crate::calendar::Period;
use crate::run::Snapshot;

/// At most so many: a page of all days of some years would be too large to be sent.
const PERIODS_TOLD: usize = 48;

/// The first of them.
pub fn earliest_period(snapshot: Snapshot) -> Period {
    let mut periods = successors(Some(snapshot.period), |period| Some(period.previous()));
    periods.nth(PERIODS_TOLD - 1).unwrap_or(snapshot.period)
}
