//! Trusted lists by which authorities of signers are known, as the command takes them.

use super::{SIGN, beside, run};
use tests::published::tabellion;

#[test]
fn a_list_that_is_not_believed_is_told_beside_what_is_said_of_the_signer() {
    let Some(dir) = beside() else { return };
    let under = dir.path();
    for directory in ["lists", "lotl"] {
        std::fs::create_dir(under.join(directory)).unwrap();
    }
    std::fs::write(under.join("lists/fr.xml"), "<a/>").unwrap();
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out lotl/a.pem -days 3 -subj /CN=x",
        &format!("{SIGN} -out acte.txt.p7s"),
    ] {
        assert_eq!(run(under, "openssl", command), Some(true), "{command}");
    }
    let place = |name: &str| under.join(name).display().to_string();
    let check = |lang: &str| {
        let [act, signature, lists, lotl] = ["acte.txt", "acte.txt.p7s", "lists", "lotl"].map(place);
        let words = ["check", &act, &signature, "--trusted-lists", &lists, "--lotl-anchors", &lotl, "--lang", lang];
        let done = tabellion(&words).unwrap();
        (String::from_utf8(done.stderr).unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    let (told, said) = check("fr");
    assert!(told.contains("liste de confiance sans effet") && told.contains("fr.xml: list-unreadable"), "{told}");
    assert!(said.contains("signature-authority-unknown"), "{said}");
    assert!(check("en").0.starts_with("warning: a trusted list without effect: fr.xml: list-unreadable"));
}
