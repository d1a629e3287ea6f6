//! Run summaries and histories as text.

use std::fmt::Write;

use indicatif::HumanBytes;

use super::prose::prose;
use super::tables::{grouped, table};
use crate::config::Pipeline;
use crate::publish::{self, BranchRows, Commit, DamagedRecord, EntityRows, History};
use crate::run::{CHANGES_SHOWN, Outcome, Published, Snapshot};

/// How many branches are shown at each end.
const BRANCHES_SHOWN: usize = 3;
/// Branches that are shown for the rows that they lost, at most.
const LOSSES_SHOWN: usize = 10;
/// A branch's rows of an entity are shown if fewer than these of a hundred were used, but for those after as_of.
const USED_PERCENT: u64 = 95;
/// Examples of contradicting rows that are shown of an entity.
const CONFLICTS_SHOWN: usize = 3;

/// What a run did.
pub fn outcome(pipeline: &Pipeline, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Published(published) => of_published(pipeline, published),
        Outcome::UpToDate(commit) => format!(
            "{}: the snapshot of {} is up to date (commit {}, {})\n",
            pipeline.name,
            commit.as_of,
            commit.number,
            commit.committed_at.format("%Y-%m-%d %H:%M UTC")
        ),
        Outcome::Unchanged(commit, changes) => unchanged(&pipeline.name, commit, changes),
        Outcome::Restored(commit, files) => format!(
            "{}: {} of the snapshot of {} (commit {}) was gone or damaged, and is there again\n",
            pipeline.name,
            counted(*files, "file"),
            commit.as_of,
            commit.number
        ),
    }
}

/// What became of a day, to stand behind its date.
pub fn outcome_line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Published(published) => match &published.restates {
            Some(old) => format!("published anew as commit {}, in place of {}", published.commit_number, old.number),
            None => format!("published as commit {}", published.commit_number),
        },
        Outcome::UpToDate(commit) => format!("up to date (commit {})", commit.number),
        Outcome::Unchanged(commit, _) => {
            format!("up to date (commit {}): inputs have changed, no table has", commit.number)
        }
        Outcome::Restored(commit, files) => format!("{files} files of commit {} made again", commit.number),
    }
}

fn unchanged(name: &str, commit: &Commit, changes: &[String]) -> String {
    let (as_of, number) = (commit.as_of, commit.number);
    let mut text =
        format!("{name}: the snapshot of {as_of} is up to date (commit {number}): these have changed since, ");
    text.push_str("and every table comes out the same\n");
    for change in changes.iter().take(CHANGES_SHOWN) {
        let _ = writeln!(text, "  {change}");
    }
    if let Some(more @ 1..) = changes.len().checked_sub(CHANGES_SHOWN) {
        let _ = writeln!(text, "  and {more} more: `rfmart plan --objects` lists them");
    }
    text
}

fn restates(published: &Published) -> String {
    published.restates.as_ref().map_or_else(String::new, |restated| {
        let tables = restated.tables.join(", ");
        format!(" in place of {}: {} differ: {tables}", restated.number, counted(restated.tables.len(), "table"))
    })
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

pub(super) fn heading(name: &str, snapshot: Snapshot) -> String {
    let state = if snapshot.is_period_end() { "closing" } else { "to date" };
    format!("{name}: as of {}, period {} ({state})", snapshot.as_of, snapshot.period.label())
}

fn of_published(pipeline: &Pipeline, published: &Published) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(text, "{}\n", heading(&pipeline.name, published.snapshot));
    text.push_str(&rows(published));
    text.push('\n');
    text.push_str(&stages_and_segments(published, &pipeline.currency));
    text.push_str(&branches(published, &pipeline.currency));
    // Whole, for people look for them in logs.
    for warning in &published.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    let bytes: u64 = published.tables.iter().map(|table| table.bytes).sum();
    let written: u64 = published.tables.iter().map(|table| table.rows).sum();
    let _ = writeln!(
        text,
        "Published {} rows in {} tables ({}) to {}\nCommit {}{}, {:.1} s{}",
        grouped(written),
        published.tables.len(),
        HumanBytes(bytes),
        published.location,
        published.commit_number,
        restates(published),
        published.elapsed.as_secs_f64(),
        published.peak_memory_bytes.map_or_else(String::new, |peak| format!(", peak memory {}", HumanBytes(peak)))
    );
    text
}

fn rows(published: &Published) -> String {
    let rows = published.rows.iter().map(|(entity, rows)| {
        vec![
            entity.clone(),
            grouped(rows.read),
            grouped(rows.used),
            grouped(rows.duplicates),
            grouped(rows.after_as_of),
            grouped(rows.rejected),
        ]
    });
    let mut text = table(&["Rows", "read", "used", "duplicates", "after as_of", "rejected"], 1, rows);
    if published.rows.values().any(|rows| rows.rejected > 0) {
        let folder = publish::partition("_rfmart/rejected", published.snapshot.as_of);
        let _ = writeln!(text, "  Rejected rows and why: {}{folder}", published.location);
    }
    for (entity, rows) in &published.rows {
        text.push_str(&conflicts(entity, rows));
    }
    text.push_str(&package_sessions(published));
    text.extend(published.switched_off.iter().map(|sentence| prose(2, sentence)));
    text.push_str(&losses(published));
    text
}

fn conflicts(entity: &str, rows: &EntityRows) -> String {
    let mut text = String::new();
    if rows.conflicting > 0 {
        let count = grouped(rows.conflicting);
        text.push_str(&prose(2, &format!("{entity} that came again with another branch, customer or day: {count}")));
        for example in rows.conflicts.iter().take(CONFLICTS_SHOWN) {
            let _ = writeln!(text, "    {example}");
        }
    }
    text
}

