//! What an acknowledgement says of each element: taken or refused, and why. Three layouts of errors are met: under the element, under
//! its pieces and lines, and, in the first revision, as leaves of the element itself.

use roxmltree::Node;

use super::parts::{Key, Parts};
use super::{each, leaf, said};
use crate::limits::MAX_LISTED;

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
const OF_SIGNATURES: [&str; 4] = ["1", "2", "3", "4"];

/// The name of a domain.
pub(crate) fn domain_name(code: &str) -> Option<&'static str> {
    DOMAINS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// All elements of one acknowledgement, or of several about the same file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acks {
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    /// `EtatAck` missing, or neither 0 nor 1.
    pub(crate) unsaid: usize,
    /// Those accepted that give reasons to refuse.
    pub(crate) doubtful: usize,
    /// Reasons given, of all elements.
    pub(crate) errors: usize,
    /// Pieces and lines named under elements.
    pub(crate) pieces: usize,
    pub(crate) lines: usize,
    /// What is said of bordereaux, pieces, contracts and the like.
    pub(crate) of_contents: Kept,
    /// What is said of signatures and attached documents.
    pub(crate) of_signatures: Kept,
    /// What is said of each bordereau, by its name.
    pub(crate) parts: Parts,
}

/// Elements of one sort.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) count: usize,
    /// The first that are refused, then the first of the others.
    refused: Vec<Ack>,
    others: Vec<Ack>,
}

impl Kept {
    /// Those refused first.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Ack> {
        self.refused.iter().chain(&self.others)
    }

    fn push(&mut self, ack: Ack) {
        self.count += 1;
        let list = if ack.accepted == Some(false) { &mut self.refused } else { &mut self.others };
        if list.len() < MAX_LISTED {
            list.push(ack);
        }
    }

    fn append(&mut self, other: &Kept) {
        other.listed().cloned().for_each(|ack| self.push(ack));
        self.count += other.count - other.refused.len() - other.others.len();
    }
}

/// One element.
#[derive(Clone, Debug)]
pub(crate) struct Ack {
    pub(crate) domain: Option<String>,
    pub(crate) accepted: Option<bool>,
    pub(crate) year: Option<String>,
    pub(crate) bordereau: Option<String>,
    /// In the first revision: the piece, and the line of it, that the state is about.
    pub(crate) piece: Option<String>,
    pub(crate) line: Option<String>,
    /// Pieces named under the element.
    pub(crate) pieces: Vec<AckPiece>,
    pub(crate) piece_count: usize,
    /// Lines named under these.
    line_count: usize,
    pub(crate) market: Option<String>,
    pub(crate) attachment: Option<String>,
    pub(crate) errors: Vec<AckError>,
    pub(crate) error_count: usize,
}

/// A piece named under an element.
#[derive(Clone, Debug)]
pub(crate) struct AckPiece {
    pub(crate) number: Option<String>,
    /// Not said where the element is accepted and gives a reason to refuse this one.
    pub(crate) accepted: Option<bool>,
    pub(crate) lines: Vec<String>,
    pub(crate) line_count: usize,
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
        for node in each(root, "ACQUIT").flat_map(|block| each(block, "ElementACQUIT")) {
            let ack = Ack::read(node);
            match ack.accepted {
                Some(true) => acks.accepted += 1,
                Some(false) => acks.refused += 1,
                None => acks.unsaid += 1,
            }
            acks.doubtful += usize::from(ack.accepted == Some(true) && ack.error_count > 0);
            acks.errors += ack.error_count;
            acks.pieces += ack.piece_count;
            acks.lines += ack.line_count;
            let of_signatures = ack.domain.as_deref().is_some_and(|code| OF_SIGNATURES.contains(&code));
            ack.tell(&mut acks.parts);
            if of_signatures { &mut acks.of_signatures } else { &mut acks.of_contents }.push(ack);
        }
        acks
    }

    /// Takes in what another acknowledgement of the same file says.
    pub(crate) fn append(&mut self, other: &Acks) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.unsaid += other.unsaid;
        self.doubtful += other.doubtful;
        self.errors += other.errors;
        self.pieces += other.pieces;
        self.lines += other.lines;
        self.of_contents.append(&other.of_contents);
        self.of_signatures.append(&other.of_signatures);
        self.parts.append(&other.parts);
    }

    /// How many elements there are.
    pub(crate) fn count(&self) -> usize {
        self.accepted + self.refused + self.unsaid
    }

    /// The state of the whole: the AND of all elements; `None` when one does not say.
    pub(crate) fn state(&self) -> Option<&'static str> {
        state_of((self.accepted, self.refused, self.unsaid))
    }
}

