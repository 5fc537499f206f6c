//! The domains of a PES_Aller or PES_Retour: their bordereaux, pieces and amounts, all counted, the first told.

use roxmltree::Node;

use super::amount::{Cents, Total};
use super::parts::{Holds, Key, Numbers};
use super::stands::Stands;
use super::{Place, each, leaf, placed};
use crate::codes::{self, Fault, Faults};
use crate::limits::MAX_LISTED;
use crate::xml::{child, within};

/// Blocks of a flow and the word an archivist knows them by.
const DOMAINS: [(&str, &str); 12] = [
    ("PES_DepenseAller", "depense"),
    ("PES_RecetteAller", "recette"),
    ("PES_Facture", "facture"),
    ("PES_Marche", "marche"),
    ("PES_MarcheAller", "marche"),
    ("PES_Budget", "budget"),
    ("PES_BudgetAller", "budget"),
    ("PES_RoleAller", "role"),
    ("PES_EtatActifAller", "etat-actif"),
    ("PES_EmpruntAller", "emprunt"),
    ("PES_DepenseRetour", "depense"),
    ("PES_RecetteRetour", "recette"),
];

/// Where an amount before tax is required of each bordereau and line, by the schema: of a flow sent.
const STATED: [&str; 2] = ["PES_DepenseAller", "PES_RecetteAller"];

/// All domains of a flow: expenditure, revenue, …
#[derive(Debug, Default)]
pub(crate) struct Domains {
    /// Blocks, of whatever domain.
    pub(crate) blocks: usize,
    /// Each domain once, in order.
    pub(crate) names: Vec<&'static str>,
    /// `IdVer` of the header of each domain.
    pub(crate) versions: Vec<(&'static str, String)>,
    /// The first bordereaux.
    pub(crate) listed: Vec<Bordereau>,
    pub(crate) bordereaux: usize,
    pub(crate) pieces: usize,
    /// What the bordereaux of each domain state.
    pub(crate) sums: Vec<Sums>,
    /// Bordereaux that hold a signature of their own; what it covers is not said here.
    pub(crate) with_signature: usize,
    /// Attached documents in electronic form that pieces name.
    pub(crate) refers: Vec<String>,
    /// Where each bordereau stands, and what to call it.
    pub(crate) stands: Stands,
    /// What there is to acknowledge.
    pub(crate) holds: Holds,
}

/// What the bordereaux of one domain state, added: expenditure is never added to revenue.
#[derive(Debug)]
pub(crate) struct Sums {
    pub(crate) domain: &'static str,
    pub(crate) net: Total,
    pub(crate) tax: Total,
}

/// A bordereau: a numbered list of pieces sent together.
#[derive(Debug)]
pub(crate) struct Bordereau {
    pub(crate) domain: &'static str,
    pub(crate) year: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) net: Option<String>,
    pub(crate) tax: Option<String>,
    pub(crate) piece_count: usize,
    /// The first pieces: number, object.
    pub(crate) pieces: Vec<(Option<String>, Option<String>)>,
}

/// Every domain of a flow, in order.
pub(crate) fn domains(root: Node<'_, '_>, file: &str, oddities: &mut Faults) -> Domains {
    let mut domains = Domains::default();
    let above = format!("/{}", root.tag_name().name());
    let rank_of = |node: &Node<'_, '_>| {
        let name = node.tag_name().name();
        DOMAINS.iter().position(|(block, _)| *block == name)
    };
    let blocks = || root.children().filter(Node::is_element).filter_map(|node| Some((node, rank_of(&node)?)));
    let (mut several, mut met) = ([0_usize; DOMAINS.len()], [0_usize; DOMAINS.len()]);
    blocks().for_each(|(_, which)| several[which] += 1);
    for (node, which) in blocks() {
        met[which] += 1;
        let (name, word) = DOMAINS[which];
        let place = Place::new(&above, name, (several[which] > 1).then_some(met[which]));
        domains.block(node, (word, STATED.contains(&name)), (file, place), oddities);
    }
    domains
}

