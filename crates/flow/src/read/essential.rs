//! Reading a deposit of public procurement: essential data (DECP) are read wherever they stand, bids and everything else stay as they came.

use std::io;

use super::Deposit;
use super::sealed::{Manifest, Sealed};
use crate::codes::{self, Fault};
use crate::look::{self, Reading};
use crate::model::{FlowKind, Incoming};
use crate::{decp, profile};

impl Deposit<'_> {
    /// Step 2 for a procedure: what announces itself as essential data is looked at, nothing else is opened, and no bid at all.
    pub(super) fn essential(&mut self, files: &mut [Incoming<'_>], description: Option<&Manifest>) {
        let sealed = Sealed::of(description, &self.names);
        for (index, file) in files.iter_mut().enumerate() {
            if sealed.holds(&self.names[index]) {
                continue;
            }
            if let Err(error) = self.look_for_essential(index, file) {
                self.unreadable(index, &error);
            }
        }
    }

    fn look_for_essential(&mut self, index: usize, file: &mut Incoming<'_>) -> io::Result<()> {
        let head = look::head(&mut (file.open)()?)?;
        if !decp::is_announced(&head, &self.names[index]) {
            return Ok(());
        }
        self.look_at(index, file, head)?;
        let place = self.names[index].clone();
        let closed = match self.seen.last().map(|seen| &seen.reading) {
            Some(Reading::Decp(..)) | None => return Ok(()),
            Some(Reading::Fault(fault)) => Some(Fault::new(&codes::DECP_UNSAFE, place).with(fault.code.name)),
            Some(Reading::TooLarge(_)) => Some(
                Fault::new(&codes::DECP_LIMIT, place)
                    .with_words(codes::Measure::Bytes.words())
                    .with(self.limits.xml_bytes),
            ),
            // Another document, which only looked like one.
            Some(_) => None,
        };
        self.seen.pop();
        self.incoming_of.pop();
        self.faults.extend(closed);
        Ok(())
    }

    /// Whether essential data were read.
    pub(super) fn has_essential(&self) -> bool {
        self.seen.iter().any(|seen| matches!(&seen.reading, Reading::Decp(decp, _) if decp.read))
    }

    /// Step 4 for essential data that come without a manifest.
    pub(super) fn as_essential(&mut self) {
        self.as_files();
        let story = decp::story::tell(&self.seen, self.limits);
        self.keep(story);
    }

    /// Step 4 for a deposit told by its manifest, with the essential data in it. A manifest that cannot be read has its own refusal, with the
    /// description.
    pub(super) fn as_manifest(&mut self, kind: FlowKind, description: Option<&Manifest>) {
        if kind == FlowKind::Marches && description.is_none() && self.has_essential() {
            return self.as_essential();
        }
        let Ok(manifest) = description.map(Result::as_ref).transpose() else { return };
        let mut story = profile::tell(kind, manifest, (&self.names, &self.sizes), self.limits);
        if !self.seen.is_empty() {
            self.as_files();
            let essential = decp::story::tell(&self.seen, self.limits);
            story.roles.clone_from(&essential.roles);
            story.join(essential);
        }
        self.keep(story);
    }
}
