//! What looks like a transfer and could not be read as one, where no kind was declared: it is kept like any file, and said.

use super::Deposit;
use crate::actes::name;
use crate::codes::{self, Fault};
use crate::look::Reading;
use crate::model::Incoming;
use crate::names::last_component;
use crate::{seda, zip};

/// Why it looks like one, French and English.
pub(crate) static WORDS: [(&str, &str); 3] = [
    ("son nom est celui d'une enveloppe ACTES", "its name is that of an ACTES envelope"),
    ("le bordereau ne se lit pas", "the bordereau cannot be read"),
    ("l'archive ne se lit pas et nomme", "the archive cannot be read and names"),
];

const NAMED: usize = 0;
const BORDEREAU: usize = 1;
const NAMES: usize = 2;

impl Deposit<'_> {
    /// Step 4 for any files, last: each file that was meant as a transfer by its name, its bordereau or what its archive names.
    pub(super) fn damaged_transfers(&mut self, files: &mut [Incoming<'_>]) {
        for (index, file) in files.iter_mut().enumerate() {
            let place = self.names[index].clone();
            let why = self.broken_bordereau(index).map(|member| (BORDEREAU, member));
            let why = why.or_else(|| self.unread_archive(index, file).map(|member| (NAMES, member)));
            let named = || name::envelope(&place).is_some_and(|envelope| envelope.archive);
            if let Some((why, member)) = why.or_else(|| named().then(|| (NAMED, String::new()))) {
                let (fr, en) = WORDS[why];
                let about = if member.is_empty() { String::new() } else { format!(" : {member}") };
                let words = [fr, en].map(|words| format!("{words}{about}"));
                self.faults.push(Fault::new(&codes::TRANSFER_DAMAGED, place).with_words(words));
            }
        }
    }

    /// The bordereau that an archive looked into holds, where it is no XML that can be read.
    fn broken_bordereau(&self, index: usize) -> Option<String> {
        let broken = |reading: &Reading| matches!(reading, Reading::Fault(_) | Reading::NotXml | Reading::TooLarge(_));
        let members = self.seen.iter().filter(|seen| seen.parent == Some(index));
        let mut named = members.filter(|seen| seda::is_bordereau_name(&seen.name) && broken(&seen.reading));
        named.next().map(|seen| seen.name.clone())
    }

    /// What tells a transfer, of the members of a zip whose directory cannot be read.
    fn unread_archive(&self, index: usize, file: &mut Incoming<'_>) -> Option<String> {
        // One that does not begin as a zip may have been called one.
        let unread = match self.zips[index] {
            Some(readable) => !readable,
            None => self.names[index].to_ascii_lowercase().ends_with(".zip"),
        };
        if !unread {
            return None;
        }
        // What cannot be read again is told as such elsewhere.
        zip::first_header(file.open, &|member| tells_a_flow(member)).ok().flatten()
    }
}

/// A bordereau of SEDA, an envelope or a message of ACTES, by its name in an archive.
pub(super) fn tells_a_flow(member: &str) -> bool {
    let file = last_component(member);
    let envelope = || name::envelope(file).is_some_and(|envelope| !envelope.archive);
    let message = || name::message(file).is_some_and(|message| message.is_xml);
    seda::is_bordereau_name(member) || envelope() || message()
}
