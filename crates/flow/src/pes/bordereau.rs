//! The domains of a PES_Aller or PES_Retour: their bordereaux, pieces and amounts, all counted, the first told.

use roxmltree::Node;

use super::amount::Cents;
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
    pub(crate) net: Cents,
    pub(crate) tax: Cents,
    /// Bordereaux that hold a signature of their own; what it covers is not said here.
    pub(crate) with_signature: usize,
    /// Attached documents in electronic form that pieces name.
    pub(crate) refers: Vec<String>,
    /// Where each bordereau stands, and what to call it.
    pub(crate) stands: Stands,
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
        domains.block(node, word, (file, place), oddities);
    }
    domains
}

impl Domains {
    fn block(&mut self, node: Node<'_, '_>, word: &'static str, (file, place): (&str, Place), oddities: &mut Faults) {
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
            self.bordereau(node, word, (file, &path), oddities);
        }
        self.stands.block(place, before, self.bordereaux);
    }

    fn bordereau(
        &mut self,
        node: Node<'_, '_>,
        word: &'static str,
        (file, path): (&str, &Place),
        oddities: &mut Faults,
    ) {
        let block = child(node, "BlocBordereau").unwrap_or(node);
        let here = || within(file, &path.to_string());
        let net = leaf(block, "MtBordHT").or_else(|| leaf(block, "MtBordHt"));
        let tax = leaf(block, "MtBordTVA");
        let amount = |text: Option<&str>, what: &str, oddities: &mut Faults| {
            let text = text?;
            let cents = Cents::parse(text);
            if cents.is_none() {
                oddities.push(Fault::new(&codes::PES_AMOUNT_MALFORMED, here()).with(text).with(what));
            }
            cents
        };
        let (stated, taxed) = (amount(net, "MtBordHT", oddities), amount(tax, "MtBordTVA", oddities));
        self.net = self.net.plus(stated.unwrap_or_default());
        self.tax = self.tax.plus(taxed.unwrap_or_default());
        let told = self.listed.len() < MAX_LISTED;
        let pieces = Pieces::of(node, if told { MAX_LISTED } else { 0 }, &mut self.refers);
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

/// The pieces of a bordereau.
struct Pieces {
    count: usize,
    /// The net amounts of all their lines, added; `None` where one is missing or is no amount.
    sum: Option<Cents>,
    /// The first: number, object.
    told: Vec<(Option<String>, Option<String>)>,
}

impl Pieces {
    /// Those of this bordereau, at most `most` told; the attached documents they name in electronic form go to `refers`.
    fn of(bordereau: Node<'_, '_>, most: usize, refers: &mut Vec<String>) -> Pieces {
        let mut pieces = Pieces { count: 0, sum: Some(Cents::default()), told: Vec::new() };
        for piece in each(bordereau, "Piece") {
            pieces.count += 1;
            pieces.sum = pieces.sum.and_then(|sum| lines(piece).map(|lines| sum.plus(lines)));
            let block = child(piece, "BlocPiece").unwrap_or(piece);
            let inside = child(block, "InfoPce").or_else(|| child(block, "InfoPiece")).unwrap_or(block);
            refers.extend(each(inside, "PJRef").filter_map(electronic).map(str::to_owned));
            if pieces.told.len() < most {
                let object = leaf(inside, "Obj").or_else(|| leaf(inside, "ObjPce"));
                pieces.told.push((leaf(inside, "IdPce").map(str::to_owned), object.map(str::to_owned)));
            }
        }
        pieces
    }
}

/// The attached document that a reference names, unless it says that it is on paper.
fn electronic<'a>(reference: Node<'a, '_>) -> Option<&'a str> {
    const ELECTRONIC: &str = "01";
    let attached = leaf(reference, "Support").is_none_or(|support| support == ELECTRONIC);
    leaf(reference, "IdUnique").filter(|_| attached)
}

fn lines(piece: Node<'_, '_>) -> Option<Cents> {
    let mut sum = Cents::default();
    for line in each(piece, "LigneDePiece") {
        let block = child(line, "BlocLignePiece")?;
        let inside = child(block, "InfoLignePce").or_else(|| child(block, "InfoLignePiece")).unwrap_or(block);
        sum = sum.plus(Cents::parse(leaf(inside, "MtHT")?)?);
    }
    Some(sum)
}
