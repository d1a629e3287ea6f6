//! The program as a person or a scheduler meets it: exit codes, what goes where, and no secrets.

mod answers;
mod backfill;
mod coverage;
mod diff;
mod guests;
mod integrity;
mod lineage;
mod permissions;
mod plan;
mod report;
mod resources;
mod restate;
mod status;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

const ORDERS: &str = "order_id,customer_id,branch_id,paid_at,amount\nA1,c1,B1,2024-11-05,100\n";

const PIPELINE: &str = "
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: orders.csv}
publish: {location: warehouse/}
";

const SECRETS: [&str; 4] = ["hunter2-literal", "hunter2-from-env", "hunter2-token", "hunter2-signature"];

/// A folder with a pipeline and an order.
struct Folder(TempDir);

impl Folder {
    fn new(pipeline: &str) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        folder.write("pipeline.yaml", pipeline);
        folder.write("orders.csv", ORDERS);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    /// `rfmart` with `arguments`, in the folder, with none of the caller's settings.
    fn rfmart(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfmart"));
        command.current_dir(self.0.path()).env_clear().args(arguments);
        command
    }

    fn call(&self, arguments: &[&str]) -> Answer {
        Answer::of(&mut self.rfmart(arguments))
    }
}

/// How a call ended.
struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Answer {
    fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Answer {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// A failure: nothing on stdout; on stderr `error: `, the cause, and a hint.
    #[track_caller]
    fn assert_fails(&self, code: i32, cause: &str) {
        assert_eq!(self.code, code, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        assert!(self.stderr.starts_with("error: ") && self.stderr.contains(cause), "{}", self.stderr);
        assert!(self.stderr.contains("\nhint: "), "{}", self.stderr);
    }

    /// A success: the result on stdout, and nothing that a person would have to look at.
    #[track_caller]
    fn stdout(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""));
        self.stdout
    }

    fn holds_a_secret(&self) -> bool {
        SECRETS.iter().any(|secret| self.stdout.contains(secret) || self.stderr.contains(secret))
    }
}

const RUN: &[&str] = &["run", "pipeline.yaml", "--as-of", "2024-11-21"];
const PLAN: &[&str] = &["plan", "pipeline.yaml", "--as-of", "2024-11-21"];

#[test]
fn a_run_prints_its_summary_and_again_that_it_is_up_to_date() {
    let folder = Folder::new(PIPELINE);
    let first = folder.call(RUN).stdout();
    assert!(first.starts_with("clinics: as of 2024-11-21, period 2024-11 (to date)\n"), "{first}");
    assert!(first.contains("revenue in 2024-11 to date, TWD\n"), "{first}");
    assert!(first.contains("\nPublished ") && first.contains("\nCommit 1, "), "{first}");
    let second = folder.call(RUN).stdout();
    assert!(second.starts_with("clinics: the snapshot of 2024-11-21 is up to date (commit 1, "), "{second}");
}

#[test]
fn the_summary_tells_what_became_of_rows_and_which_branches_lost_many() {
    let settings = "limits: {max_rejected_share: 0.5, max_conflicting_share: 0.5}";
    let folder = Folder::new(
        &PIPELINE.replace("publish:", &format!("  visits: {{location: visits.csv}}\n{settings}\npublish:")),
    );
    let good: String = (1..=20).map(|number| format!("{number},c{number},B1,2024-11-05,10\n")).collect();
    let header = "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions";
    let good = good.replace("10\n", "10,single,\n");
    let others = "1,c1,B2,2024-11-05,10,package,3\n1,c1,B2,2024-11-05,10,package,3\n2,c2,B2,2024-11-05,ten,single,\n\
                  1,c3,B3,2024-11-05,10,package,3\n9,c9,B3,2024-11-05,10,package,3\n9,c9,B3,2024-11-06,10,package,3\n";
    folder.write("orders.csv", &format!("{header}\n{good}{others}"));
    let visits = "1,c1,B1,2024-11-07,package_session,1\n2,c9,B1,2024-11-07,package_session,9\n";
    folder.write("visits.csv", &format!("visit_id,customer_id,branch_id,visited_at,kind,order_id\n{visits}"));
    let summary = folder.call(RUN).stdout();
    let (_, rest) = summary.split_once("\n\n").expect("a heading");
    let (rows, _) = rest.split_once("\n\n   Life stage").expect("stages");
    let file = format!("file://{}", folder.path("orders.csv").display());
    let expected = format!(
        "   Rows    read  used  duplicates  after as_of  rejected
   orders    26    23           2            0         1
   visits     2     2           0            0         0
  Rejected rows and why: WAREHOUSE_rfmart/rejected/dt=2024-11-21/
  orders that came again with another branch, customer or day: 1
    9 at B3: day 2024-11-05, then 2024-11-06 (row 25 of {file}, then row 26 of {file})
  package sessions used on another branch's package, which alone has the number:
    1
  package sessions used on none, for several branches have the number: 1; visits
    need order_branch_id
  no branches: names and regions are null, any branch_id is taken, one time zone
    for all
  no contacts: in fct_action_outcome contacted and reached are null
  no items: dim_item is empty
  no leads: nobody is known before a first order or visit; leads, channel,
    cost_per_lead and lead_conversion_rate_90_days are null
  no spend: in fct_acquisition_funnel spend, costs and payback are null, and so
    are acquisition_spend and spend_per_new_customer

   Rows by branch      read  used  duplicates  after as_of  rejected
   orders          B2     3     1           1            0         1
   orders          B3     3     2           1            0         0"
    );
    let expected = expected.replace("WAREHOUSE", &format!("{}/", folder.path("warehouse").display()));
    assert_eq!(rows, expected, "{summary}");
}

