//! A flow told to people: the JSON of `tabellion check`, and its text, in French or in English.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::codes::shown;
use crate::finding::{Finding, Outcome, Severity};
use crate::model::{Flow, FlowKind};
use crate::signed::reason;

/// The language of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

impl Language {
    /// French for a locale that begins with `fr`, English for any other: `LC_ALL`, `LC_MESSAGES` or `LANG`.
    pub fn of_locale(locale: &str) -> Language {
        if locale.to_ascii_lowercase().starts_with("fr") { Language::Fr } else { Language::En }
    }

    fn pick<'a>(self, fr: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

impl Finding {
    /// The sentence.
    pub fn message(&self, language: Language) -> &str {
        language.pick(&self.message_fr, &self.message_en)
    }

    /// What to do.
    pub fn remedy(&self, language: Language) -> &str {
        language.pick(&self.remedy_fr, &self.remedy_en)
    }

    /// `{code, severity, message, where, remedy}`.
    pub fn to_json(&self, language: Language) -> Value {
        json!({
            "code": self.code,
            "severity": self.severity.as_str(),
            "message": self.message(language),
            "where": self.place,
            "remedy": self.remedy(language),
        })
    }
}

/// `{outcome, kind, facts, findings, identifiers, files}`; the last two may gain fields.
pub fn to_json(flow: &Flow, language: Language) -> Value {
    let findings: Vec<Value> = flow.findings.iter().map(|f| f.to_json(language)).collect();
    let identifier = |i: &crate::Identifier| json!({ "scheme": i.scheme, "value": i.value });
    let file = |f: &crate::FileFacts| {
        json!({
            "media_type": f.media_type,
            "role": f.role,
            "format": f.format.map(|format| format.name),
            "claims": f.format.and_then(|format| format.claims),
            "puid": f.format.and_then(|format| format.puid),
        })
    };
    json!({
        "outcome": flow.outcome().as_str(),
        "kind": flow.kind.as_str(),
        "facts": flow.facts,
        "findings": findings,
        "identifiers": flow.identifiers.iter().map(identifier).collect::<Vec<_>>(),
        "files": flow.files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// Facts with a French and an English caption, in the order of the text.
const CAPTIONS: [(&str, &str, &str); 41] = [
    ("message", "Message", "Message"),
    ("transmission", "Transmission", "Transmission"),
    ("id_acte", "Identifiant de l'acte", "Act identifier"),
    ("id_acte_by", "Identifiant connu par", "Identifier known by"),
    ("departement", "Département", "Department"),
    ("siren", "SIREN", "SIREN"),
    ("date", "Date", "Date"),
    ("numero", "Numéro", "Number"),
    ("nature", "Nature", "Nature"),
    ("code_nature", "Code nature", "Nature code"),
    ("matieres", "Matières", "Matters"),
    ("objet", "Objet", "Subject"),
    ("classification_date", "Classification du", "Classification of"),
    ("precedent_id_acte", "Acte remplacé", "Act replaced"),
    ("date_reception", "Reçu le", "Received on"),
    ("date_annulation", "Annulation reçue le", "Cancellation received on"),
    ("date_courrier", "Courrier du", "Letter of"),
    ("nombre_messages", "Nombre de messages", "Number of messages"),
    ("nom_fic", "Nom du flux (NomFic)", "Name of the flow (NomFic)"),
    ("type_fichier", "Type de fichier", "Type of file"),
    ("poste_comptable", "Poste comptable", "Accounting office"),
    ("siret", "SIRET", "SIRET"),
    ("budget", "Budget", "Budget"),
    ("domaines", "Domaines", "Domains"),
    ("nombre_bordereaux", "Nombre de bordereaux", "Number of bordereaux"),
    ("nombre_pieces", "Nombre de pièces", "Number of pieces"),
    ("montant_ht", "Montant hors taxes annoncé", "Amount stated before tax"),
    ("nombre_pieces_jointes", "Nombre de pièces jointes", "Number of attached documents"),
    ("etat", "État de l'acquittement", "State of the acknowledgement"),
    ("numero_demande", "Numéro de la demande", "Number of the request"),
    ("demarche", "Démarche", "Request for"),
    ("etape", "Étape", "Step"),
    ("reference", "Référence", "Reference"),
    ("procedure", "Procédure (acheteur/consultation)", "Procedure (buyer/consultation)"),
    ("type", "Type", "Type"),
    ("contrat", "Contrat (acheteur/identifiant)", "Contract (buyer/identifier)"),
    ("edition", "Édition du format", "Edition of the format"),
    ("nombre_contrats", "Nombre de contrats", "Number of contracts"),
    ("nombre_modifications", "Nombre de modifications", "Number of modifications"),
    ("nombre_signatures", "Nombre de signatures", "Number of signatures"),
    ("bordereaux_signes", "Bordereaux signés", "Bordereaux signed"),
];

/// The text of `tabellion check`, several lines, the last one ended.
pub fn to_text(flow: &Flow, language: Language) -> String {
    let mut text = String::new();
    let line = |text: &mut String, caption: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {caption} : {value}");
    };
    let _ = writeln!(text, "{}", verdict(flow, language));
    for (key, fr, en) in CAPTIONS {
        if let Some(value) = flow.facts.get(key) {
            line(&mut text, language.pick(fr, en), &plain(value));
        }
    }
    if let Some(Value::Array(labels)) = flow.facts.get("matieres_libelles") {
        let labels = labels.iter().map(plain).collect::<Vec<_>>().join(" / ");
        line(&mut text, language.pick("Libellés des matières", "Labels of the matters"), &labels);
    }
    if let Some(Value::Array(all)) = flow.facts.get("signatures_non_verifiees") {
        let said = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).map(shown).unwrap_or_default();
        let told = |one: &Value| {
            let [fr, en] = reason(&said(one, "motif"), "");
            format!("{} ({})", said(one, "fichier"), language.pick(&fr, &en))
        };
        let all = all.iter().map(told).collect::<Vec<_>>().join(", ");
        line(&mut text, language.pick("Signatures non vérifiées", "Signatures not checked"), &all);
    }
    let objects = [
        ("enveloppe", "Enveloppe", "Envelope"),
        ("anomalie", "Anomalie", "Anomaly"),
        ("classification_fournie", "Classification fournie", "Classification given"),
        ("classification_reference", "Classification en vigueur", "Classification in force"),
    ];
    for (key, fr, en) in objects {
        if let Some(Value::Object(map)) = flow.facts.get(key) {
            line(&mut text, language.pick(fr, en), &joined(map));
        }
    }
    let files: Vec<String> = flow.files.iter().map(|f| format!("{} ({})", f.role, f.media_type)).collect();
    let hidden = files.len().saturating_sub(FILES_SHOWN);
    let mut list = files.into_iter().take(FILES_SHOWN).collect::<Vec<_>>().join(", ");
    if hidden > 0 {
        let _ = write!(list, ", +{hidden}");
    }
    line(&mut text, language.pick("Fichiers", "Files"), &list);
    for finding in &flow.findings {
        write_finding(&mut text, finding, language);
    }
    text
}

/// Files named in the text.
const FILES_SHOWN: usize = 20;

fn verdict(flow: &Flow, language: Language) -> String {
    let kind = match flow.kind {
        FlowKind::Actes => "ACTES",
        FlowKind::Pes => "PES",
        FlowKind::Seda => "SEDA",
        FlowKind::Teleservice => language.pick("téléservice", "online request"),
        FlowKind::Dossier => "dossier",
        FlowKind::Marches => language.pick("marché public", "public procurement"),
        FlowKind::File => language.pick("fichiers", "files"),
    };
    let words = match flow.outcome() {
        Outcome::Accepted => language.pick("Accepté", "Accepted"),
        Outcome::AcceptedWithWarnings => language.pick("Accepté avec avertissements", "Accepted with warnings"),
        Outcome::Refused => language.pick("Refusé", "Refused"),
        Outcome::Unreadable => language.pick("Illisible", "Unreadable"),
    };
    format!("{words} ({kind})")
}

fn write_finding(text: &mut String, finding: &Finding, language: Language) {
    let severity = match finding.severity {
        Severity::Info => language.pick("note", "note"),
        Severity::Warning => language.pick("avertissement", "warning"),
        Severity::Refusal => language.pick("refus", "refusal"),
    };
    let _ = writeln!(text, "- {severity} [{}] {}", finding.code, finding.message(language));
    if !finding.place.is_empty() {
        let _ = writeln!(text, "    {} : {}", language.pick("où", "where"), finding.place);
    }
    let _ = writeln!(text, "    {} : {}", language.pick("que faire", "what to do"), finding.remedy(language));
}

/// A value fit for a terminal.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => shown(text),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("."),
        other => shown(&other.to_string()),
    }
}

fn joined(map: &Map<String, Value>) -> String {
    map.iter().map(|(key, value)| format!("{key} {}", plain(value))).collect::<Vec<_>>().join(", ")
}
