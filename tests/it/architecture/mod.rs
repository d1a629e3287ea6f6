//! House rules that neither the compiler nor clippy checks: who may use whom, no circles, short files.

mod house;
mod source_file;

use std::fs;
use std::path::{Path, PathBuf};

use house::House;
use source_file::SourceFile;

/// What each module of the crate may use, besides itself. Rows stand in the order in which data flows: a module may be
/// used only by rows below it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("calendar", &["error"]),
    ("suggest", &[]),
    ("diagnostic", &["error"]),
    ("yaml", &["error", "suggest", "diagnostic"]),
    ("policy", &["error", "calendar"]),
    ("entity", &[]),
    ("grouping", &[]),
    ("number", &[]),
    ("text_of_file", &[]),
    ("sql_extent", &[]),
    ("bounded_text", &[]),
    ("forecast", &[]),
    ("expression", &["suggest", "entity", "number", "sql_extent", "bounded_text"]),
    (
        "config",
        &["error", "calendar", "suggest", "diagnostic", "yaml", "policy", "entity", "text_of_file", "expression"],
    ),
    ("storage", &["error", "config"]),
    ("observe", &["error"]),
    (
        "source",
        &["error", "calendar", "suggest", "entity", "grouping", "number", "expression", "config", "storage", "observe"],
    ),
    ("model", &["error", "suggest", "diagnostic", "text_of_file", "sql_extent", "yaml", "policy", "config", "source"]),
    (
        "engine",
        &[
            "error",
            "calendar",
            "suggest",
            "diagnostic",
            "policy",
            "grouping",
            "bounded_text",
            "forecast",
            "config",
            "source",
            "model",
        ],
    ),
    ("check", &["error", "model", "engine"]),
    ("publish", &["error", "calendar", "config", "storage", "model", "engine"]),
    ("diff", &["error", "engine", "publish"]),
    ("run", ABOVE),
    ("page", &["error", "calendar", "diagnostic", "config", "storage", "model", "publish", "run"]),
    ("lineage", &["error", "entity", "config", "model", "run"]),
    ("init", &["error", "entity", "number", "expression", "config", "storage", "observe", "source"]),
    (
        "cases",
        &["error", "suggest", "diagnostic", "yaml", "policy", "entity", "config", "observe", "model", "engine", "run"],
    ),
    (
        "report",
        &[
            "error", "calendar", "entity", "number", "config", "model", "publish", "run", "page", "cases", "init",
            "diff",
        ],
    ),
    ("generate", &["error", "calendar", "policy", "entity"]),
    ("memory", &[]),
    ("cli", ABOVE),
    ("commands", ABOVE),
    ("main", ABOVE),
];

/// Leave to use every row above one's own.
const ABOVE: &[&str] = &["*"];

const MAX_LINES: usize = 500;

#[test]
fn the_table_lets_modules_use_only_what_stands_above_them() {
    let rows: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    for (row, (module, allowed)) in MAY_USE.iter().enumerate() {
        for used in allowed.iter().filter(|used| **used != "*") {
            assert!(rows[..row].contains(used), "`{used}` doesn't stand above `{module}` in MAY_USE");
        }
    }
}

#[test]
fn modules_use_only_what_they_may() {
    let house = house();
    let offences: Vec<String> = house.files().flat_map(|file| forbidden(&house, file)).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let house = house();
    let circles: Vec<String> = house.circles().iter().map(|files| files.join(" ↔ ")).collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn source_files_are_short() {
    let house = house();
    let long: Vec<&str> = house.files().filter(|file| file.lines > MAX_LINES).map(|file| file.path.as_str()).collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines: {}", long.join(", "));
}

/// What `file` uses and may not.
fn forbidden(house: &House, file: &SourceFile) -> Vec<String> {
    let Some(module) = file.module.first().filter(|_| file.module != ["main"] && !file.module.is_empty()) else {
        return vec![];
    };
    let allowed = match allowed(module) {
        Ok(allowed) => allowed,
        Err(what) => return vec![format!("src/{}: {what}", file.path)],
    };
    let used = house.arrows(file).filter_map(|arrow| Some((arrow.line, arrow.to.file.module.first()?)));
    let wrong = used.filter(|(_, used)| *used != module && !allowed.contains(&used.as_str()));
    wrong.map(|(line, used)| format!("src/{}:{line}: `{module}` may not use `{used}`", file.path)).collect()
}

fn allowed(module: &str) -> Result<Vec<&'static str>, String> {
    let row = MAY_USE.iter().position(|(name, _)| *name == module);
    let row = row.ok_or_else(|| format!("unknown module `{module}`: say in MAY_USE what it may use"))?;
    let (_, own) = MAY_USE[row];
    let above = MAY_USE[..row].iter().map(|(name, _)| *name);
    Ok(if own == ABOVE { above.collect() } else { own.to_vec() })
}

