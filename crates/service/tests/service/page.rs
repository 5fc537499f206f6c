//! `/verifier`: there with its module, and said to be absent without; held to itself from its first byte.

use crate::house::{House, ORIGIN};
use base64::prelude::{BASE64_STANDARD, Engine};
use std::time::Duration;

/// Enough of a module for a server, which only carries it.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn with_module(bytes: &[u8]) -> (tempfile::TempDir, String) {
    let place = tempfile::TempDir::new().unwrap();
    let path = place.path().join("verifier.wasm");
    std::fs::write(&path, bytes).unwrap();
    let line = format!("[page]\nmodule = {:?}", path.to_str().unwrap());
    (place, line)
}

#[test]
fn without_its_module_the_page_is_refused_in_both_languages() {
    let house = House::new();
    for (language, remedy) in [("fr", "l'exploitant construit"), ("en", "the operator builds")] {
        let answer = house.client("").send("GET", "/verifier", &[("accept-language", language)], b"").expect(503);
        assert_eq!((answer.code().as_str(), answer.header("content-language")), ("page-not-built", language));
        assert!(answer.json()["remedy"].as_str().unwrap().contains(remedy));
    }
}

#[test]
fn the_page_carries_module_and_policy_and_is_held_to_itself() {
    let (_place, line) = with_module(MODULE);
    let house = House::with(&line, Duration::from_secs(3600));
    let policy = house.client("").get("/v1/policy").expect(200).bytes;
    assert!(String::from_utf8_lossy(&policy).contains(ORIGIN));
    for (language, title) in [("fr-FR", "Vérifier un dossier"), ("en", "Verify an evidence pack"), ("de", "Vérifier")]
    {
        let answer = house.client("").send("GET", "/verifier", &[("accept-language", language)], b"").expect(200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("vary"), "Accept-Language");
        let held_to = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "connect-src 'none'", "'wasm-unsafe-eval'", "frame-ancestors 'none'"] {
            assert!(held_to.contains(rule), "{held_to}");
        }
        let page = String::from_utf8(answer.bytes).unwrap();
        assert!(page.contains(&format!("<title>{title}")), "{language}");
        assert!(page.contains(&BASE64_STANDARD.encode(&policy)) && page.contains(&BASE64_STANDARD.encode(MODULE)));
    }
}

#[test]
fn a_module_that_is_none_or_is_missing_keeps_the_server_from_starting() {
    let (place, line) = with_module(b"<html>");
    let refused = |line: &str| {
        let data = place.path().join("data");
        let _ = std::fs::remove_dir_all(&data);
        service::init(&service::InitOptions { data: data.clone(), origin: ORIGIN.into() }).unwrap();
        std::fs::write(data.join("tabellion.toml"), format!("origin = \"{ORIGIN}\"\n{line}\n")).unwrap();
        let (shutdown, _stop) = service::Shutdown::by_hand();
        let options =
            service::ServeOptions { data, listen: Some("127.0.0.1:0".into()), seal_every: None, witnesses: None };
        service::serve(options, shutdown).unwrap_err().to_string()
    };
    assert!(refused(&line).contains("no WebAssembly module"));
    assert!(refused("[page]\nmodule = \"absent.wasm\"").contains("absent.wasm"));
}
