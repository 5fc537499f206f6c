//! What each finding means, and what to do, in French and in English.

use Remedy::{Derived, Nothing, Truth};
use serde_json::{Value, json};
use std::path::Path;
use store::Finding;

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Remedy {
    /// A file that nothing else gives back.
    Truth,
    /// The index, which the segments give back.
    Derived,
    /// Nothing.
    Nothing,
}

impl Remedy {
    fn text(self, french: bool) -> &'static str {
        match (self, french) {
            (Truth, true) => "remettre ce fichier d'une sauvegarde ou d'un miroir, sans rien tronquer ni supprimer",
            (Truth, false) => "put this file back from a backup or a mirror; remove and truncate nothing",
            (Derived, true) => "si les segments sont sains : arrêter le serveur, puis tabellion reindex --data DIR",
            (Derived, false) => "if the segments are sound: stop the server, then tabellion reindex --data DIR",
            (Nothing, true) => "rien à faire",
            (Nothing, false) => "nothing to do",
        }
    }
}

/// Code, remedy, French, English.
#[rustfmt::skip]
const TABLE: &[(&str, Remedy, &str, &str)] = &[
    ("segment-missing", Truth, "Un segment manque", "A segment is missing"),
    ("segment-unreadable", Truth, "Un segment ne se lit pas", "A segment cannot be read"),
    ("segment-header", Truth, "L'en-tête d'un segment est abîmé", "The header of a segment is damaged"),
    ("segment-order", Truth, "Un segment ne continue pas le précédent", "A segment does not continue the one before"),
    ("segment-cut", Truth, "Un segment est coupé au milieu d'un secteur", "A segment is cut within a sector"),
    ("sector-damaged", Truth, "Des secteurs d'un segment sont abîmés", "Sectors of a segment are damaged"),
    ("tail-not-blank", Truth, "Quelque chose est écrit après la fin d'un segment", "Something is written after the end of a segment"),
    ("record-unreadable-sector", Truth, "Un enregistrement ne commence pas où il devrait", "No record begins where one should"),
    ("record-order", Truth, "Un enregistrement ne continue pas le précédent", "A record does not continue the one before"),
    ("record-incomplete", Truth, "Un enregistrement est incomplet", "A record is incomplete"),
    ("record-torn", Nothing, "Le dernier enregistrement n'a pas été écrit jusqu'au bout ; il n'a jamais été acquitté", "The last record was not written to its end; it was never acknowledged"),
    ("record-header", Truth, "L'en-tête d'un enregistrement n'a pas son empreinte", "The header of a record has not its digest"),
    ("record-keys", Truth, "La table de clés d'un enregistrement n'a pas son empreinte", "The key table of a record has not its digest"),
    ("record-unparsed", Truth, "Un enregistrement ne se comprend pas", "A record cannot be understood"),
    ("records-missing", Truth, "Des enregistrements que l'index connaît manquent aux segments", "Records that the index knows are missing from the segments"),
    ("part-damaged", Truth, "Un contenu se trouve dans des secteurs abîmés", "A content stands in damaged sectors"),
    ("part-unreadable", Truth, "Un contenu ne se lit pas", "A content cannot be read"),
    ("part-digest", Truth, "Un contenu chiffré n'a pas son empreinte", "An encrypted content has not its digest"),
    ("part-undecipherable", Truth, "Un contenu ne se déchiffre pas", "A content does not decipher"),
    ("part-key", Truth, "La clé d'un contenu ne s'ouvre pas", "The key of a content does not open"),
    ("ahead-length", Truth, "Un fichier à part n'a pas sa longueur", "A file ahead has not its length"),
    ("ahead-missing", Truth, "Un fichier à part manque", "A file ahead is missing"),
    ("ahead-unnamed", Nothing, "Un fichier à part n'est nommé par aucun enregistrement", "A file ahead is named by no record"),
    ("key-damaged", Truth, "Un fichier de clé ne s'ouvre pas", "A key file does not open"),
    ("key-missing", Truth, "Un fichier de clé manque", "A key file is missing"),
    ("index-unopened", Derived, "L'index ne s'ouvre pas", "The index does not open"),
    ("index-behind", Nothing, "L'index est en retard sur les segments ; le prochain démarrage le complète", "The index is behind the segments; the next start completes it"),
    ("row-differs", Derived, "Une ligne de l'index n'est pas celle que donnent les segments", "A row of the index is not the one the segments give"),
    ("row-missing", Derived, "Une ligne de l'index manque", "A row of the index is missing"),
    ("row-extra", Derived, "Une ligne de l'index n'est demandée par rien", "A row of the index is asked for by nothing"),
    ("row-unreadable", Derived, "Une ligne de l'index ne se lit pas", "A row of the index cannot be read"),
    ("row-unwritable", Truth, "Une ligne de l'index ne peut pas être refaite", "A row of the index cannot be made again"),
    ("state-not-judged", Nothing, "L'état n'a pas été jugé, un enregistrement ne se lisant pas", "The state was not judged, since a record does not read"),
    ("record-unreadable", Truth, "L'enregistrement R d'un dépôt ne se comprend pas", "The record R of a deposit cannot be understood"),
    ("leaf-of-record", Truth, "La feuille du journal n'est pas celle de R", "The leaf of the log is not that of R"),
    ("record-fields", Truth, "R nomme un autre dépôt", "R names another deposit"),
    ("entry-sha256", Truth, "L'enregistrement E n'a pas l'empreinte SHA-256 que dit R", "The record E has not the SHA-256 that R says"),
    ("entry-sha512", Truth, "L'enregistrement E n'a pas l'empreinte SHA-512 que dit R", "The record E has not the SHA-512 that R says"),
    ("entry-group", Truth, "Le groupe d'un dépôt ne correspond pas à R et à E", "The group of a deposit does not fit R and E"),
    ("entry-record-unreadable", Truth, "L'enregistrement E ne se comprend pas", "The record E cannot be understood"),
    ("entry-kind", Truth, "E et R ne disent pas la même nature", "E and R say different kinds"),
    ("entry-files", Truth, "E ne dit pas le nombre de fichiers du dépôt", "E does not say the number of files of the deposit"),
    ("entry-root-sha256", Truth, "La racine SHA-256 des fichiers n'est pas celle de E", "The SHA-256 root over the files is not that of E"),
    ("entry-root-sha512", Truth, "La racine SHA-512 des fichiers n'est pas celle de E", "The SHA-512 root over the files is not that of E"),
    ("file-record-unreadable", Truth, "L'enregistrement F ne se comprend pas", "The record F cannot be understood"),
    ("file-number", Truth, "F porte un autre numéro", "F bears another number"),
    ("file-size", Truth, "Un fichier n'a pas la taille que dit F", "A file has not the size that F says"),
    ("file-sha256", Truth, "Un fichier n'a pas l'empreinte SHA-256 que dit F", "A file has not the SHA-256 that F says"),
    ("file-sha512", Truth, "Un fichier n'a pas l'empreinte SHA-512 que dit F", "A file has not the SHA-512 that F says"),
    ("file-group", Truth, "Le groupe d'un fichier ne correspond pas à F et au fichier", "The group of a file does not fit F and the file"),
    ("log-order", Truth, "Le journal a un trou", "The log has a gap"),
    ("log-root", Truth, "Les feuilles ne donnent pas la racine enregistrée", "The leaves do not give the root that was recorded"),
    ("leaf-index", Truth, "Une feuille n'est pas à son rang", "A leaf does not stand at its index"),
    ("leaf-groups", Truth, "Les groupes d'une feuille ne suivent pas les précédents", "The groups of a leaf do not follow those before"),
    ("chain-sequence", Truth, "Le rang d'un dépôt chez son déposant ne suit pas", "The sequence of a deposit does not follow"),
    ("chain-previous", Truth, "Un dépôt ne nomme pas celui qui le précède", "A deposit does not name the one before"),
    ("tile-differs", Derived, "Une tuile n'est pas celle que donnent les feuilles", "A tile is not the one the leaves give"),
    ("tile-missing", Derived, "Une tuile manque", "A tile is missing"),
    ("tile-unreadable", Derived, "Une tuile ne se lit pas", "A tile cannot be read"),
    ("head-root", Derived, "La tête publiée n'a pas la racine des feuilles", "The published head has not the root of the leaves"),
    ("head-groups", Derived, "La tête publiée compte d'autres groupes", "The published head counts other groups"),
    ("head-checkpoint", Derived, "La tête publiée porte un autre checkpoint que celui de sa taille", "The published head bears another checkpoint than that of its size"),
    ("head-missing", Derived, "Une tête signée manque", "A signed head is missing"),
    ("head-unreadable", Derived, "Une tête signée ne se lit pas", "A signed head cannot be read"),
    ("head-text", Derived, "Une tête signée dit autre chose que l'enregistrement", "A signed head says something else than the record"),
    ("head-signature", Derived, "La signature d'une tête est fausse", "The signature of a head is false"),
    ("seal-unreadable", Truth, "Une feuille de scellement ne se comprend pas", "A seal leaf cannot be understood"),
    ("seal-register", Derived, "Le registre d'un lot n'a pas la racine scellée", "The register of a batch has not the sealed root"),
    ("batch-missing", Derived, "La description d'un lot manque", "The head of a batch is missing"),
    ("batch-unreadable", Derived, "La description d'un lot ne se comprend pas", "The head of a batch cannot be understood"),
    ("batch-head", Derived, "La description d'un lot n'est pas celle de sa feuille", "The head of a batch is not that of its leaf"),
    ("batch-checkpoint", Derived, "Le checkpoint lié par un lot n'est pas celui qui fut publié", "The checkpoint bound by a batch is not the one published"),
    ("batch-previous", Derived, "Un lot ne lie pas le jeton précédent", "A batch does not bind the token before"),
    ("batch-tree", Derived, "Les dépôts d'un lot ne donnent pas la racine scellée", "The deposits of a batch do not give the sealed root"),
    ("renewal-head", Derived, "La description d'un renouvellement n'est pas celle qui fut inscrite", "What is kept of a renewal is not what was logged"),
    ("renewal-unreadable", Truth, "La description d'un renouvellement ne se comprend pas", "What was logged of a renewal cannot be understood"),
    ("renewal-covers", Derived, "Un jeton que couvre un renouvellement n'est plus celui du lot", "A token that a renewal covers is no longer the batch's"),
    ("renewal-tree", Derived, "Les jetons couverts ne donnent pas la racine du renouvellement", "The tokens covered do not give the root of the renewal"),
    ("token-sha256", Derived, "Un jeton d'horodatage n'a pas son empreinte SHA-256", "A time-stamp token has not its SHA-256"),
    ("token-sha512", Derived, "Un jeton d'horodatage n'a pas son empreinte SHA-512", "A time-stamp token has not its SHA-512"),
    ("token-imprint", Truth, "Un jeton d'horodatage porte sur autre chose", "A time-stamp token is over something else"),
    ("token-unreadable", Derived, "Un jeton d'horodatage ne se lit pas", "A time-stamp token cannot be read"),
];

