//! What tells how rfmart is used: schemas, completions.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, SchemaSubject};
use rfmart::report::{PlanAnswer, RunAnswer, RunsAnswer, json, schema_of};
use rfmart::{Result, config};

/// Prints a schema.
pub fn schema(subject: SchemaSubject) -> Result<String> {
    match subject {
        SchemaSubject::Pipeline => json(&config::schema()),
        SchemaSubject::Run => json(&schema_of::<RunAnswer>()),
        SchemaSubject::Plan => json(&schema_of::<PlanAnswer>()),
        SchemaSubject::Runs => json(&schema_of::<RunsAnswer>()),
    }
}

/// Prints a completion script.
pub fn completions(shell: Shell) -> Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rfmart", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}
