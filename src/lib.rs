//! rfmart: the nightly ETL and data warehouse of a chain of medical-aesthetics clinics.
//!
//! Data flows one way: `entity` names what can be read, `config` describes where it lies, `source` reads objects into
//! staged rows, `model` and `engine` run the SQL, `check` audits, `publish` writes. `run` puts the steps in order; `cases`
//! sends a few rows through them, and compares what comes with what must. What people write is parsed by `yaml`, and what
//! is wrong with it is a `diagnostic`.

pub mod calendar;
pub mod cases;
pub mod check;
pub mod config;
pub mod diagnostic;
pub mod diff;
pub mod engine;
pub mod entity;
pub mod error;
pub mod expression;
pub mod forecast;
pub mod generate;
pub mod init;
pub mod lineage;
pub mod model;
pub mod observe;
pub mod page;
pub mod policy;
pub mod publish;
pub mod report;
pub mod run;
pub mod source;
pub mod storage;
pub mod suggest;
pub mod yaml;

mod bounded_text;
mod grouping;
mod number;
mod sql_extent;
mod text_of_file;

pub use error::{Context, Error, Kind, Result};
