//! Progress: a bar on a terminal, nothing elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Follows the reading of objects. Called from several threads.
pub trait ReadProgress: Send + Sync {
    /// `objects` with `bytes` in all are about to be read.
    fn start(&self, objects: u64, bytes: u64);
    /// `bytes` more were read.
    fn advance(&self, bytes: u64);
}

/// Follows a run.
pub trait RunProgress: Send + Sync {
    /// A step of the run begins.
    fn begin(&self, name: &str);
    /// Model number `done` of `total` begins.
    fn building(&self, model: &str, done: usize, total: usize);
    /// Follows the step that reads objects.
    fn reading(&self) -> &dyn ReadProgress;
    /// The run is over.
    fn end(&self);
}

/// Follows without showing anything.
pub struct Quiet;

impl RunProgress for Quiet {
    fn begin(&self, _: &str) {}
    fn building(&self, _: &str, _: usize, _: usize) {}
    fn reading(&self) -> &dyn ReadProgress {
        self
    }
    fn end(&self) {}
}

impl ReadProgress for Quiet {
    fn start(&self, _: u64, _: u64) {}
    fn advance(&self, _: u64) {}
}

const STEP: &str = "{spinner} {msg} {elapsed:.dim}";
const BUILDING: &str = "{spinner} {bar:24} {pos}/{len} {msg} {elapsed:.dim}";
const READING: &str = "{spinner} {bar:16} {bytes}/{total_bytes} of {msg}, {bytes_per_sec}, {eta} left";

/// A line on a terminal.
pub struct Terminal {
    bar: ProgressBar,
}

impl Default for Terminal {
    fn default() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Terminal { bar }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl RunProgress for Terminal {
    fn begin(&self, name: &str) {
        self.bar.set_style(style(STEP));
        self.bar.set_message(name.to_owned());
    }

    fn building(&self, model: &str, done: usize, total: usize) {
        self.bar.set_style(style(BUILDING));
        self.bar.set_length(u64::try_from(total).unwrap_or(0));
        self.bar.set_position(u64::try_from(done).unwrap_or(0));
        self.bar.set_message(model.to_owned());
    }

    fn reading(&self) -> &dyn ReadProgress {
        self
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl ReadProgress for Terminal {
    fn start(&self, objects: u64, bytes: u64) {
        self.bar.set_style(style(READING));
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        // The rate is that of this step.
        self.bar.reset_eta();
        self.bar.set_message(format!("{objects} objects"));
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_that_the_terminal_can_show() {
        for template in [STEP, BUILDING, READING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
