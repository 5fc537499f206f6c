//! What a transfer is answered, in its own version: that it came (*Acknowledgement*), and what became of it (*ArchiveTransferReply*),
//! with each finding under its code. 0.2 has no acknowledgement of its own: its reply serves, then its acceptance.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

use crate::finding::{Finding, Outcome, Severity};
use crate::model::{Flow, FlowKind};
use crate::seda::Version;
use crate::xml;

/// Both answers to a transfer, as bytes of XML in UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replies {
    /// That the message came.
    pub acknowledgement: Vec<u8>,
    /// What became of it.
    pub reply: Vec<u8>,
}

/// The answers to a transfer that was read, at that moment (RFC 3339). `None` when its bordereau could not be read: there is then no
/// message to answer.
pub fn replies(flow: &Flow, when: &str) -> Option<Replies> {
    if flow.kind != FlowKind::Seda {
        return None;
    }
    let said = |key: &str| flow.facts.get(key).and_then(Value::as_str);
    let version = said("seda_version").and_then(Version::by_number)?;
    let answer = Answer {
        flow,
        version,
        when,
        message: said("identifiant_message").unwrap_or("-"),
        agency: said("service_archives").unwrap_or("-"),
        sender: said("service_transfert").unwrap_or("-"),
    };
    Some(match version {
        Version::V0_2 => Replies {
            acknowledgement: answer.reply_0(true),
            reply: if flow.outcome().is_accepted() { answer.acceptance_0() } else { answer.reply_0(false) },
        },
        Version::V1_0 => Replies { acknowledgement: answer.acknowledgement_1(), reply: answer.reply_1() },
        _ => Replies { acknowledgement: answer.acknowledgement_2(), reply: answer.reply_2() },
    })
}

struct Answer<'f> {
    flow: &'f Flow,
    version: Version,
    when: &'f str,
    /// The identifier of the message that is answered.
    message: &'f str,
    /// Who answers.
    agency: &'f str,
    /// Who is answered.
    sender: &'f str,
}

