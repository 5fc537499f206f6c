//! Flows of another kind than the deposit is read as, and a manifest of a kind that was not declared: each is said, none is passed over in silence.

use super::{Deposit, Manifest, is_refusal};
use crate::codes::{self, Fault};
use crate::look::Reading;
use crate::model::FlowKind;
use crate::profile;

impl Deposit<'_> {
    /// Step 4, after the story: the flows that it does not tell.
    pub(super) fn strays(&mut self, kind: FlowKind) {
        if self.faults.any(is_refusal) {
            return;
        }
        for seen in &self.seen {
            let stray = match &seen.reading {
                Reading::Actes(..) => (FlowKind::Actes, "ACTES"),
                Reading::Pes(..) => (FlowKind::Pes, "PES"),
                Reading::Seda | Reading::OtherSeda(_) => (FlowKind::Seda, "SEDA"),
                Reading::Decp(decp, _) if !decp.read && kind != FlowKind::Pes => {
                    self.faults.append(&decp.oddities);
                    continue;
                }
                // Those beside a PES are read with it.
                Reading::Decp(decp, _) if decp.read && kind != FlowKind::Pes => (FlowKind::Marches, "DECP"),
                _ => continue,
            };
            if stray.0 != kind {
                self.faults.push(Fault::new(&codes::FLOW_NOT_READ, &seen.name).with(stray.1).with(kind_name(kind)));
            }
        }
    }

    /// The description has the form of a manifest, and the deposit is not declared to be told by one.
    pub(super) fn unread_manifest(&mut self, description: Option<&Manifest>) {
        let kind = description.and_then(|read| read.as_ref().ok()).and_then(profile::kind_of);
        if let Some(kind) = kind.filter(|_| !self.faults.any(is_refusal)) {
            self.faults.push(Fault::new(&codes::MANIFEST_NOT_READ, "description").with(kind.as_str()));
        }
    }
}

fn kind_name(kind: FlowKind) -> &'static str {
    if kind == FlowKind::Actes { "ACTES" } else { "PES" }
}
