//! What attestations say, in French: for people who know no cryptography. None of it is evidence, and each sheet says so.

use super::sheet::Block;
use proof::UnixMillis;
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::time::format_rfc3339;
use std::collections::BTreeSet;
use verifier::{Lang, numbered};

/// Files named one by one; beyond, they are counted.
const FILES_NAMED: usize = 200;
/// Stretches of numbers told one by one; beyond, the files are counted.
const STRETCHES: usize = 20;
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
    /// Numbers of the files that the pack at hand withholds.
    pub(super) withheld: BTreeSet<u64>,
    pub(super) index: u64,
    /// Time of the seal and the name of its authority; `None` while it is awaited.
    pub(super) sealed: Option<(UnixMillis, String)>,
    /// Whether the authority is the built-in one.
    pub(super) test_authority: bool,
    /// The authority was qualified by trusted lists, as the verdict found; else nobody has looked.
    pub(super) qualified: bool,
    /// Whose seal the sheet will bear, if any.
    pub(super) cachet: Option<String>,
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
    blocks.extend(named(&told.files, &told.withheld));
    blocks.extend(how_to_check(pack));
    blocks.push(nature("dépôt", told.cachet.as_deref()));
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
    blocks.extend(named(&told.files, &told.withheld));
    blocks.extend(how_to_check(pack));
    blocks.push(nature("constat d'intégrité", told.cachet.as_deref()));
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
    blocks.push(dated(told.sealed.as_ref(), told.test_authority, told.qualified));
    blocks
}

/// Since when at the latest, and by whose word.
pub(super) fn dated(sealed: Option<&(UnixMillis, String)>, test_authority: bool, qualified: bool) -> Block {
    Block::Text(match sealed {
        None => "Cette inscription attend le jeton d'une autorité d'horodatage : jusque-là, sa date n'est que celle de l'horloge du service. \
                 Demander une autre attestation une fois le scellement fait."
            .into(),
        Some((at, authority)) if test_authority => format!(
            "Scellé le {} par « {} », l'autorité d'ESSAI du service, qui ne prouve rien à personne d'autre.",
            date(*at),
            common_name(authority)
        ),
        Some((at, authority)) => format!(
            "Ce qui est décrit ici existait, tel quel, au plus tard le {} : l'autorité d'horodatage « {} », indépendante du service, a signé \
             ce moment (RFC 3161). {}",
            date(*at),
            common_name(authority),
            qualification(qualified)
        ),
    })
}

/// The files that the pack at hand shows, and that there are others.
fn named(files: &[FileRecord], withheld: &BTreeSet<u64>) -> Vec<Block> {
    let shown: Vec<&FileRecord> = files.iter().filter(|file| !withheld.contains(&file.number.0)).collect();
    let mut blocks = vec![Block::Heading(match (shown.len(), withheld.is_empty()) {
        (0, false) => format!("Aucun fichier montré (sur {})", files.len()),
        (count, false) => {
            counted("[Le fichier montré/Les fichiers montrés] ({} sur ", count) + &format!("{})", files.len())
        }
        (0, true) => "Aucun fichier".into(),
        (count, true) => counted("[Le fichier/Les {} fichiers]", count),
    })];
    blocks.extend(shown.iter().take(FILES_NAMED).flat_map(|file| one_file(file)));
    if let Some(more) = shown.len().checked_sub(FILES_NAMED).filter(|more| *more > 0) {
        let told = "Et {} autre[/s], que le dossier de preuve nomme [aussi/tous].";
        blocks.push(Block::Text(counted(told, more)));
    }
    if !withheld.is_empty() {
        blocks.push(Block::Row("Non montrés".into(), left_out(withheld)));
    }
    blocks
}

/// Name, size and digest of a file.
pub(super) fn one_file(file: &FileRecord) -> [Block; 2] {
    [
        Block::Row(
            format!("Fichier {}", file.number.0),
            format!("{} ({})", file.name, counted("{} octet[/s]", file.size)),
        ),
        Block::Digits("Empreinte SHA-256".into(), file.sha256.to_string()),
    ]
}

/// Which files are not shown; neither their names nor anything of them.
fn left_out(withheld: &BTreeSet<u64>) -> String {
    let told = "{} autre[/s] fichier[/s] du dépôt (N) [n'est pas joint/ne sont pas joints] à ce dossier. Cette attestation n'en décrit rien, et \
                [son/leur] contenu ne se vérifie pas ici ; le dossier n'en garde que la place, et qui le vérifie apprend \
                [qu'un fichier est retenu/que des fichiers sont retenus].";
    counted(told, withheld.len()).replace("(N)", &format!("({})", numbers(withheld)))
}

/// Numbers as people write them: `n° 2, 4 à 7`; the first stretches where there are many.
fn numbers(of: &BTreeSet<u64>) -> String {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for number in of {
        match stretches.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => stretches.push((*number, *number)),
        }
    }
    let told = stretches.iter().take(STRETCHES).map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} à {last}"),
    });
    let more = if stretches.len() > STRETCHES { "…" } else { "" };
    format!("n° {}{more}", told.collect::<Vec<_>>().join(", "))
}

/// What is known of the authority's qualification: never more than what was looked at.
fn qualification(found: bool) -> &'static str {
    match found {
        true => "Les listes de confiance consultées par la vérification la donnent pour qualifiée à ce moment.",
        false => {
            "La qualification de cette autorité n'a pas été examinée ici : on ne sait pas si elle était qualifiée. Elle se vérifie avec le \
             dossier et les listes de confiance européennes (tabellion-verify --trusted-list)."
        }
    }
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