impl Answer<'_> {
    fn begin(&self, root: &str) -> Message {
        let mut message = Message { writer: Writer::new(Vec::new()) };
        message.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let mut start = BytesStart::new(root);
        start.push_attribute(("xmlns", self.version.namespace()));
        message.put(Event::Start(start.into_owned()));
        message
    }

    fn identifier(&self, prefix: &str) -> String {
        format!("{prefix}-{}", self.message)
    }

    fn acknowledgement_2(&self) -> Vec<u8> {
        let mut message = self.begin("Acknowledgement");
        message.leaf("Date", self.when);
        message.leaf("MessageIdentifier", &self.identifier("ACK"));
        message.leaf("MessageReceivedIdentifier", self.message);
        message.agency("Sender", "Identifier", self.agency);
        message.agency("Receiver", "Identifier", self.sender);
        message.end("Acknowledgement")
    }

    fn reply_2(&self) -> Vec<u8> {
        let mut message = self.begin("ArchiveTransferReply");
        message.leaf("Comment", self.summary());
        message.leaf("Date", self.when);
        message.leaf("MessageIdentifier", &self.identifier("ATR"));
        if let Some(agreement) = self.flow.facts.get("accord_versement").and_then(Value::as_str) {
            message.leaf("ArchivalAgreement", agreement);
        }
        message.open("CodeListVersions");
        message.leaf("ReplyCodeListVersion", "tabellion");
        message.leaf("MessageDigestAlgorithmCodeListVersion", "tabellion");
        message.leaf("FileFormatCodeListVersion", "tabellion");
        message.close("CodeListVersions");
        let outcome = match self.flow.outcome() {
            Outcome::Accepted => "OK",
            Outcome::AcceptedWithWarnings => "WARNING",
            Outcome::Refused | Outcome::Unreadable => "KO",
        };
        message.leaf("ReplyCode", outcome);
        message.open("Operation");
        for finding in &self.flow.findings {
            self.event(&mut message, finding);
        }
        message.close("Operation");
        message.leaf("MessageRequestIdentifier", self.message);
        // No `GrantDate`: nothing was taken in charge by whoever only reads.
        message.agency("ArchivalAgency", "Identifier", self.agency);
        message.agency("TransferringAgency", "Identifier", self.sender);
        message.end("ArchiveTransferReply")
    }

    fn event(&self, message: &mut Message, finding: &Finding) {
        let outcome = match finding.severity {
            Severity::Info => "OK",
            Severity::Warning => "WARNING",
            Severity::Refusal => "KO",
        };
        message.open("Event");
        message.leaf("EventTypeCode", step(finding.code));
        message.leaf("EventDateTime", self.when);
        if !finding.place.is_empty() {
            message.leaf("EventDetail", &finding.place);
        }
        message.leaf("Outcome", outcome);
        message.leaf("OutcomeDetail", &format!("{}.{outcome}", detail(finding.code)));
        message.leaf("OutcomeDetailMessage", &format!("[{}] {}", finding.code, finding.message_fr));
        message.close("Event");
    }

    fn acknowledgement_1(&self) -> Vec<u8> {
        let mut message = self.begin("Acknowledgement");
        message.leaf("Date", self.when);
        message.leaf("AcknowledgementIdentifier", &self.identifier("ACK"));
        message.leaf("MessageReceivedIdentifier", self.message);
        message.agency("Receiver", "Identification", self.sender);
        message.agency("Sender", "Identification", self.agency);
        message.end("Acknowledgement")
    }

    fn reply_1(&self) -> Vec<u8> {
        let mut message = self.begin("ArchiveTransferReply");
        message.leaf("Comment", self.summary());
        for finding in &self.flow.findings {
            message.leaf("Comment", &sentence(finding));
        }
        message.leaf("Date", self.when);
        message.leaf("ReplyCode", self.code());
        message.leaf("TransferIdentifier", self.message);
        message.leaf("TransferReplyIdentifier", &self.identifier("ATR"));
        message.agency("ArchivalAgency", "Identification", self.agency);
        message.agency("TransferringAgency", "Identification", self.sender);
        message.end("ArchiveTransferReply")
    }

    /// The reply of 0.2: that the message came, or why it is refused.
    fn reply_0(&self, came: bool) -> Vec<u8> {
        let mut message = self.begin("ArchiveTransferReply");
        message.leaf("Comment", &if came { "Transfert reçu.".to_owned() } else { self.all() });
        message.leaf("Date", self.when);
        message.coded("ReplyCode", if came { "000" } else { self.code() });
        message.leaf("TransferIdentifier", self.message);
        message.leaf("TransferReplyIdentifier", &self.identifier(if came { "ACK" } else { "ATR" }));
        message.agency("TransferringAgency", "Identification", self.sender);
        message.agency("ArchivalAgency", "Identification", self.agency);
        message.end("ArchiveTransferReply")
    }

    fn acceptance_0(&self) -> Vec<u8> {
        let mut message = self.begin("ArchiveTransferAcceptance");
        message.leaf("Comment", &self.all());
        message.leaf("Date", self.when);
        message.coded("ReplyCode", self.code());
        message.leaf("TransferAcceptanceIdentifier", &self.identifier("ATR"));
        message.leaf("TransferIdentifier", self.message);
        message.agency("TransferringAgency", "Identification", self.sender);
        message.agency("ArchivalAgency", "Identification", self.agency);
        message.end("ArchiveTransferAcceptance")
    }

    fn summary(&self) -> &'static str {
        match self.flow.outcome() {
            Outcome::Accepted => "Le transfert est conforme aux contrôles.",
            Outcome::AcceptedWithWarnings => "Le transfert passe les contrôles, avec des avertissements.",
            Outcome::Refused | Outcome::Unreadable => "Le transfert est refusé.",
        }
    }

    /// The summary and every finding, in one text.
    fn all(&self) -> String {
        let findings = self.flow.findings.iter().map(sentence);
        std::iter::once(self.summary().to_owned()).chain(findings).collect::<Vec<_>>().join(" ")
    }

    /// The reply code of the edition of 2009.
    fn code(&self) -> &'static str {
        let refusal = self.flow.findings.iter().find(|finding| finding.severity == Severity::Refusal);
        let place = refusal.map_or("", |finding| finding.place.as_str());
        match refusal.map(|finding| finding.code) {
            None if self.flow.outcome() == Outcome::Accepted => "000",
            None => "001",
            Some(code) if code.starts_with("seda-digest") => "207",
            Some("seda-file-missing") => "211",
            Some("seda-agreement-empty" | "seda-agreement-unknown") => "300",
            Some("seda-agency-unknown") if place.starts_with("Originating") => "200",
            Some("seda-agency-unknown") if place.starts_with("Archival") => "201",
            Some("seda-agency-unknown") => "202",
            Some(code) if code.starts_with("xml-") || code.starts_with("encoding-") => "101",
            Some(code) if code.starts_with("container-") || code.starts_with("member-") => "101",
            Some(_) => "203",
        }
    }
}

fn sentence(finding: &Finding) -> String {
    let place = if finding.place.is_empty() { String::new() } else { format!(" ({})", finding.place) };
    format!("[{}] {}{place}", finding.code, finding.message_fr)
}