#[test]
fn wrong_usage_exits_with_64() {
    let folder = Folder::new(PIPELINE);
    let cases: [(&[&str], &str); 7] = [
        (&["run", "pipeline.yaml", "--as-off", "2024-11-21"], "--as-off"),
        (&["run", "pipeline.yaml", "--as-of", "2024-02-30"], "2024-02-30"),
        (&["run", "pipeline.yaml", "--as-of", "yesterday"], "yesterday"),
        (&["run", "pipeline.yaml", "--as-of=-262143-01-01"], "-262143-01-01"),
        (&["run"], "<PIPELINE>"),
        (&["rum"], "rum"),
        (&[], "Usage: rfmart"),
    ];
    for (arguments, named) in cases {
        let answer = folder.call(arguments);
        assert_eq!(answer.code, 64, "{arguments:?}");
        assert_eq!(answer.stdout, "");
        assert!(answer.stderr.contains(named), "{}", answer.stderr);
    }
    assert!(!folder.path("warehouse").exists());
}

#[test]
fn a_day_that_is_not_over_exits_with_64_unless_it_is_allowed() {
    let folder = Folder::new(PIPELINE);
    for command in ["run", "plan"] {
        folder.call(&[command, "pipeline.yaml", "--as-of", "9999-12-31"]).assert_fails(64, "9999-12-31 isn't over yet");
    }
    assert!(!folder.path("warehouse").exists());
    let plan = folder.call(&["plan", "pipeline.yaml", "--as-of", "9999-12-31", "--allow-future"]).stdout();
    assert!(plan.starts_with("clinics: as of 9999-12-31, "), "{plan}");
}

#[test]
fn an_input_that_has_run_dry_exits_with_65_unless_it_is_allowed() {
    let folder = Folder::new(PIPELINE);
    folder.write("orders.csv", "order_id,customer_id,branch_id,paid_at,amount\n");
    folder.call(RUN).assert_fails(65, "nobody is known by 2024-11-21");
    let summary = folder.call(&[RUN, &["--allow-empty"]].concat()).stdout();
    assert!(summary.contains("\nwarning: nobody is known by 2024-11-21: "), "{summary}");
}

#[test]
fn a_failed_gate_exits_with_65() {
    let folder = Folder::new(PIPELINE);
    folder.write("orders.csv", &format!("{ORDERS}A1,c1,B1,2024-11-05,200\n"));
    folder.call(RUN).assert_fails(65, "order_lines_are_told_apart.sql");
    fs::remove_file(folder.path("orders.csv")).expect("the file was there");
    folder.call(RUN).assert_fails(65, "orders: nothing at file:///");
    folder.write("orders.csv", "order_id,customer_id,branch_id,paid_at,amount\nA1,c1,B1,someday,100\n");
    folder.call(RUN).assert_fails(65, "orders: 1 of 1 rows can't be used");
}

