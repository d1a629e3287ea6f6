//! Of all models those that a pipeline publishes, and what these are made from.

use super::catalog::Catalog;
use super::graph::{INPUT_QUALITY, table_name};
use crate::config::Pipeline;
use crate::suggest::write_instead;
use crate::{Error, Kind, Result};

impl Catalog {
    /// The models of a pipeline: of those beside its file (see [`Catalog::beside`]) the ones that
    /// `publish.tables` asks for, with all that these are made from, and the checks that look at nothing else.
    ///
    /// # Errors
    /// As [`Catalog::beside`]; a table that no model makes.
    pub fn of_pipeline(pipeline: &Pipeline) -> Result<Self> {
        let catalog = Catalog::beside(&pipeline.file)?;
        match &pipeline.publish.tables {
            Some(tables) => catalog.only(tables),
            None => Ok(catalog),
        }
    }

    fn only(self, tables: &[String]) -> Result<Self> {
        for table in tables {
            self.publishes(table)?;
        }
        let input_quality = INPUT_QUALITY.iter().map(ToString::to_string);
        Ok(self.making(tables.iter().cloned().chain(input_quality)))
    }

    /// The models that make `tables`, and the checks that look at nothing else.
    #[must_use]
    pub fn making(mut self, tables: impl IntoIterator<Item = String>) -> Self {
        let kept = self.with_inputs(tables);
        let is_left_out = |reference: &String| {
            self.models.contains_key(table_name(reference)) && !kept.contains(table_name(reference))
        };
        self.checks.retain(|_, check| !check.references.iter().any(is_left_out));
        self.models.retain(|name, _| kept.contains(name));
        self
    }

    fn publishes(&self, table: &str) -> Result<()> {
        if self.models.get(table).is_some_and(super::Model::is_published) {
            return Ok(());
        }
        let published: Vec<&str> =
            self.models.values().filter(|model| model.is_published()).map(|model| model.name.as_str()).collect();
        let message = format!("publish.tables names {table}, which is no published table");
        Err(Error::new(Kind::Config, message).hint(write_instead(table, &published)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(tables: &[&str]) -> Result<Catalog> {
        let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
        Catalog::built_in().expect("the models that ship").only(&tables)
    }

    #[test]
    fn a_table_brings_what_it_is_made_from_and_its_checks() {
        let catalog = only(&["fct_lifecycle_transition"]).expect("models");
        let published: Vec<&str> =
            catalog.models.values().filter(|model| model.is_published()).map(|model| model.name.as_str()).collect();
        assert_eq!(published, ["fct_lifecycle_snapshot", "fct_lifecycle_transition"]);
        assert!(catalog.models.contains_key("int_customer_stage"));
        assert!(!catalog.models.contains_key("int_item_period"));
        assert!(catalog.checks.contains_key("transitions_reconcile"));
        assert!(!catalog.checks.contains_key("scores_from_1_to_5"));
        assert_eq!(catalog.unknown_tables(), []);
    }

    #[test]
    fn what_is_no_published_table_is_refused() {
        for table in ["fct_custmer_rfm", "int_customer_day"] {
            let refusal = only(&[table]).expect_err("an error");
            assert_eq!(refusal.kind(), Kind::Config);
            assert!(refusal.to_string().contains(table), "{refusal}");
        }
    }
}
