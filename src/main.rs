//! rfmart's command line: arguments → command → result, message, exit code.

mod cli;
mod commands;
mod memory;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command};
use rfmart::observe::{self, LogFormat};
use rfmart::{Error, Kind, Result};

#[global_allocator]
static ALLOCATOR: memory::Allocator = memory::Allocator;

/// Milliseconds after which memory that isn't used is given back: longer than most steps of a night, for the next step
/// wants as much. mimalloc's own 10 are less than the time between two batches: a seventh of a night went into pages that
/// were given back and cleared again.
const PURGE_DELAY_MS: std::ffi::c_long = 100_000;

/// `mi_option_purge_delay` in mimalloc.h; the bindings don't name it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn keep_memory_a_while() {
    // SAFETY: sets a number of the allocator, before there is a second thread.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, PURGE_DELAY_MS) }
}

fn main() -> ExitCode {
    keep_memory_a_while();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => return refuse(&refusal),
    };
    let format = log_format(&cli);
    observe::init_logs(format, use_color());
    // What the panic said is on stderr already. A scheduler looks at the exit code.
    let executed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| execute(cli)));
    match executed.unwrap_or_else(|_| Err(Error::new(Kind::Bug, "stopped by a defect of rfmart, told above"))) {
        Ok(Answer { text, failure: Some(error), .. }) => {
            // The failure tells more than that its text can't be shown.
            let _ = show(&text);
            fail(&error, format)
        }
        Ok(Answer { text, has_acted, .. }) => match show(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(cause) if has_acted => {
                eprintln!("warning: it is done, but can't be told on stdout: {cause}");
                ExitCode::SUCCESS
            }
            Err(cause) => fail(&Error::new(Kind::Output, format!("can't write to stdout: {cause}")), format),
        },
        Err(error) => fail(&error, format),
    }
}

/// What a command answers.
struct Answer {
    /// For stdout.
    text: String,
    /// What the text tells of and the exit code has to, too.
    failure: Option<Error>,
    /// Whether something was done that stays done, also if nobody can be told.
    has_acted: bool,
}

impl From<(String, Option<Error>)> for Answer {
    fn from((text, failure): (String, Option<Error>)) -> Self {
        Answer { text, failure, has_acted: false }
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Answer { text, failure: None, has_acted: false }
    }
}

/// Whoever asked for JSON lines gets no other ones.
fn fail(error: &Error, format: LogFormat) -> ExitCode {
    let exit_code = error.kind().exit_code();
    match format {
        LogFormat::Text => eprintln!("error: {error}"),
        LogFormat::Json => tracing::error!(exit_code, "{error}"),
    }
    ExitCode::from(exit_code)
}

fn execute(cli: Cli) -> Result<Answer> {
    let has_acted = matches!(cli.command, Command::Run(_) | Command::Repair(_) | Command::Gc(_));
    let text = match cli.command {
        Command::Test(test) => return commands::test(&test).map(Answer::from),
        Command::Diff(diff) => commands::diff(&diff),
        Command::Status(status) => return commands::status(&status).map(Answer::from),
        Command::Verify(verify) => return commands::verify(&verify).map(Answer::from),
        Command::Backfill(backfill) => {
            return commands::backfill(&backfill).map(|told| Answer { has_acted: true, ..Answer::from(told) });
        }
        Command::Init(init) => commands::init(&init),
        Command::Run(target) => commands::run(&target),
        Command::Plan(plan) => commands::plan(&plan),
        Command::Validate(file) => commands::validate(&file),
        Command::Compile(compile) => commands::compile(&compile),
        Command::Docs(docs) => commands::docs(&docs),
        Command::Metrics(metrics) => commands::metrics(&metrics),
        Command::Runs(runs) => commands::runs(&runs),
        Command::Report(report) => commands::report(&report),
        Command::Catalog(catalog) => commands::catalog(&catalog),
        Command::Repair(file) => commands::repair(&file),
        Command::Gc(gc) => commands::gc(&gc),
        Command::Demo(demo) => commands::demo(&demo),
        Command::Generate(generate) => commands::generate(&generate),
        Command::Schema(of) => commands::schema(of.subject),
        Command::Completions { shell } => commands::completions(shell),
        Command::Man { folder } => commands::man(&folder),
    };
    Ok(Answer { has_acted, ..Answer::from(text?) })
}

/// Results go to stdout; a reader that stops early, such as `head`, is no error.
fn show(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        shown => shown,
    }
}

/// Help and version are results; anything else is wrong usage.
fn refuse(refusal: &clap::Error) -> ExitCode {
    // Nothing is left to do when the terminal is gone.
    let _ = refusal.print();
    match refusal.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(Kind::Usage.exit_code()),
    }
}

fn log_format(cli: &Cli) -> LogFormat {
    match cli.log_format {
        cli::LogFormat::Text => LogFormat::Text,
        cli::LogFormat::Json => LogFormat::Json,
    }
}

fn use_color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