/// What a bordereau states, as it is written and as it is understood.
struct Stated<'a> {
    net: Option<&'a str>,
    tax: Option<&'a str>,
    known: Option<Cents>,
}

impl Domains {
    fn block(
        &mut self,
        node: Node<'_, '_>,
        (word, wanted): (&'static str, bool),
        (file, place): (&str, Place),
        oddities: &mut Faults,
    ) {
        self.blocks += 1;
        if !self.names.contains(&word) {
            self.names.push(word);
        }
        let header = node.children().find(|child| child.is_element() && child.tag_name().name().starts_with("EnTete"));
        if let Some(version) = header.or(Some(node)).and_then(|header| leaf(header, "IdVer"))
            && !self.versions.iter().any(|(known, said)| *known == word && said == version)
            && self.versions.len() < MAX_LISTED
        {
            self.versions.push((word, version.to_owned()));
        }
        let before = self.bordereaux;
        for (node, path) in placed(node, &place.to_string(), "Bordereau") {
            self.bordereau(node, (word, wanted), (file, &path), oddities);
        }
        self.stands.block(place, before, self.bordereaux);
    }

    fn bordereau(
        &mut self,
        node: Node<'_, '_>,
        (word, wanted): (&'static str, bool),
        (file, path): (&str, &Place),
        oddities: &mut Faults,
    ) {
        let block = child(node, "BlocBordereau").unwrap_or(node);
        let here = || within(file, &path.to_string());
        let Stated { net, tax, known: stated } = self.stated(block, (word, wanted), &here, oddities);
        let told = self.listed.len() < MAX_LISTED;
        let mut pieces = Pieces::new(if told { MAX_LISTED } else { 0 }, wanted, self.holds.numbers());
        pieces.read(node, (file, path), &mut self.refers, oddities);
        let announced = leaf(block, "NbrPce");
        if let Some(announced) = announced.filter(|said| said.parse() != Ok(pieces.count)) {
            oddities.push(Fault::new(&codes::PES_PIECE_COUNT, here()).with(announced).with(pieces.count));
        }
        if let (Some(stated), Some(sum)) = (stated, pieces.sum.filter(|_| pieces.count > 0))
            && stated != sum
        {
            oddities.push(Fault::new(&codes::PES_AMOUNT_DIFFERS, here()).with(stated).with(sum));
        }
        let (number, year) = (leaf(block, "IdBord"), leaf(block, "Exer"));
        let wanted = [("IdBord", number.is_none()), ("Piece", pieces.count == 0)];
        for (what, _) in wanted.iter().filter(|(_, missing)| *missing) {
            oddities.push(Fault::new(&codes::PES_MISSING, here()).with(what));
        }
        self.stands.bordereau(number, year, word);
        self.holds.push(Key::new(Some(word), year, number), pieces.numbers);
        self.bordereaux += 1;
        self.pieces += pieces.count;
        self.with_signature += usize::from(each(node, "Signature").next().is_some());
        if told {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            self.listed.push(Bordereau {
                domain: word,
                year: owned(year),
                number: owned(number),
                date: owned(leaf(block, "DteBordEm")),
                kind: owned(leaf(block, "TypBord")),
                net: owned(net),
                tax: owned(tax),
                piece_count: pieces.count,
                pieces: pieces.told,
            });
        }
    }
}

impl Domains {
    /// The amounts of a bordereau, added to those of its domain.
    fn stated<'a>(
        &mut self,
        block: Node<'a, '_>,
        (word, wanted): (&'static str, bool),
        here: &dyn Fn() -> String,
        oddities: &mut Faults,
    ) -> Stated<'a> {
        let place = self.sums.iter().position(|sums| sums.domain == word).unwrap_or_else(|| {
            self.sums.push(Sums { domain: word, net: Total::default(), tax: Total::default() });
            self.sums.len() - 1
        });
        let sums = &mut self.sums[place];
        let net = leaf(block, "MtBordHT").or_else(|| leaf(block, "MtBordHt"));
        let tax = leaf(block, "MtBordTVA");
        let mut known = None;
        for (text, what, total) in [(tax, "MtBordTVA", &mut sums.tax), (net, "MtBordHT", &mut sums.net)] {
            let Some(text) = text else { continue };
            known = Cents::parse(text);
            match known {
                Some(cents) => total.add(cents),
                None => {
                    total.lack();
                    oddities.push(Fault::new(&codes::PES_AMOUNT_MALFORMED, here()).with(text).with(what));
                }
            }
        }
        if net.is_none() {
            known = None;
            sums.net.lack();
            if wanted {
                oddities.push(Fault::new(&codes::PES_MISSING, here()).with("MtBordHT"));
            }
        }
        Stated { net, tax, known }
    }
}

/// The pieces of a bordereau.
struct Pieces {
    count: usize,
    /// At most so many are told.
    most: usize,
    /// Each line must state an amount.
    wanted: bool,
    numbers: Numbers,
    /// The net amounts of all their lines, added; `None` where one is missing or is no amount.
    sum: Option<Cents>,
    /// The first: number, object.
    told: Vec<(Option<String>, Option<String>)>,
}

impl Pieces {
    fn new(most: usize, wanted: bool, numbers: Numbers) -> Pieces {
        Pieces { count: 0, most, wanted, numbers, sum: Some(Cents::default()), told: Vec::new() }
    }

