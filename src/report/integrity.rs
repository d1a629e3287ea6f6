//! What was found in a warehouse, and what was put in order.

use std::fmt::Write;

use indicatif::HumanBytes;

use super::summary::counted;
use crate::publish::{Depth, Fault, Findings, Repaired, Warehouse};
use crate::{Error, Kind};

/// What a look at a warehouse came to: each fault with what to do about it.
pub fn findings(findings: &Findings, depth: Depth) -> String {
    let mut text = String::new();
    for fault in &findings.faults {
        let (what, remedy) = described(fault);
        // Writing to a string can't fail.
        let _ = writeln!(text, "{what}\n  {remedy}");
    }
    let how = match depth {
        Depth::Sizes => "by their sizes".to_owned(),
        Depth::Bytes => format!("by their bytes ({})", HumanBytes(findings.bytes)),
    };
    let (files, commits) = (counted(findings.files, "file"), counted(findings.commits, "commit"));
    let _ =
        writeln!(text, "Looked at {files} of {commits} in force, {how}: {}", counted(findings.faults.len(), "fault"));
    text
}

fn described(fault: &Fault) -> (String, String) {
    match fault {
        Fault::Record(record) => (
            format!("{}: the commit record can't be read: {}", record.key, record.cause),
            "restore it from a backup, or set it aside with `rfmart repair` and run its day again".to_owned(),
        ),
        Fault::File { commit, as_of, path, cause } => (
            format!("{path}: {cause} (commit {commit})"),
            format!("`rfmart repair` sets it aside if it is there; `rfmart run --as-of {as_of}` makes it again"),
        ),
        Fault::Unsettled(path) => (
            format!("{path}: committed, and not in place yet"),
            "the next run, or `rfmart repair`, moves it".to_owned(),
        ),
        Fault::Stray(path) => {
            (format!("{path}: no commit names it, and readers see it"), "`rfmart gc` removes it".to_owned())
        }
    }
}

/// The error that makes a scheduler look.
pub fn faulty(warehouse: &Warehouse, findings: &Findings) -> Error {
    let count = counted(findings.faults.len(), "fault");
    Error::new(Kind::Data, format!("{} isn't as its commits say: {count}", warehouse.shown()))
}

/// What was put in order.
pub fn repaired(repaired: Repaired) -> String {
    let Repaired { settled, record_files, files, logs, records } = repaired;
    let done = [
        (settled.moved, "file", "put in place"),
        (settled.removed, "file", "of runs that published nothing removed"),
        (record_files, "file", "of dim_snapshot and dim_restatement written anew"),
        (files, "file", "of other bytes set aside, in _rfmart/damaged/: run their days, to make them again"),
        (logs, "Delta log", "made again"),
        (records, "record", "that can't be read set aside, in _rfmart/damaged/"),
    ];
    let lines: String = done
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, done)| format!("{} {done}\n", counted(count, what)))
        .collect();
    if lines.is_empty() { "nothing to put in order; `rfmart verify` looks at every file\n".to_owned() } else { lines }
}

/// What was removed, or would be.
pub fn strays(strays: &[String], is_dry: bool) -> String {
    let done = if is_dry { "would be removed" } else { "removed" };
    let names: String = strays.iter().map(|key| format!("{key}\n")).collect();
    format!("{names}{} {done}\n", counted(strays.len(), "file"))
}
