//! What a PES_ACQUIT_RETOUR acknowledges: as many PES_Retour as it names.

use roxmltree::Node;

use super::{each, leaf};
use crate::codes::{self, Fault, Faults};
use crate::limits::MAX_RETURNED;
use crate::xml::{path, within};

/// The PES_Retour that are acknowledged, the first of them.
#[derive(Debug, Default)]
pub(crate) struct Returns {
    pub(crate) listed: Vec<Returned>,
    pub(crate) count: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Returned {
    /// Its NomFic.
    pub(crate) name: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) date: Option<String>,
}

/// Every element, in order.
pub(crate) fn read(root: Node<'_, '_>, place: &str, oddities: &mut Faults) -> Returns {
    let mut returns = Returns::default();
    for node in each(root, "ACQUIT_RETOUR").flat_map(|block| each(block, "ElementACQUIT_RETOUR")) {
        returns.count += 1;
        if returns.listed.len() >= MAX_RETURNED {
            continue;
        }
        let text = |name: &str| leaf(node, name).map(str::to_owned);
        let name = text("NomFichierRetour");
        if name.is_none() {
            oddities.push(Fault::new(&codes::PES_MISSING, within(place, &path(node))).with("NomFichierRetour"));
        }
        let (domain, kind, date) = (text("DomaineAckRetour"), text("TypRestit"), text("DateAcquit"));
        returns.listed.push(Returned { name, domain, kind, date });
    }
    returns
}
