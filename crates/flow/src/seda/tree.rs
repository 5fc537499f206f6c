//! The whole tree of a transfer, unit after unit, for whoever asks: the facts of a deposit list its first units alone.

use std::io::Read;

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::limits::Limits;
use crate::model::Incoming;
use crate::names::reading;
use crate::seda::facts::said_of_rules;
use crate::seda::referential::Referential;
use crate::seda::transfer::{Keep, Reference, Rule, Transfer};
use crate::seda::{manifest, passes};

/// The units of a transfer in the order of its bordereau, a parent before what it holds; what only stands for a unit (`designe`) included.
/// Each text is cut at 512 bytes: the bordereau says the rest.
#[derive(Debug)]
pub struct Units {
    transfer: Transfer,
    by: Referential,
    next: usize,
}

impl Units {
    /// Those of this bordereau, read as it comes.
    ///
    /// # Errors
    /// Why it is none that is read.
    pub fn of_bordereau(name: &str, input: &mut dyn Read, limits: &Limits) -> Result<Units, Box<Finding>> {
        let transfer =
            manifest::read(input, name, limits, Keep::All).map_err(|fault| Box::new(Finding::from(fault)))?;
        Ok(Units { transfer, by: Referential::default(), next: 0 })
    }

    /// Those of the one bordereau among these files and what is in those that are archives.
    ///
    /// # Errors
    /// Why there is none that is read.
    pub fn of_files(files: &mut [Incoming<'_>], limits: &Limits) -> Result<Units, Box<Finding>> {
        let names: Vec<String> = files.iter().map(|file| reading(file.name)).collect();
        let found = passes::transfer(files, &names, &limits.of_transfers());
        let transfer = found.map_err(|fault| Box::new(Finding::from(fault)))?;
        Ok(Units { transfer, by: Referential::default(), next: 0 })
    }

    /// The same, with the last day of each rule of which these lists tell how long it lasts.
    pub fn with(self, by: Referential) -> Units {
        Units { by, ..self }
    }
}

impl Iterator for Units {
    type Item = Map<String, Value>;

    fn next(&mut self) -> Option<Map<String, Value>> {
        let transfer = &self.transfer;
        let (place, unit) = (self.next, transfer.units.get(self.next)?);
        self.next += 1;
        let mut told = Map::new();
        for (key, text) in transfer.said(unit).into_iter().chain([("designe", transfer.text(unit.stands_for))]) {
            told.extend(text.map(|text| (key.to_owned(), Value::from(text))));
        }
        let named = |group: bool| {
            let of_kind = transfer.references_of(place).iter().filter(move |one: &&Reference| one.group == group);
            of_kind.map(|one| Value::from(transfer.names.get(one.id))).collect::<Vec<_>>()
        };
        let lists = [("objets", named(false)), ("groupes", named(true))];
        told.extend(
            lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key.to_owned(), list.into())),
        );
        let rules: Vec<&Rule> = transfer.applied(place).collect();
        told.extend(said_of_rules(transfer, &rules, self.by.rules.as_deref()));
        Some(told)
    }
}
