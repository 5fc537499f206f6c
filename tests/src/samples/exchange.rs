//! Every message of ACTES about one act, whoever sends it: the message, its documents, their envelope, and the archive they travel in. In
//! ISO-8859-1, which is the norm, or in UTF-8, which occurs; whole, or with one thing wrong.

use super::xml::{NAMESPACES, act, declared, latin_1};
use super::{Envelope, NamedFile, pdf, tar_gz, zipped};

/// Code and root element of the messages, and whether the préfecture sends them.
pub const MESSAGES: [(&str, &str, bool); 21] = [
    ("1-1", "Acte", false),
    ("1-2", "ARActe", true),
    ("1-3", "AnomalieActe", true),
    ("2-1", "CourrierSimple", true),
    ("2-2", "ReponseCourrierSimple", false),
    ("3-1", "DemandePieceComplementaire", true),
    ("3-2", "ARDemandePieceComplementaire", false),
    ("3-3", "RefusPieceComplementaire", false),
    ("3-4", "PieceComplementaire", false),
    ("3-5", "ARPieceComplementaire", true),
    ("4-1", "LettreObservations", true),
    ("4-2", "ARLettreObservations", false),
    ("4-3", "RejetLettreObservations", false),
    ("4-4", "ReponseLettreObservations", false),
    ("4-5", "ARReponseRejetLettreObservations", true),
    ("5-1", "DefereTA", true),
    ("6-1", "Annulation", false),
    ("6-2", "ARAnnulation", true),
    ("7-1", "DemandeClassification", false),
    ("7-2", "RetourClassification", true),
    ("7-3", "ReponseClassificationSansChangement", true),
];

/// One thing wrong with a message or with what comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the code says it")]
pub enum ExchangeFault {
    Doctype,
    OtherNamespace,
    NamedAsAnother,
    IdMissing,
    DateMalformed,
    DocumentMissing,
    NotDeclared,
}

impl ExchangeFault {
    /// All of them.
    pub const ALL: [ExchangeFault; 7] = [
        ExchangeFault::Doctype,
        ExchangeFault::OtherNamespace,
        ExchangeFault::NamedAsAnother,
        ExchangeFault::IdMissing,
        ExchangeFault::DateMalformed,
        ExchangeFault::DocumentMissing,
        ExchangeFault::NotDeclared,
    ];

    /// The code that its reading gives.
    pub fn code(self) -> &'static str {
        match self {
            ExchangeFault::Doctype => "xml-doctype",
            ExchangeFault::OtherNamespace => "actes-namespace",
            ExchangeFault::NamedAsAnother => "actes-message-differs",
            ExchangeFault::IdMissing => "actes-missing",
            ExchangeFault::DateMalformed => "actes-date-malformed",
            ExchangeFault::DocumentMissing => "actes-declared-missing",
            ExchangeFault::NotDeclared => "actes-not-declared",
        }
    }

    /// Whether that message can have it.
    pub fn is_of(self, code: &str) -> bool {
        match self {
            ExchangeFault::IdMissing => !code.starts_with('7') && !matches!(code, "1-1" | "1-3"),
            ExchangeFault::DateMalformed => code != "6-1",
            ExchangeFault::DocumentMissing => {
                matches!(code, "1-1" | "2-1" | "2-2" | "3-1" | "3-3" | "3-4" | "4-1" | "4-3" | "4-4" | "5-1")
            }
            _ => true,
        }
    }
}

/// One message about the act of a seed.
#[derive(Clone, Debug)]
pub struct Exchange {
    act: Envelope,
    code: &'static str,
    root: &'static str,
    from_prefecture: bool,
    utf8: bool,
    fault: Option<ExchangeFault>,
    /// Since when the classification is in force, and the first matter it has.
    classification: (&'static str, &'static str),
}

/// Matter 1 of the samples, with the one their acts have.
const MATTER: &str = "1";

impl Exchange {
    /// That message about the act of that seed; the act itself for a code that is none.
    pub fn new(seed: u64, code: &str) -> Exchange {
        let known = MESSAGES.iter().find(|(known, _, _)| *known == code).unwrap_or(&MESSAGES[0]);
        let (code, root, from_prefecture) = *known;
        let act = Envelope::new(seed);
        let classification = ("2019-01-01", MATTER);
        Exchange { act, code, root, from_prefecture, utf8: false, fault: None, classification }
    }

    /// The same in UTF-8.
    #[must_use]
    pub fn in_utf8(mut self) -> Exchange {
        self.utf8 = true;
        self
    }

    /// The same with one thing wrong.
    #[must_use]
    pub fn with_fault(mut self, fault: ExchangeFault) -> Exchange {
        self.fault = Some(fault);
        self
    }

    /// The same, about the act of another number.
    #[must_use]
    pub fn numbered(mut self, number: &str) -> Exchange {
        number.clone_into(&mut self.act.number);
        self
    }

