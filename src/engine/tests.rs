//! Run facts as literals, tables and models at both moments, and whose fault an error is.

use arrow::array::{AsArray, Int32Array};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::common::ScalarValue;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::model::{Origin, Sidecar};

struct Fixture {
    engine: Engine,
    runtime: Runtime,
    work: TempDir,
}

const LIMITS: Limits = Limits {
    memory_bytes: 1 << 28,
    target_partitions: 2,
    models_at_once: 2,
    work_dir: None,
    state_dir: None,
    holds_branches: false,
    max_rejected_share: 0.0,
    deadline: None,
    max_conflicting_share: 0.0,
};

fn facts(day: i32, text: &str) -> Facts {
    Facts::from([
        ("as_of", ScalarValue::Date32(Some(day))),
        ("period", ScalarValue::from(text)),
        ("is_period_end", ScalarValue::from(true)),
        ("chain_scope_key", ScalarValue::Int32(Some(7))),
        ("package_valid_days", ScalarValue::Int64(Some(365))),
    ])
}

impl Fixture {
    fn new() -> Self {
        Fixture::with(|moment| match moment {
            Moment::Closing => facts(20_778, "2026-11"),
            Moment::Opening => facts(20_757, "2026-10"),
            Moment::Baseline => facts(20_688, "2026-08"),
            Moment::Earlier => facts(20_598, "2026-05"),
        })
    }

    fn with(facts: impl Fn(Moment) -> Facts) -> Self {
        let work = tempfile::tempdir().expect("a folder");
        let engine = Engine::new(&LIMITS, work.path(), facts).expect("an engine");
        Fixture { engine, runtime: Builder::new_current_thread().build().expect("a runtime"), work }
    }

    fn rows(&self, sql: &str, moment: Moment) -> RecordBatch {
        self.runtime.block_on(async {
            let frame = self.engine.query("a.sql", sql, moment).await.expect("a plan");
            let schema = Arc::new(frame.schema().as_arrow().clone());
            arrow::compute::concat_batches(&schema, &frame.collect().await.expect("rows")).expect("one batch")
        })
    }

    fn refusal(&self, sql: &str) -> Error {
        self.runtime.block_on(self.engine.query("a.sql", sql, Moment::Closing)).expect_err("an error")
    }

    fn build(&self, model: &Model, moment: Moment) {
        let node = Node { model: model.name.clone(), moment };
        self.runtime.block_on(self.engine.build(&node, model)).expect("a table");
    }

    fn text(&self, sql: &str, moment: Moment) -> String {
        self.rows(sql, moment).column(0).as_string::<i32>().value(0).to_owned()
    }
}

fn model(name: &str, sql: &str, sidecar: &str) -> Model {
    let (sidecar, places) = Sidecar::read(name, sidecar).expect("a sidecar");
    Model {
        name: name.to_owned(),
        file: format!("sql/{name}.sql"),
        sidecar_file: format!("sql/{name}.yaml"),
        origin: Origin::BuiltIn,
        sql: sql.to_owned(),
        sidecar,
        places,
        references: Vec::new(),
    }
}

#[test]
fn a_fact_keeps_its_type_in_a_select_list() {
    let sql = "select $as_of as as_of, $period as period, $is_period_end as is_period_end,
        $chain_scope_key as chain_scope_key, $package_valid_days as package_valid_days";
    let rows = Fixture::new().rows(sql, Moment::Closing);
    let types: Vec<DataType> = rows.columns().iter().map(|column| column.data_type().clone()).collect();
    let expected = [DataType::Date32, DataType::Utf8, DataType::Boolean, DataType::Int32, DataType::Int64];
    assert_eq!(types, expected);
    assert_eq!(rows.column(0).as_primitive::<Date32Type>().value(0), 20_778);
    assert_eq!(rows.column(1).as_string::<i32>().value(0), "2026-11");
    assert!(rows.column(2).as_boolean().value(0));
}

#[test]
fn facts_are_filled_in_wherever_an_expression_can_stand() {
    let sql = "
        with counted as (select 1 as one where $is_period_end)
        select case $chain_scope_key when 7 then 'seven' end as name
        from counted
        where exists (select 1 where $as_of = cast('2026-11-21' as date))
        group by $package_valid_days
        order by $as_of + 1";
    assert_eq!(Fixture::new().text(sql, Moment::Closing), "seven");
}

#[test]
fn a_fact_within_quotes_is_text() {
    assert_eq!(Fixture::new().text("select '$as_of' as a", Moment::Closing), "$as_of");
}

#[test]
fn an_unknown_fact_is_refused_with_those_there_are() {
    let refusal = Fixture::new().refusal("select 1 where $as_off is null");
    assert_eq!(refusal.kind(), Kind::Config);
    assert_eq!(refusal.to_string(), "a.sql:1:16: no run has a fact $as_off; write `$as_of`");
}

