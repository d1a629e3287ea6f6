//! The pipeline file that comes with the data: an ordinary one, and the first that many people read.

use std::fmt::Write;

use super::dialect::Dialect;
use super::world::World;
use crate::entity::Entity;

const HEAD: &str = "\
# The pipeline of a made-up chain of clinics. Try:
#   rfmart validate pipeline.yaml
#   rfmart run pipeline.yaml --as-of AS_OF
# Relative locations are relative to this file's folder.

name: aurora-clinics
timezone: Asia/Taipei            # of branches that name none, and of the day's end
currency: TWD
period: month                    # month-end snapshots close a period
scopes: [chain, branch]
order_ids: {unique_in: branch}   # OWN_TILL's till numbers by itself: its O00000058-001 is not that of the others
visit_ids: {unique_in: branch}
";

const TAIL: &str = "
policy:
  window_days: 365               # frequency and monetary look back a year
  vip:                           # by the net amount paid within that year
    metric: monetary
    tiers:
      - {name: silver, from: 60000}
      - {name: gold, from: 150000}
      - {name: diamond, from: 400000}
  action_outcome:                # a fifth of the customers isn't contacted, to see what they do without being asked
    hold_out: {share: 0.2, key: HOLD_OUT_KEY, from: FIRST_DAY}

publish:
  location: warehouse/           # <table>/dt=<as_of>/part-….parquet
";

const LIMITS: &str = "
limits:
  max_rejected_share: 0.02       # more unusable rows than this stop the run
";

/// The pipeline of data in Parquet.
pub fn parquet(world: &World) -> String {
    let mut yaml = head(world);
    yaml.push_str(
        "
sources:
  orders: {location: orders/, format: parquet}
  visits: {location: visits/, format: parquet}
  leads: {location: leads/, format: parquet}
  contacts: {location: contacts/, format: parquet}
  spend: {location: spend.parquet}
  branches: {location: branches.parquet}
  items: {location: items.parquet}
",
    );
    yaml + &tail(world)
}

/// The pipeline of data in CSV.
pub fn csv(world: &World) -> String {
    let mut yaml = head(world) + "\nsources:\n";
    for entity in [Entity::Orders, Entity::Visits] {
        let _ = writeln!(yaml, "  {}:", entity.name());
        for dialect in Dialect::ALL {
            if dialect == Dialect::Canonical || dialect.only_branch(world).is_some() {
                push_source(&mut yaml, entity, dialect, world);
            }
        }
    }
    yaml.push_str(
        "  leads: {location: leads/, format: csv}
  contacts: {location: contacts/, format: csv}
  spend: {location: spend.csv}
  branches: {location: branches.csv}
  items: {location: items.csv}
",
    );
    yaml + &tail(world) + LIMITS
}

fn tail(world: &World) -> String {
    let hold_out = &world.hold_out;
    TAIL.replace("HOLD_OUT_KEY", &hold_out.key).replace("FIRST_DAY", &hold_out.from.to_string())
}

fn head(world: &World) -> String {
    let own_till = world.own_till().map_or("a branch", |branch| &branch.id);
    HEAD.replace("AS_OF", world.date(world.last_day)).replace("OWN_TILL", own_till)
}

// Writing to a string can't fail, so its results say nothing.
fn push_source(yaml: &mut String, entity: Entity, dialect: Dialect, world: &World) {
    let branch = dialect.only_branch(world).and_then(|branch| world.branches.get(branch));
    let comment = match (entity, dialect) {
        (Entity::Orders, Dialect::Canonical) => "# Most branches use the canonical names: nothing to map.\n",
        (Entity::Orders, Dialect::OwnSystem) => {
            "# This branch has a system of its own: gzip, other names, words and dates, and no branch column.\n"
        }
        (Entity::Orders, Dialect::OldSystem) => {
            "# And this one an old system, which writes Big5 and calls the branch by its name.\n"
        }
        _ => "",
    };
    if !comment.is_empty() {
        let _ = write!(yaml, "    {comment}");
    }
    let _ = writeln!(yaml, "    - location: {}", dialect.folder(entity, world));
    let _ = writeln!(yaml, "      format: csv");
    if dialect.encoding() != encoding_rs::UTF_8 {
        let _ = writeln!(yaml, "      csv: {{encoding: {}}}", dialect.encoding().name().to_lowercase());
    }
    push_columns(yaml, entity, dialect);
    push_formats(yaml, entity, dialect);
    push_values(yaml, entity, dialect, branch.map(|branch| (branch.name.as_str(), branch.id.as_str())));
    if let (Dialect::OwnSystem, Some(branch)) = (dialect, branch) {
        let _ = writeln!(yaml, "      constants: {{branch_id: {}}}", branch.id);
    }
}

fn push_columns(yaml: &mut String, entity: Entity, dialect: Dialect) {
    let mapped = dialect.columns(entity).iter().filter(|(canonical, source)| canonical != source);
    for (place, (canonical, source)) in mapped.enumerate() {
        if place == 0 {
            let _ = writeln!(yaml, "      columns:");
        }
        let _ = writeln!(yaml, "        {canonical}: {source}");
    }
}

fn push_formats(yaml: &mut String, entity: Entity, dialect: Dialect) {
    let Some(format) = dialect.time_format() else { return };
    let _ = writeln!(yaml, "      formats:");
    for (canonical, _) in dialect.columns(entity).iter().filter(|(canonical, _)| canonical.ends_with("_at")) {
        let _ = writeln!(yaml, "        {canonical}: \"{format}\"");
    }
}

fn push_values(yaml: &mut String, entity: Entity, dialect: Dialect, branch: Option<(&str, &str)>) {
    if dialect == Dialect::Canonical {
        return;
    }
    let _ = writeln!(yaml, "      values:");
    if let (Dialect::OldSystem, Some((name, id))) = (dialect, branch) {
        let _ = writeln!(yaml, "        branch_id: {{{name}: {id}}}");
    }
    for (column, _) in dialect.columns(entity) {
        let words = dialect.words(entity, column).iter();
        let pairs: Vec<String> = words.map(|(canonical, source)| format!("{source}: {canonical}")).collect();
        if !pairs.is_empty() {
            let _ = writeln!(yaml, "        {column}: {{{}}}", pairs.join(", "));
        }
    }
}
