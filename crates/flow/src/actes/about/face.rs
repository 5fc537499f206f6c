//! The parts of an act, as one identifier or one message has them: what is compared where no identifier decides.

use crate::actes::kinds;
use crate::actes::name::{split_act_id, with_dashes};

/// SIREN, number, date and nature. What is not said is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face<'a> {
    pub(super) siren: Option<&'a str>,
    pub(super) number: Option<&'a str>,
    /// With dashes or without.
    pub(super) date: Option<&'a str>,
    pub(super) nature: Option<&'a str>,
}

impl<'a> Face<'a> {
    /// Of an identifier: a day that the calendar does not have, and a nature that is none of the six, say nothing.
    pub(super) fn of(id: &'a str) -> Option<Face<'a>> {
        let [_, siren, date, number, nature] = split_act_id(id)?;
        let date = Some(date).filter(|date| with_dashes(date).is_some());
        let nature = Some(nature).filter(|nature| kinds::is_nature(nature));
        Some(Face { siren: Some(siren), number: Some(number), date, nature })
    }

    /// Both state a part, and differ.
    pub(super) fn contradicts(&self, other: &Face<'_>) -> bool {
        let differ = |one: Option<&str>, other: Option<&str>| matches!((one, other), (Some(a), Some(b)) if a != b);
        differ(self.siren, other.siren)
            || differ(self.number, other.number)
            || differ(self.nature, other.nature)
            || matches!((self.date, other.date), (Some(one), Some(other)) if !same_day(one, other))
    }

    /// Both state SIREN and number, and they are the same.
    pub(super) fn has_the_number_of(&self, other: &Face<'_>) -> bool {
        let same = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
        same(self.siren, other.siren) && same(self.number, other.number)
    }

    /// All four parts are stated, and the same.
    pub(super) fn is_all_of(&self, other: &Face<'_>) -> bool {
        let whole = |face: &Face<'_>| face.date.is_some() && face.nature.is_some();
        whole(self) && whole(other) && self.has_the_number_of(other) && !self.contradicts(other)
    }
}

/// One is written as in messages, the other as in names.
fn same_day(one: &str, other: &str) -> bool {
    let digits = |day: &'_ str| day.bytes().filter(|byte| *byte != b'-').collect::<Vec<u8>>();
    one == other || digits(one) == digits(other)
}
