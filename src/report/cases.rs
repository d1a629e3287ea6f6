//! What became of cases: a line for each, and where one failed, what differs.

use std::fmt::Write;
use std::time::Duration;

use super::tables::table;
use crate::cases::{Case, CaseOutcome, CaseResult, Change, Difference, Suite};

/// A line for each case, with what differs below those that failed, and the counts. All together took
/// `elapsed`.
pub fn cases(suite: &Suite, results: &[CaseResult], elapsed: Duration) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    for (case, result) in suite.cases().iter().zip(results) {
        let _ = writeln!(text, "{}", line(case, result));
        match &result.outcome {
            CaseOutcome::Passed => {}
            CaseOutcome::Differs(differences) => {
                text.extend(differences.iter().map(shown));
                text.push('\n');
            }
            CaseOutcome::Stopped(error) => {
                let _ = writeln!(text, "\n{}\n", indented(&error.to_string()));
            }
        }
    }
    text + &counts(suite, results, elapsed)
}

fn line(case: &Case, result: &CaseResult) -> String {
    let word = if matches!(result.outcome, CaseOutcome::Passed) { "ok    " } else { "FAILED" };
    format!("{word} {:6.3} s  {}:{}: {}", result.elapsed.as_secs_f64(), case.file, case.line, case.name)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn counts(suite: &Suite, results: &[CaseResult], elapsed: Duration) -> String {
    let passed = results.iter().filter(|result| matches!(result.outcome, CaseOutcome::Passed)).count();
    let whose = match suite.built_in() {
        Some(built_in) => format!(" ({built_in} built in, {} your own)", suite.cases().len() - built_in),
        None => String::new(),
    };
    let failed = results.len() - passed;
    format!("{passed} passed, {failed} failed{whose}, in {:.1} s\n", elapsed.as_secs_f64())
}

/// The rows of a table that differ, as a table.
fn shown(difference: &Difference) -> String {
    let Difference { table: name, columns, expected_rows, changes } = difference;
    let differ = if changes.len() == 1 { "1 row differs".to_owned() } else { format!("{} rows differ", changes.len()) };
    let mut header = vec![""];
    header.extend(columns.iter().map(String::as_str));
    let shown = table(&header, header.len(), changes.iter().map(row));
    format!("\n  {name}: {differ} from the {expected_rows} expected; a cell reads expected ← got\n\n{shown}")
}

fn row(change: &Change) -> Vec<String> {
    let (word, cells): (&str, Vec<String>) = match change {
        Change::Changed(cells) => {
            ("changed", cells.iter().map(|(expected, got)| changed(expected, got.as_ref())).collect())
        }
        Change::Missing(cells) => ("missing", cells.iter().map(text).collect()),
        Change::Unexpected(cells) => ("unexpected", cells.iter().map(text).collect()),
    };
    std::iter::once(word.to_owned()).chain(cells).collect()
}

fn changed(expected: &Option<String>, got: Option<&Option<String>>) -> String {
    match got {
        None => text(expected),
        Some(got) => format!("{} ← {}", text(expected), text(got)),
    }
}

fn text(cell: &Option<String>) -> String {
    cell.clone().unwrap_or_else(|| "null".to_owned())
}