#[test]
fn a_changed_input_exits_with_65() {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder.write("orders.csv", &format!("{ORDERS}A2,c1,B1,2024-11-05,200\n"));
    folder.call(RUN).assert_fails(65, "the snapshot of 2024-11-21 is published already");
    let plan = folder.call(PLAN).stdout();
    assert!(plan.contains("(unless told to --restate)\n  replaced object file:///"), "{plan}");
}

/// A port of this machine at which nobody answers.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The options of stores that can't be reached, with secrets as literals and from the environment.
fn unreachable_stores(port: u16) -> String {
    let reach = format!("endpoint: 'http://127.0.0.1:{port}', allow_http: 'true', max_retries: '1'");
    format!(
        "storage:
  s3: {{region: r, {reach}, access_key_id: id, secret_access_key: hunter2-literal, session_token: '${{TEST_TOKEN}}'}}
  az: {{account_name: a, {reach}, sas_token: 'sv=1&sig=hunter2-signature'}}
  gs: {{base_url: 'http://127.0.0.1:{port}', allow_http: 'true', max_retries: '1', skip_signature: 'true'}}
  http: {{allow_http: 'true', max_retries: '1'}}
"
    )
}

fn with_secrets(command: &mut Command) -> &mut Command {
    command.env("TEST_TOKEN", "hunter2-from-env").env("RUST_LOG", "debug")
}

#[test]
fn unreachable_storage_exits_with_69_and_tells_no_secret() {
    let port = closed_port();
    let web = format!("http://127.0.0.1:{port}/orders.csv");
    let cases = [
        (PIPELINE.replace("orders.csv", "s3://exports/orders.csv"), "orders: can't look up s3://exports/orders.csv"),
        (PIPELINE.replace("orders.csv", "s3://exports/*.csv"), "orders: can't list s3://exports/*.csv"),
        (PIPELINE.replace("orders.csv", "az://exports/orders.csv"), "orders: can't look up az://exports/orders.csv"),
        (PIPELINE.replace("orders.csv", "gs://exports/orders.csv"), "orders: can't look up gs://exports/orders.csv"),
        (PIPELINE.replace("orders.csv", &web), "orders: can't look up http://127.0.0.1"),
        (PIPELINE.replace("warehouse/", "s3://warehouse/rfmart/"), "can't list s3://warehouse/rfmart/_rfmart/commits"),
        (PIPELINE.replace("warehouse/", "az://warehouse/rfmart/"), "can't list az://warehouse/rfmart/_rfmart/commits"),
    ];
    for (pipeline, cause) in cases {
        let folder = Folder::new(&(unreachable_stores(port) + &pipeline));
        for arguments in [RUN, PLAN] {
            let answer = Answer::of(folder.rfmart(arguments).env("TEST_TOKEN", "hunter2-from-env"));
            answer.assert_fails(69, cause);
            assert!(answer.stderr.contains("max_retries: 1,"), "the store's options: {}", answer.stderr);
            assert!(!answer.holds_a_secret(), "{}", answer.stderr);
        }
        let answer = Answer::of(with_secrets(&mut folder.rfmart(RUN)));
        assert!(!answer.holds_a_secret(), "{}", answer.stderr);
    }
}

#[test]
fn output_that_cannot_be_written_exits_with_73() {
    let folder = Folder::new(&PIPELINE.replace("warehouse/", "orders.csv/warehouse/"));
    folder.call(RUN).assert_fails(73, "orders.csv/warehouse");
    let folder = Folder::new(&(PIPELINE.to_owned() + "limits: {work_dir: orders.csv/work}\n"));
    folder.call(RUN).assert_fails(73, "can't create a work folder in ");
    assert!(!folder.path("warehouse").join("_rfmart").exists());
}

#[test]
fn a_wrong_configuration_exits_with_78_and_tells_no_secret() {
    let cases = [
        (PIPELINE.replace("currency", "curency"), "curency"),
        (PIPELINE.replace("name: clinics", "name: [clinics"), "pipeline.yaml:"),
        (PIPELINE.replace("Asia/Taipei", "Asia/Taipeh"), "Asia/Taipeh"),
        ("storage: {s3: {secret_access_key: [hunter2-literal]}}".to_owned() + PIPELINE, "secret_access_key"),
        ("storage: {s3: {secret_acess_key: hunter2-literal}}".to_owned() + PIPELINE, "pipeline.yaml:1"),
        ("storage: {s3: {session_token: '${TEST_TOKEN}${UNSET}'}}".to_owned() + PIPELINE, "UNSET"),
        (PIPELINE.replace("orders.csv", "https://ann:hunter2-token@h/orders.csv"), "the location holds credentials"),
    ];
    for (pipeline, named) in cases {
        let folder = Folder::new(&pipeline);
        for command in ["run", "plan", "validate", "compile", "runs"] {
            let answer = Answer::of(with_secrets(&mut folder.rfmart(&[command, "pipeline.yaml"])));
            answer.assert_fails(78, named);
            assert!(!answer.holds_a_secret(), "{}", answer.stderr);
        }
        assert!(!folder.path("warehouse").exists());
    }
    Folder::new(PIPELINE).call(&["run", "nowhere.yaml"]).assert_fails(78, "nowhere.yaml: there is no such file");
}

