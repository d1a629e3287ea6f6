//! What commands tell programs, and what tells how they are used.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{Folder, ORDERS, PIPELINE, PLAN, RUN};

fn answer(folder: &Folder, arguments: &[&str]) -> Value {
    serde_json::from_str(&folder.call(&[arguments, &["--format", "json"]].concat()).stdout()).expect("JSON")
}

#[test]
fn a_run_tells_a_program_what_it_published_or_found() {
    let folder = Folder::new(PIPELINE);
    let first = answer(&folder, RUN);
    let day = ["as_of", "period", "is_period_end", "outcome", "commit"].map(|field| first[field].clone());
    assert_eq!(json!(day), json!(["2024-11-21", "2024-11", false, "published", 1]));
    let published = &first["published"];
    let rows = json!({"read": 1, "used": 1, "duplicates": 0, "after_as_of": 0, "rejected": 0});
    assert_eq!(published["rows"]["orders"], rows);
    let tables = published["tables"].as_array().expect("tables");
    assert!(tables.iter().any(|table| table["table"] == "fct_customer_rfm" && table["rows"] == 2), "{published}");
    let again = answer(&folder, RUN);
    assert_eq!((&again["outcome"], &again["published"]), (&json!("up_to_date"), &Value::Null));
}

#[test]
fn a_restatement_and_its_reason_are_told_to_a_program() {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder.write("orders.csv", &format!("{ORDERS}A2,c2,B1,2024-11-05,40\n"));
    let restated = answer(&folder, &[RUN, &["--restate", "--reason", "a till was late"]].concat());
    assert_eq!((&restated["commit"], &restated["published"]["in_place_of"]), (&json!(2), &json!(1)));
    let runs = answer(&folder, &["runs", "pipeline.yaml"]);
    let told =
        |number: usize| ["is_in_force", "in_place_of", "reason"].map(|field| runs["commits"][number][field].clone());
    assert_eq!(json!(told(0)), json!([false, null, null]));
    assert_eq!(json!(told(1)), json!([true, 1, "a till was late"]));
    fs::write(folder.path("warehouse/_rfmart/commits/000003.json"), "").expect("a file");
    let damaged = folder.call(&["runs", "pipeline.yaml", "--format", "json"]).stdout;
    let damaged: Value = serde_json::from_str(&damaged).expect("JSON");
    assert_eq!(damaged["damaged"], json!([{"key": "_rfmart/commits/000003.json", "cause": "it is empty"}]));
}

#[test]
fn a_plan_tells_a_program_what_a_run_would_do_and_of_which_objects() {
    let folder = Folder::new(PIPELINE);
    let plan = answer(&folder, PLAN);
    assert_eq!(
        (&plan["verdict"], &plan["compared_with"], &plan["objects"]),
        (&json!("publish"), &Value::Null, &Value::Null)
    );
    folder.call(RUN).stdout();
    assert_eq!(answer(&folder, PLAN)["verdict"], "up_to_date");
    folder.write("orders.csv", &format!("{ORDERS}A2,c2,B1,2024-11-05,40\n"));
    let plan = answer(&folder, &[PLAN, &["--objects"]].concat());
    assert_eq!(plan["verdict"], "work_out_again");
    assert!(plan["changes"].as_array().is_some_and(|changes| !changes.is_empty()), "{plan}");
    let counts = ["new", "replaced", "same", "missing"].map(|field| plan["sources"][0][field].clone());
    assert_eq!(json!(counts), json!([0, 1, 0, 0]));
    assert_eq!(plan["objects"][0]["change"], "replaced");
}

#[test]
fn the_published_schemas_of_answers_are_fresh() {
    let folder = Folder::new(PIPELINE);
    for subject in ["run", "plan", "runs"] {
        let fresh = folder.call(&["schema", subject]).stdout();
        let file = format!("docs/json/{subject}.json");
        if std::env::var_os("RFMART_BLESS").is_some() {
            fs::write(&file, &fresh).expect("a written schema");
        }
        assert!(fs::read_to_string(&file).expect(&file) == fresh, "{file} is stale; RFMART_BLESS=1 writes it anew");
    }
}

#[test]
fn there_is_a_manual_page_of_each_command() {
    let folder = Folder::new(PIPELINE);
    folder.call(&["man", "share/man1"]).stdout();
    let page = |name: &str| fs::read_to_string(folder.path("share/man1").join(name)).expect(name);
    assert!(page("rfmart.1").contains("Exit codes"));
    assert!(page("rfmart-run.1").contains("\\-\\-restate"));
    let help = folder.call(&["--help"]).stdout();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What goes on in the next line is set in further.
    let commands = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    for command in commands.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help") {
        assert!(page(&format!("rfmart-{command}.1")).contains(&format!("rfmart\\-{command}")), "{command}");
    }
    let refused = folder.call(&["man", "pipeline.yaml"]);
    assert_eq!(refused.code, 73);
    assert!(refused.stderr.starts_with("error: can't write manual pages to pipeline.yaml"), "{}", refused.stderr);
}

#[test]
fn the_shell_completes_values_too() {
    let folder = Folder::new(PIPELINE);
    folder.write("rfmart.bash", &folder.call(&["completions", "bash"]).stdout());
    let completed = |words: &[&str]| {
        let last = words.len() - 1;
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source rfmart.bash; COMP_WORDS=({}); COMP_CWORD={last}; _rfmart rfmart '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            quoted.join(" "),
            words[last],
            words[last - 1]
        );
        let output = Command::new("bash").current_dir(folder.path("")).args(["-c", &script]).output().expect("bash");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    assert_eq!(completed(&["rfmart", "runs", "--format", ""]), "text json");
    assert_eq!(completed(&["rfmart", "compile", "--model", "fct_cus"]), "fct_customer_ltv fct_customer_rfm");
    assert_eq!(completed(&["rfmart", "init", "--timezone", "Asia/Tai"]), "Asia/Taipei");
}

/// How many columns a line takes: of Chinese, two for each character.
fn width(line: &str) -> usize {
    line.chars().map(|c| if ('\u{2e80}'..'\u{ff60}').contains(&c) { 2 } else { 1 }).sum()
}

#[test]
fn the_summary_fits_a_terminal_and_is_aligned_under_chinese() {
    let folder = Folder::new(PIPELINE);
    folder.write("orders.csv", &format!("{ORDERS}A2,c2,臺北忠孝旗艦院,2024-11-05,4000000\nA3,c3,高雄,2024-11-06,20\n"));
    let summary = folder.call(RUN).stdout();
    let tables = summary.lines().take_while(|line| !line.starts_with("Published "));
    // Warnings stay whole, for people look for them in logs, and so do the rows that they bring.
    for line in tables.clone().filter(|line| !line.starts_with(['+', '|']) && !line.starts_with("warning: ")) {
        assert!(width(line) <= 80, "{line}");
    }
    let branches: Vec<&str> = tables.skip_while(|line| !line.starts_with("   Branch ")).take(4).collect();
    let ends: Vec<usize> = branches.iter().map(|line| width(line)).collect();
    assert!(branches.len() == 4 && ends.iter().all(|end| *end == ends[0]), "{branches:#?}");
}
