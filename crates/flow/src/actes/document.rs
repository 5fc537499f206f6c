//! The XML of ACTES: an envelope or a message, as it says itself, nothing compared yet.

use roxmltree::{Document as Xml, Node};

use super::NAMESPACE;
use super::classification::Classification;
use super::kinds::{self, MessageKind};
use super::signatures::Signatures;
use crate::codes::{self, Fault, Faults};
use crate::day::without_zone;
use crate::xml::{child, leaf_text, path, within};

/// An XML document of ACTES.
#[derive(Debug)]
pub(crate) enum Document {
    Envelope(Box<Envelope>),
    Message(Box<Message>),
}

impl Document {
    /// Those it gives of the files that it names.
    pub(crate) fn signatures(&self) -> &Signatures {
        match self {
            Document::Envelope(envelope) => &envelope.signatures,
            Document::Message(message) => &message.signatures,
        }
    }
}

/// Which envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToPrefecture,
    FromPrefecture,
    /// AnomalieEnveloppe.
    Anomaly,
}

impl Direction {
    /// The stable word, in facts.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Direction::ToPrefecture => "vers-prefecture",
            Direction::FromPrefecture => "vers-collectivite",
            Direction::Anomaly => "anomalie",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) direction: Direction,
    pub(crate) siren: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) forms: Vec<String>,
    pub(crate) anomaly: Option<Anomaly>,
    pub(crate) signatures: Signatures,
    pub(crate) oddities: Faults,
}

#[derive(Debug, Default)]
pub(crate) struct Anomaly {
    pub(crate) nature: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) detail: Option<String>,
}

/// DonneesActe: what a 1-1 says, and what a 1-2 or 1-3 repeats.
#[derive(Debug, Default)]
pub(crate) struct Act {
    pub(crate) date: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) nature_code: Option<String>,
    pub(crate) matters: Vec<String>,
    pub(crate) subject: Option<String>,
    pub(crate) classification: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) document: Option<String>,
    pub(crate) annexes: Vec<String>,
    pub(crate) annex_count: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) root: String,
    pub(crate) kind: Option<&'static MessageKind>,
    pub(crate) act_id: Option<String>,
    pub(crate) act: Option<Act>,
    pub(crate) received: Option<String>,
    pub(crate) letter_date: Option<String>,
    pub(crate) anomaly: Option<Anomaly>,
    /// Files a letter brings along.
    pub(crate) files: Vec<String>,
    /// DateClassification of the messages 7-1 to 7-3.
    pub(crate) classified: Option<String>,
    /// What a 7-2 gives out.
    pub(crate) classification: Option<Classification>,
    pub(crate) signatures: Signatures,
    pub(crate) oddities: Faults,
}

/// The envelope or message of this XML; `None` when it is no ACTES. `named` says that the file bears the name of a message
/// or envelope: then another namespace is an oddity rather than another kind of document.
pub(crate) fn read(xml: &Xml<'_>, place: &str, named: bool) -> Option<Document> {
    let root = xml.root_element();
    let name = root.tag_name().name();
    let namespace = root.tag_name().namespace().unwrap_or("");
    let known = kinds::by_root(name).is_some() || name.starts_with("Enveloppe") || name == "AnomalieEnveloppe";
    if namespace != NAMESPACE && !(named && known) {
        return None;
    }
    let mut reader = Reader { place, oddities: Faults::default() };
    if namespace != NAMESPACE {
        reader.oddities.push(Fault::new(&codes::ACTES_NAMESPACE, within(place, &path(root))).with(namespace));
    }
    let direction = match name {
        "EnveloppeCLMISILL" => Some(Direction::ToPrefecture),
        "EnveloppeMISILLCL" => Some(Direction::FromPrefecture),
        "AnomalieEnveloppe" => Some(Direction::Anomaly),
        _ => None,
    };
    Some(match direction {
        Some(direction) => Document::Envelope(Box::new(reader.envelope(root, direction))),
        None => Document::Message(Box::new(reader.message(root))),
    })
}

struct Reader<'p> {
    place: &'p str,
    oddities: Faults,
}

