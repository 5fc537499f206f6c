//! The commands of docs/guide: each is one that the program understands, and those that read or deposit a flow are run by the real program
//! against a real server, on samples called as the guide calls them.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use tests::published::{House, tabellion};
use tests::samples::{Accounting, BUYER, Envelope, Procurement, Transfer, document, pdf, tar_gz, zipped};

/// The command lines of a page, each in words, what the shell makes of them left out.
fn commands(page: &str) -> Vec<Vec<String>> {
    let fenced = page.split("```").skip(1).step_by(2).flat_map(str::lines);
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in fenced {
        let (line, more) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(line),
            None => lines.push(line.to_owned()),
        }
        goes_on = more;
    }
    let words = |line: &String| {
        let plain = line.split(" #").next().unwrap_or_default();
        let words = plain.split_whitespace().skip_while(|word| word.starts_with("TABELLION_"));
        words.map(|word| word.trim_matches('\'').to_owned()).collect::<Vec<String>>()
    };
    lines.iter().map(words).filter(|words| words.first().is_some_and(|word| word == "tabellion")).collect()
}

fn pages() -> BTreeMap<PathBuf, Vec<Vec<String>>> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide");
    let pages = fs::read_dir(guide).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| (path.clone(), commands(&fs::read_to_string(path).unwrap()))).collect()
}

#[test]
fn every_command_of_the_guide_is_understood() {
    let mut tried = 0;
    for (page, commands) in pages() {
        for words in commands {
            let mut asked: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            asked.push("--help");
            let output = tabellion(&asked).unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{}: {words:?}: {said}", page.display());
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
    assert_eq!(tabellion(&["check", "--descibe", "x", "y", "--help"]).unwrap().status.code(), Some(2));
}

fn pieces_of_a_transfer() -> Vec<(String, Vec<u8>)> {
    let transfer = Transfer::new("2.1", 3, 2, 16);
    let bordereau = transfer.bordereau();
    let mut archive = tar::Archive::new(transfer.archive(&bordereau));
    let member = |entry: std::io::Result<tar::Entry<'_, Box<dyn Read + '_>>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), bytes)
    };
    archive.entries().unwrap().map(member).collect()
}

/// Samples under the names that the guide gives.
fn samples(place: &Path) {
    let act = Envelope::new(1);
    let accounting = Accounting::new(1);
    let contracts = document(&[Procurement::new(1).contract()], &[]).to_string().into_bytes();
    let transfer = pieces_of_a_transfer();
    let (bordereau, pieces): (Vec<_>, Vec<_>) = transfer.iter().cloned().partition(|(name, _)| name == "manifest.xml");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/formats/manifests.md")).unwrap();
    let manifests: Vec<&str> = page.split("```json\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
    let step = format!(
        r#"{{"version": 1, "acheteur": "{BUYER}", "consultation": "2026-VOIRIE-3", "etape": "attribution", "date": "2026-11-30",
        "fichiers": [{{"fichier": "decp.json", "role": "avis"}}, {{"fichier": "rapport.pdf", "role": "rapport"}}]}}"#
    );
    for (name, bytes) in [
        ("SIC-EACT--210000000--20260115-1.tar.gz", act.archive()),
        ("MESSAGE.xml", act.message_xml()),
        ("ACTE.pdf", act.act_pdf()),
        ("AR.xml", act.acknowledgement()),
        ("acte.pdf", pdf(&["Acte"])),
        ("PESALR2_21990001500017_261130_0001.xml", accounting.sent()),
        ("ACQUIT.xml", accounting.acknowledged(true)),
        ("decp-2026.json", contracts.clone()),
        ("decp.json", contracts),
        ("attribution.json", step.into_bytes()),
        ("rapport.pdf", pdf(&["Rapport"])),
        ("demande.json", manifests[0].into()),
        ("demande.pdf", pdf(&["Demande"])),
        ("quotient.pdf", pdf(&["Quotient"])),
        ("publication.json", manifests[1].into()),
        ("certificat-affichage.pdf", pdf(&["Affichage"])),
        ("versement.zip", zipped(&transfer)),
        ("bordereau.xml", bordereau[0].1.clone()),
        ("pieces.tar.gz", tar_gz(&pieces)),
    ] {
        fs::write(place.join(name), bytes).unwrap();
    }
}

#[test]
fn what_the_guide_reads_and_deposits_is_read_and_deposited() {
    let place = tempfile::tempdir().unwrap();
    samples(place.path());
    let house = House::open(&place.path().join("house"), "archives.exemple.fr/guide").unwrap();
    let here = |word: &String| {
        let (mark, name) = word.strip_prefix('@').map_or(("", word.as_str()), |name| ("@", name));
        let known = place.path().join(name).exists() || ["arbre.jsonl", "reponses/"].contains(&name);
        if known { format!("{mark}{}", place.path().join(name).display()) } else { word.clone() }
    };
    let mut tried = BTreeMap::<&str, usize>::new();
    for (page, commands) in pages() {
        let wanted = |words: &&Vec<String>| {
            ["check", "deposit"].contains(&words[1].as_str()) && !words.contains(&"--config".to_owned())
        };
        for words in commands.iter().filter(wanted) {
            let asked: Vec<String> = words.iter().skip(1).map(here).collect();
            let output = house.client(&asked.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
            let said = [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat();
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 4)), "{}: {words:?}: {code:?} {said}", page.display());
            *tried.entry(if words[1] == "check" { "check" } else { "deposit" }).or_default() += 1;
        }
    }
    assert!(tried["check"] >= 9 && tried["deposit"] >= 6, "{tried:?}");
}
