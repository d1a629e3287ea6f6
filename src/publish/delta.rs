//! A Delta Lake log per table over the very files that are published, made of the commit records alone.
//!
//! Each commit that has a file of a table is a version of that table, in the order of their numbers, so whoever writes a
//! version writes the same bytes, and the log can be made again at any time. A reader that goes by the log sees a table as
//! of a commit, whole, while a day is restated, too; it skips files by `as_of`.
//!
//! Written by the protocol's first version (reader 1, writer 2): every reader of Delta tables takes it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::commit::{Column, Commit, PublishedFile};
use super::history::History;
use crate::model::ColumnType;

/// Where a table's log is, below the warehouse's prefix, with a slash at its end.
pub(super) fn folder(table: &str) -> String {
    format!("{table}/_delta_log/")
}

/// The name of a version in its folder.
pub(super) fn name(version: usize) -> String {
    format!("{version:020}.json")
}

/// The version that a name in the folder tells.
pub(super) fn version(name: &str) -> Option<usize> {
    name.strip_suffix(".json")?.parse().ok()
}

/// The versions of a table's log from `from` on, each with its number.
pub(super) fn versions(history: &History, table: &str, from: usize) -> Vec<(usize, String)> {
    let commits: Vec<(&Commit, &PublishedFile)> = history
        .commits()
        .iter()
        .filter_map(|commit| Some((commit, commit.files.iter().find(|file| file.table == table)?)))
        .collect();
    let lines = (from..commits.len()).filter_map(|number| {
        let (commit, file) = commits.get(number)?;
        Some((number, actions(table, &commits, number, commit, file)))
    });
    let text = |actions: Vec<Value>| actions.iter().map(|action| format!("{action}\n")).collect();
    lines.map(|(number, actions)| (number, text(actions))).collect()
}

fn actions(
    table: &str,
    commits: &[(&Commit, &PublishedFile)],
    number: usize,
    commit: &Commit,
    file: &PublishedFile,
) -> Vec<Value> {
    let before = commits.get(..number).unwrap_or_default();
    let millis = commit.committed_at.timestamp_millis();
    let mut actions = vec![json!({"commitInfo": {
        "timestamp": millis,
        "operation": "WRITE",
        "operationParameters": {"mode": "Append"},
        "engineInfo": format!("rfmart/{}", commit.rfmart_version),
        "rfmartCommit": commit.number,
    }})];
    if number == 0 {
        actions.push(json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}));
    }
    let columns = columns_at(commits, number);
    if number == 0 || number.checked_sub(1).is_some_and(|last| columns_at(commits, last) != columns) {
        actions.push(metadata(table, commits, columns));
    }
    let replaced = before.iter().rev().find(|(earlier, _)| earlier.as_of == commit.as_of).map(|(_, file)| file);
    if replaced.is_some_and(|old| old.path == file.path) {
        return actions;
    }
    if let Some(old) = replaced {
        let path = within(table, old);
        actions.push(json!({"remove": {"path": path, "deletionTimestamp": millis, "dataChange": true}}));
    }
    let stats = json!({
        "numRecords": file.rows,
        "minValues": {"as_of": commit.as_of},
        "maxValues": {"as_of": commit.as_of},
        "nullCount": {"as_of": 0},
    });
    actions.push(json!({"add": {
        "path": within(table, file),
        "partitionValues": {},
        "size": file.bytes,
        "modificationTime": millis,
        "dataChange": true,
        "stats": stats.to_string(),
    }}));
    actions
}

/// The file's path from the table's folder.
fn within<'f>(table: &str, file: &'f PublishedFile) -> &'f str {
    file.path.strip_prefix(&format!("{table}/")).unwrap_or(&file.path)
}

/// The columns as of a version; before records told them, those of the first that does.
fn columns_at<'c>(commits: &[(&'c Commit, &'c PublishedFile)], number: usize) -> &'c [Column] {
    let told =
        |(_, file): &(&'c Commit, &'c PublishedFile)| (!file.columns.is_empty()).then_some(file.columns.as_slice());
    let up_to = commits.get(..=number).unwrap_or_default();
    up_to.iter().rev().find_map(told).or_else(|| commits.iter().find_map(told)).unwrap_or_default()
}

fn metadata(table: &str, commits: &[(&Commit, &PublishedFile)], columns: &[Column]) -> Value {
    let fields: Vec<Value> = columns
        .iter()
        .map(|column| {
            json!({"name": column.name, "type": delta_type(column.kind), "nullable": column.nullable, "metadata": {}})
        })
        .collect();
    let schema = json!({"type": "struct", "fields": fields});
    let first = commits.first().map(|(commit, _)| *commit);
    let created = first.map(|commit| commit.committed_at.timestamp_millis());
    json!({"metaData": {
        "id": id(first.map_or("", |commit| commit.pipeline.as_str()), table),
        "name": table,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema.to_string(),
        "partitionColumns": [],
        "configuration": {},
        "createdTime": created,
    }})
}

/// A UUID that the table of a pipeline always has.
fn id(pipeline: &str, table: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(format!("{pipeline}/{table}")));
    let part = |range: std::ops::Range<usize>| hash.get(range).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(12..15), part(15..18), part(18..30))
}

fn delta_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Date => "date",
        ColumnType::Text => "string",
        ColumnType::Boolean => "boolean",
        ColumnType::Int => "integer",
        ColumnType::Bigint => "long",
        ColumnType::Money => "decimal(18,2)",
        ColumnType::Double => "double",
        ColumnType::Timestamp => "timestamp",
    }
}
