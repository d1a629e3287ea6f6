//! What the models make of small chains, where a case in `sql/tests/` can't say it: several nights, exact bytes, loops.

mod branches;
mod determinism;
mod frozen;
mod generated;
mod items;
mod keys;
mod ladder;
mod periods;
mod rows;
mod scores;

use std::path::PathBuf;
use std::rc::Rc;

use crate::common::chain::{Chain, day, part, rows, run};
use chrono::NaiveDate;
use rfmart::config::Pipeline;

/// As the program has: a run of few rows is mostly planning, which allocates a lot.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A chain with `settings` of its pipeline, and a CSV file per entity.
fn shop(settings: &str, entities: &[(&str, String)]) -> Rc<Chain> {
    let sources: String =
        entities.iter().map(|(entity, _)| format!("  {entity}: {{location: {entity}.csv}}\n")).collect();
    let limits = match settings.contains("limits:") {
        true => "",
        false => "limits: {memory: 1GiB, target_partitions: 1}",
    };
    let chain = Chain::new(&format!(
        "name: shop\n\
         timezone: Asia/Taipei\n\
         currency: TWD\n\
         publish: {{location: warehouse/}}\n\
         {limits}\n\
         {settings}\n\
         sources:\n{sources}"
    ));
    for (entity, csv) in entities {
        chain.write(&format!("{entity}.csv"), csv);
    }
    Rc::new(chain)
}

/// Orders of a line each, written as `customer branch day amount`.
fn sales(lines: &[&str]) -> (&'static str, String) {
    let orders = (1..).zip(lines).map(|(number, line)| format!("O{number},{}", line.replace(' ', ",")));
    csv("orders", "order_id,customer_id,branch_id,paid_at,amount", orders)
}

/// An entity's CSV file.
fn csv(
    entity: &'static str,
    header: &str,
    lines: impl IntoIterator<Item = impl Into<String>>,
) -> (&'static str, String) {
    let lines = lines.into_iter().map(|line| format!("{}\n", line.into()));
    (entity, format!("{header}\n{}", lines.collect::<String>()))
}

/// What a run published, in a warehouse of its own.
struct Night {
    /// Keeps its folder.
    _chain: Rc<Chain>,
    warehouse: PathBuf,
    on: NaiveDate,
}

/// Runs `chain` as of the end of `on`.
fn night(chain: &Rc<Chain>, on: &str) -> Night {
    night_of(chain, on, chain.pipeline(), on)
}

/// Runs `pipeline` as of the end of `on`, into the warehouse `name`.
fn night_of(chain: &Rc<Chain>, on: &str, mut pipeline: Pipeline, name: &str) -> Night {
    pipeline.publish.location.path += &format!("{name}/");
    run(&pipeline, day(on)).unwrap_or_else(|error| panic!("{on}: {error}"));
    Night { _chain: Rc::clone(chain), warehouse: chain.path("warehouse").join(name), on: day(on) }
}

impl Night {
    /// `columns` of every row of a table.
    fn rows(&self, table: &str, columns: &[&str]) -> Vec<String> {
        rows(&part(&self.warehouse, table, self.on), columns)
    }

    /// `columns` of a table's rows whose `key` is `value`.
    fn rows_where(&self, key: &str, value: &str, table: &str, columns: &[&str]) -> Vec<String> {
        let found = self.rows(table, &[&[key], columns].concat());
        let wanted = format!("{value} ");
        found.iter().filter_map(|row| row.strip_prefix(&wanted)).map(str::to_owned).collect()
    }

    /// `columns` of a table's rows of the chain as a whole.
    fn chain(&self, table: &str, columns: &[&str]) -> Vec<String> {
        self.rows_where("scope_id", "*", table, columns)
    }
}