/// The step of the control that a code belongs to.
fn step(code: &str) -> &'static str {
    match code {
        "seda-digest-differs"
        | "seda-digest-missing"
        | "seda-digest-absent"
        | "seda-digest-unread"
        | "seda-digest-weak"
        | "seda-embedded" => "CHECK_DIGEST",
        "seda-size-differs" => "CHECK_OBJECT_SIZE",
        "seda-file-missing" | "seda-file-surplus" | "seda-uri-missing" | "seda-no-object" | "seda-not-described" => {
            "CHECK_MANIFEST_DATAOBJECT"
        }
        "seda-manifest-missing" | "seda-manifests-several" => "MANIFEST_FILE_NAME_CHECK",
        "seda-folders-several" => "CHECK_CONTAINER_FORMAT",
        "seda-title-missing" | "seda-date" | "seda-value" => "CHECK_UNIT_SCHEMA",
        "seda-rule-category" | "seda-rule-unknown" => "UNITS_RULES_COMPUTE",
        "seda-usage" | "seda-physical-id" => "CHECK_DATAOBJECT_VERSION",
        "seda-service-level-unknown" | "seda-not-controlled" => "CHECK_HEADER",
        "seda-agency-unknown" => "CHECK_AGENT",
        "seda-agreement-empty" | "seda-agreement-unknown" => "CHECK_CONTRACT_INGEST",
        "seda-profile-unknown" => "CHECK_IC_AP_RELATION",
        "seda-profile-differs" | "seda-profile-not-applied" => "CHECK_ARCHIVEPROFILE",
        "seda-cycle"
        | "seda-reference-empty"
        | "seda-reference-unknown"
        | "seda-reference-kind"
        | "seda-id-twice"
        | "seda-group-twice"
        | "seda-elsewhere" => "CHECK_MANIFEST",
        _ if code.starts_with("seda-") || code.starts_with("xml-") || code.starts_with("encoding-") => "CHECK_SEDA",
        _ if code.starts_with("container-") || code.starts_with("member-") => "CHECK_CONTAINER_FORMAT",
        _ => "CHECK_DEPOSIT",
    }
}

/// What came of the step, as the platforms of the State name it, before the outcome; the step itself where they have no more to say.
fn detail(code: &str) -> &'static str {
    match code {
        "seda-agency-unknown" => "CHECK_HEADER.CHECK_AGENT.UNKNOWN",
        "seda-agreement-unknown" => "CHECK_HEADER.CHECK_CONTRACT_INGEST.CONTRACT_UNKNOWN",
        "seda-agreement-empty" => "CHECK_HEADER.CHECK_CONTRACT_INGEST.CONTRACT_NOT_IN_MANIFEST",
        "seda-profile-unknown" => "CHECK_HEADER.CHECK_IC_AP_RELATION.UNKNOWN",
        "seda-profile-differs" | "seda-profile-not-applied" => "CHECK_HEADER.CHECK_ARCHIVEPROFILE",
        "seda-service-level-unknown" => "CHECK_HEADER.CHECK_SERVICE_LEVEL.UNKNOWN",
        "seda-rule-unknown" => "UNITS_RULES_COMPUTE.UNKNOWN",
        "seda-rule-category" => "UNITS_RULES_COMPUTE.REF_INCONSISTENCY",
        "seda-title-missing" => "CHECK_UNIT_SCHEMA.INVALID_UNIT",
        "seda-folders-several" => "CHECK_SEDA.CONTAINER_FORMAT.DIRECTORY",
        "seda-manifest-not-xml" => "CHECK_SEDA.NOT_XML_FILE",
        "seda-element-unknown" => "CHECK_SEDA.NOT_XSD_VALID",
        _ => step(code),
    }
}

/// A message being written.
struct Message {
    writer: Writer<Vec<u8>>,
}

impl Message {
    fn put(&mut self, event: Event<'_>) {
        // Writing to memory cannot fail.
        let _ = self.writer.write_event(event);
    }

    fn open(&mut self, name: &str) {
        self.put(Event::Start(BytesStart::new(name)));
    }

    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element with a text, in which what XML forbids is replaced.
    fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    fn text(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if xml::allowed(c) { c } else { '\u{FFFD}' }).collect();
        self.put(Event::Text(BytesText::new(&text)));
    }

    /// A reply code, with the list it comes from.
    fn coded(&mut self, name: &str, code: &str) {
        let mut start = BytesStart::new(name);
        start.push_attribute(("listVersionID", "edition 2009"));
        self.put(Event::Start(start));
        self.text(code);
        self.close(name);
    }

    fn agency(&mut self, name: &str, identifier: &str, value: &str) {
        self.open(name);
        self.leaf(identifier, value);
        self.close(name);
    }

    fn end(mut self, root: &str) -> Vec<u8> {
        self.close(root);
        self.writer.into_inner()
    }
}
