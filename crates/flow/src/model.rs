//! What goes in and what comes out: incoming files, the reading of a flow.

use std::io::{self, Read};

use serde_json::{Map, Value};

use crate::codes::{self, Fault};
use crate::finding::{Finding, Outcome, Severity};
use crate::formats::Format;
use crate::seda::RuleSaid;

/// Opens a file from its first byte; may be called more than once.
pub type Open<'a> = dyn FnMut() -> io::Result<Box<dyn Read + 'a>> + 'a;

/// One file as it was handed in.
pub struct Incoming<'a> {
    /// The name as declared: data, never a path.
    pub name: &'a [u8],
    /// The media type as declared, if any.
    pub media_type: Option<&'a str>,
    /// Size in bytes.
    pub size: u64,
    /// Gives the bytes from the start; may be called more than once.
    pub open: &'a mut Open<'a>,
}

/// The kind the submitter declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Nothing declared: recognise, or keep as files.
    Auto,
    /// An ACTES flow: an envelope or loose files.
    Actes,
    /// A PES V2 flow, with its acknowledgement or without.
    Pes,
    /// A SEDA transfer of archives, in its container or with its attachments.
    Seda,
    /// A citizen's online request, told by its manifest; of its files nothing is read but what their signatures say.
    Teleservice,
    /// A file of the electronic administration, likewise.
    Dossier,
    /// A step of a public procurement procedure, likewise; essential data (DECP) in it are read.
    Marches,
    /// Any files: none is opened.
    File,
}

impl Declared {
    /// The declared kind of that name.
    ///
    /// # Errors
    /// `kind-unknown` for any other word.
    pub fn parse(word: &str) -> Result<Declared, Box<Finding>> {
        match word {
            "auto" => Ok(Declared::Auto),
            "actes" => Ok(Declared::Actes),
            "pes" => Ok(Declared::Pes),
            "teleservice" => Ok(Declared::Teleservice),
            "dossier" => Ok(Declared::Dossier),
            "marches" => Ok(Declared::Marches),
            "file" => Ok(Declared::File),
            "seda" => Ok(Declared::Seda),
            _ => Err(Box::new(Fault::new(&codes::KIND_UNKNOWN, "kind").with(word).into())),
        }
    }
}

/// The kind a flow was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowKind {
    /// ACTES v1.1.
    Actes,
    /// HELIOS PES V2.
    Pes,
    /// SEDA, 0.2 to 2.3.
    Seda,
    /// A citizen's online request.
    Teleservice,
    /// Electronic administration.
    Dossier,
    /// Public procurement.
    Marches,
    /// Any files.
    File,
}

impl FlowKind {
    /// The stable name, as in `E` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            FlowKind::Actes => "actes",
            FlowKind::Pes => "pes",
            FlowKind::Seda => "seda",
            FlowKind::Teleservice => "teleservice",
            FlowKind::Dossier => "dossier",
            FlowKind::Marches => "marches",
            FlowKind::File => "file",
        }
    }
}

/// The rule by which a message of ACTES is tied to an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The IDActe it says.
    IdActe,
    /// The identifier of the act in the name of its file.
    FileName,
    /// Date, number and nature of the act it repeats, with the SIREN of its name: an anomaly (1-3) has no other.
    RepeatedAct,
    /// An IDActe that is none, read loosely: in another case, with blanks or other separators, a department of two digits, a date with dashes.
    Malformed,
    /// SIREN and number, where one of the two says no identifier, or where they say the same under two departments.
    Number,
    /// The name of the envelope they came in.
    EnvelopeName,
}

impl By {
    /// The stable name, in facts and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            By::IdActe => "id-acte",
            By::FileName => "nom-fichier",
            By::RepeatedAct => "acte-recu",
            By::Malformed => "id-acte-approche",
            By::Number => "siren-numero",
            By::EnvelopeName => "nom-enveloppe",
        }
    }

    /// The rule of that name.
    pub fn parse(name: &str) -> Option<By> {
        let all = [By::IdActe, By::FileName, By::RepeatedAct, By::Malformed, By::Number, By::EnvelopeName];
        all.into_iter().find(|by| by.as_str() == name)
    }
}

/// An identifier by which other deposits of the same story are found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// `acte-id`, `acte-numero` (SIREN, slash, number), `acte-annulation` (of a cancellation whose act cannot be read), `actes-classification` (department of a 7-2), `enveloppe`, `pes-nomfic`, `teleservice-numero`,
    /// `dossier-reference`, `marche-procedure`, `decp-marche` or `seda-message` (agency, slash, identifier of the message).
    pub scheme: &'static str,
    /// The identifier itself.
    pub value: String,
}

/// What was found out about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Read from the bytes, else from the name, else `application/octet-stream`.
    pub media_type: String,
    /// `archive`, `enveloppe`, `message`, `acte`, `annexe`, `ar`, `flux`, `acquittement`, `retour`,
    /// `donnees-essentielles`, `bordereau`, `objet` or `fichier`.
    pub role: &'static str,
    /// What the bytes are of; nothing where they bear no mark that is known.
    pub format: Option<Format>,
}

/// A deposit as it was read.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What it was read as.
    pub kind: FlowKind,
    /// What was read, for `E`: strings, integers, arrays, objects; no float.
    pub facts: Map<String, Value>,
    /// Everything worth telling, in reading order.
    pub findings: Vec<Finding>,
    /// Identifiers of the story, sorted, without repetition.
    pub identifiers: Vec<Identifier>,
    /// The ACTES message, `1-1` for an act; the act's when it came with its AR. Of a PES, its root element; of a manifest,
    /// its step or type; `decp` of essential data alone.
    pub message: Option<String>,
    /// One per [`Incoming`], then one per member in archive order.
    pub files: Vec<FileFacts>,
    /// The management rules that a transfer of SEDA names, each once for its category.
    pub rules: Vec<RuleSaid>,
}

impl Flow {
    /// The worst of the findings.
    pub fn outcome(&self) -> Outcome {
        let refused = |f: &Finding| f.severity == Severity::Refusal;
        if self.findings.iter().any(|f| refused(f) && codes::is_unreadable(f.code)) {
            Outcome::Unreadable
        } else if self.findings.iter().any(refused) {
            Outcome::Refused
        } else if self.findings.iter().any(|f| f.severity == Severity::Warning) {
            Outcome::AcceptedWithWarnings
        } else {
            Outcome::Accepted
        }
    }
}

/// Receives each member of a container, in archive order; nothing of a refused deposit.
pub trait MemberSink {
    /// A member begins; `parent` is the index of its [`Incoming`].
    ///
    /// # Errors
    /// Any error stops the reading; the flow then says `members-not-kept`.
    fn begin(&mut self, parent: usize, name: &[u8], declared_size: u64) -> io::Result<()>;
    /// The next bytes of the current member.
    ///
    /// # Errors
    /// As for [`MemberSink::begin`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// The current member is complete.
    ///
    /// # Errors
    /// As for [`MemberSink::begin`].
    fn end(&mut self) -> io::Result<()>;
}

/// A sink for those who only check.
#[derive(Debug, Default)]
pub struct NoMembers;

impl MemberSink for NoMembers {
    fn begin(&mut self, _parent: usize, _name: &[u8], _declared_size: u64) -> io::Result<()> {
        Ok(())
    }
    fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
