//! The comment that a query opens with: what the table is for, and its grain. It takes the place of a sidecar that says
//! no more than this.

use super::sidecar::Sidecar;
use crate::diagnostic::{Diagnostic, Place};

/// What the line begins with that names the columns which identify a row.
const GRAIN: &str = "Grain:";

/// Fills in what the sidecar leaves out from the comment on top of `sql`; `file` is how messages name it.
///
/// # Errors
/// A comment that doesn't say it either.
pub fn complete(file: &str, sql: &str, sidecar: &mut Sidecar) -> Result<(), Diagnostic> {
    if sidecar.description.trim().is_empty() {
        sidecar.description = description(file, sql)?;
    }
    if sidecar.grain.is_empty() {
        sidecar.grain = grain(file, sql)?;
        sidecar.has_grain_of_header = true;
    }
    Ok(())
}

/// Where the comment on top names a column of the grain; the beginning of the file if it doesn't.
pub fn of_grain(sql: &str, column: &str) -> Place {
    let end: usize = sql.split_inclusive('\n').take_while(|line| line.starts_with("--")).map(str::len).sum();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let header = sql.get(..end).unwrap_or_default();
    let listed = header.find(GRAIN).map_or(end, |at| at + GRAIN.len());
    let names = header.get(listed..).unwrap_or_default().match_indices(column);
    let whole = names.map(|(at, _)| listed + at).find(|at| {
        let before = header.get(..*at).unwrap_or_default();
        let after = header.get(at + column.len()..).unwrap_or_default();
        !before.ends_with(is_part) && !after.starts_with(is_part)
    });
    whole.map_or(Place::START, |byte| Place::of_byte(sql, byte))
}

/// The lines of the comment on top, without their dashes.
fn lines(sql: &str) -> impl Iterator<Item = &str> {
    sql.lines().map_while(|line| line.strip_prefix("--").map(str::trim))
}

fn description(file: &str, sql: &str) -> Result<String, Diagnostic> {
    let lines: Vec<&str> = lines(sql).take_while(|line| !line.starts_with(GRAIN)).collect();
    let text = lines.join(" ").trim().to_owned();
    if text.is_empty() {
        let message = "doesn't open with what the table is for; say so on top, in lines that begin with `-- `";
        return Err(Diagnostic::new(file, message).at(Some(Place::START)));
    }
    Ok(text)
}

/// The columns are listed up to the end of the sentence, or a semicolon with more about them.
fn grain(file: &str, sql: &str) -> Result<Vec<String>, Diagnostic> {
    let number = lines(sql).position(|line| line.starts_with(GRAIN));
    let flaw = |number: usize, message: String| {
        let line = u64::try_from(number + 1).unwrap_or(u64::MAX);
        Diagnostic::new(file, message).at(Some(Place { line, column: 1 }))
    };
    let Some(number) = number else {
        let message = "the comment on top doesn't say what identifies a row; end it with a line \
                       `-- Grain: ` and those columns, such as `-- Grain: branch_key, day.`";
        return Err(flaw(lines(sql).count().saturating_sub(1), message.to_owned()));
    };
    let text = lines(sql).skip(number).collect::<Vec<_>>().join(" ");
    let listed = text.trim_start_matches(GRAIN).split([';', '.']).next().unwrap_or_default();
    let columns: Vec<String> = listed.split(',').map(|column| column.trim().to_owned()).collect();
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match columns.iter().find(|column| column.is_empty() || !column.chars().all(is_word)) {
        Some(column) => {
            let message = format!("the grain names `{column}`, which is no column; write `-- Grain: ` and columns");
            Err(flaw(number, message + ", a comma between them, then a full stop"))
        }
        None => Ok(columns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(sql: &str, yaml: &str) -> Result<(String, Vec<String>), String> {
        let mut sidecar = match yaml {
            "" => Sidecar::unwritten(),
            yaml => Sidecar::read("int_a.yaml", yaml).expect("a sidecar").0,
        };
        complete("int_a.sql", sql, &mut sidecar).map_err(|flaw| flaw.to_string())?;
        Ok((sidecar.description, sidecar.grain))
    }

    #[track_caller]
    fn says(sql: &str, yaml: &str, description: &str, grain: &[&str]) {
        let grain = grain.iter().map(ToString::to_string).collect();
        assert_eq!(completed(sql, yaml), Ok((description.to_owned(), grain)), "{sql}");
    }

    #[test]
    fn the_comment_on_top_says_purpose_and_grain() {
        says("-- Days of\n-- customers.\n-- Grain: a_1, b.\nselect 1", "", "Days of customers.", &["a_1", "b"]);
        says("-- Days.\n-- Grain: a,\n-- b; b is null.\n-- More.\nselect 1", "", "Days.", &["a", "b"]);
        says("--Days.\r\n--Grain: a\r\nselect 1", "", "Days.", &["a"]);
        says("-- Days.\n-- Grain: a.\nselect 1\n-- Grain: b.", "moments: true", "Days.", &["a"]);
    }

    #[test]
    fn what_the_sidecar_says_goes_before_the_comment() {
        says("-- Days.\n-- Grain: a.\nselect 1", "grain: [b]", "Days.", &["b"]);
        says("-- Grain: a.\nselect 1", "description: Ours.", "Ours.", &["a"]);
        says("select 1", "{description: Ours., grain: [b]}", "Ours.", &["b"]);
    }

    #[test]
    fn a_comment_that_leaves_it_open_is_told_with_the_place() {
        let cases = [
            ("select 1 -- Grain: a.", "int_a.sql:1:1: doesn't open with what the table is for; "),
            ("\n-- Days.\n-- Grain: a.\nselect 1", "int_a.sql:1:1: doesn't open with what the table is for; "),
            ("-- Grain: a.\nselect 1", "int_a.sql:1:1: doesn't open with what the table is for; "),
            ("-- Days.\n-- Of all.\nselect 1", "int_a.sql:2:1: the comment on top doesn't say what identifies a row; "),
            ("-- Days.\n-- Grain: one row per a.\nselect 1", "int_a.sql:2:1: the grain names `one row per a`, which "),
            ("-- Days.\n-- Grain: a,, b.\nselect 1", "int_a.sql:2:1: the grain names ``, which is no column; "),
            ("-- Days.\n-- Grain:\nselect 1", "int_a.sql:2:1: the grain names ``, which is no column; "),
        ];
        for (sql, expected) in cases {
            let refusal = completed(sql, "").expect_err("a flaw");
            assert!(refusal.starts_with(expected), "{sql}: {refusal}");
        }
    }

    #[test]
    fn a_column_of_the_grain_has_its_place() {
        let sql = "-- The day a customer came.\n-- Grain: customer_day,\n-- day.\nselect day";
        assert_eq!(of_grain(sql, "day"), Place { line: 3, column: 4 });
        assert_eq!(of_grain(sql, "customer_day"), Place { line: 2, column: 11 });
        assert_eq!(of_grain(sql, "branch"), Place::START);
    }
}
