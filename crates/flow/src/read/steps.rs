//! What a deposit is, and what is made of what was seen: as any files, as ACTES, as PES.

use super::{Deposit, is_refusal};
use crate::actes;
use crate::begun::Begun;
use crate::codes::{self, Code, Fault};
use crate::container::Form;
use crate::look::{self, Reading, Seen};
use crate::model::{Declared, FlowKind, Incoming};
use crate::{decp, pes};

impl Deposit<'_> {
    /// Step 3: what the deposit is.
    pub(super) fn recognised(&mut self, declared: Declared, files: &mut [Incoming<'_>]) -> FlowKind {
        let unread = |s: &Seen, begun| s.begun == Some(begun) && matches!(s.reading, Reading::Fault(_));
        let named = |s: &Seen| look::is_named_actes(&s.name) || unread(s, Begun::Actes);
        let is_actes = |s: &Seen| matches!(s.reading, Reading::Actes(..)) || named(s);
        let recognised = self.seen.iter().any(|s| is_actes(s) || look::is_unread_message(s));
        let is_pes = self.seen.iter().any(|s| matches!(s.reading, Reading::Pes(..)) || unread(s, Begun::Pes));
        let is_seda = self.seen.iter().any(|s| matches!(s.reading, Reading::Seda));
        let (kind, absent) = match declared {
            Declared::Pes => (FlowKind::Pes, (!is_pes).then_some(&codes::NOT_PES)),
            Declared::Actes => (FlowKind::Actes, (!recognised).then_some(&codes::NOT_ACTES)),
            _ if recognised => (FlowKind::Actes, None),
            _ if is_pes => (FlowKind::Pes, None),
            _ if is_seda => (FlowKind::Seda, None),
            _ if self.has_essential() => (FlowKind::Marches, None),
            _ => (FlowKind::File, None),
        };
        if let Some(code) = absent.filter(|_| !self.faults.any(is_refusal)) {
            self.absent(code, declared, files);
        }
        kind
    }

    /// No flow of the kind declared was found: because one is too long, because an archive cannot be read, else there is none.
    fn absent(&mut self, code: &'static Code, declared: Declared, files: &mut [Incoming<'_>]) {
        if declared == Declared::Pes {
            for seen in &self.seen {
                if let Reading::LargePes(size) = seen.reading {
                    self.faults.push(look::pes_too_large(&codes::PES_TOO_LARGE, seen, size, self.limits));
                }
            }
            // Said with why it is not read: as_pes refuses for it.
            if self.seen.iter().any(|seen| matches!(seen.reading, Reading::Fault(_))) {
                return;
            }
        }
        if !self.faults.any(is_refusal) {
            self.damaged_archives(files);
        }
        if !self.faults.any(is_refusal) {
            self.faults.push(Fault::new(code, self.names.first().map_or("", String::as_str)));
        }
    }

    /// Step 4 for any files: members stay inside, XML that is not safe to read is refused.
    pub(super) fn as_files(&mut self) {
        self.faults.extend(self.seen.iter().filter_map(look::long_prolog));
        for (seen, incoming) in self.seen.iter().zip(&self.incoming_of) {
            match &seen.reading {
                Reading::Fault(fault) if incoming.is_some() => self.faults.push(fault.clone()),
                Reading::Decp(decp, _) if !decp.read && incoming.is_some() => self.faults.append(&decp.oddities),
                // One that is refused for it is not said to be kept.
                Reading::LargePes(_) if self.faults.any(is_refusal) => {}
                // Of what an archive holds, a flow alone is said: it was opened for that.
                Reading::LargePes(size) => self.faults.push(look::not_read(seen, *size, self.limits)),
                Reading::TooLarge(size) if incoming.is_some() => {
                    self.faults.push(look::not_read(seen, *size, self.limits));
                }
                _ => {}
            }
        }
    }

    /// Step 4 for ACTES: what is named as a message must be readable, the rest is pieces; then the story.
    pub(super) fn as_actes(&mut self) {
        self.faults.extend(self.seen.iter().filter_map(look::long_prolog));
        for seen in &self.seen {
            match &seen.reading {
                Reading::Fault(fault) if look::is_named_actes(&seen.name) || seen.begun == Some(Begun::Actes) => {
                    self.faults.push(fault.clone());
                }
                // Unread it would be tied to nothing, and may be what takes an act back.
                Reading::TooLarge(_) if look::is_unread_message(seen) => {
                    self.faults.push(Fault::new(&codes::ACTES_NOT_READ, &seen.name).with(self.limits.xml_total_bytes));
                }
                Reading::TooLarge(size) | Reading::LargePes(size) => {
                    self.faults.push(look::not_read(seen, *size, self.limits));
                }
                _ => {}
            }
        }
        let alone: Vec<bool> = self.containers.iter().map(|form| matches!(form, Some(Form::Alone(_)))).collect();
        let story = actes::story::tell(&self.seen, (&self.names, &alone), self.limits);
        self.keep(story);
        self.strays(FlowKind::Actes);
    }

    /// Step 4 for PES: any other XML is a file like others, and must be safe to read; then the story, with that of essential data beside it.
    pub(super) fn as_pes(&mut self) {
        self.as_files();
        let of_members = self.seen.iter().zip(&self.incoming_of).filter(|(_, incoming)| incoming.is_none());
        for (seen, _) in of_members {
            match &seen.reading {
                Reading::Fault(fault) => self.faults.push(fault.clone()),
                Reading::Decp(decp, _) if !decp.read => self.faults.append(&decp.oddities),
                Reading::TooLarge(size) => self.faults.push(look::not_read(seen, *size, self.limits)),
                _ => {}
            }
        }
        let mut story = pes::story::tell(&self.seen, self.limits);
        if self.has_essential() {
            story.join(decp::story::tell(&self.seen, self.limits));
        }
        self.keep(story);
        self.strays(FlowKind::Pes);
    }
}
