//! The facts of essential data: what the contracts are about, for how much, since when, and what was modified. Holders stay in the file.

use serde_json::Value;

use super::{Contract, Decp, Edition};
use crate::facts::Facts;
use crate::limits::MAX_LISTED;

impl Facts<'_> {
    /// The contracts of all files together.
    pub(crate) fn essential(&mut self, all: &[&Decp]) {
        let editions: std::collections::BTreeSet<Edition> =
            all.iter().flat_map(|decp| decp.editions.iter().copied()).collect();
        let editions: Vec<&str> = editions.into_iter().map(Edition::as_str).collect();
        self.put("edition", Some(editions.join(", ").as_str()).filter(|text| !text.is_empty()));
        let total = |count: fn(&Decp) -> usize| all.iter().map(|decp| count(decp)).sum::<usize>();
        self.map.insert("nombre_contrats".to_owned(), Value::from(total(|decp| decp.contracts)));
        self.map.insert("nombre_modifications".to_owned(), Value::from(total(|decp| decp.modifications)));
        let first = all.iter().find_map(|decp| decp.keys.first());
        self.put("contrat", first.map(String::as_str));
        let mut modifications_left = MAX_LISTED;
        let mut listed = Vec::new();
        for contract in all.iter().flat_map(|decp| &decp.listed).take(MAX_LISTED) {
            listed.push(self.contract(contract, &mut modifications_left));
        }
        self.map.insert("contrats".to_owned(), Value::Array(listed));
    }

    fn contract(&mut self, contract: &Contract, modifications_left: &mut usize) -> Value {
        let kind = if contract.concession { "contrat-concession" } else { "marche" };
        let mut object = self.object(&[
            ("cle", contract.key.as_deref()),
            ("type", Some(kind)),
            ("nature", contract.nature.as_deref()),
            ("montant", contract.amount.as_deref()),
            ("date", contract.date.as_deref()),
        ]);
        // A thousand characters are within the rules: more than what other lists keep of a text.
        if let Some(subject) = &contract.subject {
            let subject = self.bounded("objet", subject);
            object.insert("objet".to_owned(), subject);
        }
        object.insert("nombre_modifications".to_owned(), Value::from(contract.modification_count));
        let mut modifications = Vec::new();
        for one in contract.modifications.iter().take(*modifications_left) {
            let told = self.object(&[
                ("numero", one.number.as_deref()),
                ("date", one.date.as_deref()),
                ("montant", one.amount.as_deref()),
                ("duree_mois", one.months.as_deref()),
            ]);
            modifications.push(Value::Object(told));
        }
        *modifications_left = modifications_left.saturating_sub(modifications.len());
        if !modifications.is_empty() {
            object.insert("modifications".to_owned(), Value::Array(modifications));
        }
        Value::Object(object)
    }
}
