//! Threads that read objects. They wait for the runtime's answers, so they are none of its own: among those, a few that
//! wait could keep the one from being started that has the answer.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// How many there are, and who waits for the last.
static LIVING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Counts a thread for as long as it lives.
struct Living;

impl Living {
    fn new() -> Self {
        *LIVING.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Living
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        *LIVING.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LIVING.1.notify_all();
    }
}

/// Starts a thread. What it gives never comes if it panics.
///
/// # Errors
/// The system starts no more of them.
pub(super) fn start<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<oneshot::Receiver<T>> {
    let (sender, receiver) = oneshot::channel();
    let living = Living::new();
    std::thread::Builder::new().name("reading".to_owned()).spawn(move || {
        let _living = living;
        // Nobody waits for it any more when the run is over.
        let _ = sender.send(work());
    })?;
    Ok(receiver)
}

/// Waits until all reading threads have ended, but not longer than `patience`: those of a run that was given up end as
/// soon as they notice.
pub fn wait_for_readers(patience: Duration) {
    let living = LIVING.0.lock().unwrap_or_else(PoisonError::into_inner);
    // Who was waited for in vain is ended with the process.
    let _ = LIVING.1.wait_timeout_while(living, patience, |living| *living > 0);
}