#[test]
fn what_a_run_publishes_holds_no_secret() {
    let folder = Folder::new(&(unreachable_stores(closed_port()) + PIPELINE));
    let answer = Answer::of(with_secrets(&mut folder.rfmart(RUN)));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(!answer.holds_a_secret(), "{}", answer.stderr);
    let commit = fs::read_to_string(folder.path("warehouse/_rfmart/commits/000001.json")).expect("a commit");
    assert!(commit.contains("orders.csv") && !SECRETS.iter().any(|secret| commit.contains(secret)), "{commit}");
}

#[test]
fn help_is_a_result_and_shows_nothing_of_the_environment() {
    let folder = Folder::new(PIPELINE);
    for arguments in [&["--help"][..], &["help", "run"], &["run", "--help"], &["generate", "-h"], &["--version"]] {
        let secrets = [("AWS_SECRET_ACCESS_KEY", SECRETS[1]), ("AWS_SESSION_TOKEN", SECRETS[2])];
        let answer = Answer::of(folder.rfmart(arguments).envs(secrets));
        assert!(!answer.holds_a_secret(), "{}", answer.stdout);
        assert!(answer.stdout().contains("rfmart"));
    }
    let help = folder.call(&["--help"]).stdout();
    for code in ["64", "65", "69", "70", "73", "75", "78"] {
        assert!(help.contains(&format!("\n  {code}  ")), "{help}");
    }
}

fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|cause| panic!("{cause}: {line}"))).collect()
}

/// The fields of the lines with a message, which docs/json/README.md tells of.
fn told(lines: &[serde_json::Value], message: &str) -> Vec<serde_json::Value> {
    let documented = include_str!("../../docs/json/README.md");
    let of_message = lines.iter().filter(|line| line["fields"]["message"] == message);
    let fields: Vec<_> = of_message.map(|line| line["fields"].clone()).collect();
    assert!(!fields.is_empty(), "no line says {message}");
    let row = documented.lines().find(|line| line.starts_with(&format!("| `{message}` |"))).expect("a row of it");
    let names = fields[0].as_object().expect("an object").keys().filter(|name| *name != "message");
    names.for_each(|name| assert!(row.contains(&format!("`{name}`")), "{name} isn't in {row}"));
    fields
}

#[test]
fn logs_are_json_on_stderr_when_asked_for() {
    let folder = Folder::new(PIPELINE);
    let answer = folder.call(&[&["--log-format", "json"], RUN].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("clinics: as of 2024-11-21"), "{}", answer.stdout);
    let lines = json_lines(&answer.stderr);
    let built = told(&lines, "built");
    assert!(built.iter().any(|fields| fields["model"] == "fct_customer_rfm"), "{}", answer.stderr);
    assert!(built.iter().all(|fields| fields["seconds"].is_f64() && fields["cpu_seconds"].is_f64()));
    let objects = told(&lines, "objects");
    assert_eq!((objects[0]["read"].as_u64(), objects[0]["stay_read"].as_u64()), (Some(1), Some(0)));
    // A place that a run left which lost its number.
    fs::create_dir_all(folder.path("warehouse/_rfmart/pending/000001-0")).expect("a folder");
    folder.write("warehouse/_rfmart/pending/000001-0/fct_a.parquet", "");
    let answer = folder.call(&[&["--log-format", "json"], RUN].concat());
    let settled = told(&json_lines(&answer.stderr), "settled what earlier runs left");
    assert_eq!((settled[0]["moved"].as_u64(), settled[0]["removed"].as_u64()), (Some(0), Some(1)), "{}", answer.stderr);
}

