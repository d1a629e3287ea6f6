//! The exit codes: whoever tells of them (help, README, what is in deploy/) says what `Kind` says.

use std::collections::BTreeMap;
use std::fs;

use assert_cmd::Command;
use rfmart::Kind;

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_else(|cause| panic!("{file}: {cause}"))
}

fn codes(is_retried: bool) -> Vec<u8> {
    Kind::ALL.iter().filter(|kind| kind.is_retried() == is_retried).map(|kind| kind.exit_code()).collect()
}

/// The numbers in a text, in their order.
fn numbers(text: &str) -> Vec<u8> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

/// What stands between `before` and `after`.
#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no `{before}`")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("no `{after}` after `{before}`")).0
}

#[test]
fn exit_codes_differ_and_rise() {
    let codes: Vec<u8> = Kind::ALL.iter().map(|kind| kind.exit_code()).collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
}

#[test]
fn an_outage_and_a_rival_are_worth_another_attempt_and_a_full_disk_is_not() {
    assert_eq!(codes(true), [69, 75]);
    assert_eq!(codes(false), [64, 65, 70, 73, 78]);
}

#[test]
fn help_tells_each_code_and_which_to_retry() {
    let output = Command::new(env!("CARGO_BIN_EXE_rfmart")).env_clear().arg("--help").output().expect("help");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    for kind in Kind::ALL {
        let line = help.lines().find(|line| line.starts_with(&format!("  {}  ", kind.exit_code())));
        let line = line.unwrap_or_else(|| panic!("{kind:?} is missing:\n{help}"));
        assert!(line.contains(kind.meaning()), "{line}");
        assert_eq!(line.ends_with(": retry later"), kind.is_retried(), "{line}");
    }
}

#[test]
fn the_readme_names_each_code_and_those_to_retry() {
    let readme = read("README.md");
    let section = between(&readme, "## Exit codes\n", "\n## ");
    let mut expected = vec![0];
    expected.extend(Kind::ALL.map(Kind::exit_code));
    expected.extend(codes(true));
    assert_eq!(numbers(section), expected, "{section}");
    assert_eq!(numbers(between(section, "Retry on ", " only.")), codes(true));
}

#[test]
fn the_runbook_has_a_row_for_each_code() {
    let runbook = read("deploy/README.md");
    let rows = runbook.lines().filter(|line| line.starts_with("| ")).filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        Some((cells.first()?.parse().ok()?, (cells.get(1)?.to_string(), cells.get(2)?.to_string())))
    });
    let rows: BTreeMap<u8, (String, String)> = rows.collect();
    for kind in Kind::ALL {
        let (means, retried) = rows.get(&kind.exit_code()).unwrap_or_else(|| panic!("no row for {kind:?}"));
        assert!(means.starts_with(kind.meaning()), "{means}");
        assert_eq!(retried, if kind.is_retried() { "yes" } else { "no" }, "{means}");
    }
    assert_eq!(
        numbers(between(&runbook, "\nArgo, Nomad or cron: run the image or the binary, retry on ", " only")),
        codes(true)
    );
}

#[test]
fn schedulers_retry_what_help_says() {
    let unit = read("deploy/systemd/rfmart@.service");
    assert_eq!(numbers(between(&unit, "\nRestartPreventExitStatus=", "\n")), codes(false));
    let manifest = read("deploy/kubernetes/cronjob.yaml");
    assert_eq!(numbers(between(&manifest, "values: [", "]")), codes(false));
}
