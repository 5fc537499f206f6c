//! Transfers of SEDA among what was handed in: those that are read, by passes of their own, and those of a version that is not.

use super::Deposit;
use crate::codes::{self, Fault};
use crate::look::Reading;
use crate::model::Incoming;
use crate::seda;
use crate::xml::within;

impl Deposit<'_> {
    /// Steps 2 to 4 for SEDA, which has passes of its own: a transfer is longer than what is looked at elsewhere.
    pub(super) fn as_seda(&mut self, files: &mut [Incoming<'_>]) {
        let read = seda::read(files, &self.names, self.limits);
        self.containers = read.forms;
        (self.seen, self.incoming_of) = (read.seen, read.incoming_of);
        for ((file, media_type), format) in self.files.iter_mut().zip(read.media_types).zip(read.formats) {
            (file.media_type, file.format) = (media_type, format);
        }
        for (seen, incoming) in self.seen.iter().zip(&self.incoming_of) {
            if let Some(file) = incoming.and_then(|index| self.files.get_mut(index)) {
                (file.format, file.media_type) = (seen.format, seen.media_type.clone());
            }
        }
        // What was said while finding out is said again by the story, when it matters.
        let names = self.faults.only(codes::is_about_names);
        self.faults = names;
        self.rules = read.rules;
        self.keep(read.story);
    }

    /// Step 4 for any files: a transfer of a version that is not read is kept like them, and that nothing of it was controlled is said.
    pub(super) fn unread_versions(&mut self) {
        for seen in &self.seen {
            if let Reading::OtherSeda(version) = &seen.reading {
                let place = match seen.parent.and_then(|parent| self.names.get(parent)) {
                    Some(archive) => within(archive, &seen.name),
                    None => seen.name.clone(),
                };
                self.faults.push(Fault::new(&codes::SEDA_VERSION_NOT_READ, place).with(version));
            }
        }
    }
}