fn row(code: &str) -> (Remedy, &'static str, &'static str) {
    let found = TABLE.iter().find(|row| row.0 == code);
    found.map_or((Truth, "Défaut sans nom", "A fault without a name"), |row| (row.1, row.2, row.3))
}

/// A finding as it is told; paths are relative to the data directory where they stand in it.
pub(super) fn json_of(finding: &Finding, base: &Path, french: bool) -> Value {
    let (remedy, fr, en) = row(finding.what);
    let path = finding.path.as_ref().map(|path| path.strip_prefix(base).unwrap_or(path).display().to_string());
    json!({
        "code": finding.what,
        "harmless": finding.harmless,
        "message": if french { fr } else { en },
        "tenant": finding.tenant.map(|tenant| tenant.to_string()),
        "id": finding.id.map(|id| id.to_string()),
        "index": finding.index.map(|index| index.0),
        "file": finding.file.map(|file| file.0),
        "path": path,
        "bytes": finding.bytes.map(|(from, to)| json!([from, to])),
        "where": finding.place,
        "expected": finding.expected,
        "found": finding.found,
        "remedy": remedy.text(french),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                sources(&entry, out);
            } else {
                out.push_str(&std::fs::read_to_string(&entry).unwrap());
            }
        }
    }

    #[test]
    fn every_code_that_can_be_found_has_its_words_and_no_other_has() {
        let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut code = String::new();
        sources(&crates.join("ledger/src/audit"), &mut code);
        sources(&crates.join("store/src/scrub"), &mut code);
        code.push_str(&std::fs::read_to_string(crates.join("store/src/scrub.rs")).unwrap());
        let known: BTreeSet<&str> = TABLE.iter().map(|row| row.0).collect();
        assert_eq!(known.len(), TABLE.len(), "a code stands twice");
        for code_known in &known {
            assert!(code.contains(&format!("\"{code_known}\"")), "{code_known} is never found");
        }
        let begun = ["Fault::new(", "Finding::new(", "tell(", "told(", "storage("];
        for (at, begin) in begun.iter().flat_map(|begin| code.match_indices(begin)) {
            let rest = code[at + begin.len()..].trim_start();
            let Some(word) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
            assert!(!word.contains('-') || word.contains(' ') || known.contains(word), "{word} has no words");
        }
    }
}
