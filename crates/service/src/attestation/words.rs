//! What attestations say, in French: for people who know no cryptography. None of it is evidence, and each sheet says so.

use super::sheet::Block;
use proof::UnixMillis;
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::time::format_rfc3339;

/// Files named one by one; beyond, they are counted.
const FILES_NAMED: usize = 200;
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Facts of an act that people look for, and what they are called.
const FACTS: [(&str, &str); 6] = [
    ("id_acte", "Identifiant de l'acte"),
    ("objet", "Objet"),
    ("numero", "Numéro"),
    ("nature", "Nature"),
    ("date", "Date de l'acte"),
    ("message", "Message"),
];

/// What is attested, read.
pub(super) struct Told {
    pub(super) origin: String,
    /// Name and number of the depositor at that time.
    pub(super) depositor: String,
    pub(super) record: LogRecord,
    pub(super) entry: EntryRecord,
    pub(super) files: Vec<FileRecord>,
    pub(super) index: u64,
    /// Time of the seal and the name of its authority; `None` while it is awaited.
    pub(super) sealed: Option<(UnixMillis, String)>,
    /// Whether the authority is the built-in one.
    pub(super) test_authority: bool,
}

/// A line of the findings.
pub(super) struct Finding {
    pub(super) name: &'static str,
    pub(super) holds: &'static str,
    pub(super) sentence: String,
    /// Said so many times.
    pub(super) times: usize,
}

pub(super) fn deposit(told: &Told, pack: &str) -> Vec<Block> {
    let mut blocks = vec![
        Block::Title("Attestation de dépôt".into()),
        Block::Text(format!(
            "Le service d'archivage électronique « {} » a reçu le dépôt décrit ci-dessous, l'a inscrit à son journal et \
             le conserve tel qu'il est arrivé.",
            told.origin
        )),
    ];
    blocks.extend(described(told));
    blocks.extend(named(&told.files));
    blocks.extend(how_to_check(pack));
    blocks.push(nature("dépôt"));
    blocks
}

pub(super) fn integrity(told: &Told, at: UnixMillis, passed: &str, findings: Vec<Finding>, pack: &str) -> Vec<Block> {
    let mut blocks = vec![
        Block::Title("Attestation d'intégrité".into()),
        Block::Text(format!(
            "Le {}, le service d'archivage électronique « {} » a relu le dépôt décrit ci-dessous dans son entier, l'a \
             déchiffré, en a recalculé les empreintes et a vérifié sa preuve comme le ferait un tiers. Ce relevé, établi \
             automatiquement, porte sur tout le temps qui va de la réception à la restitution, comme l'attend l'article 45 undecies du règlement \
             eIDAS ; le service n'est pas pour autant un service qualifié.",
            date(at),
            told.origin
        )),
        Block::Heading("Le constat".into()),
        Block::Row("Résultat".into(), passed.to_owned()),
    ];
    let line = |finding: Finding| {
        let times = if finding.times > 1 { format!(" ({} fois)", finding.times) } else { String::new() };
        Block::Row(subject(finding.name).into(), format!("{}{times} : {}", finding.holds, finding.sentence))
    };
    blocks.extend(findings.into_iter().map(line));
    blocks.extend(described(told));
    blocks.extend(named(&told.files));
    blocks.extend(how_to_check(pack));
    blocks.push(nature("constat d'intégrité"));
    blocks
}

/// What is left to say of an elimination: the order, the visa, and each entry it took.
pub(super) struct Eliminated {
    pub(super) origin: String,
    pub(super) depositor: String,
    pub(super) id: String,
    pub(super) at: UnixMillis,
    pub(super) finished: bool,
    pub(super) visa: Vec<(String, String)>,
    pub(super) proposal_sha256: String,
    pub(super) entries: Vec<(String, u64)>,
}

pub(super) fn elimination(told: &Eliminated) -> Vec<Block> {
    let state = if told.finished {
        "les contenus sont détruits, leurs clés d'abord"
    } else {
        "ordonnée ; la destruction est en cours"
    };
    let mut blocks = vec![
        Block::Title("Attestation d'élimination".into()),
        Block::Text(format!(
            "Le service d'archivage électronique « {} » a inscrit à son journal l'élimination des dépôts nommés ci-dessous, \
             ordonnée par un bordereau visé. Les contenus ne peuvent plus être lus, ni ici ni dans les sauvegardes ; les reçus, \
             le registre et la preuve que rien d'autre n'a disparu restent vérifiables.",
            told.origin
        )),
        Block::Heading("L'élimination".into()),
        Block::Row("Service versant".into(), told.depositor.clone()),
        Block::Row("Identifiant".into(), told.id.clone()),
        Block::Row("Inscrite le".into(), date(told.at)),
        Block::Row("État".into(), state.into()),
        Block::Digits("Bordereau, SHA-256".into(), told.proposal_sha256.clone()),
        Block::Heading("Le visa".into()),
    ];
    blocks.extend(told.visa.iter().map(|(name, value)| Block::Row(name.clone(), value.clone())));
    blocks.push(Block::Heading(format!("Les dépôts éliminés ({})", told.entries.len())));
    blocks.extend(told.entries.iter().map(|(id, index)| Block::Row(id.clone(), format!("au rang {index} du journal"))));
    blocks.push(nature("élimination"));
    blocks
}

