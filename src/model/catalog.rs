//! All models, checks and seeds, read and checked against each other before any data is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::definition::{CheckQuery, Model, Seed};
use super::files::{self, Files, LayerFile, Origin};
use super::header;
use super::layer::Layer;
use super::metric::Metric;
use super::metric_rules;
use super::parse::{parse, tables};
use super::rules;
use super::sidecar::Sidecar;
use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::Places;
use crate::{Error, Result};

/// A file of cases, as written: what tables the models make of given rows.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// File, for messages.
    pub file: String,
    /// Whose file it is.
    pub origin: Origin,
    /// What it holds.
    pub text: String,
}

/// Models, checks and seeds, and the cases that they are held against.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Models by name.
    pub models: BTreeMap<String, Model>,
    /// Checks by name.
    pub checks: BTreeMap<String, CheckQuery>,
    /// Seeds by name.
    pub seeds: BTreeMap<String, Seed>,
    /// Files of cases by name.
    pub cases: BTreeMap<String, CaseFile>,
}

impl Catalog {
    /// The models that ship with the program. They are read once, for a process may run many days.
    ///
    /// # Errors
    /// A file that can't be read as what its place says it is.
    pub fn built_in() -> Result<Self> {
        static READ: OnceLock<Catalog> = OnceLock::new();
        match READ.get() {
            Some(catalog) => Ok(catalog.clone()),
            None => Catalog::read(&files::built_in(), Vec::new()).map(|catalog| READ.get_or_init(|| catalog).clone()),
        }
    }

    /// The models of a pipeline: those that ship, and over them the project's own, in the folder `sql`
    /// beside the pipeline file.
    ///
    /// # Errors
    /// Every file that doesn't belong where it is, or can't be read as what its place says it is, at once.
    pub fn beside(pipeline_file: &Path) -> Result<Self> {
        Catalog::layered(None, Some(pipeline_file))
    }

    /// The models in the folder `in_place` of those that ship, if there is one, and over them those beside a pipeline
    /// file.
    ///
    /// # Errors
    /// As [`Catalog::beside`].
    pub fn layered(in_place: Option<&Path>, pipeline_file: Option<&Path>) -> Result<Self> {
        let own = pipeline_file.and_then(project_folder);
        if in_place.is_none() && own.is_none() {
            return Catalog::built_in();
        }
        let mut diagnostics = Vec::new();
        let mut files = match in_place {
            None => files::built_in(),
            Some(folder) => {
                let mut files = Files::new();
                files::lay_over(&mut files, folder, &mut diagnostics);
                files
            }
        };
        if let Some(folder) = own {
            files::lay_over(&mut files, &folder, &mut diagnostics);
        }
        Catalog::read(&files, diagnostics)
    }

    /// `diagnostics` are of the files themselves.
    fn read(files: &Files, mut diagnostics: Vec<Diagnostic>) -> Result<Self> {
        let catalog = Catalog::of(files, &mut diagnostics);
        diagnostics.sort();
        if diagnostics.is_empty() { Ok(catalog) } else { Err(refuse(&diagnostics)) }
    }

    /// Whether no file of a project takes part in a run.
    pub fn is_built_in(&self) -> bool {
        let models = self.models.values().map(|model| model.origin);
        let checks = self.checks.values().map(|check| check.origin);
        let seeds = self.seeds.values().map(|seed| seed.origin);
        models.chain(checks).chain(seeds).all(|origin| origin == Origin::BuiltIn)
    }

    fn of(files: &Files, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut catalog = Catalog {
            models: BTreeMap::new(),
            checks: BTreeMap::new(),
            seeds: BTreeMap::new(),
            cases: BTreeMap::new(),
        };
        let names: BTreeSet<(Layer, &str)> =
            files.keys().filter_map(|(layer, file)| Some((*layer, file.split_once('.')?.0))).collect();
        for (layer, name) in names {
            let file = |extension: &str| files.get(&(layer, format!("{name}.{extension}")));
            let read = match (layer, file("sql"), file("yaml"), file("csv")) {
                (Layer::Tests, _, Some(yaml), _) => {
                    catalog.add_cases(name, yaml);
                    Ok(())
                }
                (Layer::Seeds, _, _, Some(csv)) => seed(name, csv).map(|seed| catalog.add_seed(seed)),
                (Layer::Checks, Some(sql), _, _) => check(name, sql).map(|check| catalog.add_check(check)),
                (Layer::Marts, Some(sql), None, _) => Err(vec![no_sidecar(name, sql)]),
                (_, Some(sql), yaml, _) => model(name, sql, yaml).map(|model| catalog.add_model(model)),
                (_, None, Some(yaml), _) => Err(vec![no_query(name, yaml)]),
                (_, None, None, _) => Ok(()),
            };
            diagnostics.extend(read.err().into_iter().flatten());
        }
        diagnostics.extend(metric_rules::repeated(catalog.models.values()));
        catalog
    }

