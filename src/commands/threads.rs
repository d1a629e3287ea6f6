//! Whether the system starts the threads that a run has.

use std::sync::RwLock;

use rfmart::{Error, Kind, Result};

/// Threads that wait for files, beside one for each that computes: one writes a table, while it is made of others.
pub(super) const FOR_FILES: usize = 2;

/// Threads that wait for a signal, and for the deadline.
pub(super) const OTHERS: usize = 2;

/// Sees that the system would start as many threads as a run has. Where it doesn't, the runtime would end in a panic, or
/// wait for a thread that never comes.
pub(super) fn see_that_they_start(count: usize) -> Result<()> {
    let gate = RwLock::new(());
    let all_started = std::thread::scope(|scope| {
        let closed = gate.write();
        let started = (0..count)
            .try_for_each(|_| std::thread::Builder::new().spawn_scoped(scope, || drop(gate.read())).map(drop));
        drop(closed);
        started
    });
    all_started.map_err(|cause| {
        Error::new(Kind::Bug, format!("can't start the {count} threads of a run")).detail(cause.to_string()).hint(
            "raise how many this user may have (`ulimit -u`, TasksMax, pids.max), or lower limits.target_partitions",
        )
    })
}
