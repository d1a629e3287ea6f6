//! Progress: a bar on a terminal, nothing elsewhere.

use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::source::Progress;

/// Hears what a run is at.
pub trait Stage: Send + Sync {
    /// A stage begins.
    fn begin(&self, name: &str);
    /// Model number `done` of `total` begins.
    fn building(&self, model: &str, done: usize, total: usize);
    /// Hears of bytes read.
    fn reading(&self) -> &dyn Progress;
    /// The run is over.
    fn end(&self);
}

/// Hears and says nothing.
pub struct Quiet;

impl Stage for Quiet {
    fn begin(&self, _: &str) {}
    fn building(&self, _: &str, _: usize, _: usize) {}
    fn reading(&self) -> &dyn Progress {
        self
    }
    fn end(&self) {}
}

impl Progress for Quiet {
    fn start(&self, _: u64, _: u64) {}
    fn advance(&self, _: u64) {}
}

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

impl Stage for Terminal {
    fn begin(&self, name: &str) {
        self.bar.set_style(style("{spinner} {msg} {elapsed:.dim}"));
        self.bar.set_message(name.to_owned());
    }

    fn building(&self, model: &str, done: usize, total: usize) {
        self.bar.set_style(style("{spinner} {bar:24} {pos}/{len} {msg} {elapsed:.dim}"));
        self.bar.set_length(u64::try_from(total).unwrap_or(0));
        self.bar.set_position(u64::try_from(done).unwrap_or(0));
        self.bar.set_message(model.to_owned());
    }

    fn reading(&self) -> &dyn Progress {
        self
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Terminal {
    fn start(&self, objects: u64, bytes: u64) {
        self.bar.set_style(style("{spinner} {bar:24} {bytes}/{total_bytes} {msg} {elapsed:.dim}"));
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        self.bar.set_message(format!("Reading {objects} objects, {}", HumanBytes(bytes)));
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}