    fn add_model(&mut self, model: Model) {
        self.models.insert(model.name.clone(), model);
    }

    fn add_check(&mut self, check: CheckQuery) {
        self.checks.insert(check.name.clone(), check);
    }

    fn add_cases(&mut self, name: &str, yaml: &LayerFile) {
        let text = yaml.text.clone().into_owned();
        let cases = CaseFile { file: yaml.shown.clone(), origin: yaml.origin, text };
        self.cases.insert(name.to_owned(), cases);
    }

    fn add_seed(&mut self, seed: Seed) {
        self.seeds.insert(seed.name.clone(), seed);
    }

    /// Every metric by name, with the table that it is told of.
    pub fn metrics(&self) -> BTreeMap<&str, (&Model, &Metric)> {
        let metrics =
            self.models.values().flat_map(|model| model.sidecar.metrics.iter().map(move |metric| (model, metric)));
        metrics.map(|(model, metric)| (metric.name.as_str(), (model, metric))).collect()
    }

    /// SHA-256 over all models and seeds, hex: changes when a published number could. Checks decide no number.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for model in self.models.values() {
            hash.update(&model.name);
            hash.update(&model.sql);
            hash.update(format!("{:?}", model.sidecar));
        }
        for seed in self.seeds.values() {
            hash.update(&seed.name);
            hash.update(&seed.csv);
        }
        format!("{:x}", hash.finalize())
    }
}

/// All mistakes in the files of models as one error, each on a line.
pub fn refuse(mistakes: &[Diagnostic]) -> Error {
    Diagnostic::all_into_error(mistakes, |count| format!("{count} in the models, checks and seeds"))
        .hint("files in `sql/` beside the pipeline file are laid over the built-in ones, which `rfmart compile` lists")
}

/// The folder that holds a project's own models, if there is one.
fn project_folder(pipeline_file: &Path) -> Option<PathBuf> {
    let folder = pipeline_file.parent()?.join("sql");
    folder.is_dir().then_some(folder)
}

fn no_sidecar(name: &str, sql: &LayerFile) -> Diagnostic {
    Diagnostic::new(&sql.shown, format!("has no {name}.yaml beside it; write one with description, grain and columns"))
}

fn no_query(name: &str, yaml: &LayerFile) -> Diagnostic {
    Diagnostic::new(&yaml.shown, format!("describes no model; there is no {name}.sql, neither beside it nor built in"))
}

fn check(name: &str, file: &LayerFile) -> Result<CheckQuery, Vec<Diagnostic>> {
    let statement = parse(&file.shown, &file.text).map_err(|diagnostic| vec![diagnostic])?;
    let references = tables(&file.shown, &statement).map_err(|diagnostic| vec![diagnostic])?;
    let sql = file.text.clone().into_owned();
    let statement = sql.lines().map_while(|line| line.strip_prefix("-- ")).collect::<Vec<_>>().join(" ");
    if statement.is_empty() {
        let message = "doesn't open with a comment; say in it (`-- `) what must hold: a failing run shows it";
        return Err(vec![Diagnostic::new(&file.shown, message).at(Some(Place::START))]);
    }
    let (file, origin) = (file.shown.clone(), file.origin);
    Ok(CheckQuery { name: name.to_owned(), file, origin, sql, statement, references })
}

fn seed(name: &str, file: &LayerFile) -> Result<Seed, Vec<Diagnostic>> {
    let csv = file.text.as_bytes().to_vec();
    let seed = Seed { name: name.to_owned(), file: file.shown.clone(), origin: file.origin, csv };
    match seed.rows() {
        Ok(rows) if rows.num_columns() > 0 => Ok(seed),
        Ok(_) => Err(vec![Diagnostic::new(&file.shown, "is empty; a seed is a CSV file with a header")]),
        Err(cause) => Err(vec![Diagnostic::new(&file.shown, format!("is no CSV with a header: {cause}"))]),
    }
}