fn package_sessions(published: &Published) -> String {
    let sessions = published.package_sessions;
    let mut text = String::new();
    if sessions.elsewhere > 0 {
        let count = grouped(sessions.elsewhere);
        let told = "package sessions used on another branch's package, which alone has the number";
        text.push_str(&prose(2, &format!("{told}: {count}")));
    }
    if sessions.ambiguous > 0 {
        let count = grouped(sessions.ambiguous);
        let remedy = "visits need order_branch_id";
        let told = "package sessions used on none, for several branches have the number";
        text.push_str(&prose(2, &format!("{told}: {count}; {remedy}")));
    }
    text
}

/// The branches of which much was not used, those that lost most first.
fn losses(published: &Published) -> String {
    let all = published.rows.iter().flat_map(|(entity, rows)| rows.branches.iter().map(move |branch| (entity, branch)));
    let lost = |rows: &BranchRows| rows.duplicates + rows.rejected;
    let counted = |rows: &BranchRows| rows.used + lost(rows);
    let is_notable = |rows: &BranchRows| rows.branch_id.is_some() && rows.used * 100 < counted(rows) * USED_PERCENT;
    let mut notable: Vec<_> = all.filter(|(_, rows)| is_notable(rows)).collect();
    // lost / counted, without fractions.
    notable.sort_by(|(_, a), (_, b)| {
        let share = |one: &BranchRows, other: &BranchRows| u128::from(lost(one)) * u128::from(counted(other));
        share(b, a).cmp(&share(a, b))
    });
    if notable.is_empty() {
        return String::new();
    }
    let shown = notable.iter().take(LOSSES_SHOWN).map(|(entity, rows)| {
        let branch = rows.branch_id.clone().unwrap_or_default();
        let counts = [rows.read, rows.used, rows.duplicates, rows.after_as_of, rows.rejected].map(grouped);
        [(*entity).clone(), branch].into_iter().chain(counts).collect()
    });
    let heading = ["Rows by branch", "", "read", "used", "duplicates", "after as_of", "rejected"];
    let mut text = format!("\n{}", table(&heading, 2, shown));
    if let Some(more @ 1..) = notable.len().checked_sub(LOSSES_SHOWN) {
        let _ = writeln!(text, "  and {more} more that lost over {} % of their rows", 100 - USED_PERCENT);
    }
    text
}

fn share(part: i64, whole: i64) -> String {
    let tenths = part.saturating_mul(1000).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn stages_and_segments(published: &Published, currency: &str) -> String {
    let headline = &published.headline;
    let all: i64 = headline.stages.iter().map(|(_, customers)| customers).sum();
    let stages = headline
        .stages
        .iter()
        .map(|(stage, customers)| vec![stage.clone(), grouped(customers), share(*customers, all)]);
    let mut text = String::new();
    // A pipeline may publish tables that don't tell one or the other.
    if !headline.stages.is_empty() {
        text.push_str(&table(&["Life stage", "customers", "share"], 1, stages));
        text.push('\n');
    }
    let all: i64 = headline.segments.iter().map(|(_, customers, _)| customers).sum();
    let segments = headline.segments.iter().map(|(segment, customers, monetary)| {
        vec![segment.clone(), grouped(customers), share(*customers, all), grouped(monetary)]
    });
    let money = format!("M in {currency}");
    if !headline.segments.is_empty() {
        text.push_str(&table(&["Segment (R F M)", "customers", "share", &money], 1, segments));
        text.push('\n');
    }
    text
}

fn branches(published: &Published, currency: &str) -> String {
    let branches = &published.headline.branches;
    let is_shown = |place: usize| place < BRANCHES_SHOWN || place + BRANCHES_SHOWN >= branches.len();
    let shown = branches.iter().enumerate().filter(|(place, _)| is_shown(*place));
    let rows: Vec<_> =
        shown.map(|(place, (branch, revenue))| vec![branch.clone(), grouped(place + 1), grouped(revenue)]).collect();
    if rows.is_empty() {
        return String::new();
    }
    let snapshot = published.snapshot;
    let to_date = if snapshot.is_period_end() { "" } else { " to date" };
    let money = format!("revenue in {}{to_date}, {currency}", snapshot.period.label());
    table(&["Branch", "rank", &money], 1, rows) + "\n"
}

/// The warehouse's history.
pub fn commits(history: &History) -> String {
    let mut text = match history.commits() {
        [] => "nothing has been published yet\n".to_owned(),
        commits => commit_table(commits),
    };
    for DamagedRecord { key, cause, .. } in history.damaged() {
        let _ = writeln!(text, "damaged: {key}: {cause}");
    }
    text
}

fn commit_table(commits: &[Commit]) -> String {
    let rows = commits.iter().map(|commit| {
        vec![
            commit.number.to_string(),
            commit.as_of.to_string(),
            if commit.is_period_end { "closing" } else { "to date" }.to_owned(),
            commit.committed_at.format("%Y-%m-%d %H:%M").to_string(),
            commit.run_id.rsplit('-').next().unwrap_or_default().to_owned(),
            grouped(commit.files.iter().map(|file| file.rows).sum::<u64>()),
            commit.warnings.len().to_string(),
        ]
    });
    let table = table(&["No.", "as of", "", "published (UTC)", "run", "rows", "warned"], 5, rows);
    let (header, lines) = table.split_once('\n').unwrap_or_default();
    let lines = lines.lines().zip(commits).map(|(line, commit)| {
        let restated = commit.restates.as_ref();
        let restated = restated.map(|old| prose(5, &format!("in place of {}: {}", old.number, old.reason)));
        format!("{line}\n{}", restated.unwrap_or_default())
    });
    format!("{header}\n{}", lines.collect::<String>())
}