/// The state of so many elements accepted, refused, and that do not say.
pub(crate) fn state_of(counts: (usize, usize, usize)) -> Option<&'static str> {
    match counts {
        (_, _, 1..) | (0, 0, 0) => None,
        (_, 0, 0) => Some("accepte"),
        (0, _, 0) => Some("rejete"),
        _ => Some("accepte-partiellement"),
    }
}

impl Ack {
    fn read(node: Node<'_, '_>) -> Ack {
        let mut errors = Errors::default();
        errors.under(node, None, None);
        // One that says both is not accepted.
        let states = || each(node, "EtatAck").map(|state| said(state).unwrap_or_default());
        let accepted = match (states().any(|state| matches!(state, "0" | "false")), states().next()) {
            (true, _) => Some(false),
            (false, Some("1" | "true")) => Some(true),
            _ => None,
        };
        let (mut pieces, mut piece_count, mut line_count) = (Vec::new(), 0, 0);
        for piece in each(node, "DetailPiece") {
            piece_count += 1;
            let told = AckPiece::read(piece, accepted, &mut errors);
            line_count += told.line_count;
            if pieces.len() < MAX_LISTED {
                pieces.push(told);
            }
        }
        // The first revision: one error, as leaves of the element.
        let (code, label) = (leaf(node, "NumAnoAck"), leaf(node, "LibelleAnoAck"));
        if code.is_some() || label.is_some() {
            errors.push(leaf(node, "NumPiece"), leaf(node, "NumLigne"), code, label);
        }
        let text = |name: &str| leaf(node, name).map(str::to_owned);
        Ack {
            domain: text("DomaineAck"),
            accepted,
            year: text("ExerciceBord"),
            bordereau: text("NumBord"),
            piece: text("NumPiece"),
            line: text("NumLigne"),
            pieces,
            piece_count,
            line_count,
            market: text("IdMarche"),
            attachment: text("IdUnique"),
            errors: errors.listed,
            error_count: errors.count,
        }
    }

    /// Tells what is accepted or refused by it: the file, a domain of it, a bordereau or a piece of one. A line that is accepted is not its piece.
    fn tell(&self, parts: &mut Parts) {
        const OF_THE_FILE: [&str; 4] = ["0", "1", "2", "99"];
        let Some(accepted) = self.accepted else { return };
        let (code, number) = (self.domain.as_deref(), self.bordereau.as_deref());
        if number.is_none() && accepted {
            return;
        }
        if number.is_none() && code.is_none_or(|code| OF_THE_FILE.contains(&code)) {
            let names = [&self.piece, &self.market, &self.attachment];
            parts.whole_refused |= names.iter().all(|name| name.is_none());
            return;
        }
        let domain = match code {
            Some("5") => Some("depense"),
            Some("6") => Some("recette"),
            Some("7") => Some("role"),
            // Its signature: refused, so is the bordereau; accepted, it is not yet.
            Some("3") if !accepted && number.is_some() => None,
            None => None,
            Some(_) => return,
        };
        if !accepted || self.line.is_none() {
            parts.say(Key::new(domain, self.year.as_deref(), number), self.piece.as_deref(), accepted);
        }
    }
}

impl AckPiece {
    fn read(piece: Node<'_, '_>, of_element: Option<bool>, errors: &mut Errors) -> AckPiece {
        let (number, before) = (leaf(piece, "NumPiece"), errors.count);
        errors.under(piece, number, None);
        let (mut lines, mut line_count) = (Vec::new(), 0);
        for line in each(piece, "DetailLigne") {
            let known = leaf(line, "NumLigne");
            errors.under(line, number, known);
            line_count += 1;
            if lines.len() < MAX_LISTED {
                lines.push(known.unwrap_or("?").to_owned());
            }
        }
        let accepted = of_element.filter(|accepted| !accepted || errors.count == before);
        AckPiece { number: number.map(str::to_owned), accepted, lines, line_count }
    }
}

#[derive(Default)]
struct Errors {
    listed: Vec<AckError>,
    count: usize,
}

impl Errors {
    fn push(&mut self, piece: Option<&str>, line: Option<&str>, code: Option<&str>, label: Option<&str>) {
        self.count += 1;
        if self.listed.len() < MAX_LISTED {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let (piece, line, code, label) = (owned(piece), owned(line), owned(code), owned(label));
            self.listed.push(AckError { piece, line, code, label });
        }
    }

    fn under(&mut self, node: Node<'_, '_>, piece: Option<&str>, line: Option<&str>) {
        for error in each(node, "Erreur") {
            // Some software puts the code on the element itself.
            let code = leaf(error, "NumAnoAck").or_else(|| said(error));
            self.push(piece, line, code, leaf(error, "LibelleAnoAck"));
        }
    }
}
