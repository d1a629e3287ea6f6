//! Pipeline files: every mistake is told with its place and its remedy, and good files load.

mod cases;

use std::path::Path;

use chrono::NaiveDate;
use rfmart::config::{self, Compression, Format, LocationKind, Pipeline};
use rfmart::entity::Entity;
use rfmart::policy::{Bands, CutPoints, Method, Policies, Policy, Risk, VipMetric};
use rfmart::{Error, Kind};

const SECRET: &str = "hunter2";

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "MEMORY" => "2GiB",
        "PARTITIONS" => "5",
        "PERIOD" => "week",
        "SHARE" => "0.25",
        "EMPTY" => "",
        "SECRET" => SECRET,
        _ => return None,
    };
    Some(value.to_owned())
}

/// Paths in messages are as given, so that cases read the same on every machine.
fn load(file: impl AsRef<Path>) -> Result<Pipeline, Error> {
    config::load_with(file.as_ref(), &environment)
}

fn load_text(text: &str) -> Result<Pipeline, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pipeline.yaml");
    std::fs::write(&file, text).expect("a written file");
    load(&file)
}

const SMALL: &str = "
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders:
    location: s3://exports/orders.csv
";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Thresholds of which every score has its own.
fn cuts(cut_points: [i64; 4]) -> Method {
    Method::Thresholds(CutPoints(cut_points.map(Some)))
}

/// The policies of a small pipeline whose `policy` is `yaml`.
fn policies(yaml: &str) -> Policies {
    let text = format!("{SMALL}publish: {{location: out/}}\npolicy:\n{yaml}\n");
    load_text(&text).unwrap_or_else(|error| panic!("{yaml}: {error}")).policies
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let missing = load("tests/config/no_such_file.yaml").expect_err("no file").to_string();
    assert!(missing.starts_with("tests/config/no_such_file.yaml: there is no such file\nhint: "), "{missing}");
    let folder = load("tests/config").expect_err("a folder").to_string();
    assert!(folder.starts_with("tests/config: this is a folder\nhint: "), "{folder}");
}

#[test]
fn a_file_that_is_no_utf8_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("big5.yaml");
    std::fs::write(&file, b"name: \xa4\xe9\n").expect("a written file");
    assert!(load(&file).expect_err("no UTF-8").to_string().contains("this is not UTF-8 text"));
}

#[test]
fn the_nightly_pipeline_loads() {
    let pipeline = load("pipelines/nightly.yaml").expect("a valid pipeline");
    assert_eq!(pipeline.name, "aurora-clinics");
    let sources: Vec<(&str, Format)> =
        pipeline.sources.iter().map(|source| (source.label.as_str(), source.format)).collect();
    let expected = [
        ("branches", Format::Csv),
        ("orders[0]", Format::Csv),
        ("orders[1]", Format::Parquet),
        ("visits", Format::Parquet),
        ("leads", Format::Ndjson),
        ("contacts", Format::Csv),
        ("spend", Format::Csv),
        ("items", Format::Csv),
    ];
    assert_eq!(sources, expected);
    let orders = &pipeline.sources[1];
    assert_eq!(orders.entity, Entity::Orders);
    assert_eq!(orders.location.kind, LocationKind::Glob);
    assert_eq!(orders.csv.encoding, encoding_rs::BIG5);
    assert_eq!(orders.columns["amount"], "金額");
    assert_eq!(orders.formats["paid_at"], ["%Y/%m/%d %H:%M", "%Y/%m/%d"]);
    assert_eq!(orders.values["kind"]["升單"], "top_up");
    assert_eq!(pipeline.sources[2].constants["branch_id"], "KHH01");
    let policy = pipeline.policies.on(day("2026-11-21"));
    assert_eq!(policy.rules.scoring.frequency, cuts([2, 3, 5, 9]));
    assert_eq!(policy.departments["injection"].ladder.new_recency_days, 45);
    assert_eq!(policy.departments["surgery"].ladder.dead_idle_days, 365);
    assert_eq!(policy.rules.vip.as_ref().expect("tiers").tiers[1].from, 15_000_000);
    assert_eq!(pipeline.limits.memory_bytes, 6 << 30);
    let options: Vec<&str> = pipeline.storage["s3"].keys().map(String::as_str).collect();
    assert_eq!(options, ["region"], "what the environment leaves empty is absent");
}

