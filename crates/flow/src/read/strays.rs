//! Flows of another kind than the deposit is read as: each is said, none is passed over in silence.

use super::{Deposit, is_refusal};
use crate::codes::{self, Fault};
use crate::look::Reading;
use crate::model::FlowKind;

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
}

fn kind_name(kind: FlowKind) -> &'static str {
    if kind == FlowKind::Actes { "ACTES" } else { "PES" }
}