fn model(name: &str, sql: &LayerFile, yaml: Option<&LayerFile>) -> Result<Model, Vec<Diagnostic>> {
    let statement = parse(&sql.shown, &sql.text);
    let unwritten = || Ok((Sidecar::unwritten(), Places::default()));
    let sidecar = yaml.map_or_else(unwritten, |yaml| Sidecar::read(&yaml.shown, &yaml.text));
    let (statement, (sidecar, places)) = match (statement, sidecar) {
        (Ok(statement), Ok(sidecar)) => (statement, sidecar),
        (statement, sidecar) => {
            return Err(statement.err().into_iter().chain(sidecar.err().into_iter().flatten()).collect());
        }
    };
    let references = tables(&sql.shown, &statement).map_err(|diagnostic| vec![diagnostic])?;
    let beside = || format!("{}.yaml", sql.shown.trim_end_matches(".sql"));
    let mut model = Model {
        name: name.to_owned(),
        file: sql.shown.clone(),
        sidecar_file: yaml.map_or_else(beside, |yaml| yaml.shown.clone()),
        origin: yaml.map_or(sql.origin, |yaml| both(sql.origin, yaml.origin)),
        sql: sql.text.clone().into_owned(),
        sidecar,
        places,
        references,
    };
    if !model.is_published() {
        header::complete(&model.file, &model.sql, &mut model.sidecar).map_err(|diagnostic| vec![diagnostic])?;
    }
    metric_rules::complete(&mut model.sidecar);
    let diagnostics = rules::diagnostics(&model, &statement);
    if diagnostics.is_empty() { Ok(model) } else { Err(diagnostics) }
}

fn both(sql: Origin, yaml: Origin) -> Origin {
    match (sql, yaml) {
        (Origin::BuiltIn, Origin::BuiltIn) => Origin::BuiltIn,
        (Origin::Added, Origin::Added) => Origin::Added,
        _ => Origin::Overridden,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SIDECAR: &str = "{description: a, grain: [a]}";

    fn file(name: &str, text: &str) -> LayerFile {
        LayerFile { shown: name.to_owned(), origin: Origin::Added, text: text.to_owned().into() }
    }

    fn read(sql: &str, yaml: &str) -> Result<Model, Vec<String>> {
        model("int_a", &file("int_a.sql", sql), Some(&file("int_a.yaml", yaml)))
            .map_err(|diagnostics| diagnostics.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_model_reads_the_tables_that_it_names_wherever_it_names_them() {
        let sql = "
            with ours as (select a from int_b where exists (select 1 from int_c))
            select a, (select max(a) from opening.int_d) as d from ours
            inner join src_orders on ours.a = src_orders.a
            union all
            select a, 1 as d from (select a from int_e) as nested";
        let named = ["int_b", "int_c", "int_e", "opening.int_d", "src_orders"];
        let references: BTreeSet<String> = read(sql, SIDECAR).expect("a model").references.into_iter().collect();
        assert_eq!(references, named.map(str::to_owned).into());
    }

    #[test]
    fn a_model_that_is_not_one_query_is_refused_by_its_place() {
        let cases = [
            ("select 1,\nfrom", "int_a.sql:2:5: "),
            ("selekt 1", "int_a.sql:1:1: "),
            ("select 1 +", "int_a.sql:1:11: "),
            ("select 1; select 2", "int_a.sql: must hold one query, not 2"),
            ("-- nothing", "int_a.sql: must hold one query, not 0"),
            ("drop table fct_a", "int_a.sql: is not a query"),
            ("copy fct_a to 'a.csv'", "int_a.sql: is not a query"),
        ];
        for (sql, expected) in cases {
            let refusal = read(sql, SIDECAR).expect_err("a diagnostic");
            assert!(refusal.len() == 1 && refusal[0].starts_with(expected), "{sql}: {refusal:?}");
        }
    }

    #[test]
    fn query_and_sidecar_are_refused_together() {
        let refusal = read("selekt 1", "description: a\ngrain: [a]\nkept: true").expect_err("diagnostics");
        let expected = "int_a.yaml:3:1: the key `kept` is not known here; write one of `description`, `grain`, ";
        assert!(refusal.len() == 2 && refusal[1].starts_with(expected), "{refusal:?}");
    }
}