fn described(told: &Told) -> Vec<Block> {
    let record = &told.record;
    let mut blocks = vec![
        Block::Heading("Le dépôt".into()),
        Block::Row("Déposant".into(), told.depositor.clone()),
        Block::Row("Identifiant".into(), record.id.to_string()),
        Block::Row(
            "Inscription".into(),
            format!("n° {} du registre du déposant, rang {} du journal", record.sequence.0, told.index),
        ),
        Block::Row("Reçu le".into(), format!("{}, à l'horloge du service", date(record.received_at))),
    ];
    let fact = |name: &str| told.entry.facts.get(name).and_then(proof::json::Canonical::to_string_value);
    let facts = FACTS.iter().filter_map(|(name, called)| Some(Block::Row((*called).into(), fact(name)?)));
    blocks.extend(facts);
    blocks.push(Block::Heading("La date".into()));
    blocks.push(Block::Text(match &told.sealed {
        None => "Ce dépôt attend le jeton d'une autorité d'horodatage : jusque-là, sa date n'est que celle de l'horloge du service. \
                 Demander une autre attestation une fois le scellement fait."
            .into(),
        Some((at, authority)) if told.test_authority => format!(
            "Scellé le {} par « {} », l'autorité d'ESSAI du service, qui ne prouve rien à personne d'autre.",
            date(*at),
            common_name(authority)
        ),
        Some((at, authority)) => format!(
            "Ce dépôt existait, tel quel, au plus tard le {} : l'autorité d'horodatage « {} », indépendante du service, a signé \
             ce moment (RFC 3161). Cette attestation ne dit pas si cette autorité est qualifiée.",
            date(*at),
            common_name(authority)
        ),
    }));
    blocks
}

fn named(files: &[FileRecord]) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(match files.len() {
        0 => "Aucun fichier".into(),
        1 => "Le fichier".into(),
        count => format!("Les {count} fichiers"),
    })];
    for file in files.iter().take(FILES_NAMED) {
        blocks.push(Block::Row(
            format!("Fichier {}", file.number.0),
            format!("{} ({} octets)", file.name, grouped(file.size)),
        ));
        blocks.push(Block::Digits("Empreinte SHA-256".into(), file.sha256.to_string()));
    }
    if let Some(more) = files.len().checked_sub(FILES_NAMED).filter(|more| *more > 0) {
        blocks.push(Block::Text(format!("Et {more} autres, que le dossier de preuve nomme tous.")));
    }
    blocks
}

fn how_to_check(pack: &str) -> [Block; 2] {
    [
        Block::Heading("Vérifier".into()),
        Block::Text(format!(
            "La preuve est le dossier de preuve du dépôt ({pack}). N'importe qui la vérifie sans réseau et sans faire confiance au service, avec \
             la commande « tabellion-verify » et la politique du journal obtenue par ailleurs, ou avec les outils d'un expert : \
             conteneur ASiC-E, enregistrements de preuve RFC 4998, jeton RFC 3161. L'empreinte d'un fichier en main se compare à celle \
             ci-dessus : identique, c'est le fichier déposé."
        )),
    ]
}

fn nature(what: &str) -> Block {
    Block::Small(format!(
        "Cette attestation de {what} se lit ; elle ne prouve rien par elle-même et n'est pas signée. Elle dit ce que le dossier de preuve démontre. \
         Service conçu pour NF Z42-013 ; il n'affirme ici aucune certification."
    ))
}

/// What a finding is about.
fn subject(name: &str) -> &'static str {
    match name {
        "format" => "Dossier",
        "files" => "Fichiers",
        "entry" => "Enregistrements",
        "inclusion" => "Présence au journal",
        "log-signature" => "Signature du journal",
        "witnesses" => "Témoins",
        "evidence-record" => "Enregistrement de preuve",
        "binding" => "Lien au journal",
        "timestamp" => "Horodatage",
        "flow-identifiers" => "Identifiants",
        "document-signatures" => "Signatures des documents",
        "algorithms" => "Algorithmes",
        "time-order" => "Ordre des dates",
        _ => "Autre",
    }
}

/// The moment in words, in UTC.
pub(super) fn date(at: UnixMillis) -> String {
    let text = format_rfc3339(at);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).unwrap_or(&"");
    let day = part(8, 10).trim_start_matches('0');
    let day = if day == "1" { "1er" } else { day };
    format!("{day} {month} {} à {} UTC", part(0, 4), part(11, 19))
}

/// The name that people know in a certificate's subject, else all of it.
fn common_name(subject: &str) -> &str {
    let name = subject.split(", ").find_map(|part| part.trim().strip_prefix("CN="));
    name.unwrap_or(subject)
}

/// Digits by threes, as French writes them.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_sizes_are_written_as_french_writes_them() {
        assert_eq!(date(UnixMillis(1_764_547_445_000)), "1er décembre 2025 à 00:04:05 UTC");
        assert_eq!(date(UnixMillis(951_827_696_000)), "29 février 2000 à 12:34:56 UTC");
        assert_eq!(common_name("C=FR, O=Essai, CN=Autorité d'essai"), "Autorité d'essai");
        assert_eq!(common_name("O=Essai"), "O=Essai");
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(20_480), "20\u{a0}480");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
    }

    #[test]
    fn every_finding_has_its_subject() {
        for name in verifier::NAMES.split_whitespace().filter(|name| *name != "register") {
            assert_ne!(subject(name), "Autre", "{name}");
        }
    }
}
