//! Texts kept once, each under a number: identifiers and names that come by the hundred thousand.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZeroU32;

/// The number of a text; four bytes, absent or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(NonZeroU32);

impl Name {
    /// Its place among the names, from 0.
    pub(crate) fn place(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The texts, one after the other. Whoever adds them bounds how many.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// Each at the slot its text hashes to, or the next free one; of the slots, a power of two, a quarter stays free.
    slots: Vec<Option<Name>>,
    /// Of a key nobody knows: texts that all fall together cannot be made up.
    hasher: RandomState,
}

impl Names {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text.
    pub(crate) fn get(&self, name: Name) -> &str {
        let place = name.place();
        let from = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(place).and_then(|end| self.text.get(from..*end)).unwrap_or_default()
    }

    /// The name of this text, if it has one.
    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        self.slots.get(self.slot(text)?).copied().flatten()
    }

    /// The name of this text.
    pub(crate) fn name(&mut self, text: &str) -> Name {
        self.add(text).0
    }

    /// The name of this text, and whether it is a new one.
    pub(crate) fn add(&mut self, text: &str) -> (Name, bool) {
        if self.slots.len() * 3 <= self.ends.len() * 4 {
            self.grow();
        }
        let slot = self.slot(text).unwrap_or_default();
        if let Some(known) = self.slots.get(slot).copied().flatten() {
            return (known, false);
        }
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let name = self.last();
        if let Some(free) = self.slots.get_mut(slot) {
            *free = Some(name);
        }
        (name, true)
    }

    /// The name of the text added last. Four thousand million of them would be needed to run out.
    fn last(&self) -> Name {
        let number = u32::try_from(self.ends.len()).ok().and_then(NonZeroU32::new);
        Name(number.unwrap_or(NonZeroU32::MAX))
    }

    /// Where this text is, or would be; none as long as there are no slots.
    fn slot(&self, text: &str) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = (self.hasher.hash_one(text) as usize) & mask;
        loop {
            match self.slots.get(at)? {
                Some(other) if self.get(*other) != text => at = (at + 1) & mask,
                _ => return Some(at),
            }
        }
    }

    /// Twice as many slots, the names in theirs.
    fn grow(&mut self) {
        let wanted = (self.slots.len() * 2).max(16);
        self.slots = Vec::new();
        self.slots = vec![None; wanted];
        for number in (1..=self.ends.len()).filter_map(|number| NonZeroU32::new(u32::try_from(number).ok()?)) {
            let name = Name(number);
            let slot = self.slot(self.get(name));
            if let Some(free) = slot.and_then(|slot| self.slots.get_mut(slot)) {
                *free = Some(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_one_name_by_which_it_is_had_again() {
        let mut names = Names::default();
        assert_eq!((names.find(""), names.len()), (None, 0));
        let texts: Vec<String> = (0..10_000).map(|n| format!("é{n}")).chain([String::new()]).collect();
        let given: Vec<Name> = texts.iter().map(|text| names.name(text)).collect();
        for (text, name) in texts.iter().zip(&given) {
            assert_eq!((names.get(*name), names.find(text)), (text.as_str(), Some(*name)));
            assert_eq!(names.add(text), (*name, false));
        }
        assert_eq!((names.len(), names.find("é10000")), (10_001, None));
        assert_eq!(given.last().map(|name| name.place()), Some(10_000));
        assert_eq!(std::mem::size_of::<Option<Name>>(), 4);
    }
}