    /// Those of this bordereau; the attached documents they name in electronic form go to `refers`.
    fn read(
        &mut self,
        bordereau: Node<'_, '_>,
        (file, path): (&str, &Place),
        refers: &mut Vec<String>,
        oddities: &mut Faults,
    ) {
        for (piece, place) in placed(bordereau, &path.to_string(), "Piece") {
            self.count += 1;
            let lines = self.lines(piece, (file, &place), oddities);
            self.sum = self.sum.and_then(|sum| lines.map(|lines| sum.plus(lines)));
            let block = child(piece, "BlocPiece").unwrap_or(piece);
            let inside = child(block, "InfoPce").or_else(|| child(block, "InfoPiece")).unwrap_or(block);
            refers.extend(each(inside, "PJRef").filter_map(electronic).map(str::to_owned));
            let number = leaf(inside, "IdPce");
            self.numbers.push(number);
            if self.told.len() < self.most {
                let object = leaf(inside, "Obj").or_else(|| leaf(inside, "ObjPce"));
                self.told.push((number.map(str::to_owned), object.map(str::to_owned)));
            }
        }
    }

    /// The net amounts of the lines of a piece, added; `None` where one is missing or is no amount, which is remarked.
    fn lines(&self, piece: Node<'_, '_>, (file, place): (&str, &Place), oddities: &mut Faults) -> Option<Cents> {
        let mut sum = Some(Cents::default());
        for (line, rank) in each(piece, "LigneDePiece").zip(1_usize..) {
            let block = child(line, "BlocLignePiece").unwrap_or(line);
            let inside = child(block, "InfoLignePce").or_else(|| child(block, "InfoLignePiece")).unwrap_or(block);
            let text = leaf(inside, "MtHT");
            let known = text.and_then(Cents::parse);
            sum = sum.and_then(|sum| known.map(|known| sum.plus(known)));
            if known.is_some() || (text.is_none() && !self.wanted) {
                continue;
            }
            let several = each(piece, "LigneDePiece").nth(1).is_some();
            let place = Place::new(&place.to_string(), "LigneDePiece", several.then_some(rank));
            let here = within(file, &place.to_string());
            oddities.push(match text {
                Some(text) => Fault::new(&codes::PES_AMOUNT_MALFORMED, here).with(text).with("MtHT"),
                None => Fault::new(&codes::PES_MISSING, here).with("MtHT"),
            });
        }
        sum
    }
}

/// The attached document that a reference names, unless it says that it is on paper.
fn electronic<'a>(reference: Node<'a, '_>) -> Option<&'a str> {
    const ELECTRONIC: &str = "01";
    let attached = leaf(reference, "Support").is_none_or(|support| support == ELECTRONIC);
    leaf(reference, "IdUnique").filter(|_| attached)
}
