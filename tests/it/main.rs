//! Tests of the library and of the binary, in one program that links once.

mod architecture;
mod cases;
mod checks;
mod cli;
mod common;
mod config;
mod empty;
mod entry;
mod exit_codes;
mod golden;
mod init;
mod keys;
mod models;
mod privacy;
mod project;
mod run;
mod source;
mod work_folder;