/// What a sheet is and is not, and whose seal it bears, if any.
pub(super) fn nature(what: &str, cachet: Option<&str>) -> Block {
    let seal = match cachet {
        None => "elle ne prouve rien par elle-même et n'est pas signée.".to_owned(),
        Some(name) => format!(
            "elle ne prouve rien par elle-même. Son cachet électronique, celui de « {} », dit d'où elle vient et qu'elle n'a pas été changée \
             depuis ; il ne rend pas vrai ce qu'elle dit.",
            common_name(name)
        ),
    };
    Block::Small(format!(
        "Cette attestation de {what} se lit ; {seal} Elle dit ce que le dossier de preuve démontre. Service conçu pour NF Z42-013 ; il n'affirme \
         ici aucune certification."
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
    format!("{} à {} UTC", day(&text), text.get(11..19).unwrap_or_default())
}

/// The day of `YYYY-MM-DD…` in words.
pub(super) fn day(text: &str) -> String {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).unwrap_or(&"");
    let day = part(8, 10).trim_start_matches('0');
    let day = if day == "1" { "1er" } else { day };
    format!("{day} {month} {}", part(0, 4))
}

/// The name that people know in a certificate's subject, else all of it.
fn common_name(subject: &str) -> &str {
    let name = subject.split(", ").find_map(|part| part.trim().strip_prefix("CN="));
    name.unwrap_or(subject)
}

/// The sentence with the number in it, and of each `[one/many]` the form that goes with it.
pub(super) fn counted(sentence: &str, number: impl TryInto<u64>) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    numbered(Lang::French, sentence, &number.to_string()).replace("{}", &grouped(number))
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
    fn one_file_one_byte_and_one_deposit_are_said_in_the_singular() {
        let sized = |size: u64| format!("{:?}", one_file(&FileRecord { size, ..file(1) }));
        assert!(sized(0).contains("(0 octet)") && sized(1).contains("(1 octet)") && sized(2).contains("(2 octets)"));
        let said = |shown: u64, withheld: &[u64]| {
            let files: Vec<FileRecord> = (1..=shown).map(file).collect();
            format!("{:?}", named(&files, &withheld.iter().copied().collect()))
        };
        assert!(said(1, &[]).contains("\"Le fichier\"") && said(2, &[]).contains("\"Les 2 fichiers\""));
        assert!(said(2, &[2]).contains("Le fichier montré (1 sur 2)"));
        assert!(said(1, &[1]).contains("Aucun fichier montré (sur 1)"));
        let many = FILES_NAMED as u64;
        assert!(said(many + 1, &[]).contains("Et 1 autre, que le dossier de preuve nomme aussi."));
        assert!(said(many + 2, &[]).contains("Et 2 autres, que le dossier de preuve nomme tous."));
        assert!(said(2, &[2]).contains("1 autre fichier du dépôt (n° 2) n'est pas joint à ce dossier."));
        assert!(said(3, &[2, 3]).contains("2 autres fichiers du dépôt (n° 2, 3) ne sont pas joints à ce dossier."));
        assert_eq!(counted("Dépôt[/s] : {}", 1_234_u64), "Dépôts : 1\u{a0}234");
    }

    fn file(number: u64) -> FileRecord {
        FileRecord {
            number: proof::FileNumber(number),
            parent: None,
            name: format!("piece-{number}.txt"),
            name_base64: None,
            size: number,
            sha256: proof::sha256(&[number as u8]),
            sha512: proof::sha512(&[number as u8]),
            media_type: "text/plain".into(),
            salt: [0; 32],
            rest: proof::json::Members::new(),
        }
    }

    #[test]
    fn a_sheet_describes_what_its_pack_shows_and_says_that_there_is_more() {
        let files: Vec<FileRecord> = (1..=5).map(file).collect();
        let said = |withheld: &[u64]| format!("{:?}", named(&files, &withheld.iter().copied().collect()));
        let whole = said(&[]);
        assert!(
            whole.contains("Les 5 fichiers") && whole.contains("piece-4.txt") && !whole.contains("Non montrés"),
            "{whole}"
        );
        let some = said(&[2, 4, 5]);
        assert!(
            some.contains("Les fichiers montrés (2 sur 5)") && some.contains("3 autres fichiers du dépôt (n° 2, 4, 5)"),
            "{some}"
        );
        for hidden in [2, 4, 5] {
            let (name, digest) = (format!("piece-{hidden}.txt"), files[hidden - 1].sha256.to_string());
            assert!(!some.contains(&name) && !some.contains(&digest), "{some}");
        }
        assert!(some.contains("piece-1.txt") && some.contains(&files[2].sha256.to_string()), "{some}");
        assert!(said(&[3]).contains("1 autre fichier du dépôt (n° 3)"));
        assert_eq!(numbers(&[1, 2, 3, 5, 7, 8].into()), "n° 1 à 3, 5, 7, 8");
        assert!(numbers(&(0..100).map(|number| number * 2).collect()).ends_with(", 38…"));
    }

    #[test]
    fn an_authority_is_qualified_on_a_sheet_only_where_that_was_found() {
        assert!(qualification(false).contains("n'a pas été examinée") && !qualification(false).contains("donnent"));
        assert!(qualification(true).contains("listes de confiance"));
    }

    #[test]
    fn every_finding_has_its_subject() {
        for name in verifier::NAMES.split_whitespace().filter(|name| *name != "register") {
            assert_ne!(subject(name), "Autre", "{name}");
        }
    }
}
