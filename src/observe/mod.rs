//! What a person and a log collector see while a run goes on. Never stdout: that is for results.

mod progress;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

pub use progress::{Quiet, ReadProgress, RunProgress, Terminal};

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Sends logs to stderr: warnings and errors, or what `RUST_LOG` asks for.
pub fn init_logs(format: LogFormat, use_color: bool) {
    let quiet = if format == LogFormat::Json { "warn,rfmart=info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(quiet));
    let logs = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(use_color);
    match format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().init(),
    }
}

/// Peak resident memory of this process in bytes; `None` where the system doesn't tell.
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
