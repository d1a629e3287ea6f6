//! What ends a run before it is done: a signal, its deadline, and the patience with what doesn't notice either.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rfmart::{Error, Kind};
use tokio::signal::unix::{SignalKind, signal};

/// How long threads that were stopped in the middle of something may take to notice.
pub(super) const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A stop is no verdict on the data or the storage: the exit code asks for another try.
pub(super) fn stopped() -> Error {
    Error::new(Kind::Contention, "stopped by a signal").hint("`rfmart runs` tells whether the snapshot was published")
}

/// Completes when the run has taken as long as it may.
pub(super) async fn deadline(limit: Option<Duration>) -> Error {
    let Some(limit) = limit else { return std::future::pending().await };
    tokio::time::sleep(limit).await;
    not_done_within(limit)
}

pub(super) fn not_done_within(limit: Duration) -> Error {
    Error::new(Kind::Contention, format!("not done within limits.deadline, {} s", limit.as_secs()))
        .hint("nothing is lost: run again. If it happens again, is the source larger, or storage slower, than before?")
}

/// Completes when the process is asked to stop; dropping the run's work then cleans up after it.
///
/// It listens on a thread of its own, for those of the run may all be busy.
pub(super) async fn stop_signal() {
    let (sender, heard) = tokio::sync::oneshot::channel();
    let listens = std::thread::Builder::new().spawn(move || {
        if let Ok(listening) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            listening.block_on(signalled());
            // Nobody waits for it any more when the run is over.
            if sender.send(()).is_ok() {
                std::thread::sleep(2 * STOP_PATIENCE);
                end(&stopped());
            }
        }
    });
    if listens.is_err() || heard.await.is_err() {
        // Nobody listens, so no signal will come.
        std::future::pending::<()>().await;
    }
}

async fn signalled() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()), if !is_hangup_ignored() => {}
    }
}

/// Completes when the signal comes; never if the system doesn't let us listen.
async fn received(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Whoever started us with `nohup` wants us to go on without a terminal: listening would undo that.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal 1 is the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// Ends the process with `error` when `patience` is over, unless what is returned is dropped before.
///
/// What is asked to stop notices at its next pause. A query may have none for hours.
pub(super) fn end_after(patience: Duration, error: Error) -> mpsc::Sender<()> {
    let (is_done, done) = mpsc::channel();
    // If it can't be started, the run may take longer to stop.
    let _ = std::thread::Builder::new().spawn(move || {
        if done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            end(&error);
        }
    });
    is_done
}

/// The work folder is left to the next run, which tells by the lock on it that this one is gone.
fn end(error: &Error) -> ! {
    let exit_code = error.kind().exit_code();
    tracing::error!(exit_code, "{error}");
    std::process::exit(exit_code.into());
}
