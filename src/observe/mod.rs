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

/// CPU time of this process so far in seconds, of all its threads, their own and the system's on their behalf; `None`
/// where the system doesn't tell.
pub fn cpu_seconds() -> Option<f64> {
    spent_seconds(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// utime and stime of a line as `/proc/self/stat` has it (proc_pid_stat(5), fields 14 and 15).
fn spent_seconds(stat: &str) -> Option<f64> {
    /// The clock ticks that Linux tells programs of, on every architecture that rfmart is released for.
    const TICKS_PER_SECOND: f64 = 100.0;
    // A program's name stands in parentheses, and may hold blanks and parentheses itself; what follows does not.
    let (_, from_state) = stat.rsplit_once(')')?;
    let mut ticks = from_state.split_ascii_whitespace().skip(11).map(str::parse::<f64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_that_of_user_and_system_whatever_the_program_is_called() {
        let stat = "4711 (rf (mart) 1) R 1 4711 4711 0 -1 4194304 812 13 0 0 1234 66 7 8 20 0 5 0 998 1 2";
        assert_eq!(spent_seconds(stat), Some(13.0));
        assert_eq!(spent_seconds("4711 (rfmart) R 1 4711"), None);
    }
}
