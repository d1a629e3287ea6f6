//! What tells how rfmart is used: schemas, completions, manual pages.

use std::path::Path;

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::cli::{Cli, SchemaSubject};
use rfmart::model::Catalog;
use rfmart::report::{PlanAnswer, RunAnswer, RunsAnswer, json, schema_of};
use rfmart::{Context, Kind, Result, config};

/// Prints a schema.
pub fn schema(subject: SchemaSubject) -> Result<String> {
    match subject {
        SchemaSubject::Pipeline => json(&config::schema()),
        SchemaSubject::Run => json(&schema_of::<RunAnswer>()),
        SchemaSubject::Plan => json(&schema_of::<PlanAnswer>()),
        SchemaSubject::Runs => json(&schema_of::<RunsAnswer>()),
    }
}

/// Prints a completion script, which knows the models and the zones, too.
pub fn completions(shell: Shell) -> Result<String> {
    let catalog = Catalog::built_in()?;
    let models: Vec<String> = catalog.models.keys().chain(catalog.checks.keys()).cloned().collect();
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let mut command = with_values(Cli::command(), "compile", "model", PossibleValuesParser::new(models));
    command = with_values(command, "init", "timezone", PossibleValuesParser::new(zones));
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "rfmart", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}

fn with_values(command: Command, name: &str, argument: &str, values: PossibleValuesParser) -> Command {
    command.mut_subcommand(name, |command| command.mut_arg(argument, |argument| argument.value_parser(values)))
}

/// Writes the manual pages.
pub fn man(folder: &Path) -> Result<String> {
    let cant = || format!("can't write manual pages to {}", folder.display());
    std::fs::create_dir_all(folder).context(Kind::Output, cant)?;
    clap_mangen::generate_to(Cli::command(), folder).context(Kind::Output, cant)?;
    Ok(format!("Wrote the manual pages to {}: man -l {0}/rfmart.1\n", folder.display()))
}