/// When each model began and ended, in seconds of the day.
fn spans(lines: &[serde_json::Value]) -> Vec<(f64, f64)> {
    let of_day = |text: &str| -> f64 {
        let time = text.split_once('T').map(|(_, time)| time.trim_end_matches('Z')).expect("a time");
        time.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("a number"))
    };
    let built = lines.iter().filter(|line| line["fields"]["message"] == "built");
    let ended = built.map(|line| {
        let end = of_day(line["timestamp"].as_str().expect("a text"));
        (end - line["fields"]["seconds"].as_f64().expect("a number"), end)
    });
    ended.collect()
}

#[test]
fn as_many_models_are_built_side_by_side_as_they_are_given() {
    let side_by_side = |at_once: u32| {
        let folder = Folder::new(&format!("{PIPELINE}\nlimits: {{models_at_once: {at_once}}}\n"));
        let answer = folder.call(&[&["--log-format", "json"], RUN].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let spans = spans(&json_lines(&answer.stderr));
        // A model begins a moment before another one's end is told.
        let open_at = |begin: f64| spans.iter().filter(|(from, to)| *from <= begin && begin < to - 1e-3).count();
        spans.iter().map(|(begin, _)| open_at(*begin)).max().expect("models")
    };
    assert_eq!(side_by_side(1), 1);
    let many = side_by_side(4);
    assert!((2..=4).contains(&many), "{many}");
}

#[test]
fn a_failure_is_json_too_when_logs_are() {
    let folder = Folder::new(PIPELINE);
    fs::remove_file(folder.path("orders.csv")).expect("the file was there");
    let answer = folder.call(&[&["--log-format", "json"], RUN].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (65, ""));
    let lines = json_lines(&answer.stderr);
    let last = lines.last().expect("a line");
    let message = last["fields"]["message"].as_str().expect("a message");
    assert!(last["level"] == "ERROR" && message.contains("orders: nothing at file:///"), "{last}");
    assert!(message.contains("hint: "), "{last}");
    assert_eq!(last["fields"]["exit_code"], 65);
}

#[test]
fn text_logs_go_to_stderr_when_asked_for() {
    let folder = Folder::new(PIPELINE);
    let answer = Answer::of(folder.rfmart(RUN).env("RUST_LOG", "rfmart=info"));
    assert_eq!(answer.code, 0);
    assert!(answer.stderr.contains("model=fct_customer_rfm") && !answer.stdout.contains("model="), "{}", answer.stderr);
    assert!(!answer.stderr.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn no_color_is_honoured() {
    let folder = Folder::new(PIPELINE);
    let wrong = |settings: &[(&str, &str)]| {
        let answer = Answer::of(folder.rfmart(&["run", "--as-off"]).envs(settings.iter().copied()));
        answer.stderr.contains('\u{1b}')
    };
    assert!(wrong(&[("CLICOLOR_FORCE", "1")]), "colours can be forced");
    assert!(!wrong(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn validate_tells_where_a_pipeline_publishes_and_reads_no_data() {
    let folder = Folder::new(PIPELINE);
    fs::remove_file(folder.path("orders.csv")).expect("the file was there");
    let text = folder.call(&["validate", "pipeline.yaml"]).stdout();
    assert!(text.starts_with("pipeline.yaml: valid; 1 source, publishes to "), "{text}");
    assert!(text.ends_with("/warehouse/\n"), "{text}");
    assert!(!folder.path("warehouse").exists());
}

#[test]
fn plan_tells_what_a_run_would_do_and_writes_nothing() {
    let folder = Folder::new(PIPELINE);
    let text = folder.call(PLAN).stdout();
    assert!(text.starts_with("clinics: as of 2024-11-21, period 2024-11 (to date)\n"), "{text}");
    assert!(text.contains("/orders.csv") && text.contains("\nwould publish to "), "{text}");
    assert_eq!(folder.call(&["runs", "pipeline.yaml"]).stdout(), "nothing has been published yet\n");
    assert!(!folder.path("warehouse").exists());
    folder.call(RUN).stdout();
    assert!(folder.call(PLAN).stdout().ends_with("\nis up to date: a run would do nothing\n"));
}

#[test]
fn runs_lists_each_commit() {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-30"]).stdout();
    let text = folder.call(&["runs", "pipeline.yaml"]).stdout();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[1][..4], ["1", "2024-11-21", "to", "date"]);
    assert_eq!(lines[2][..3], ["2", "2024-11-30", "closing"]);
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
}

#[test]
fn compile_prints_the_models_in_order_or_the_sql_of_one() {
    let folder = Folder::new(PIPELINE);
    let text = folder.call(&["compile", "pipeline.yaml"]).stdout();
    let place = |line: &str| text.lines().position(|other| other == line).unwrap_or_else(|| panic!("{line}: {text}"));
    assert!(place("stg_orders (view)") < place("int_customer_day (kept for the run)"));
    assert!(place("int_customer_day (kept for the run)") < place("fct_customer_rfm (published)"));
    assert!(place("opening.int_customer_stage (kept for the run)") < place("fct_lifecycle_snapshot (published)"));
    let sql = folder.call(&["compile", "--model", "fct_customer_rfm"]).stdout();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/marts/fct_customer_rfm.sql");
    assert_eq!(sql, fs::read_to_string(file).expect("a model"));
    folder.call(&["compile", "--model", "fct_customer_rmf"]).assert_fails(64, "there is no model fct_customer_rmf");
    assert!(folder.call(&["compile", "--model", "fct_customer_rmf"]).stderr.contains("did you mean fct_customer_rfm?"));
}

const LAW: &str = "-- Nobody spends at all.\nselect customer_id from fct_customer_rfm";

#[test]
fn compile_tells_whose_file_each_model_check_and_seed_is() {
    let folder = Folder::new(PIPELINE);
    for (name, text) in [
        ("sql/checks/a_law.sql", LAW),
        ("sql/seeds/seed_city.csv", "city\nTaipei\n"),
        ("sql/intermediate/int_branch.yaml", "{description: Ours., grain: [branch_key]}"),
    ] {
        fs::create_dir_all(folder.path(name).parent().expect("a folder")).expect("a folder");
        folder.write(name, text);
    }
    let text = folder.call(&["compile", "pipeline.yaml"]).stdout();
    for expected in [
        "a_law (check)\n    from ./sql/checks/a_law.sql, added\n",
        "seed_city (seed)\n    from ./sql/seeds/seed_city.csv, added\n",
        "    from sql/intermediate/int_branch.sql and ./sql/intermediate/int_branch.yaml, in place of the built-in\n",
        "    from sql/marts/fct_customer_rfm.sql\n",
        "warn_empty_score (check, warns)\n",
    ] {
        assert!(text.contains(expected), "{expected}{text}");
    }
    assert_eq!(folder.call(&["compile", "pipeline.yaml", "--model", "a_law"]).stdout(), LAW);
    folder.call(RUN).assert_fails(65, "./sql/checks/a_law.sql: Nobody spends at all. (2 rows)");
}

#[test]
fn a_mistake_in_a_model_exits_with_78_from_every_command_that_plans() {
    let folder = Folder::new(PIPELINE);
    fs::create_dir_all(folder.path("sql/checks")).expect("a folder");
    folder.write("sql/checks/a_law.sql", "-- A law.\nselect customer from fct_customer_rfm");
    for command in ["run", "plan", "validate", "compile", "docs"] {
        let cause = "./sql/checks/a_law.sql:2:8: there is no column customer; write `customer_id`";
        folder.call(&[command, "pipeline.yaml"]).assert_fails(78, cause);
    }
}

#[test]
fn docs_describe_each_published_column_and_draw_the_lineage() {
    let folder = Folder::new(PIPELINE);
    let text = folder.call(&["docs"]).stdout();
    assert_eq!(text, folder.call(&["docs", "pipeline.yaml"]).stdout());
    for expected in [
        "\n## fct_customer_rfm\n\nR, F and M, scores and value segment of every customer who has consumed by as_of.\n",
        "| `monetary` | DECIMAL(18,2) |  | currency of the pipeline | Net paid amount in the window, refunds taken off",
        "| `department` | VARCHAR | yes |  | Department of the latest",
        "| `window_monetary` | 回顧期消費, 回顾期消费, Spent in the window | `sum(monetary)` | currency of the pipeline | up \
         | customer_id, scope_id |",
        "\n## dim_snapshot\n",
        "| `warn_empty_score` | A score that nobody in the chain has: too many equal values for quintiles, or a threshold \
         that nobody reaches. | a warning |",
        "| `int_customer_day` | ",
        "```mermaid\nflowchart LR\n",
        "\n    fct_lifecycle_snapshot --> fct_period_summary\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn docs_in_json_tell_the_same_to_a_catalog() {
    let folder = Folder::new(PIPELINE);
    let docs = folder.call(&["docs", "pipeline.yaml", "--format", "json"]).stdout();
    let docs: serde_json::Value = serde_json::from_str(&docs).expect("JSON");
    let tables = docs["tables"].as_array().expect("tables");
    let stage = tables.iter().find(|table| table["name"] == "dim_stage").expect("a table");
    assert_eq!(stage["grain"], serde_json::json!(["as_of", "stage"]));
    assert_eq!(stage["reads"], serde_json::json!(["seed_stage"]));
    assert_eq!((&stage["file"], &stage["is_own"]), (&"sql/marts/dim_stage.sql".into(), &false.into()));
    let sort_order = serde_json::json!(
        {"name": "sort_order", "type": "INTEGER", "nullable": false, "unit": null, "description": "Order in reports."}
    );
    assert!(stage["columns"].as_array().expect("columns").contains(&sort_order), "{stage}");
    let rfm = tables.iter().find(|table| table["name"] == "fct_customer_rfm").expect("a table");
    assert!(rfm["made_of"].as_array().expect("tables").contains(&"src_orders".into()), "{rfm}");
    for table in tables {
        for column in table["columns"].as_array().expect("columns") {
            assert!(column["description"].as_str().is_some_and(|text| !text.is_empty()), "{table}");
        }
    }
}

#[test]
fn metrics_are_a_list_for_people_and_semantic_models_for_dbt() {
    let folder = Folder::new(PIPELINE);
    let list = folder.call(&["metrics"]).stdout();
    let row = list.lines().find(|line| line.trim_start().starts_with("average_transaction_value ")).expect("a metric");
    let measure = "cast(sum(paid) as double) / nullif(sum(paying_days), 0)";
    assert!(row.contains(" 客單價 ") && row.contains(measure) && row.ends_with(" up"), "{row}");
    let yaml = folder.call(&["metrics", "pipeline.yaml", "--format", "metricflow"]).stdout();
    for expected in [
        "\n  - name: fct_customer_rfm\n",
        "\n    model: ref('fct_period_summary')\n",
        "\n      - {name: revenue, agg: sum, expr: \"revenue\", non_additive_dimension: {name: as_of, window_choice: max}}\n",
        "\n  - name: revenue\n    label: \"營收\"\n",
        "\n    filter: \"{{ Dimension('period_summary__scope') }} = 'branch'\"\n",
    ] {
        assert!(yaml.contains(expected), "{expected}\n{yaml}");
    }
    // Effects are published of the chain alone.
    assert!(yaml.contains("- name: median_lift\n") && !yaml.contains("median_lift_by_branch"), "{yaml}");
}

#[test]
fn schema_is_json_and_completions_are_scripts() {
    let folder = Folder::new(PIPELINE);
    let schema: serde_json::Value = serde_json::from_str(&folder.call(&["schema"]).stdout()).expect("JSON");
    assert!(schema["properties"]["sources"].is_object() && schema["properties"]["publish"].is_object(), "{schema}");
    for shell in ["bash", "zsh", "fish"] {
        let script = folder.call(&["completions", shell]).stdout();
        assert!(script.contains("rfmart") && script.contains("as-of"), "{script}");
    }
}

#[test]
fn generated_data_is_run_by_the_command_that_is_printed() {
    let folder = Folder::new(PIPELINE);
    let size = ["--branches", "2", "--customers", "40", "--months", "6"];
    let text = folder.call(&[&["generate", "made-up"][..], &size].concat()).stdout();
    let next = text.lines().find_map(|line| line.strip_prefix("Next: rfmart ")).expect("the next command");
    let summary = folder.call(&next.split(' ').collect::<Vec<_>>()).stdout();
    assert!(summary.contains("\nPublished "), "{summary}");
    let ahead = folder.call(&[&["generate", "ahead", "--until", "2199-10-31"][..], &size].concat()).stdout();
    let next = ahead.lines().find_map(|line| line.strip_prefix("Next: rfmart ")).expect("the next command");
    assert!(next.ends_with(" --as-of 2199-10-31 --allow-future"), "{next}");
    folder.call(&next.split(' ').collect::<Vec<_>>()).stdout();
    let again = folder.call(&["generate", "made-up"]);
    again.assert_fails(73, "made-up");
}
