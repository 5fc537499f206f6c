//! The whole tree of a transfer, unit after unit, for whoever asks: the facts of a deposit list its first units alone.

use std::io::Read;

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::limits::Limits;
use crate::model::Incoming;
use crate::names::reading;
use crate::seda::transfer::{Reference, Transfer};
use crate::seda::{manifest, passes};

/// The units of a transfer in the order of its bordereau, a parent before what it holds; what only stands for a unit (`designe`) included.
/// Each text is cut at 512 bytes: the bordereau says the rest.
#[derive(Debug)]
pub struct Units {
    transfer: Transfer,
    next: usize,
}

impl Units {
    /// Those of this bordereau, read as it comes.
    ///
    /// # Errors
    /// Why it is none that is read.
    pub fn of_bordereau(name: &str, input: &mut dyn Read, limits: &Limits) -> Result<Units, Box<Finding>> {
        let transfer = manifest::read(input, name, limits).map_err(|fault| Box::new(Finding::from(fault)))?;
        Ok(Units { transfer, next: 0 })
    }

    /// Those of the one bordereau among these files and what is in those that are archives.
    ///
    /// # Errors
    /// Why there is none that is read.
    pub fn of_files(files: &mut [Incoming<'_>], limits: &Limits) -> Result<Units, Box<Finding>> {
        let names: Vec<String> = files.iter().map(|file| reading(file.name)).collect();
        let found = passes::transfer(files, &names, &limits.of_transfers());
        let transfer = found.map_err(|fault| Box::new(Finding::from(fault)))?;
        Ok(Units { transfer, next: 0 })
    }
}

impl Iterator for Units {
    type Item = Map<String, Value>;

    fn next(&mut self) -> Option<Map<String, Value>> {
        let unit = self.transfer.units.get(self.next)?;
        self.next += 1;
        let mut told = Map::new();
        for (key, text) in unit.said(&self.transfer.units).into_iter().chain([("designe", unit.stands_for.as_deref())])
        {
            told.extend(text.map(|text| (key.to_owned(), Value::from(text))));
        }
        let objects = unit.objects.iter().filter_map(|one| match one {
            Reference::Object(id) => Some(Value::from(&**id)),
            Reference::Group(_) => None,
        });
        let groups = unit.objects.iter().filter_map(|one| match one {
            Reference::Group(id) => Some(Value::from(&**id)),
            Reference::Object(_) => None,
        });
        let lists = [
            ("objets", objects.collect::<Vec<_>>()),
            ("groupes", groups.collect()),
            ("regles", unit.applied().map(Value::from).collect()),
        ];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            told.insert(key.to_owned(), Value::Array(list));
        }
        Some(told)
    }
}
