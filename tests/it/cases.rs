//! `rfmart test`: cases of the models that ship and of a project's own, and what is told of those that fail.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::common::{SPENDING, SPENDING_YAML};

/// A project: a pipeline file, which is never read, and files below `sql/`.
struct Project(TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Project(tempfile::tempdir().expect("a folder"));
        project.write("pipeline.yaml", "");
        for (name, text) in files {
            project.write(&format!("sql/{name}"), text);
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Exit code, stdout and stderr of `rfmart test` in the folder.
    fn test(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfmart"));
        let command = command.current_dir(self.0.path()).env_clear().arg("test").args(arguments);
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
    }

    /// Stdout and stderr of the project's own cases in `tests/own.yaml`.
    fn own(&self, code: i32) -> (String, String) {
        let (found, stdout, stderr) = self.test(&["pipeline.yaml", "--filter", "own.yaml"]);
        assert_eq!(found, code, "{stdout}{stderr}");
        (without_times(&stdout), stderr)
    }
}

/// The seconds that cases took, as `_`.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.split_once(" s  ") {
        Some((before, after)) => format!("{}_ {after}\n", before.get(..7).unwrap_or(before)),
        None => format!("{}\n", line.split_once(", in ").map_or(line, |(counts, _)| counts)),
    };
    text.lines().map(line).collect()
}

const MODEL: [(&str, &str); 2] = [("marts/fct_spending.sql", SPENDING), ("marts/fct_spending.yaml", SPENDING_YAML)];

/// A project with a model of its own and cases in `tests/own.yaml`.
fn project(cases: &str) -> Project {
    Project::new(&[MODEL[0], MODEL[1], ("tests/own.yaml", cases)])
}

const TWO_SALES: &str = "\
as_of: 2026-11-21
defaults: {branch_id: N}
rows:
    orders: |
        customer_id | paid_at    | amount
        ann         | 2026-11-01 | 100
        bo          | 2026-11-02 | 50.50   # and half of one
        ann         | 2026-11-03 | 20
";

