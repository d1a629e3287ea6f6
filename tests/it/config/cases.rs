//! Each mistake in a pipeline file is told with its place and its remedy.
//!
//! A case is a file `tests/config/SECTION/NAME.yaml` with one mistake, which its first line tells of; the comments
//! `#> …` at its end are the message that it must give. `RFMART_BLESS=1 cargo test mistake` writes them anew.

use std::path::{Path, PathBuf};

use rfmart::Kind;
use rstest::rstest;

use super::{SECRET, load};

/// Cases of more than one mistake.
const SEVERAL: &[&str] = &["tests/config/pipeline/several.yaml", "tests/config/thresholds/score.yaml"];

#[rstest]
fn mistake(
    #[files("tests/config/*/*.yaml")]
    #[base_dir = "."]
    #[mode = path]
    case: PathBuf,
) {
    // Messages name the file as given, so that they read the same on every machine.
    let case = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&case);
    let Err(error) = load(case) else { panic!("{} loads", case.display()) };
    assert_eq!(error.kind(), Kind::Config, "{error}");
    let told = error.to_string();
    assert!(!told.contains(SECRET), "{told}");
    if !SEVERAL.iter().any(|several| case == Path::new(several)) {
        assert!(told.lines().next().is_some_and(|line| line.ends_with(": 1 mistake")), "{told}");
        assert!(told.contains("; "), "no remedy: {told}");
    }
    let text = std::fs::read_to_string(case).expect("a case");
    let (input, expected) = halves(&text);
    let told: String = told.lines().map(|line| format!("#> {line}\n")).collect();
    if std::env::var_os("RFMART_BLESS").is_some() {
        std::fs::write(case, format!("{input}{told}")).expect("a written message");
    } else {
        assert_eq!(expected, told, "{}: not as expected; RFMART_BLESS=1 writes it anew", case.display());
    }
}

/// A case's pipeline, and the message expected of it, as comments.
fn halves(text: &str) -> (&str, &str) {
    text.split_at(text.find("#> ").unwrap_or(text.len()))
}

#[test]
fn each_section_has_cases_and_nothing_else() {
    for section in entries(Path::new("tests/config")) {
        assert!(section.is_dir(), "{}: a case belongs into its section's folder", section.display());
        let cases = entries(&section);
        assert!(!cases.is_empty(), "{}: an empty folder", section.display());
        for case in cases {
            assert!(case.extension().is_some_and(|end| end == "yaml"), "{}: no case", case.display());
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