    /// The same, giving out the classification of that day, whose first matter has that code.
    #[must_use]
    pub fn classifying(mut self, since: &'static str, matter: &'static str) -> Exchange {
        self.classification = (since, matter);
        self
    }

    fn has(&self, fault: ExchangeFault) -> bool {
        self.fault == Some(fault)
    }

    /// The identifier of the act.
    pub fn act_id(&self) -> String {
        self.act.act_id()
    }

    /// What names of messages and documents begin with.
    fn stem(&self) -> String {
        match self.code.starts_with('7') {
            true => format!("{}-{}---", self.act.authority.department, self.act.authority.siren),
            false => self.act_id(),
        }
    }

    /// `…-3-1_0.xml`.
    pub fn name(&self) -> String {
        let other = if self.code == "2-1" { "2-2" } else { "2-1" };
        let code = if self.has(ExchangeFault::NamedAsAnother) { other } else { self.code };
        format!("{}-{code}_0.xml", self.stem())
    }

    /// How many documents the message names, acts and annexes included.
    fn documents(&self) -> usize {
        match self.code {
            "1-1" | "3-4" => 2,
            code => usize::from(ExchangeFault::DocumentMissing.is_of(code)),
        }
    }

    fn document_name(&self, rank: usize) -> String {
        match (self.code, rank) {
            ("1-1", 1) => self.act.act_name(),
            ("1-1", _) => self.act.annex_name(),
            _ => format!("{}-{}_{rank}.pdf", self.stem(), self.code),
        }
    }

    /// The message.
    pub fn message(&self) -> Vec<u8> {
        let namespaces = match self.has(ExchangeFault::OtherNamespace) {
            true => NAMESPACES.replace("ACTES#v1.1-20040216", "ACTES#v1.4-20040216"),
            false => NAMESPACES.to_owned(),
        };
        let doctype = if self.has(ExchangeFault::Doctype) { "<!DOCTYPE a>\n" } else { "" };
        let (mut attributes, mut content) = self.inside();
        if self.has(ExchangeFault::IdMissing) {
            let id = format!("actes:IDActe=\"{}\"", self.act_id());
            (attributes, content) = (attributes.replace(&id, ""), content.replace(&id, ""));
        }
        let root = self.root;
        // An element without content has not even a line of its own.
        let line = if content.is_empty() { "" } else { "\n" };
        let text = format!("{doctype}<actes:{root} {namespaces} {attributes}>{line}{content}</actes:{root}>\n");
        self.encoded(&text)
    }

    /// Attributes and content of the root.
    fn inside(&self) -> (String, String) {
        let malformed = self.has(ExchangeFault::DateMalformed);
        let date = if malformed { "28/06/2019".to_owned() } else { format!("{}-28", &self.act.iso_date()[..7]) };
        let id = format!("actes:IDActe=\"{}\"", self.act_id());
        let letter = format!("{id} actes:DateCourrierPref=\"{date}\"");
        let received = format!("actes:DateReception=\"{date}\"");
        let of_act = || act(&self.act, &self.act.subject, self.act.nature_code);
        let in_force = " <actes:ClassificationDateVersionEnCours>2019-01-01</actes:ClassificationDateVersionEnCours>\n";
        let files = |element: &str| self.named_files(element);
        match self.code {
            "1-1" => {
                let whole = if malformed { of_act().replace(">2019-01-01<", ">01/01/2019<") } else { of_act() };
                let (attributes, content) = whole.split_once('>').unwrap_or_default();
                (attributes.to_owned(), content.to_owned())
            }
            "1-2" => {
                (format!("{id} {received}"), format!(" <actes:ActeRecu {}</actes:ActeRecu>\n{in_force}", of_act()))
            }
            "1-3" => {
                let said = element("Date", &date)
                    + &element("Nature", "005")
                    + &element("Detail", "Pièce illisible à l'arrivée");
                (String::new(), format!("{said} <actes:ActeRecu {}</actes:ActeRecu>\n{in_force}", of_act()))
            }
            "3-1" => (letter, element("DescriptionPieces", "Plan annexé à l'acte") + &files("Document")),
            "3-4" => (letter, format!(" <actes:Documents>\n{} </actes:Documents>\n", files("Document"))),
            "3-5" | "4-5" => (received, format!(" <actes:InfosCourrierPref {letter}/>\n")),
            "4-1" => (letter, element("Motif", "Visa d'un texte abrogé") + &files("Document")),
            "5-1" => {
                let said =
                    element("DateDepot", &date) + &element("NatureIllegalite", "Incompétence de l'auteur supposée");
                (id, format!("{said} <actes:PiecesJointes>\n{} </actes:PiecesJointes>\n", files("PieceJointe")))
            }
            "6-1" => (id, String::new()),
            "6-2" => (format!("{id} {received}"), String::new()),
            "7-1" | "7-3" => (String::new(), element("DateClassification", &date)),
            "7-2" => (String::new(), self.classification(malformed)),
            _ => (letter, files("Document")),
        }
    }

