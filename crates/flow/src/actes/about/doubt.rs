//! A cancellation whose act cannot be read for certain: what can be read of it is held against each act, and where it may be of one it counts.

use super::About;
use super::name::{self, Parts, is_act_id};
use crate::actes::kinds;
use crate::model::By;

/// Scheme and value under which every such cancellation of a tenant is found, whatever act it is of.
pub const IN_DOUBT: (&str, &str) = ("acte-annulation", "douteuse");

impl About {
    /// The act that it is of cannot be read for certain, and enough can to hold it against acts.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let sure = |(id, by): &(String, By)| *by == By::IdActe && is_act_id(id);
        let one_way = || self.readings().iter().all(|parts| parts.whole().is_some());
        !self.ids.iter().any(sure) && self.says_enough() && !one_way()
    }

    /// Two parts at least can be read of an act that no identifier names.
    pub(crate) fn says_enough(&self) -> bool {
        self.readings().iter().any(Parts::say_enough)
    }

    /// By what can be read of an IDActe that is none, or by what it says besides where there is none, it may be of that act: two parts are the same,
    /// and none is another's.
    pub fn may_mean(&self, act: &About) -> bool {
        let readings = self.readings();
        !readings.is_empty()
            && act.faces().iter().any(|face| {
                readings.iter().any(|parts| parts.may_be([face.siren, face.number, face.date, face.nature]))
            })
    }

    /// What no identifier of an act says, in each way it can be read.
    fn readings(&self) -> Vec<Parts> {
        let said = || self.ids.iter().filter(|(_, by)| *by == By::IdActe);
        let mut all: Vec<Parts> = said().filter(|(id, _)| !is_act_id(id)).flat_map(|(id, _)| name::parts(id)).collect();
        if said().next().is_none() && !self.ids.iter().any(|(_, by)| *by == By::FileName) {
            let nature = kinds::natures().find(|nature| self.nature.as_deref() == Some(*nature));
            let date = self.date.as_deref().map(|date| date.replace('-', ""));
            let date = date.filter(|date| name::with_dashes(date).is_some());
            all.push(Parts { date, number: self.number.clone(), nature, ..Parts::default() });
        }
        for parts in &mut all {
            // Whose acts they are stands in the name of its file too.
            parts.siren = parts.siren.take().or_else(|| self.siren.clone());
        }
        all
    }
}
