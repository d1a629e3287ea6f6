//! Days that are made up for.

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, Utc};
use indicatif::HumanDuration;

use super::{day_that_is_over, run_day};
use crate::cli::Backfill;
use rfmart::calendar::Period;
use rfmart::config::{self, Pipeline};
use rfmart::run::{BetweenRuns, Consent, Snapshot};
use rfmart::{Error, Kind, Result, report};

/// Runs each day of a span, the earliest first; objects are read once for all of them. A day whose data failed a gate
/// doesn't keep the others from being published; the error says how many there were.
pub fn backfill(arguments: &Backfill) -> Result<(String, Option<Error>)> {
    let mut pipeline = config::load(&arguments.pipeline)?;
    let days = days(&pipeline, arguments)?;
    let _between = BetweenRuns::create(&mut pipeline.limits)?;
    let consent = Consent { restate: arguments.reason.clone(), ..Consent::default() };
    let started = Instant::now();
    let is_watched = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let mut text = String::new();
    let mut failed = Vec::new();
    for (done, day) in days.iter().enumerate() {
        let line = match run_day(&pipeline, Snapshot::new(&pipeline, *day), &consent) {
            Ok(outcome) => report::outcome_line(&outcome),
            Err(error) if error.kind() == Kind::Data => {
                let first = error.to_string().lines().next().unwrap_or_default().to_owned();
                failed.push((*day, error));
                format!("failed: {first}")
            }
            Err(error) => return Err(error.detail(format!("{day}; {done} of {} days were done", days.len()))),
        };
        // Whoever looks on has seen the line already. Writing to a string can't fail.
        if !is_watched {
            let _ = writeln!(text, "{day}  {line}");
        }
        tell_progress(*day, &line, done + 1, days.len(), started.elapsed());
    }
    Ok((text, failure(failed, days.len())))
}

/// On stderr, for a backfill takes hours and stdout comes at its end.
fn tell_progress(day: NaiveDate, line: &str, done: usize, all: usize, elapsed: Duration) {
    let left = u32::try_from(all - done).unwrap_or(u32::MAX);
    let each = elapsed / u32::try_from(done).unwrap_or(u32::MAX).max(1);
    eprintln!("{day}  {line}; {done} of {all} days, {} left", HumanDuration(each.saturating_mul(left)));
}

fn failure(failed: Vec<(NaiveDate, Error)>, all: usize) -> Option<Error> {
    let count = failed.len();
    let (day, error) = failed.into_iter().next()?;
    let others = if count == 1 { String::new() } else { format!("; {} other days of {all} failed, too", count - 1) };
    Some(error.detail(format!("on {day}{others}")))
}

/// The days that are asked for, all of them over; not those that the next night would remove again.
fn days(pipeline: &Pipeline, arguments: &Backfill) -> Result<Vec<NaiveDate>> {
    let (from, to) = (arguments.from, arguments.to);
    if from > to {
        return Err(Error::new(Kind::Usage, format!("--from {from} is after --to {to}"))
            .hint("write the earlier day as --from"));
    }
    if !arguments.allow_future {
        day_that_is_over(pipeline.timezone, Some(to), Utc::now())?;
    }
    let oldest = pipeline.publish.oldest_daily(to);
    let is_period_end = |day: NaiveDate| Period::containing(pipeline.period, day).end == day;
    let takes_any = |day: NaiveDate| !arguments.period_ends && oldest.is_none_or(|oldest| day >= oldest);
    let is_taken = |day: &NaiveDate| takes_any(*day) || is_period_end(*day);
    Ok(from.iter_days().take_while(|day| *day <= to).filter(is_taken).collect())
}
