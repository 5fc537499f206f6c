//! Which envelope of a deposit a message came in.

use std::collections::{HashMap, HashSet};

use super::document::{Direction, Envelope};
use super::name;
use crate::look::Seen;
use crate::names::last_component;

/// The envelopes of a deposit by what they carry, anomalies apart. An archive holds those of its own.
pub(crate) struct Carriers<'s> {
    /// Of each archive, or of the files that came loose, the reference of the only envelope, and whether it announces messages; nothing where
    /// there are several.
    only: HashMap<Option<usize>, Option<(String, bool)>>,
    /// By the message that an envelope announces.
    announced: HashMap<(Option<usize>, &'s str), String>,
    /// Archives whose name says the platform on which tests are made.
    trials: HashSet<usize>,
    /// Those of which an envelope says it, and the files that came loose where one of them does.
    with_trials: HashSet<Option<usize>>,
}

impl<'s> Carriers<'s> {
    /// `archives` are the names of what holds members.
    pub(crate) fn of(seen: &'s [Seen], envelopes: &[(usize, &'s Envelope)], archives: &[String]) -> Carriers<'s> {
        let trials = archives.iter().enumerate().filter(|(_, archive)| name::says_test(archive));
        let said = envelopes.iter().map(|(index, _)| &seen[*index]).filter(|file| name::says_test(file.base()));
        let mut carriers = Carriers {
            only: HashMap::new(),
            announced: HashMap::new(),
            trials: trials.map(|(archive, _)| archive).collect(),
            with_trials: said.map(|file| file.parent).collect(),
        };
        for (index, envelope) in envelopes.iter().filter(|(_, envelope)| envelope.direction != Direction::Anomaly) {
            let file = &seen[*index];
            let Some(name) = name::envelope(&file.name) else { continue };
            let only = carriers.only.entry(file.parent);
            let announces = !envelope.forms.is_empty();
            only.and_modify(|known| *known = None).or_insert_with(|| Some((name.stem.clone(), announces)));
            for form in &envelope.forms {
                carriers.announced.entry((file.parent, last_component(form))).or_insert_with(|| name.stem.clone());
            }
        }
        carriers
    }

    /// The reference of the envelope of that message. One that lies loose beside an envelope which announces others did not come in it.
    pub(crate) fn of_message(&self, message: &Seen) -> Option<String> {
        let announced = || self.announced.get(&(message.parent, message.base())).cloned();
        let only = self.only.get(&message.parent).cloned().flatten();
        let holds = |(_, announces): &(String, bool)| message.parent.is_some() || !announces;
        only.filter(holds).map(|(stem, _)| stem).or_else(announced)
    }

    /// Something besides that reference of its envelope says that the message is of the platform on which tests are made: its archive, or one of
    /// several envelopes beside it.
    pub(crate) fn is_trial(&self, message: &Seen, envelope: Option<&str>) -> bool {
        let of_another = || envelope.is_none() && self.with_trials.contains(&message.parent);
        message.parent.is_some_and(|archive| self.trials.contains(&archive)) || of_another()
    }
}
