//! Where an expression wants numbers, texts are read as exact decimals.
//!
//! A text counts as a number beside arithmetic signs, in `round` and `abs`, and where it is compared or
//! takes turns (case, coalesce, nullif, …) with a number. Elsewhere it stays a text.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, ExprSchemable, Operator};

use super::functions;

/// Functions whose arguments take turns in being the value, or are compared.
const TAKE_TURNS: [&str; 6] = ["coalesce", "nullif", "nvl", "ifnull", "greatest", "least"];

/// The expression with [`functions::number`] around each text that stands for a number.
pub(super) fn as_decimals(expression: Expr, schema: &DFSchema) -> Result<Expr, DataFusionError> {
    let marked = expression.transform_up(|part| Ok(Transformed::yes(mark(part, schema))));
    marked.map(|marked| marked.data)
}

fn mark(mut part: Expr, schema: &DFSchema) -> Expr {
    match &mut part {
        Expr::Negative(operand) => mark_all([operand.as_mut()], schema, true),
        Expr::BinaryExpr(binary) => {
            let sides = [binary.left.as_mut(), binary.right.as_mut()];
            match binary.op {
                Operator::Plus | Operator::Minus | Operator::Multiply | Operator::Divide | Operator::Modulo => {
                    mark_all(sides, schema, true);
                }
                Operator::Eq
                | Operator::NotEq
                | Operator::Lt
                | Operator::LtEq
                | Operator::Gt
                | Operator::GtEq
                | Operator::IsDistinctFrom
                | Operator::IsNotDistinctFrom => mark_all(sides, schema, false),
                _ => {}
            }
        }
        Expr::Between(between) => {
            mark_all([between.expr.as_mut(), between.low.as_mut(), between.high.as_mut()], schema, false);
        }
        Expr::InList(list) => mark_all(std::iter::once(list.expr.as_mut()).chain(&mut list.list), schema, false),
        Expr::Case(case) => {
            let whens = case.when_then_expr.iter_mut();
            let (when, then): (Vec<_>, Vec<_>) = whens.map(|(when, then)| (when.as_mut(), then.as_mut())).unzip();
            mark_all(then.into_iter().chain(case.else_expr.as_deref_mut()), schema, false);
            if let Some(base) = case.expr.as_deref_mut() {
                mark_all(std::iter::once(base).chain(when), schema, false);
            }
        }
        Expr::ScalarFunction(call) => match call.func.name() {
            functions::ROUND | functions::ABS => mark_all(call.args.iter_mut().take(1), schema, true),
            name if TAKE_TURNS.contains(&name) => mark_all(&mut call.args, schema, false),
            _ => {}
        },
        _ => {}
    }
    part
}

/// Marks the texts among `parts`, if they stand for numbers: always where texts alone would do so, too, else
/// beside a number. Beside a time they don't.
fn mark_all<'a>(parts: impl IntoIterator<Item = &'a mut Expr>, schema: &DFSchema, texts_do: bool) {
    let parts: Vec<(&mut Expr, Option<DataType>)> = parts
        .into_iter()
        .map(|part| {
            let data_type = part.get_type(schema).ok();
            (part, data_type)
        })
        .collect();
    let has = |is: fn(&DataType) -> bool| parts.iter().any(|(_, data_type)| data_type.as_ref().is_some_and(is));
    let is_wanted = !has(is_time) && (texts_do || has(DataType::is_numeric));
    for (part, data_type) in parts {
        if is_wanted && data_type.is_some_and(|data_type| data_type.is_string()) {
            let text = std::mem::replace(part, Expr::Literal(datafusion::common::ScalarValue::Null, None));
            *part = functions::number().call(vec![text]);
        }
    }
}

fn is_time(data_type: &DataType) -> bool {
    data_type.is_temporal() || matches!(data_type, DataType::Interval(_))
}