impl Reader<'_> {
    /// The attribute of that local name, whatever its namespace; an unqualified one is remarked where the schema qualifies it.
    fn attribute(&mut self, node: Node<'_, '_>, name: &str, qualified: bool) -> Option<String> {
        let attribute = node.attributes().find(|a| a.name() == name)?;
        if qualified && attribute.namespace().is_none() {
            let place = within(self.place, &format!("{}/@{name}", path(node)));
            self.oddities.push(Fault::new(&codes::ACTES_ATTRIBUTE_UNQUALIFIED, place).with(name));
        }
        Some(attribute.value().trim().to_owned()).filter(|v| !v.is_empty())
    }

    fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
        child(node, name).and_then(|n| leaf_text(n)).map(str::to_owned)
    }

    /// NomFichier of a Document, Annexe, Formulaire or PieceJointe.
    fn file_name(&mut self, node: Node<'_, '_>) -> Option<String> {
        let name = Self::text(node, "NomFichier");
        if name.is_none() {
            let place = within(self.place, &path(node));
            self.oddities.push(Fault::new(&codes::ACTES_MISSING, place).with("NomFichier"));
        }
        name
    }

    fn envelope(mut self, root: Node<'_, '_>, direction: Direction) -> Envelope {
        let body = child(root, "EnveloppeRecue").unwrap_or(root);
        let sender = child(body, "Emetteur");
        let id = sender.and_then(|s| s.children().find(|c| c.tag_name().name().starts_with("ID")));
        let department = id.and_then(|n| self.attribute(n, "Departement", true));
        let holder = if direction == Direction::FromPrefecture { child(body, "Destinataire") } else { id };
        let siren = holder.and_then(|n| self.attribute(n, "SIREN", true));
        let mut forms = Vec::new();
        for form in child(body, "FormulairesEnvoyes").into_iter().flat_map(|n| n.children()).filter(Node::is_element) {
            forms.extend(self.file_name(form));
        }
        let anomaly = (direction == Direction::Anomaly).then(|| Self::anomaly(root));
        let missing = [("SIREN", siren.is_none()), ("Formulaire", forms.is_empty())];
        for (what, _) in missing.iter().filter(|(_, missing)| *missing) {
            let place = within(self.place, &path(root));
            self.oddities.push(Fault::new(&codes::ACTES_MISSING, place).with(what));
        }
        let signatures = Signatures::of(root);
        Envelope { direction, siren, department, forms, anomaly, signatures, oddities: self.oddities }
    }

    fn anomaly(root: Node<'_, '_>) -> Anomaly {
        Anomaly {
            nature: Self::text(root, "Nature"),
            date: Self::text(root, "Date").map(day),
            detail: Self::text(root, "Detail"),
        }
    }

    fn message(mut self, root: Node<'_, '_>) -> Message {
        let name = root.tag_name().name();
        let kind = kinds::by_root(name);
        if kind.is_none() {
            self.oddities.push(Fault::new(&codes::ACTES_ROOT_UNKNOWN, within(self.place, &path(root))).with(name));
        }
        let letter = child(root, "InfosCourrierPref").unwrap_or(root);
        let act_id = self.attribute(letter, "IDActe", true).or_else(|| self.attribute(root, "IDActe", true));
        let act_node = if name == "Acte" { Some(root) } else { child(root, "ActeRecu") };
        let act = act_node.map(|n| self.act(n));
        let received = self.attribute(root, "DateReception", true).map(day);
        let letter_date =
            self.attribute(letter, "DateCourrierPref", true).or_else(|| Self::text(root, "DateDepot")).map(day);
        let mut files = Vec::new();
        if name != "Acte" {
            let holders = ["Documents", "PiecesJointes"].into_iter().filter_map(|n| child(root, n));
            let nodes = child(root, "Document").into_iter().chain(holders.flat_map(|h| h.children()));
            for node in nodes.filter(Node::is_element).collect::<Vec<_>>() {
                files.extend(self.file_name(node));
            }
        }
        let classified = Self::text(root, "DateClassification").map(day);
        let given = (name == "RetourClassification").then(|| Classification::of(root, classified.as_deref()));
        Message {
            root: name.to_owned(),
            kind,
            act_id,
            act,
            received,
            letter_date,
            anomaly: (name == "AnomalieActe").then(|| Self::anomaly(root)),
            files,
            classification: given.flatten(),
            classified,
            signatures: Signatures::of(root),
            oddities: self.oddities,
        }
    }

    fn act(&mut self, node: Node<'_, '_>) -> Act {
        let mut matters = Vec::new();
        for level in 1..=5 {
            let Some(matter) = child(node, &format!("CodeMatiere{level}")) else {
                break;
            };
            matters.extend(self.attribute(matter, "CodeMatiere", true));
        }
        let annexes = child(node, "Annexes");
        let mut names = Vec::new();
        for annex in annexes.into_iter().flat_map(|n| n.children()).filter(Node::is_element) {
            names.extend(self.file_name(annex));
        }
        let previous = child(node, "PrecedentIdentifiantActe").and_then(|n| self.attribute(n, "IDActe", true));
        Act {
            date: self.attribute(node, "Date", true).map(day),
            number: self.attribute(node, "NumeroInterne", true),
            nature_code: self.attribute(node, "CodeNatureActe", true),
            matters,
            subject: Self::text(node, "Objet"),
            classification: Self::text(node, "ClassificationDateVersion").map(day),
            previous,
            document: child(node, "Document").and_then(|n| self.file_name(n)),
            annex_count: annexes.and_then(|n| self.attribute(n, "Nombre", true)),
            annexes: names,
        }
    }
}

/// The schema lets a day have a time zone; nothing that is made of it does.
fn day(said: String) -> String {
    without_zone(&said).to_owned()
}
