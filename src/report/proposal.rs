//! What `init` wrote, and what comes next.

use std::fmt::Write;
use std::path::Path;

use indicatif::HumanBytes;

use super::tables::{grouped, table};
use crate::init::{Proposal, Trial};

/// What was written to `out`, what a run would make of it, and the next commands.
pub fn proposal(out: &Path, proposal: &Proposal) -> String {
    let mut text = format!("Wrote {}\n\n", out.display());
    let sources = proposal.sources.iter().map(|(location, entity, mapped, columns)| {
        vec![location.clone(), entity.name().to_owned(), format!("{mapped} of {columns}")]
    });
    text.push_str(&table(&["Source", "taken for", "columns used"], 2, sources));
    text.push('\n');
    let mut as_of = String::new();
    // Writing to a string can't fail.
    let _ = match &proposal.trial {
        Trial::Read { rows, last_day } => {
            as_of = last_day.map_or_else(String::new, |day| format!(" --as-of {day}"));
            let rows = rows.iter().map(|rows| {
                let days = rows.days.map_or_else(String::new, |(first, last)| format!("{first} to {last}"));
                vec![rows.entity.name().to_owned(), days, grouped(rows.read), grouped(rows.rejected)]
            });
            writeln!(text, "{}", table(&["Rows, read as the file says", "days", "read", "rejected"], 2, rows))
        }
        Trial::Failed(error) => writeln!(text, "It isn't ready to run:\n{}\n", indented(&error.to_string())),
        Trial::TooLarge(bytes) => {
            writeln!(text, "Its objects hold {}, so the rows were not all read for a try\n", HumanBytes(*bytes))
        }
    };
    let _ = match proposal.checks {
        0 => writeln!(text, "Each guess stands with its reason in the file. Next:"),
        1 => writeln!(text, "Look at the line that says CHECK. Next:"),
        checks => writeln!(text, "Look at the {checks} lines that say CHECK. Next:"),
    };
    let _ = writeln!(text, "  rfmart validate {0}\n  rfmart run {0}{as_of}", out.display());
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
