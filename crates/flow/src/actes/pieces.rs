//! Files announced against files present: the act, its annexes, the messages of an envelope.

use std::collections::HashMap;

use super::document::{Direction, Envelope};
use super::name::{unpacked, without_code};
use super::told::Told;
use crate::codes::{self, Fault, Faults};
use crate::look::{Reading, Seen};
use crate::names::{folded, last_component};
use crate::xml::within;

/// The files of a deposit by name, and the role each was given.
pub(crate) struct Pieces<'s> {
    seen: &'s [Seen],
    exact: HashMap<&'s str, usize>,
    loose: HashMap<String, usize>,
    pub(crate) roles: Vec<Option<&'static str>>,
}

/// What accent, case, directory and document code do not change.
pub(super) fn key(name: &str) -> String {
    folded(without_code(unpacked(last_component(name))))
}

impl<'s> Pieces<'s> {
    pub(crate) fn new(seen: &'s [Seen]) -> Pieces<'s> {
        let mut exact = HashMap::new();
        let mut loose = HashMap::new();
        for (index, file) in seen.iter().enumerate() {
            exact.entry(file.base()).or_insert(index);
            loose.entry(key(file.base())).or_insert(index);
        }
        Pieces { seen, exact, loose, roles: vec![None; seen.len()] }
    }

    /// Gives the announced file its role; says if it is missing or called otherwise.
    fn claim(
        &mut self,
        announced: &str,
        role: &'static str,
        place: &str,
        missing: &'static codes::Code,
    ) -> Option<Fault> {
        let exact = self.exact.get(announced).copied();
        let Some(index) = exact.or_else(|| self.loose.get(&key(announced)).copied()) else {
            return Some(Fault::new(missing, place).with(announced));
        };
        self.roles[index].get_or_insert(role);
        let base = self.seen[index].base();
        exact.is_none().then(|| Fault::new(&codes::ACTES_DECLARED_NAME_DIFFERS, place).with(announced).with(base))
    }

    /// The messages an envelope announces. Alone, without any of them, it is no incomplete sending.
    pub(crate) fn forms(&mut self, index: usize, envelope: &Envelope, alone: bool, faults: &mut Faults) {
        if envelope.direction == Direction::Anomaly {
            return;
        }
        let missing = if alone { &codes::ACTES_DECLARED_ELSEWHERE } else { &codes::ACTES_DECLARED_MISSING };
        let place = within(&self.seen[index].name, "FormulairesEnvoyes");
        faults.extend(envelope.forms.iter().filter_map(|form| self.claim(form, "message", &place, missing)));
    }

    /// The act and annexes of a 1-1, the files of a letter.
    pub(crate) fn files(&mut self, told: &Told<'_>, faults: &mut Faults) {
        let place = within(&told.seen.name, &told.message.root);
        if let Some(act) = told.message.act.as_ref().filter(|_| told.is_act()) {
            let missing = &codes::ACTES_DECLARED_MISSING;
            if let Some(name) = &act.document {
                faults.extend(self.claim(name, "acte", &format!("{place}/Document"), missing));
            }
            for name in &act.annexes {
                faults.extend(self.claim(name, "annexe", &format!("{place}/Annexes"), missing));
            }
        }
        let alone = told.seen.parent.is_none() && !self.has_loose_files();
        let missing = if alone { &codes::ACTES_DECLARED_ELSEWHERE } else { &codes::ACTES_DECLARED_MISSING };
        for name in &told.message.files {
            faults.extend(self.claim(name, "annexe", &place, missing));
        }
    }

    /// The file that is the document of this act, by its name.
    pub(crate) fn document_of(&self, told: &Told<'_>) -> Option<&'s str> {
        let announced = told.message.act.as_ref().filter(|_| told.is_act())?.document.as_deref()?;
        let index = self.exact.get(announced).or_else(|| self.loose.get(&key(announced)))?;
        Some(self.seen[*index].base())
    }

    fn has_loose_files(&self) -> bool {
        self.seen.iter().any(|s| !matches!(s.reading, Reading::Actes(..)))
    }

    /// Files nobody announced; in an archive with an envelope that holds for messages too.
    pub(crate) fn not_announced(&self, tolds: &[Told<'_>], enveloped: &[usize], faults: &mut Faults) {
        let fault = |seen: &Seen| Fault::new(&codes::ACTES_NOT_DECLARED, &seen.name);
        for (seen, role) in self.seen.iter().zip(&self.roles) {
            if role.is_none() && !matches!(seen.reading, Reading::Actes(..)) {
                faults.push(fault(seen));
            }
        }
        for told in tolds {
            let enveloped = told.seen.parent.is_some_and(|p| enveloped.contains(&p));
            if enveloped && self.roles[told.index].is_none() {
                faults.push(fault(told.seen));
            }
        }
    }
}