/// A house of these files: path below `src/` and text.
fn small(files: &[(&str, &str)]) -> House {
    House::new(files.iter().map(|(path, text)| SourceFile::new(path, text)))
}

/// The files that the one at `path` uses something of, each with the line.
fn uses(house: &House, path: &str) -> Vec<String> {
    let file = house.files().find(|file| file.path == path).expect("a file");
    house.arrows(file).map(|arrow| format!("{} {}", arrow.line, arrow.to.file.path)).collect()
}

#[test]
fn each_branch_of_a_use_tree_is_followed_to_where_its_name_comes_from() {
    let house = small(&[
        ("lib.rs", "pub mod error; pub mod config; pub mod check; pub use error::{Error, Result};"),
        ("error.rs", "pub struct Error;"),
        ("config/mod.rs", "mod pipeline; pub use pipeline::Pipeline; pub fn load() {}"),
        ("config/pipeline.rs", "pub struct Pipeline;"),
        ("check.rs", "use crate::{Result, config::{self, Pipeline, load as read}};\nfn f() { config::Pipeline }"),
    ]);
    let expected = ["1 error.rs", "1 config/mod.rs", "1 config/pipeline.rs", "1 config/mod.rs", "2 config/pipeline.rs"];
    assert_eq!(uses(&house, "check.rs"), expected);
    assert_eq!(house.circles(), [[""; 0]; 0]);
}

#[test]
fn files_that_use_each_other_are_a_circle_also_by_super_and_in_macros() {
    let parent = ("a/mod.rs", "mod b; mod c; pub struct Whole; fn f() { b::part() }");
    let child = ("a/b.rs", "use super::c::g;\npub fn part() { format!(\"{}\", super::Whole); }");
    let house = small(&[parent, child, ("a/c.rs", "pub fn g() {}")]);
    assert_eq!(uses(&house, "a/b.rs"), ["1 a/c.rs", "2 a/mod.rs"]);
    assert_eq!(house.circles(), [["a/b.rs", "a/mod.rs"]]);
}

#[test]
fn comments_literals_and_tests_are_not_code() {
    let text = r##"
        // crate::run::start
        const A: &str = "crate::run \" crate::run::start";
        const B: &[u8] = br#"crate::run::start " crate::run"#;
        #[cfg(test)]
        use crate::run::helper;
        #[cfg(test)]
        mod tests { fn g() { crate::run::start().unwrap(); } }
        use crate::model::Model;
    "##;
    let house = small(&[("check.rs", text), ("run.rs", ""), ("model.rs", "")]);
    assert_eq!(uses(&house, "check.rs"), ["9 model.rs"]);
}

/// This crate.
fn house() -> House {
    let root = source_root();
    House::new(source_files(&root).iter().map(|path| {
        let relative = path.strip_prefix(&root).expect("a path under src").display().to_string();
        SourceFile::new(&relative, &read(path))
    }))
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `folder` that isn't test code, in the order of names.
fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    paths.sort();
    paths.retain(|path| path.file_stem().is_some_and(|name| name != "tests"));
    let files = |path: PathBuf| if path.is_dir() { source_files(&path) } else { vec![path] };
    paths.into_iter().flat_map(files).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}
