//! Which envelope of a deposit a message came in.

use std::collections::HashMap;

use super::document::{Direction, Envelope};
use super::name;
use crate::look::Seen;
use crate::names::last_component;

/// The envelopes of a deposit by what they carry, anomalies apart. An archive holds those of its own.
pub(crate) struct Carriers<'s> {
    /// Of each archive, or of the files that came loose, the reference of the only envelope; nothing where there are several.
    only: HashMap<Option<usize>, Option<String>>,
    /// By the message that an envelope announces.
    announced: HashMap<(Option<usize>, &'s str), String>,
}

impl<'s> Carriers<'s> {
    pub(crate) fn of(seen: &'s [Seen], envelopes: &[(usize, &'s Envelope)]) -> Carriers<'s> {
        let mut carriers = Carriers { only: HashMap::new(), announced: HashMap::new() };
        for (index, envelope) in envelopes.iter().filter(|(_, envelope)| envelope.direction != Direction::Anomaly) {
            let file = &seen[*index];
            let Some(name) = name::envelope(&file.name) else { continue };
            let only = carriers.only.entry(file.parent);
            only.and_modify(|known| *known = None).or_insert_with(|| Some(name.stem.clone()));
            for form in &envelope.forms {
                carriers.announced.entry((file.parent, last_component(form))).or_insert_with(|| name.stem.clone());
            }
        }
        carriers
    }

    /// The reference of the envelope of that message.
    pub(crate) fn of_message(&self, message: &Seen) -> Option<String> {
        let announced = || self.announced.get(&(message.parent, message.base())).cloned();
        self.only.get(&message.parent).cloned().flatten().or_else(announced)
    }
}