/// Takes the comment mark off every line that is a setting.
fn uncommented(text: &str) -> String {
    let is_setting = |line: &str| {
        let key: String = line.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        !key.is_empty() && line[key.len()..].starts_with(": ") && !line.ends_with('.')
    };
    let uncomment = |line: &str| match line.split_once("# ") {
        Some((indent, setting)) if indent.trim().is_empty() && is_setting(setting) => format!("{indent}{setting}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(uncomment).collect()
}

#[test]
fn what_the_nightly_pipeline_comments_out_is_the_default() {
    let text = std::fs::read_to_string("pipelines/nightly.yaml").expect("a file");
    let uncommented = uncommented(&text);
    assert!(
        uncommented.contains("\nperiod: month\n") && uncommented.contains("\n        header: true\n"),
        "{uncommented}"
    );
    let with_defaults = load_text(&uncommented).expect("a valid pipeline");
    let without = load_text(&text).expect("a valid pipeline");
    assert_eq!(with_defaults.period, without.period);
    assert_eq!(with_defaults.scopes, without.scopes);
    assert_eq!(with_defaults.policies, without.policies);
    assert_eq!(with_defaults.limits.max_rejected_share, without.limits.max_rejected_share);
    assert_eq!(with_defaults.limits.max_conflicting_share, without.limits.max_conflicting_share);
    assert_eq!(with_defaults.ids, without.ids);
    assert!(uncommented.contains("\norder_ids: {unique_in: branch}\n"), "{uncommented}");
    for (with_default, without) in with_defaults.sources.iter().zip(&without.sources) {
        assert_eq!((with_default.format, with_default.compression), (without.format, without.compression));
        assert_eq!(with_default.csv, without.csv);
    }
}

#[test]
fn values_from_the_environment_fit_fields_of_every_type() {
    let text = format!(
        "{SMALL}period: ${{PERIOD}}
publish: {{location: 's3://${{UNSET:-warehouse}}/rfm'}}
limits: {{memory: '${{MEMORY:-6GiB}}', target_partitions: '${{PARTITIONS:-3}}', work_dir: '${{EMPTY}}', max_rejected_share: '${{SHARE}}'}}"
    );
    let pipeline = load_text(&text).expect("a valid pipeline");
    assert_eq!(pipeline.period, rfmart::calendar::PeriodKind::Week);
    assert_eq!(pipeline.publish.location.to_string(), "s3://warehouse/rfm/");
    assert_eq!(pipeline.limits.memory_bytes, 2 << 30);
    assert_eq!(pipeline.limits.target_partitions, 5);
    assert_eq!(pipeline.limits.work_dir, None, "an empty value counts as absent");
    assert_eq!(pipeline.limits.max_rejected_share, 0.25);
}

#[test]
fn text_keeps_its_leading_zeros() {
    let text = "
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders:
    location: orders.tsv.gz
    csv: {header: false}
    columns: {order_id: 1, customer_id: 2, paid_at: 3, amount: 4}
    constants: {branch_id: 001}
    values: {status: {0: paid, 1: refunded}}
publish: {location: ../warehouse}
";
    let pipeline = load_text(text).expect("a valid pipeline");
    let orders = &pipeline.sources[0];
    assert_eq!(orders.constants["branch_id"], "001");
    assert_eq!(orders.columns["amount"], "4");
    assert_eq!(orders.values["status"]["0"], "paid");
    assert_eq!((orders.csv.delimiter, orders.compression), (b'\t', Compression::Auto));
    assert!(orders.location.path.ends_with("/orders.tsv.gz"), "relative to the file's folder: {}", orders.location);
    assert!(pipeline.publish.location.path.ends_with("/warehouse/"), "{}", pipeline.publish.location);
}

#[test]
fn any_column_can_be_mapped_to_none() {
    let text = "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\nsources:\n  orders:\n    location: orders.csv\n    \
                values: {updated_at: {9999-12-31: ''}, cost: {'-1': ''}}\npublish: {location: warehouse/}\n";
    let pipeline = load_text(text).expect("a valid pipeline");
    let values = &pipeline.sources[0].values;
    assert_eq!((values["updated_at"]["9999-12-31"].as_str(), values["cost"]["-1"].as_str()), ("", ""));
}

#[test]
fn anchors_are_copied() {
    let text = format!(
        "{SMALL}  visits: &visits {{location: s3://exports/visits/, format: csv}}\n  leads: *visits\npublish: {{location: out/}}"
    );
    let pipeline = load_text(&text).expect("a valid pipeline");
    assert_eq!(pipeline.sources[1].location, pipeline.sources[2].location);
}

#[test]
fn deep_or_explosive_yaml_is_refused() {
    let nested = |levels| format!("name: {}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(load_text(&nested(40)).expect_err("too deep").to_string().contains("deeper than"));
    assert_eq!(load_text(&nested(100_000)).expect_err("too deep").kind(), Kind::Config);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let copies = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{copies}]\n"));
    }
    assert!(load_text(&bomb).expect_err("too large").to_string().contains("values; write fewer"));
}

#[test]
fn secrets_are_never_printed() {
    let text = format!("{SMALL}storage: {{s3: {{secret_access_key: '${{SECRET}}'}}}}\npublish: {{location: out/}}");
    let pipeline = load_text(&text).expect("a valid pipeline");
    assert_eq!(pipeline.storage["s3"]["secret_access_key"].expose(), SECRET);
    assert!(!format!("{pipeline:?}").contains(SECRET));
}

#[test]
fn the_key_of_customers_ids_is_taken_as_written_and_never_printed() {
    let key = "0123456789012345678901234567890x";
    let text = format!("{SMALL}privacy: {{customer_id: hmac, key: {key}}}\npublish: {{location: out/}}");
    let pipeline = load_text(&text).expect("a valid pipeline");
    assert!(!format!("{pipeline:?}").contains(key));
    assert_eq!(pipeline.privacy.expect("a privacy").key.expose(), key);
    assert!(load_text(&format!("{SMALL}publish: {{location: out/}}")).expect("a valid pipeline").privacy.is_none());
}

#[test]
fn the_published_schema_is_fresh() {
    let fresh = format!("{:#}\n", config::schema());
    if std::env::var_os("RFMART_BLESS").is_some() {
        std::fs::write("pipelines/schema.json", &fresh).expect("a written schema");
    }
    let published = std::fs::read_to_string("pipelines/schema.json").expect("pipelines/schema.json");
    assert!(published == fresh, "pipelines/schema.json is stale; RFMART_BLESS=1 writes it anew");
}

#[test]
fn the_presets_are_what_their_names_say() {
    let preset = |name: &str| policies(&format!("  extends: {name}")).on(day("2026-11-21")).clone();
    assert_eq!(policies("  window_days: 365"), Policies::from(Policy::default()));
    assert_eq!(preset("default"), Policy::default());
    assert_eq!(preset("skin"), Policy::default());
    let injection = preset("injection").rules;
    assert_eq!(injection.scoring.recency, cuts([50, 40, 35, 30]));
    assert_eq!(injection.scoring.frequency, cuts([0; 4]), "everybody's is a 5");
    assert_eq!(injection.scoring.monetary, cuts([100_000, 150_000, 200_000, 250_000]));
    assert_eq!(injection.ladder.new_recency_days, 45);
    let surgery = preset("surgery").rules;
    assert_eq!((surgery.ladder.dead_idle_days, surgery.ladder.beyond_recall_days), (365, 730));
    assert_eq!((surgery.ladder.new_recency_days, surgery.scoring), (90, Policy::default().rules.scoring));
}

#[test]
fn a_department_or_item_takes_over_what_it_does_not_name() {
    let policies = policies(
        "
  lifecycle: {dead: {idle_days: 200}, new: {recency_days: 20}, package_valid_days: 120}
  scoring: {frequency: {thresholds: {1: '< 2', 2: '2', 3: '3', 4: '4', 5: '> 4'}}}
  vip: {tiers: [{name: gold, from: 1000}]}
  margin: 0.6
  departments:
    injection: {extends: injection, margin: 0.35, lifecycle: {new: {recency_days: 40}}}
    skin: {extends: skin}
    laser: {vip: {metric: frequency}}
  items:
    BOTOX-50: {lifecycle: {effective: {recency_days: 110}}}",
    );
    let policy = policies.on(day("2026-11-21"));
    assert_eq!(policy.package_valid_days, 120);
    let injection = &policy.departments["injection"];
    // Its own keys over the preset's, the preset's over the chain's.
    assert_eq!((injection.ladder.new_recency_days, injection.ladder.dead_idle_days), (40, 270));
    assert_eq!(injection.scoring.recency, cuts([50, 40, 35, 30]));
    assert_eq!(injection.scoring.frequency, cuts([0; 4]), "the preset's: everybody's is a 5");
    assert_eq!((injection.margin_millionths, &injection.vip), (Some(350_000), &policy.rules.vip));
    let skin = &policy.departments["skin"];
    assert_eq!((skin.ladder.new_recency_days, skin.margin_millionths), (30, Some(600_000)));
    let laser = policy.departments["laser"].vip.as_ref().expect("tiers");
    assert_eq!((laser.metric, laser.tiers[0].from), (VipMetric::Frequency, 1000), "the chain's tiers, as counts");
    // An item knows nothing of departments: its customers' may differ. Its lines are each of one, which has a margin.
    assert_eq!(policy.items["BOTOX-50"].margin_millionths, None);
    let botox = &policy.items["BOTOX-50"].ladder;
    assert_eq!((botox.effective.recency_days, botox.effective.window_days), (110, 90));
    assert_eq!((botox.dead_idle_days, botox.new_recency_days), (200, 20));
}

#[test]
fn the_thresholds_of_the_preset_can_be_taken_for_each_metric_alone() {
    let scoring = |metric: &str| {
        let policies = policies(&format!("  scoring: {{{metric}: injection}}"));
        policies.on(day("2026-11-21")).rules.scoring.clone()
    };
    assert_eq!(scoring("recency").recency, cuts([50, 40, 35, 30]));
    assert_eq!(scoring("frequency").frequency, cuts([0; 4]));
    assert_eq!(scoring("monetary").monetary, cuts([100_000, 150_000, 200_000, 250_000]));
}

#[test]
fn scores_that_thresholds_leave_out_are_no_mistake() {
    let policies = policies(
        "
  scoring:
    recency: {thresholds: {5: '<= 30', 4: '(30, 40]', 2: '> 40'}}
    frequency: {thresholds: {1: '< 2', 3: '>= 2', 5: null}}",
    );
    let scoring = &policies.on(day("2026-11-21")).rules.scoring;
    assert_eq!(scoring.recency, cuts([9_999_999, 40, 40, 30]));
    assert_eq!(scoring.frequency, Method::Thresholds(CutPoints([Some(2), Some(2), None, None])));
}

#[test]
fn a_change_holds_from_its_day_on_and_changes_only_what_it_names() {
    let policies = policies(
        "
  margin: 0.6
  scoring: {recency: injection}
  departments:
    injection: {margin: 0.35, lifecycle: {new: {recency_days: 45}}}
  changes:
    - from: 2026-07-01
      window_days: 180
      margin: 0.55
      scoring: {recency: {frozen: 2026-06-30}}
      departments: {injection: {margin: 0.4}, surgery: {extends: surgery}}
    - {from: 2026-09-01, margin: 0}",
    );
    let [first, second, third] = ["2026-06-30", "2026-07-01", "2026-09-01"].map(|on| policies.on(day(on)));
    assert_eq!(first.rules.scoring.recency, cuts([50, 40, 35, 30]));
    assert_eq!(second.rules.scoring.recency, Method::Frozen(day("2026-06-30")), "replaced as a whole");
    assert_eq!(third.rules.scoring, second.rules.scoring);
    assert_eq!([first, second, third].map(|policy| policy.rules.window_days), [365, 180, 180]);
    let margins = |policy: &Policy| {
        let injection = policy.departments["injection"].margin_millionths;
        (policy.rules.margin_millionths, injection, policy.departments.len())
    };
    assert_eq!(margins(first), (Some(600_000), Some(350_000), 1));
    assert_eq!(margins(second), (Some(550_000), Some(400_000), 2));
    assert_eq!(margins(third), (Some(0), Some(400_000), 2));
    assert_eq!(third.departments["injection"].ladder.new_recency_days, 45);
    assert_eq!(third.departments["surgery"].margin_millionths, Some(0), "the chain's, as it is then");
}

#[test]
fn risk_bands_and_value_days_may_change_each_for_itself() {
    let policies = policies(
        "
  extends: surgery
  risk: {silence: {medium: 0.45}, churn: {high: 1}}
  changes:
    - {from: 2026-07-01, risk: {silence: {high: 0.6}}, high_value_actions: {value_days: 89}}",
    );
    let [first, second] = ["2026-06-30", "2026-07-01"].map(|on| policies.on(day(on)));
    let churn = Bands { medium: 0.5, high: 1.0 };
    assert_eq!(first.risk, Risk { silence: Bands { medium: 0.45, high: 0.5 }, churn });
    assert_eq!(second.risk, Risk { silence: Bands { medium: 0.45, high: 0.6 }, churn });
    assert_eq!((first.value_days, second.value_days), (60, 89));
}

#[test]
fn the_mistakes_of_all_versions_are_told_once() {
    let text = "
policy:
  consumption: []
  risk: {churn: {medium: 0}}
  lifecycle: {dormant: {idle_days: 200}}
  departments:
    injection: {margin: 0.3}
    surgery: {extends: surgery, lifecycle: {new: {recency_days: 500}}}
  changes:
    - {from: 2026-07-01, margin: 0.5}
    - {from: 2026-08-01, lifecycle: {dead: {idle_days: 400}, beyond: 3}}
publish: {location: out/}";
    let error = load_text(&format!("{SMALL}{text}")).expect_err("mistakes").to_string();
    let told = error.lines().filter_map(|line| line.split_once("pipeline.yaml:")).map(|(_, told)| told);
    let expected = [
        "10:16: `consumption` is empty, so nobody would ever have come; write `[order, treatment]`",
        "11:26: nobody's risk would be low; write a number above 0, such as `0.4`",
        "12:36: nobody would ever be dormant, for they are dead from 180 days on; write less than 180",
        "15:65: nobody is new up to that day, for they are dead from 365 days on; write less than 365",
        "18:38: from 2026-08-01 on: customers would be beyond recall before they are dead; write 400 or more",
        "18:62: the key `beyond` is not known here; write one of `package_valid_days`, `dead`, `dormant`, `loyal`, \
         `active`, `effective`, `new`",
    ];
    // Injection takes the chain's ladder over, surgery has the preset's, and 2026-07-01 changes neither.
    assert_eq!(told.skip(1).collect::<Vec<_>>(), expected);
}
