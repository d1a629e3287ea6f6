//! What the engine says is wrong with an expression.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

/// The engine's message, on one line.
pub(super) fn message(cause: &DataFusionError) -> String {
    let message = match cause.find_root() {
        DataFusionError::ArrowError(cause, _) => cause.to_string(),
        DataFusionError::SQL(cause, _) => match cause.as_ref() {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
            ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
        },
        root => root.message().into_owned(),
    };
    message.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