#[test]
fn what_is_no_query_is_refused_by_its_file() {
    for sql in ["copy src_orders to 'elsewhere.parquet'", "select 1; select 2", "selekt 1", ""] {
        let refusal = Fixture::new().refusal(sql);
        assert_eq!(refusal.kind(), Kind::Config, "{sql}");
        assert!(refusal.to_string().starts_with("a.sql:"), "{sql}: {refusal}");
    }
}

#[test]
fn an_unknown_table_or_column_is_refused_by_the_file_that_reads_it() {
    for sql in ["select a from nowhere", "select nothing from (select 1 as a) as b"] {
        let refusal = Fixture::new().refusal(sql);
        assert_eq!(refusal.kind(), Kind::Bug, "{sql}");
        assert!(refusal.to_string().starts_with("a.sql failed"), "{sql}: {refusal}");
    }
}

#[test]
fn the_same_text_is_answered_as_of_each_moment() {
    let fixture = Fixture::new();
    for (moment, expected) in
        [(Moment::Closing, "2026-11"), (Moment::Opening, "2026-10"), (Moment::Baseline, "2026-08")]
    {
        assert_eq!(fixture.text("select $period as period", moment), expected);
    }
}

#[test]
fn what_a_text_calls_the_baseline_is_earlier_at_the_baseline() {
    let fixture = Fixture::new();
    let model = model("int_a", "select $period as period", "{description: a, grain: [period], moments: true}");
    Moment::ALL.into_iter().for_each(|moment| fixture.build(&model, moment));
    let seen_from = |moment| fixture.text("select a.period from baseline.int_a as a", moment);
    assert_eq!(seen_from(Moment::Closing), "2026-08");
    assert_eq!(seen_from(Moment::Opening), "2026-08");
    assert_eq!(seen_from(Moment::Baseline), "2026-05");
}

#[test]
fn what_is_let_go_takes_no_disk_once_no_view_reads_it() {
    let fixture = Fixture::new();
    let kept = model("int_kept", "select $as_of as day", "{description: a, grain: [day], moments: true}");
    let view = model("int_view", "select day from int_kept", "{description: a, grain: [day], materialize: false}");
    fixture.build(&kept, Moment::Closing);
    fixture.build(&view, Moment::Closing);
    let node = |model: &Model| Node { model: model.name.clone(), moment: Moment::Closing };
    let folder = fixture.work.path().join("public/int_kept");
    fixture.engine.let_go(&node(&kept), &kept).expect("let go");
    assert!(fixture.refusal("select day from int_kept").to_string().contains("int_kept"));
    assert_eq!(fixture.rows("select day from int_view", Moment::Closing).num_rows(), 1);
    assert!(folder.is_dir());
    fixture.engine.let_go(&node(&view), &view).expect("let go");
    assert!(!folder.exists());
}

#[test]
fn a_model_of_both_moments_is_kept_once_for_each() {
    for sidecar in ["materialize: true", "materialize: false"] {
        let fixture = Fixture::new();
        let sidecar = format!("{{description: a, grain: [period], moments: true, {sidecar}}}");
        let model = model("int_a", "select $period as period", &sidecar);
        fixture.build(&model, Moment::Closing);
        fixture.build(&model, Moment::Opening);
        assert_eq!(fixture.text("select period from int_a", Moment::Closing), "2026-11");
        assert_eq!(fixture.text("select period from opening.int_a", Moment::Closing), "2026-10");
        assert_eq!(fixture.text("select period from int_a", Moment::Opening), "2026-10");
    }
}

#[test]
fn the_smaller_table_of_a_join_is_held_and_the_larger_streams_by() {
    let fixture = Fixture::new();
    // More than DataFusion by itself would hold.
    for (name, count) in [("int_few", 100_000), ("int_all", 400_000)] {
        let sql = format!("select value as customer_key, value % 7 as number from generate_series(1, {count})");
        fixture.build(&model(name, &sql, "{description: a, grain: [customer_key]}"), Moment::Closing);
    }
    let sql = "select int_all.customer_key, int_few.number from int_all
        left join int_few on int_all.customer_key = int_few.customer_key";
    fixture.runtime.block_on(async {
        let frame = fixture.engine.query("a.sql", sql, Moment::Closing).await.expect("a plan");
        let plan = frame.create_physical_plan().await.expect("a plan");
        let plan = DisplayableExecutionPlan::new(plan.as_ref()).indent(false).to_string();
        assert!(plan.contains("mode=CollectLeft, join_type=Right"), "{plan}");
    });
}

#[test]
fn a_model_of_no_moment_is_the_same_table_at_both() {
    for sidecar in ["materialize: true", "materialize: false"] {
        let fixture = Fixture::new();
        let model =
            model("int_a", "select $period as period", &format!("{{description: a, grain: [period], {sidecar}}}"));
        fixture.build(&model, Moment::Closing);
        for moment in Moment::ALL {
            assert_eq!(fixture.text("select period from int_a", moment), "2026-11");
        }
    }
}

