//! rfmart: the nightly ETL and data warehouse of a chain of medical-aesthetics clinics.
//!
//! Data flows one way: `config` describes it, `source` reads objects into staged rows, `model` and
//! `engine` run the SQL, `check` audits, `publish` writes. `run` puts the stages in order; `cases`
//! sends a few rows through them, and compares what comes with what must.

pub mod calendar;
pub mod cases;
pub mod check;
pub mod config;
pub mod engine;
pub mod error;
pub mod generate;
pub mod init;
pub mod model;
pub mod observe;
pub mod policy;
pub mod publish;
pub mod report;
pub mod run;
pub mod source;
pub mod storage;

pub use error::{Context, Error, Kind, Result};
