//! An act by all that was deposited of it: sent twice, or named in two ways, it is one act with several identifiers, and its story is the same
//! whichever of them it is asked by.

use super::{About, Taken};
use crate::model::By;

/// Messages 1-1 that share identifiers, from one to the next; or, where none is known, what was asked for.
#[derive(Clone, Debug)]
pub struct Known {
    all: Vec<About>,
    /// One of them is an act that was deposited.
    is_deposited: bool,
}

impl Known {
    /// By one of them.
    pub fn of(first: About) -> Known {
        Known { all: vec![first], is_deposited: true }
    }

    /// By what is said of an act that is not known itself.
    pub fn unseen(said: About) -> Known {
        Known { all: vec![said], is_deposited: false }
    }

    /// The act itself was deposited.
    pub fn is_deposited(&self) -> bool {
        self.is_deposited
    }

    /// The same act, deposited again: true where it shares an identifier and says something that was not known.
    pub fn join(&mut self, act: &About) -> bool {
        let is_new = !self.all.contains(act) && self.all.iter().any(|known| act.shares(known).is_some());
        if is_new {
            self.all.push(act.clone());
            self.is_deposited = true;
        }
        is_new
    }

    /// In the order of these, whichever came to be known first: what is shown of it depends on no other.
    pub fn in_order_of(&mut self, all: impl Iterator<Item = About>) {
        let mut ordered: Vec<About> = Vec::new();
        for act in all.filter(|act| self.all.contains(act)) {
            if !ordered.contains(&act) {
                ordered.push(act);
            }
        }
        if ordered.len() == self.all.len() {
            self.all = ordered;
        }
    }

    /// How many ways of saying it there are.
    pub fn ways(&self) -> usize {
        self.all.len()
    }

    /// The identifier to show, when there is one.
    pub fn id(&self) -> Option<&str> {
        self.all.iter().find_map(|act| act.ids.first()).map(|(id, _)| id.as_str())
    }

    /// Each of the identifiers under which what is about it is found, with its scheme.
    pub fn names(&self) -> Vec<(&'static str, String)> {
        let mut names: Vec<(&'static str, String)> = Vec::new();
        for name in self.all.iter().flat_map(About::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The rule by which a message is about it.
    pub fn tied(&self, message: &About) -> Option<By> {
        let tied = || self.all.iter().filter_map(|act| message.ties(act));
        tied().find(|by| *by != By::Number && *by != By::EnvelopeName).or_else(|| tied().next())
    }

    /// A message is surely about it, and whichever of those deposited is the act, it is that one.
    pub fn acknowledged(&self, message: &About) -> bool {
        self.all.iter().all(|act| message.surely(act))
    }

    /// How far a cancellation takes it back; in doubt where the act itself is not known, or where it takes back one of those deposited and not the others.
    pub fn taken_back(&self, message: &About) -> Option<Taken> {
        let taken: Vec<Option<Taken>> = self.all.iter().map(|act| message.takes_back(act)).collect();
        match self.is_deposited && taken.iter().all(|one| *one == Some(Taken::Surely)) {
            true => Some(Taken::Surely),
            false => taken.iter().any(Option::is_some).then_some(Taken::Perhaps),
        }
    }

    /// A cancellation that is found under no name of it, by what can be read of it, may be of it.
    pub fn may_be_meant_by(&self, message: &About) -> bool {
        self.all.iter().any(|act| message.may_mean(act))
    }

    /// That day is not before that of the act.
    pub fn may_be_on(&self, day: &str) -> bool {
        self.all.iter().all(|act| act.date.as_deref().is_none_or(|date| date <= day))
    }

    /// All that was deposited of it came in envelopes of the platform on which tests are made.
    pub fn is_only_test(&self) -> bool {
        self.all.iter().all(About::is_test)
    }

    /// What is said of it was said on that platform; or may have been, in no envelope, where one of those deposited came in such a one.
    pub fn on_trial(&self, message: &About) -> bool {
        message.is_test() || (message.envelope.is_none() && self.all.iter().any(About::is_test))
    }
}
