//! A Delta Lake log per table over the very files that are published, made of the commit records alone.
//!
//! Each commit that has a file of a table is a version of that table, in the order of their numbers, so whoever writes a
//! version writes the same bytes, and the log can be made again at any time. A reader that goes by the log sees a table as
//! of a commit, whole, while a day is restated, too; it skips files by `as_of`.
//!
//! Written by the protocol's first version (reader 1, writer 2): every reader of Delta tables takes it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
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
    let changes = changes(history, table);
    let text = |actions: Vec<Value>| actions.iter().map(|action| format!("{action}\n")).collect();
    let told = |number| Some((number, text(actions(table, &changes, number, changes.get(number)?))));
    (from..changes.len()).filter_map(told).collect()
}

/// What a commit changes of a table.
struct Change<'c> {
    commit: &'c Commit,
    /// What it publishes, unless that is there already.
    added: Option<&'c PublishedFile>,
    /// What it takes away: the file of its day, and those of days that it prunes.
    removed: Vec<&'c PublishedFile>,
}

/// What commits change of a table, those that change nothing but for its day's commit left out.
fn changes<'c>(history: &'c History, table: &str) -> Vec<Change<'c>> {
    let mut active: BTreeMap<NaiveDate, &PublishedFile> = BTreeMap::new();
    let mut changes = Vec::new();
    for commit in history.commits() {
        let mut removed: Vec<&PublishedFile> = commit.prunes.iter().filter_map(|day| active.remove(day)).collect();
        let file = commit.files.iter().find(|file| file.table == table);
        if file.is_none() && removed.is_empty() {
            continue;
        }
        let replaced = file.and_then(|file| active.insert(commit.as_of, file));
        let is_there = replaced.zip(file).is_some_and(|(old, new)| old.path == new.path);
        removed.extend(replaced.filter(|_| !is_there));
        changes.push(Change { commit, added: file.filter(|_| !is_there), removed });
    }
    changes
}

fn actions(table: &str, changes: &[Change], number: usize, change: &Change) -> Vec<Value> {
    let commit = change.commit;
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
    let columns = columns_at(table, changes, number);
    if number == 0 || number.checked_sub(1).is_some_and(|last| columns_at(table, changes, last) != columns) {
        actions.push(metadata(table, changes, columns));
    }
    for old in &change.removed {
        let path = within(table, old);
        actions.push(json!({"remove": {"path": path, "deletionTimestamp": millis, "dataChange": true}}));
    }
    let Some(file) = change.added else { return actions };
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
fn columns_at<'c>(table: &str, changes: &[Change<'c>], number: usize) -> &'c [Column] {
    let told = |change: &Change<'c>| {
        let file = change.commit.files.iter().find(|file| file.table == table)?;
        (!file.columns.is_empty()).then_some(file.columns.as_slice())
    };
    let up_to = changes.get(..=number).unwrap_or_default();
    up_to.iter().rev().find_map(told).or_else(|| changes.iter().find_map(told)).unwrap_or_default()
}

fn metadata(table: &str, changes: &[Change], columns: &[Column]) -> Value {
    let fields: Vec<Value> = columns
        .iter()
        .map(|column| {
            json!({"name": column.name, "type": delta_type(column.kind), "nullable": column.nullable, "metadata": {}})
        })
        .collect();
    let schema = json!({"type": "struct", "fields": fields});
    let first = changes.first().map(|change| change.commit);
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
