//! A warehouse in one line for the morning, or as metrics for a monitor.

use std::fmt::Write;

use chrono::{Days, NaiveDate};

use super::summary::counted;
use crate::publish::{Commit, History};
use crate::{Error, Kind};

/// Days that are looked back for nights that were missed.
const LOOK_BACK_DAYS: u64 = 30;

/// How a warehouse stands on a morning.
pub struct Status<'a> {
    /// Pipeline name.
    pub pipeline: &'a str,
    /// What is published.
    pub history: &'a History,
    /// The last day that is over.
    pub latest: NaiveDate,
}

impl Status<'_> {
    /// The commit of the latest day that is published, up to the last one that is over.
    fn newest(&self) -> Option<&Commit> {
        self.history.in_force().filter(|commit| commit.as_of <= self.latest).max_by_key(|commit| commit.as_of)
    }

    fn days_behind(&self) -> Option<i64> {
        self.newest().map(|commit| (self.latest - commit.as_of).num_days())
    }

    /// Days of the last thirty without a snapshot, where most have one: of a pipeline that runs each night.
    fn missed(&self) -> Vec<NaiveDate> {
        let days = (1..=LOOK_BACK_DAYS).rev().filter_map(|back| self.latest.checked_sub_days(Days::new(back)));
        let (there, missed): (Vec<_>, Vec<_>) = days.partition(|day| self.history.was_published(*day));
        if there.len() > missed.len() { missed } else { Vec::new() }
    }

    /// A line that names them; nothing if there are none.
    pub fn missed_nights(&self) -> String {
        let days: Vec<String> = self.missed().iter().map(NaiveDate::to_string).collect();
        match days.is_empty() {
            true => String::new(),
            false => format!("missed in the last {LOOK_BACK_DAYS} days: {}\n", days.join(", ")),
        }
    }

    /// The line, and a second one for nights that were missed.
    pub fn text(&self) -> String {
        let Some(newest) = self.newest() else {
            return format!("{}: nothing has been published yet\n", self.pipeline);
        };
        let behind = match self.days_behind() {
            Some(0) | None => "up to date".to_owned(),
            Some(1) => format!("1 day behind {}", self.latest),
            Some(days) => format!("{days} days behind {}", self.latest),
        };
        let mut text = format!(
            "{}: {behind}: snapshot of {} (commit {}, {}), {}",
            self.pipeline,
            newest.as_of,
            newest.number,
            newest.committed_at.format("%Y-%m-%d %H:%M UTC"),
            counted(newest.warnings.len(), "warning")
        );
        if let Some(first) = newest.warnings.first() {
            // Writing to a string can't fail.
            let _ = write!(text, ", the first: {first}");
        }
        text.push('\n');
        text.push_str(&self.missed_nights());
        for record in self.history.damaged() {
            let _ = writeln!(text, "damaged: {}: {}", record.key, record.cause);
        }
        text
    }

    /// What makes a monitor look: the last day that is over has no snapshot, or a record can't be read.
    pub fn failure(&self) -> Option<Error> {
        let behind = self.days_behind() != Some(0);
        let message = match (behind, self.history.damaged().is_empty()) {
            (true, _) => format!("there is no snapshot of {} yet", self.latest),
            (false, false) => "a commit record can't be read".to_owned(),
            (false, true) => return None,
        };
        Some(Error::new(Kind::Data, message).hint("the log of the last run tells why; `rfmart runs` has the history"))
    }

    /// The same as metrics in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        let newest = self.newest();
        let mut gauge = |name: &str, help: &str, samples: Vec<(String, String)>| {
            let _ = writeln!(text, "# HELP rfmart_{name} {help}\n# TYPE rfmart_{name} gauge");
            for (labels, value) in samples {
                let _ = writeln!(text, "rfmart_{name}{{pipeline=\"{}\"{labels}}} {value}", self.pipeline);
            }
        };
        let one = |value: Option<String>| value.map(|value| (String::new(), value)).into_iter().collect::<Vec<_>>();
        gauge(
            "days_behind",
            "Days between the latest published snapshot and the last day that is over.",
            one(self.days_behind().map(|days| days.to_string())),
        );
        gauge(
            "committed_timestamp_seconds",
            "When the latest snapshot was committed.",
            one(newest.map(|commit| commit.committed_at.timestamp().to_string())),
        );
        gauge("commit_number", "Number of its commit.", one(newest.map(|commit| commit.number.to_string())));
        gauge(
            "warnings",
            "Warnings of the run that made it.",
            one(newest.map(|commit| commit.warnings.len().to_string())),
        );
        gauge(
            "missed_nights",
            "Days of the last thirty without a snapshot, where most have one.",
            one(Some(self.missed().len().to_string())),
        );
        gauge(
            "damaged_records",
            "Commit records that can't be read.",
            one(Some(self.history.damaged().len().to_string())),
        );
        gauge("rows", "Rows that were read, by what became of them.", newest.map(rows).unwrap_or_default());
        text
    }
}

fn rows(commit: &Commit) -> Vec<(String, String)> {
    let counts = commit.rows.iter().flat_map(|(entity, rows)| {
        let outcomes = [
            ("used", rows.used),
            ("duplicates", rows.duplicates),
            ("after_as_of", rows.after_as_of),
            ("rejected", rows.rejected),
        ];
        outcomes.map(|(outcome, count)| (format!(",entity=\"{entity}\",outcome=\"{outcome}\""), count.to_string()))
    });
    counts.collect()
}