#[test]
fn a_kept_table_without_rows_still_has_its_columns() {
    let fixture = Fixture::new();
    let none = model("int_a", "select $as_of as day where false", "{description: a, grain: [day]}");
    fixture.build(&none, Moment::Closing);
    let rows = fixture.rows("select day from int_a", Moment::Closing);
    assert_eq!(rows.num_rows(), 0);
    assert_eq!(rows.schema().field(0).data_type(), &DataType::Date32);
}

#[test]
fn a_seed_has_text_columns_and_keeps_its_commas_and_quotes() {
    let fixture = Fixture::new();
    let seed = |name: &str, csv: &str| Seed {
        name: name.to_owned(),
        file: format!("sql/seeds/{name}.csv"),
        origin: Origin::BuiltIn,
        csv: csv.as_bytes().to_vec(),
    };
    fixture.engine.register_seed(&seed("seed_a", "code,name\n01,\"a, \"\"b\"\"\"\n")).expect("a seed");
    assert_eq!(fixture.text("select code || name as text from seed_a", Moment::Opening), "01a, \"b\"");
    let refusal = fixture.engine.register_seed(&seed("seed_b", "code,name\n01\n")).expect_err("an error");
    assert!(refusal.to_string().starts_with("sql/seeds/seed_b.csv can't be read"), "{refusal}");
}

#[test]
fn rows_that_a_query_chokes_on_are_the_datas_fault() {
    let fixture = Fixture::new();
    let batch = RecordBatch::try_from_iter([("n", Arc::new(Int32Array::from(vec![0])) as _)]).expect("a batch");
    fixture.engine.register_rows("numbers", batch).expect("a table");
    let failure = fixture.runtime.block_on(async {
        let frame =
            fixture.engine.query("a.sql", "select 1 / n as a from numbers", Moment::Closing).await.expect("a plan");
        failed("a.sql", &frame.collect().await.expect_err("an error"))
    });
    assert_eq!(failure.kind(), Kind::Data);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_and_number_arrive_in_sql_as_they_are(text in any::<String>(), number: i64, small: i32, day in -700_000..2_000_000_i32) {
        let mut facts = facts(day, &text);
        facts.insert("package_valid_days", ScalarValue::Int64(Some(number)));
        facts.insert("chain_scope_key", ScalarValue::Int32(Some(small)));
        let fixture = Fixture::with(|_| facts.clone());
        let sql = "select $as_of as a, $period as b, $package_valid_days as c, $chain_scope_key as d";
        let rows = fixture.rows(sql, Moment::Closing);
        let found = rows.columns().iter().map(|column| ScalarValue::try_from_array(column, 0).expect("a value"));
        let expected = [
            ScalarValue::Date32(Some(day)),
            ScalarValue::from(text.as_str()),
            ScalarValue::Int64(Some(number)),
            ScalarValue::Int32(Some(small)),
        ];
        prop_assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn queries_run_in_as_many_partitions_as_they_are_given() {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    for target_partitions in [1, 3] {
        let work = tempfile::tempdir().expect("a folder");
        let limits = Limits { target_partitions, ..LIMITS };
        let engine = Engine::new(&limits, work.path(), |_| facts(20_778, "2026-11")).expect("an engine");
        let rows = RecordBatch::try_from_iter([(
            "number",
            Arc::new(Int32Array::from_iter_values(0..100_000)) as arrow::array::ArrayRef,
        )]);
        engine.register_rows("numbers", rows.expect("rows")).expect("a table");
        let partitions = runtime.block_on(async {
            let sql = "select number % 1000 as rest, count(*) as numbers from numbers group by number % 1000";
            let frame = engine.query("a.sql", sql, Moment::Closing).await.expect("a plan");
            frame.execute_stream_partitioned().await.expect("streams").len()
        });
        assert_eq!(partitions, target_partitions);
    }
}

#[test]
fn a_work_folder_that_fails_is_no_fault_of_the_data() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let causes = [
        DataFusionError::IoError(full()),
        DataFusionError::ParquetError(Box::new(parquet::errors::ParquetError::from(full()))),
        DataFusionError::ArrowError(Box::new(ArrowError::IoError("full".to_owned(), full())), None),
    ];
    for cause in causes {
        let error = failed("sql/a.sql", &cause);
        assert_eq!(error.kind(), Kind::Output, "{error}");
        assert!(error.to_string().contains("is the disk of limits.work_dir full?"), "{error}");
    }
    let division = DataFusionError::ArrowError(Box::new(ArrowError::DivideByZero), None);
    assert_eq!(failed("sql/a.sql", &division).kind(), Kind::Data);
}
