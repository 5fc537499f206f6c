//! Which flow of a deposit an acknowledgement is about, by NomFic and by the SIRET of both, and what all of them come to for it.

use std::collections::BTreeMap;

use super::ack::Acks;
use super::document::Pes;
use super::parts::{self, Taken};
use super::story::Flows;
use super::{PesKind, WORDS};
use crate::codes::{self, Fault, Faults};
use crate::limits::{MAX_LISTED, MAX_PES_PARTS};
use crate::look::Seen;

/// What an acknowledgement is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// The flow of the deposit at this place.
    Of(usize),
    /// So many of the deposit bear its name.
    Unsure(usize),
    /// The one that bears its name is of another SIRET.
    OtherSiret(usize),
    /// The deposit holds no file sent.
    Elsewhere,
    /// None of those of the deposit.
    None,
}

/// What the acknowledgements of a deposit are about, and what all of them say of each flow.
#[derive(Default)]
pub(super) struct About {
    /// For each flow that is one.
    pub(super) ties: BTreeMap<usize, Tie>,
    /// For each flow sent.
    pub(super) of: BTreeMap<usize, Said>,
}

/// What is said of one flow.
#[derive(Default)]
pub(super) struct Said {
    pub(super) acks: Acks,
    /// Held against what there is; nothing where there is more than is compared.
    pub(super) taken: Option<Taken>,
}

impl Said {
    pub(super) fn state(&self) -> Option<&'static str> {
        parts::state(self.acks.state(), self.taken.as_ref())
    }
}

/// Both say a SIRET, and not the same.
pub(super) fn others(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

impl Flows<'_> {
    fn tied(&self, ack: &Pes) -> Tie {
        let about = ack.head.file_name.as_deref();
        let named = |place: &&usize| about.is_some() && self.all[**place].1.head.file_name.as_deref() == about;
        let found: Vec<usize> = self.sent.iter().filter(named).copied().collect();
        match found.as_slice() {
            [one] if others(self.all[*one].1.head.siret.as_deref(), ack.head.siret.as_deref()) => Tie::OtherSiret(*one),
            [one] => Tie::Of(*one),
            [_, _, ..] => Tie::Unsure(found.len()),
            [] if self.sent.is_empty() => Tie::Elsewhere,
            [] => Tie::None,
        }
    }

    /// Each acknowledgement, tied to the file it is about, and what it says that is odd.
    pub(super) fn acknowledged(&self, faults: &mut Faults) -> About {
        let mut about = About::default();
        for (place, (file, ack)) in self.all.iter().enumerate().filter(|(_, (_, pes))| pes.kind == PesKind::Acquit) {
            let tie = self.tied(ack);
            faults.extend(self.not_tied(tie, (file, ack)));
            if let Tie::Of(sent) = tie {
                about.of.entry(sent).or_default().acks.append(&ack.acks);
                let alone = parts::judged(&self.all[sent].1.domains.holds, &ack.acks.parts);
                for (name, accepted) in alone.iter().flat_map(|taken| &taken.strange) {
                    let (fr, en) = WORDS[usize::from(!accepted)];
                    let fault = Fault::new(&codes::PES_ACK_UNKNOWN, &file.name).with(name);
                    faults.push(fault.with_words([fr, en].map(str::to_owned)));
                }
            }
            about.ties.insert(place, tie);
            if ack.acks.refused > 0 {
                let fault = Fault::new(&codes::PES_REFUSED, &file.name).with(ack.acks.refused);
                faults.push(fault.with(ack.acks.count()));
            }
            if ack.acks.doubtful > 0 {
                faults.push(Fault::new(&codes::PES_ACK_ERRORS, &file.name).with(ack.acks.doubtful));
            }
            if ack.acks.unsaid > 0 {
                faults.push(Fault::new(&codes::PES_ACK_STATE, &file.name).with(ack.acks.unsaid));
            }
        }
        for (sent, said) in &mut about.of {
            let (file, pes) = self.all[*sent];
            said.taken = parts::judged(&pes.domains.holds, &said.acks.parts);
            faults.extend(left(file, said.taken.as_ref()));
        }
        about
    }

    /// Why an acknowledgement is tied to no flow of the deposit.
    fn not_tied(&self, tie: Tie, (file, ack): (&Seen, &Pes)) -> Option<Fault> {
        let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        let name = or_unknown(&ack.head.file_name);
        match tie {
            Tie::Of(_) => None,
            Tie::Unsure(count) => Some(Fault::new(&codes::PES_ACK_UNSURE, &file.name).with(name).with(count)),
            Tie::OtherSiret(sent) => {
                let fault = Fault::new(&codes::PES_ACK_OTHER_SIRET, &file.name).with(or_unknown(&ack.head.siret));
                Some(fault.with(or_unknown(&self.all[sent].1.head.siret)))
            }
            Tie::Elsewhere => Some(Fault::new(&codes::PES_SENT_ELSEWHERE, &file.name)),
            Tie::None => {
                let held = self.sent.iter().map(|place| or_unknown(&self.all[*place].1.head.file_name));
                let held = held.collect::<Vec<_>>().join(", ");
                Some(Fault::new(&codes::PES_ACK_OTHER_FILE, &file.name).with(name).with(held))
            }
        }
    }
}

/// What of a flow was not acknowledged, by name as far as a sentence holds.
fn left(file: &Seen, taken: Option<&Taken>) -> Option<Fault> {
    let Some(taken) = taken else {
        return Some(Fault::new(&codes::PES_ACK_NOT_COMPARED, &file.name).with(MAX_PES_PARTS));
    };
    let named: Vec<String> = taken.left.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let fault = || Fault::new(&codes::PES_ACK_PARTIAL, &file.name).with(taken.left.len()).with(taken.held);
    (!named.is_empty()).then(|| fault().with(named.join(" ; ")))
}
