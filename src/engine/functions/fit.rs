//! `bg_nbd(…)` and `gamma_gamma(…)`: the parameters of a chain, from counted histories.
//!
//! Rows are gathered as they come and sorted before anything is summed up, so partitions and threads change no bit.

use std::fmt;
use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

use crate::forecast::{Outcome, bg_nbd, gamma_gamma};

/// The two aggregates.
pub fn functions() -> [AggregateUDF; 2] {
    [Model::BgNbd, Model::GammaGamma].map(|model| AggregateUDF::from(Fit::new(model)))
}

/// What is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Model {
    BgNbd,
    GammaGamma,
}

/// An outcome's name, and the parameters or nulls.
type Told = (&'static str, Vec<Option<f64>>);

impl Model {
    fn name(self) -> &'static str {
        match self {
            Model::BgNbd => "bg_nbd",
            Model::GammaGamma => "gamma_gamma",
        }
    }

    fn columns(self) -> usize {
        match self {
            Model::BgNbd => 4,
            Model::GammaGamma => 3,
        }
    }

    fn parameters(self) -> &'static [&'static str] {
        match self {
            Model::BgNbd => &["r", "alpha", "a", "b"],
            Model::GammaGamma => &["p", "q", "v"],
        }
    }

    /// Of rows whose cells lie behind each other.
    fn fit(self, cells: &[i64]) -> Told {
        match self {
            Model::BgNbd => fit_bg_nbd(cells),
            Model::GammaGamma => fit_gamma_gamma(cells),
        }
    }
}

fn fit_bg_nbd(cells: &[i64]) -> Told {
    let (rows, _) = cells.as_chunks();
    let each = |&[repeat_days, span_days, tenure_days, customers]: &[i64; 4]| {
        (bg_nbd::History { repeat_days, span_days, tenure_days }, customers)
    };
    told(bg_nbd::fit(&mut rows.iter().map(each).collect::<Vec<_>>()), |found| [found.r, found.alpha, found.a, found.b])
}

fn fit_gamma_gamma(cells: &[i64]) -> Told {
    let (rows, _) = cells.as_chunks();
    let each = |&[repeat_days, repeat_cents, customers]: &[i64; 3]| {
        (gamma_gamma::Spending { repeat_days, repeat_cents }, customers)
    };
    told(gamma_gamma::fit(&mut rows.iter().map(each).collect()), |found| [found.p, found.q, found.v])
}

fn told<P, const N: usize>(outcome: Outcome<P>, list: fn(P) -> [f64; N]) -> Told {
    let name = outcome.name();
    let parameters = outcome.parameters().map(list);
    (name, (0..N).map(|place| parameters.as_ref()?.get(place).copied()).collect())
}

/// See the module's documentation.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Fit {
    model: Model,
    signature: Signature,
}

impl Fit {
    fn new(model: Model) -> Self {
        Fit { model, signature: Signature::exact(vec![DataType::Int64; model.columns()], Volatility::Immutable) }
    }

    fn fields(&self) -> Fields {
        let parameters = self.model.parameters().iter().map(|name| Field::new(*name, DataType::Float64, true));
        [Field::new("outcome", DataType::Utf8, true)].into_iter().chain(parameters).collect()
    }
}

fn state_item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, true))
}

impl AggregateUDFImpl for Fit {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Gathered { cells: Vec::new(), fields: self.fields(), model: self.model }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "rows"), DataType::List(state_item()), true))])
    }
}

/// The rows so far, their cells behind each other.
struct Gathered {
    cells: Vec<i64>,
    fields: Fields,
    model: Model,
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("cells", &self.cells.len()).finish_non_exhaustive()
    }
}

impl Accumulator for Gathered {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let columns: Vec<&Int64Array> = values.iter().map(|column| column.as_primitive()).collect();
        for row in 0..values.first().map_or(0, |column| column.len()) {
            if columns.iter().all(|column| column.is_valid(row)) {
                self.cells.extend(columns.iter().map(|column| column.value(row)));
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [lists] = states else {
            return exec_err!("a fit has one state");
        };
        for list in lists.as_list::<i32>().iter().flatten() {
            self.cells.extend_from_slice(list.as_primitive::<Int64Type>().values());
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let cells = Int64Array::from(std::mem::take(&mut self.cells));
        let list = OffsetBuffer::from_lengths([cells.len()]);
        let list = ListArray::try_new(state_item(), list, Arc::new(cells), None)?;
        Ok(vec![ScalarValue::List(Arc::new(list))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let (outcome, parameters) = self.model.fit(&self.cells);
        let outcome: ArrayRef = Arc::new(StringArray::from(vec![outcome]));
        let parameters = parameters.into_iter().map(|it| Arc::new(Float64Array::from(vec![it])) as ArrayRef);
        let columns = [outcome].into_iter().chain(parameters).collect();
        Ok(ScalarValue::Struct(Arc::new(StructArray::try_new(self.fields.clone(), columns, None)?)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + size_of_val(self.cells.as_slice())
    }
}