#[test]
fn every_case_that_ships_passes() {
    let folder = Project::new(&[]);
    let (code, stdout, stderr) = folder.test(&[]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/tests")).expect("cases").count();
    let found = stdout.lines().filter_map(|line| line.split_once("sql/tests/")?.1.split_once(".yaml"));
    let mut found: Vec<&str> = found.map(|(file, _)| file).collect();
    found.dedup();
    assert_eq!(found.len(), files, "{stdout}");
}

#[test]
fn a_projects_case_holds_its_own_model_to_the_table_it_must_make() {
    let cases = format!(
        "{TWO_SALES}
cases:
    - name: money is summed by customer
      expect:
          fct_spending: |
              customer_id | monetary
              bo          | 50.5
              ann         | 120
"
    );
    let (stdout, stderr) = project(&cases).own(0);
    assert_eq!(stderr, "");
    let expected = "\
ok     _ ./sql/tests/own.yaml:11: money is summed by customer
1 passed, 0 failed (0 built in, 1 your own)
";
    assert_eq!(stdout, expected);
}

#[test]
fn of_a_case_that_fails_the_rows_that_differ_are_shown_beside_the_expected_ones() {
    let cases = format!(
        "{TWO_SALES}
cases:
    - name: money is summed by customer
      expect:
          fct_spending: |
              customer_id | monetary
              ann         | 100
              cy          | 1
          fct_customer_rfm:
              where: scope = 'chain'
              rows:
                  - {{customer_id: bo, recency_days: 19, segment: null}}
                  - {{customer_id: ann, recency_days: 18, segment: HHH}}
"
    );
    let (stdout, stderr) = project(&cases).own(65);
    assert_eq!(stderr, "error: 1 of 1 case failed\n");
    let expected = "\
FAILED _ ./sql/tests/own.yaml:11: money is summed by customer

  fct_spending: 3 rows differ from the 2 expected; a cell reads expected ← got

               customer_id  monetary
   changed     ann          100 ← 120.00
   missing     cy           1
   unexpected  bo           50.50

  fct_customer_rfm: 1 row differs from the 2 expected; a cell reads expected ← got

            customer_id  recency_days  segment
   changed  bo           19            null ← LLL

0 passed, 1 failed (0 built in, 1 your own)
";
    assert_eq!(stdout, expected);
}

#[test]
fn a_changed_line_of_sql_fails_its_case_without_a_build() {
    let folder = tempfile::tempdir().expect("a folder");
    let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    for layer in ["staging", "intermediate", "marts", "checks", "seeds", "tests"] {
        fs::create_dir_all(folder.path().join(layer)).expect("a folder");
        for file in fs::read_dir(sql.join(layer)).expect("a folder") {
            let file = file.expect("a file");
            fs::copy(file.path(), folder.path().join(layer).join(file.file_name())).expect("a copy");
        }
    }
    let models = folder.path().display().to_string();
    let test = || Project::new(&[]).test(&["--models", &models, "--filter", "frequency counts days"]);
    assert_eq!(test().0, 0);
    let file = folder.path().join("marts/fct_customer_rfm.sql");
    let text = fs::read_to_string(&file).expect("SQL");
    let broken = text.replacen("frequency,", "frequency + 1 as frequency,", 1);
    assert_ne!(text, broken);
    fs::write(&file, broken).expect("SQL");
    let (code, stdout, _) = test();
    assert!(code == 65 && stdout.contains("3 ← 4"), "{stdout}");
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_place_and_remedy() {
    let cases = "\
as_of: 2026-11-31
polcy: {window_days: 60}
defaults: {branch: N}
cases:
    - name: rows
      as_of: 2026-11-21
      policy: {window_day: 60}
      rows:
          order: []
          orders: |
              customer_id | paid_at    | amout
              ann         | yesterday  | 1
              bo          | 2026-11-01
          visits:
              - {customer_id: ann, branch_id: N, visited_at: 2026-11-01, kind: treatmnt}
      expect:
          fct_custmer_rfm: []
    - name: tables
      as_of: [2026-11-21, 2026-11-22]
      expect:
          fct_customer_rfm: |
              customer_id | frequncy
              ann         | 1
          int_customer_day: [{customer_id: ann}]
    - name: cells
      as_of: 2026-11-21
      expect:
          fct_customer_rfm:
              wher: scope = 'chain'
              rows:
                  - {customer_id: ann, frequency: once, is_recency_high: 1}
                  - {customer_id: bo}
          fct_period_summary: none
    - name: same
      as_of: 2026-11-21
      expect: {fct_customer_rfm: []}
    - name: same
      as_of: 2026-11-21
      expect: {fct_customer_rfm: []}
    - rows: {}
";
    let (stdout, stderr) = project(cases).own(78);
    assert_eq!(stdout, "");
    let expected = "\
error: 21 mistakes in the cases: none was run
  ./sql/tests/own.yaml:1:8: `as_of` is a day or a list of days; write such as 2026-11-30
  ./sql/tests/own.yaml:2:1: the key `polcy` is not known here; write `policy`
  ./sql/tests/own.yaml:3:20: no table has the column `branch`; write `branch_id`
  ./sql/tests/own.yaml:7:16: the key `window_day` is not known here; write `window_days`
  ./sql/tests/own.yaml:9:11: `order` is nothing that is read; write `orders`
  ./sql/tests/own.yaml:11:42: `orders` has no column `amout`; write `amount`
  ./sql/tests/own.yaml:12:29: `yesterday` can't be `paid_at`; write a day or a time, such as 2026-11-21 or 2026-11-21 18:30
  ./sql/tests/own.yaml:13:15: this row has 2 cells, its table 3 columns; set them apart by `|`, and leave a cell empty for null
  ./sql/tests/own.yaml:15:80: `treatmnt` can't be `kind`; write `treatment`
  ./sql/tests/own.yaml:17:11: there is no model or check `fct_custmer_rfm`; write `fct_customer_rfm`
  ./sql/tests/own.yaml:22:29: `fct_customer_rfm` has no column `frequncy`; write `frequency`
  ./sql/tests/own.yaml:24:29: the case has 2 days, and this table doesn't tell them apart; name its column `as_of`
  ./sql/tests/own.yaml:29:15: the key `wher` is not known here; write `where`
  ./sql/tests/own.yaml:31:51: `once` can't be a value of this column; write a whole number
  ./sql/tests/own.yaml:31:74: `1` can't be a value of this column; write `true` or `false`
  ./sql/tests/own.yaml:32:21: this row doesn't name `frequency`, which another one does; write `frequency: null` if it is null
  ./sql/tests/own.yaml:32:21: this row doesn't name `is_recency_high`, which another one does; write `is_recency_high: null` if it is null
  ./sql/tests/own.yaml:33:31: these are no rows; write rows as mappings, `- {customer_id: ann, amount: 100}`, or after `|` as a table: a line of column names, then a line per row, cells apart by `|`
  ./sql/tests/own.yaml:37:7: line 34 has a case of this name; write what tells them apart
  ./sql/tests/own.yaml:40:7: `expect` is missing or empty, so the case could not fail; name a model and its rows
  ./sql/tests/own.yaml:40:7: `name` is missing; write in a sentence what the case shows
hint: docs/testing.md shows what a file of cases holds
";
    assert_eq!(stderr, expected);
}

#[test]
fn without_a_case_nothing_passes() {
    let folder = Project::new(&[("checks/README.md", "")]);
    let (code, stdout, stderr) = folder.test(&["--models", "sql"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(stderr.starts_with("error: there is no case to run\nhint: write one into "), "{stderr}");
    for cases in ["", "# Nothing yet.\n", "cases: []\n", "cases:\n", "as_of: 2026-11-21\n"] {
        let (stdout, stderr) = project(cases).own(78);
        assert_eq!(stdout, "");
        assert!(stderr.contains("  ./sql/tests/own.yaml:1:"), "{cases}: {stderr}");
    }
}

#[test]
fn a_filter_picks_cases_by_name_or_file_and_one_that_finds_none_is_refused() {
    let case = |name: &str| format!("    - name: {name}\n      expect: {{fct_spending: []}}\n");
    let cases = format!("as_of: 2026-11-21\ncases:\n{}{}", case("nobody came"), case("nobody paid"));
    let folder = project(&cases);
    let passed = |filter: &str| {
        let (code, stdout, stderr) = folder.test(&["pipeline.yaml", "--filter", filter]);
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
        stdout.lines().filter_map(|line| line.split_once(": ")).map(|(_, name)| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(passed("nobody p"), ["nobody paid"]);
    assert_eq!(passed("own.yaml"), ["nobody came", "nobody paid"]);
    let (code, stdout, stderr) = folder.test(&["pipeline.yaml", "--filter", "no such case"]);
    assert_eq!((code, stdout.as_str()), (64, ""));
    assert!(stderr.contains("is named `no such case`") && stderr.contains("\nhint: "), "{stderr}");
}

#[test]
fn a_case_may_ask_for_an_inner_model_by_ids_and_for_several_days() {
    let cases = format!(
        "{TWO_SALES}
cases:
    - name: days are those up to as_of
      as_of: [2026-11-01, 2026-11-02]
      expect:
          int_customer_day:
              where: day <= '2026-11-02'
              rows: |
                  as_of      | customer_id | branch_id | day
                  2026-11-01 | ann         | N         | 2026-11-01
                  2026-11-02 | ann         | N         | 2026-11-01
                  2026-11-02 | bo          | N         | 2026-11-02
"
    );
    let (stdout, _) = project(&cases).own(0);
    assert!(stdout.starts_with("ok "), "{stdout}");
}

#[test]
fn a_check_is_held_to_the_rows_that_it_must_find_and_another_one_stops_the_case() {
    let cases = format!(
        "{TWO_SALES}
cases:
    - name: who spends more than 100 is found
      expect:
          nobody_is_rich: [{{customer_id: ann, monetary: 120}}]
    - name: a case heeds checks
      expect: {{fct_spending: []}}
"
    );
    let folder = project(&cases);
    folder.write(
        "sql/checks/nobody_is_rich.sql",
        "-- Nobody spends more than 100.\nselect customer_id, monetary from fct_spending where monetary > 100\n",
    );
    let (stdout, stderr) = folder.own(65);
    assert_eq!(stderr, "error: 1 of 2 cases failed\n");
    assert!(stdout.starts_with("ok     _ ./sql/tests/own.yaml:11: who spends"), "{stdout}");
    let stopped = "FAILED _ ./sql/tests/own.yaml:14: a case heeds checks\n\n  1 of ";
    assert!(stdout.contains(stopped) && stdout.contains("Nobody spends more than 100. (1 row)"), "{stdout}");
}

#[test]
fn what_can_not_be_made_or_asked_for_fails_its_case_and_no_other() {
    let cases = "\
as_of: 2026-11-21
defaults: {branch_id: N, amount: 5}
rows:
    orders: [{customer_id: ann, paid_at: 2026-11-01}]
cases:
    - name: a condition on no column
      expect:
          fct_spending: {where: monetry > 1, rows: []}
    - name: a row that is rejected
      rows: {orders: [{customer_id: ann, paid_at: 2026-11-01 25:00}]}
      expect: {fct_spending: []}
    - name: no orders
      rows:
          orders: []
          leads: [{customer_id: ann, created_at: 2026-11-01}]
      expect:
          fct_lifecycle_snapshot: |
              scope_id | customer_id | stage
              N        | ann         | potential
              *        | ann         | potential
";
    let (stdout, stderr) = project(cases).own(65);
    assert_eq!(stderr, "error: 2 of 3 cases failed\n");
    let asked = "a condition on no column\n\n  `where` of fct_spending is no condition on its columns\n    \
                 there is no column monetry; write `monetary`\n\n";
    assert!(stdout.contains(asked), "{stdout}");
    assert!(stdout.contains("a row that is rejected\n\n  orders: 1 of 1 rows can't be used"), "{stdout}");
    assert!(stdout.contains("ok     _ ./sql/tests/own.yaml:12: no orders\n"), "{stdout}");
}

#[test]
fn frozen_scores_are_refused_for_there_is_no_earlier_snapshot() {
    let cases = "\
as_of: 2026-11-21
policy: {scoring: {monetary: {frozen: 2026-10-31}}}
cases:
    - name: frozen
      expect: {fct_spending: []}
";
    let (_, stderr) = project(cases).own(78);
    assert!(stderr.contains("own.yaml:4:7: scores are frozen on 2026-10-31, and a case has no earlier"), "{stderr}");
}

#[test]
fn a_mistake_in_a_model_is_told_before_any_case() {
    let folder = project("cases: []");
    folder.write("sql/marts/fct_spending.sql", &SPENDING.replace("monetary", "monetry"));
    let (stdout, stderr) = folder.own(78);
    assert_eq!(stdout, "");
    assert!(stderr.contains("./sql/marts/fct_spending.sql:6:5: there is no column monetry"), "{stderr}");
}

#[test]
fn a_pipeline_file_that_is_not_there_is_refused() {
    let (code, _, stderr) = Project::new(&[]).test(&["nightly.yaml"]);
    assert_eq!(code, 78);
    assert!(stderr.starts_with("error: nightly.yaml: there is no such file\nhint: "), "{stderr}");
}

/// The fenced block of a text behind `before`.
#[track_caller]
fn block<'t>(text: &'t str, before: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before}")).1;
    let fenced = rest.split_once("```").and_then(|(_, fenced)| fenced.split_once('\n'));
    fenced.and_then(|(_, fenced)| fenced.split_once("```")).unwrap_or_else(|| panic!("no block behind {before}")).0
}

#[test]
fn the_metric_of_the_manual_passes_its_test_as_the_manual_says() {
    let manual = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/testing.md")).expect("a manual");
    let files =
        ["marts/fct_customer_day_value.sql", "marts/fct_customer_day_value.yaml", "tests/customer_day_value.yaml"];
    let files = files.map(|file| (file, block(&manual, &format!("`sql/{file}`:"))));
    let test = |project: &Project| {
        let (code, stdout, _) = project.test(&["pipeline.yaml", "--filter", "day_value"]);
        (code, without_times(&stdout))
    };
    let passed = without_times(block(&manual, "--filter day_value` answers"));
    assert_eq!(test(&Project::new(&files)), (0, passed));
    let broken = Project::new(&files);
    broken.write(&format!("sql/{}", files[0].0), &files[0].1.replace("monetary / frequency", "monetary / 2"));
    let (code, stdout) = test(&broken);
    let failed = without_times(block(&manual, "in the query, it says"));
    assert!(code == 65 && stdout.starts_with(&failed), "{stdout}");
}
