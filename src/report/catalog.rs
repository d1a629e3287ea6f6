//! A catalog of all tables at once, as of a commit: SQL that tells of each over its very files.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::publish::{Commit, History};

/// Views for DuckDB over the files of the commits in force up to `at`. `root` is what a key begins with.
///
/// All tables are of one moment: whoever runs this in a transaction never sees a day in one table and not in another.
pub fn duckdb_catalog(history: &History, at: Option<u64>, root: &str) -> String {
    transaction(history, at, root, |table, files| {
        format!(
            "create or replace view {table} as select * from \
             read_parquet({files}, union_by_name = true, hive_partitioning = false);\n"
        )
    })
}

/// The same as tables of a `DuckLake` in use that has none of them yet, with the same files for its own.
///
/// It doesn't add to a lake that is there: what that takes for an old version of a table are files that hold today, too,
/// and `ducklake_cleanup_old_files` would delete them.
pub fn ducklake_catalog(history: &History, at: Option<u64>, root: &str) -> String {
    transaction(history, at, root, |table, files| {
        format!(
            "create table {table} as select * from \
             read_parquet({files}, union_by_name = true, hive_partitioning = false) limit 0;\n\
             call ducklake_add_data_files(current_database(), {}, {files}, allow_missing => true, hive_partitioning => false);\n",
            quoted(table)
        )
    })
}

/// What `statement` makes of each table and the list of its files, all in one transaction.
fn transaction(history: &History, at: Option<u64>, root: &str, statement: impl Fn(&str, &str) -> String) -> String {
    let mut commits: Vec<&Commit> = history.in_force_at(at).collect();
    commits.sort_unstable_by_key(|commit| commit.as_of);
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in commits.iter().flat_map(|commit| &commit.files).filter(|file| !file.table.starts_with('_')) {
        tables.entry(&file.table).or_default().push(&file.path);
    }
    let last = commits.iter().map(|commit| commit.number).max().unwrap_or_default();
    let mut text = format!("-- All tables as of commit {last}.\nbegin transaction;\n");
    for (table, paths) in tables {
        let files: Vec<String> = paths.iter().map(|path| format!("    {}", quoted(&format!("{root}{path}")))).collect();
        // Writing to a string can't fail.
        let _ = write!(text, "{}", statement(table, &format!("[\n{}\n]", files.join(",\n"))));
    }
    text + "commit;\n"
}

/// A text in SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quote_in_a_name_stays_in_it() {
        assert_eq!(quoted("/it's/a.parquet"), "'/it''s/a.parquet'");
    }
}
