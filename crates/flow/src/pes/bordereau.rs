//! A domain of a PES_Aller or PES_Retour: its bordereaux, their pieces and amounts.

use roxmltree::Node;

use super::amount::Cents;
use super::{Place, each, leaf, placed};
use crate::codes::{self, Fault, Faults};
use crate::limits::{MAX_LISTED, MAX_SIGNED_PARTS};
use crate::xml::{child, path, within};

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

/// A domain: expenditure, revenue, …
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) name: &'static str,
    /// `IdVer` of its header.
    pub(crate) version: Option<String>,
    /// The first bordereaux.
    pub(crate) listed: Vec<Bordereau>,
    pub(crate) bordereaux: usize,
    pub(crate) pieces: usize,
    pub(crate) net: Cents,
    pub(crate) tax: Cents,
    /// Bordereaux that hold a signature of their own; what it covers is not said here.
    pub(crate) with_signature: usize,
    /// Attached documents in electronic form that its pieces name.
    pub(crate) refers: Vec<String>,
    /// Where each bordereau stands, and what to call it.
    pub(crate) places: Vec<(Place, String)>,
}

/// A bordereau: a numbered list of pieces sent together.
#[derive(Debug)]
pub(crate) struct Bordereau {
    pub(crate) year: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) net: Option<String>,
    pub(crate) tax: Option<String>,
    pub(crate) piece_count: usize,
    /// The first pieces: number, object.
    pub(crate) pieces: Vec<(Option<String>, Option<String>)>,
    pub(crate) with_signature: bool,
}

impl Bordereau {
    /// What people call it.
    fn called(&self, domain: &str) -> String {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        format!("bordereau {} ({domain} {})", said(&self.number), said(&self.year))
    }
}

/// Every domain of a flow, in order.
pub(crate) fn domains(root: Node<'_, '_>, place: &str, oddities: &mut Faults) -> Vec<Domain> {
    let named = |node: &Node<'_, '_>| {
        let name = node.tag_name().name();
        DOMAINS.iter().find(|(block, _)| *block == name).map(|(_, domain)| *domain)
    };
    let blocks = root.children().filter(Node::is_element).filter_map(|node| Some((node, named(&node)?)));
    blocks.take(MAX_LISTED).map(|(node, name)| domain(node, name, place, oddities)).collect()
}

fn domain(node: Node<'_, '_>, name: &'static str, place: &str, oddities: &mut Faults) -> Domain {
    let header = node.children().find(|child| child.is_element() && child.tag_name().name().starts_with("EnTete"));
    let mut domain = Domain {
        name,
        version: header.or(Some(node)).and_then(|header| leaf(header, "IdVer")),
        listed: Vec::new(),
        bordereaux: 0,
        pieces: 0,
        net: Cents::default(),
        tax: Cents::default(),
        with_signature: 0,
        refers: Vec::new(),
        places: Vec::new(),
    };
    let above = path(node);
    for (node, path) in placed(node, &above, "Bordereau") {
        let one = bordereau(node, (place, &path), &mut domain, oddities);
        if domain.places.len() < MAX_SIGNED_PARTS {
            domain.places.push((path, one.called(name)));
        }
        domain.bordereaux += 1;
        domain.pieces += one.piece_count;
        domain.with_signature += usize::from(one.with_signature);
        if domain.listed.len() < MAX_LISTED {
            domain.listed.push(one);
        }
    }
    domain
}

fn bordereau(
    node: Node<'_, '_>,
    (file, path): (&str, &Place),
    domain: &mut Domain,
    oddities: &mut Faults,
) -> Bordereau {
    let block = child(node, "BlocBordereau").unwrap_or(node);
    let here = || within(file, &path.to_string());
    let net = leaf(block, "MtBordHT").or_else(|| leaf(block, "MtBordHt"));
    let tax = leaf(block, "MtBordTVA");
    let amount = |text: &Option<String>, what: &str, oddities: &mut Faults| {
        let text = text.as_deref()?;
        let cents = Cents::parse(text);
        if cents.is_none() {
            oddities.push(Fault::new(&codes::PES_AMOUNT_MALFORMED, here()).with(text).with(what));
        }
        cents
    };
    let (stated, taxed) = (amount(&net, "MtBordHT", oddities), amount(&tax, "MtBordTVA", oddities));
    domain.net = domain.net.plus(stated.unwrap_or_default());
    domain.tax = domain.tax.plus(taxed.unwrap_or_default());
    let mut pieces = Vec::new();
    let (mut count, mut sum) = (0_usize, Some(Cents::default()));
    for piece in each(node, "Piece") {
        count += 1;
        sum = sum.zip(lines(piece)).map(|(sum, lines)| sum.plus(lines));
        let (number, object) = told(piece, &mut domain.refers);
        if pieces.len() < MAX_LISTED {
            pieces.push((number, object));
        }
    }
    let announced = leaf(block, "NbrPce");
    if let Some(announced) = announced.filter(|said| said.parse() != Ok(count)) {
        oddities.push(Fault::new(&codes::PES_PIECE_COUNT, here()).with(announced).with(count));
    }
    if let (Some(stated), Some(sum)) = (stated, sum.filter(|_| count > 0))
        && stated != sum
    {
        oddities.push(Fault::new(&codes::PES_AMOUNT_DIFFERS, here()).with(stated).with(sum));
    }
    let number = leaf(block, "IdBord");
    for (what, _) in [("IdBord", number.is_none()), ("Piece", count == 0)].iter().filter(|(_, missing)| *missing) {
        oddities.push(Fault::new(&codes::PES_MISSING, here()).with(what));
    }
    Bordereau {
        year: leaf(block, "Exer"),
        number,
        date: leaf(block, "DteBordEm"),
        kind: leaf(block, "TypBord"),
        net,
        tax,
        piece_count: count,
        pieces,
        with_signature: each(node, "Signature").next().is_some(),
    }
}

/// The net amounts of the lines of a piece, added; `None` where one is missing or is no amount.
fn lines(piece: Node<'_, '_>) -> Option<Cents> {
    let mut sum = Cents::default();
    for line in each(piece, "LigneDePiece") {
        let block = child(line, "BlocLignePiece")?;
        let inside = child(block, "InfoLignePce").or_else(|| child(block, "InfoLignePiece")).unwrap_or(block);
        sum = sum.plus(Cents::parse(&leaf(inside, "MtHT")?)?);
    }
    Some(sum)
}

/// Number and object of a piece; the attached documents it names in electronic form go to `refers`.
fn told(piece: Node<'_, '_>, refers: &mut Vec<String>) -> (Option<String>, Option<String>) {
    const ELECTRONIC: &str = "01";
    let block = child(piece, "BlocPiece").unwrap_or(piece);
    let inside = child(block, "InfoPce").or_else(|| child(block, "InfoPiece")).unwrap_or(block);
    for reference in each(inside, "PJRef") {
        let electronic = leaf(reference, "Support").is_none_or(|support| support == ELECTRONIC);
        refers.extend(leaf(reference, "IdUnique").filter(|_| electronic));
    }
    (leaf(inside, "IdPce"), leaf(inside, "Obj").or_else(|| leaf(inside, "ObjPce")))
}
