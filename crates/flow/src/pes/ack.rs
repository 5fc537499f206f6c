//! What an acknowledgement says of each element: taken or refused, and why. Three layouts of errors are met: under the element, under
//! its pieces and lines, and, in the first revision, as leaves of the element itself.

use roxmltree::Node;

use super::{each, leaf, said};
use crate::limits::MAX_LISTED;
use crate::xml::child;

/// Domains of an acknowledgement (`DomaineAck`).
const DOMAINS: [(&str, &str); 14] = [
    ("0", "Technique"),
    ("1", "Signature technique"),
    ("2", "Signature globale"),
    ("3", "Signature de bordereau"),
    ("4", "Pièce justificative"),
    ("5", "Dépense"),
    ("6", "Recette"),
    ("7", "Rôle"),
    ("8", "Budget"),
    ("9", "État de l'actif"),
    ("10", "État du passif"),
    ("11", "Marché"),
    ("12", "Facture"),
    ("99", "Paramétrage"),
];

/// Those by which the Treasury speaks of signatures and attached documents.
pub(crate) const OF_SIGNATURES: [&str; 4] = ["1", "2", "3", "4"];

/// The name of a domain.
pub(crate) fn domain_name(code: &str) -> Option<&'static str> {
    DOMAINS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// All elements of one acknowledgement.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    /// `EtatAck` missing, or neither 0 nor 1.
    pub(crate) unsaid: usize,
    /// The first of them, those refused before the others.
    pub(crate) listed: Vec<Ack>,
}

/// One element.
#[derive(Clone, Debug)]
pub(crate) struct Ack {
    pub(crate) domain: Option<String>,
    pub(crate) accepted: Option<bool>,
    pub(crate) year: Option<String>,
    pub(crate) bordereau: Option<String>,
    pub(crate) market: Option<String>,
    pub(crate) attachment: Option<String>,
    pub(crate) errors: Vec<AckError>,
    pub(crate) error_count: usize,
}

/// One reason, at the piece and line it is about.
#[derive(Clone, Debug)]
pub(crate) struct AckError {
    pub(crate) piece: Option<String>,
    pub(crate) line: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) label: Option<String>,
}

impl Acks {
    /// The elements under `ACQUIT`.
    pub(crate) fn read(root: Node<'_, '_>) -> Acks {
        let mut acks = Acks::default();
        let mut kept = Vec::new();
        for node in child(root, "ACQUIT").into_iter().flat_map(|block| each(block, "ElementACQUIT")) {
            let ack = Ack::read(node);
            match ack.accepted {
                Some(true) => acks.accepted += 1,
                Some(false) => acks.refused += 1,
                None => acks.unsaid += 1,
            }
            let same = |other: &&Ack| other.accepted == ack.accepted;
            if kept.iter().filter(same).count() < MAX_LISTED {
                kept.push(ack);
            }
        }
        kept.sort_by_key(|ack| ack.accepted != Some(false));
        kept.truncate(MAX_LISTED);
        acks.listed = kept;
        acks
    }

    /// How many elements there are.
    pub(crate) fn count(&self) -> usize {
        self.accepted + self.refused + self.unsaid
    }

    /// The state of the whole: the AND of all elements; `None` when one does not say.
    pub(crate) fn state(&self) -> Option<&'static str> {
        match (self.accepted, self.refused, self.unsaid) {
            (_, _, 1..) | (0, 0, 0) => None,
            (_, 0, 0) => Some("accepte"),
            (0, _, 0) => Some("rejete"),
            _ => Some("accepte-partiellement"),
        }
    }
}

impl Ack {
    fn read(node: Node<'_, '_>) -> Ack {
        let mut errors = Errors::default();
        errors.under(node, None, None);
        for piece in each(node, "DetailPiece") {
            let number = leaf(piece, "NumPiece");
            errors.under(piece, number.as_deref(), None);
            for line in each(piece, "DetailLigne") {
                errors.under(line, number.as_deref(), leaf(line, "NumLigne").as_deref());
            }
        }
        // The first revision: one error, as leaves of the element.
        let (code, label) = (leaf(node, "NumAnoAck"), leaf(node, "LibelleAnoAck"));
        if code.is_some() || label.is_some() {
            errors.push(AckError { piece: leaf(node, "NumPiece"), line: leaf(node, "NumLigne"), code, label });
        }
        let accepted = match leaf(node, "EtatAck").as_deref() {
            Some("1" | "true") => Some(true),
            Some("0" | "false") => Some(false),
            _ => None,
        };
        Ack {
            domain: leaf(node, "DomaineAck"),
            accepted,
            year: leaf(node, "ExerciceBord"),
            bordereau: leaf(node, "NumBord"),
            market: leaf(node, "IdMarche"),
            attachment: leaf(node, "IdUnique"),
            errors: errors.listed,
            error_count: errors.count,
        }
    }
}

#[derive(Default)]
struct Errors {
    listed: Vec<AckError>,
    count: usize,
}

impl Errors {
    fn push(&mut self, error: AckError) {
        self.count += 1;
        if self.listed.len() < MAX_LISTED {
            self.listed.push(error);
        }
    }

    fn under(&mut self, node: Node<'_, '_>, piece: Option<&str>, line: Option<&str>) {
        for error in each(node, "Erreur") {
            // Some software puts the code on the element itself.
            let code = leaf(error, "NumAnoAck").or_else(|| said(error));
            let label = leaf(error, "LibelleAnoAck");
            self.push(AckError { piece: piece.map(str::to_owned), line: line.map(str::to_owned), code, label });
        }
    }
}