    fn named_files(&self, holder: &str) -> String {
        let one = |rank| {
            format!(" <actes:{holder}>\n {} </actes:{holder}>\n", element("NomFichier", &self.document_name(rank)))
        };
        (1..=self.documents()).map(one).collect()
    }

    fn classification(&self, malformed: bool) -> String {
        let (since, matter) = self.classification;
        let since = if malformed { "01/01/2019" } else { since };
        let row = |level: u8, code: &str, label: &str, inside: &str| {
            format!(
                "<actes:Matiere{level} actes:CodeMatiere=\"{code}\" actes:Libelle=\"{label}\">{inside}</actes:Matiere{level}>\n"
            )
        };
        let inside = row(2, MATTER, "Marchés publics", "") + &row(2, "2", "Délégation de service public", "");
        format!(
            "{}<actes:NaturesActes><actes:NatureActe actes:CodeNatureActe=\"1\" actes:Libelle=\"Délibérations\" \
actes:TypeAbrege=\"DE\"><actes:TypePJNatureActe actes:CodeTypePJ=\"99_DE\" actes:Libelle=\"Délibération\"/>\
</actes:NatureActe></actes:NaturesActes>\n<actes:Matieres>{}</actes:Matieres>\n",
            element("DateClassification", since),
            row(1, matter, "Commande publique", &inside),
        )
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.utf8 {
            true => (declared("UTF-8") + text).into_bytes(),
            false => latin_1(&(declared("ISO-8859-1") + text)),
        }
    }

    /// The message and its documents, loose, in that order.
    pub fn files(&self) -> Vec<NamedFile> {
        let mut files = vec![(self.name(), self.message())];
        let count = self.documents() - usize::from(self.has(ExchangeFault::DocumentMissing));
        for rank in 1..=count {
            files.push((self.document_name(rank), pdf(&["SPÉCIMEN - document inventé", &self.document_name(rank)])));
        }
        if self.has(ExchangeFault::NotDeclared) {
            files.push(("note-interne.pdf".to_owned(), pdf(&["Note que rien n'annonce"])));
        }
        files
    }

    /// `EACT--…`, without extension.
    fn envelope_stem(&self) -> String {
        let Envelope { authority, date, rank, .. } = &self.act;
        match self.from_prefecture {
            true => format!("EACT--PREF{}-{}-{date}-{rank}", authority.department, authority.siren),
            false => format!("EACT--{}--{date}-{rank}", authority.siren),
        }
    }

    /// The envelope of whoever sends the message.
    pub fn envelope(&self) -> Vec<u8> {
        let Envelope { authority, .. } = &self.act;
        let department = format!("actes:Departement=\"{}\"", authority.department);
        let siren = format!("insee:SIREN=\"{}\"", authority.siren);
        let form = format!(" <actes:Formulaire>\n {} </actes:Formulaire>\n", element("NomFichier", &self.name()));
        let forms = format!("<actes:FormulairesEnvoyes>\n{form}</actes:FormulairesEnvoyes>\n");
        let text = match self.from_prefecture {
            true => format!(
                "<actes:EnveloppeMISILLCL {NAMESPACES}>\n<actes:Emetteur><actes:IDPref {department}/></actes:Emetteur>\n{forms}\
<actes:Destinataire {siren}/>\n</actes:EnveloppeMISILLCL>\n"
            ),
            false => format!(
                "<actes:EnveloppeCLMISILL {NAMESPACES}>\n<actes:Emetteur><actes:IDCL {siren} {department} actes:Arrondissement=\"3\" \
actes:Nature=\"31\"/></actes:Emetteur>\n<actes:AdressesRetour><actes:Email>retours@example.org</actes:Email></actes:AdressesRetour>\n\
{forms}</actes:EnveloppeCLMISILL>\n"
            ),
        };
        self.encoded(&text)
    }

    /// The members of the archive, in order.
    pub fn members(&self) -> Vec<NamedFile> {
        let mut files = self.files();
        files.insert(0, (format!("{}.xml", self.envelope_stem()), self.envelope()));
        files
    }

    /// The archive as it travels, `.tar.gz`.
    pub fn tar_gz(&self) -> NamedFile {
        (format!("TST-{}.tar.gz", self.envelope_stem()), tar_gz(&self.members()))
    }

    /// The same as a zip.
    pub fn zip(&self) -> NamedFile {
        (format!("TST-{}.zip", self.envelope_stem()), zipped(&self.members()))
    }
}

fn element(name: &str, text: &str) -> String {
    format!(" <actes:{name}>{text}</actes:{name}>\n")
}
