//! Tests of the library and of the binary, in one program that links once.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what surprises a test fails it, with the place"
)]

mod architecture;
mod cases;
mod checks;
mod cli;
mod common;
mod config;
mod empty;
mod entry;
mod exit_codes;
mod fuzz;
mod golden;
mod init;
mod keys;
mod models;
mod plans;
mod privacy;
mod project;
mod run;
mod simulation;
mod source;
mod work_folder;
