//! `/verifier`: one page with the verifier in it. Everything it needs stands between its first byte and its last, and its own
//! policy lets it ask nobody for anything more, so that a saved copy does the same without us.
//!
//! The module is built apart (`deploy/wasm`), for another machine than this one; without it the page is not there, and says so.

use crate::app::App;
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::language::Language;
use crate::limits::MODULE_BYTES;
use crate::problem::{Problem, codes};
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use proof::hash::encode_hex;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

const HTML: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");
const TITLES: [&str; 2] = ["Vérifier un dossier de preuve · Tabellion", "Verify an evidence pack · Tabellion"];
/// Name of the module beside the program.
const BESIDE: &str = "verifier.wasm";
/// How a WebAssembly module of version 1 begins.
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

/// The page in both languages, and the policy it is held to.
#[derive(Debug)]
pub(crate) struct Page {
    french: Bytes,
    english: Bytes,
    held_to: String,
}

impl Page {
    /// The page with the module configured, or the one beside the program; `None` when there is neither.
    ///
    /// # Errors
    /// A module that was configured and cannot be read, or is none.
    pub(crate) fn load(home: &Home, config: &Config, policy: &[u8]) -> Result<Option<Self>, ServiceError> {
        let named = (!config.page.module.as_os_str().is_empty()).then(|| home.path().join(&config.page.module));
        let Some(path) = named.or_else(beside) else { return Ok(None) };
        let module = files::read_bounded(&path, MODULE_BYTES)?;
        if !module.starts_with(MAGIC) {
            return Err(ServiceError::Configuration {
                path,
                why: "no WebAssembly module; make it with deploy/wasm".into(),
            });
        }
        Ok(Some(Self::of(&module, policy)))
    }

    fn of(module: &[u8], policy: &[u8]) -> Self {
        let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        // The two texts by their digests, the module by its own word, and no address whatever to speak to.
        let held_to = format!(
            "default-src 'none'; connect-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval'; style-src 'sha256-{}'; \
             img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            digest(SCRIPT),
            digest(STYLE)
        );
        let (policy, sha256) = (BASE64_STANDARD.encode(policy), encode_hex(&Sha256::digest(module)));
        let module = BASE64_STANDARD.encode(module);
        let written = |language: Language| {
            let said = |name: &str| match name {
                "lang" => language.tag(),
                "title" => language.pick(TITLES[0], TITLES[1]),
                "csp" => &held_to,
                "style" => STYLE,
                "script" => SCRIPT,
                "version" => env!("CARGO_PKG_VERSION"),
                "sha256" => &sha256,
                "policy" => &policy,
                "module" => &module,
                _ => "",
            };
            Bytes::from(filled(HTML, said))
        };
        Self { french: written(Language::French), english: written(Language::English), held_to }
    }
}

/// The module beside the program, when there is one.
fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.parent()?.join(BESIDE)).filter(|path| path.is_file())
}

/// The template with each `{{name}}` replaced, once: what is put in is not looked at again.
fn filled<'a>(template: &'a str, said: impl Fn(&'a str) -> &'a str) -> String {
    let mut pieces = template.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or(("", piece));
        out.push_str(said(name));
        out.push_str(rest);
    }
    out
}

/// The page, in the reader's language. Public.
pub(crate) async fn page(State(app): State<App>, language: Language) -> Result<Response, Problem> {
    let page = app.page.as_ref().ok_or_else(|| Problem::from(&codes::PAGE_NOT_BUILT))?;
    // Only the header can say who may frame the page.
    let held_to = format!("{}; frame-ancestors 'none'", page.held_to);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, &held_to),
        (CONTENT_LANGUAGE, language.tag()),
        (VARY, "Accept-Language"),
        (CACHE_CONTROL, "no-cache"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, language.pick(&page.french, &page.english).clone()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_page_is_whole_and_holds_what_it_was_given() {
        let page = Page::of(b"\0asm\x01\0\0\0 module", b"{\"log\":\"</script>{{lang}}\"}");
        let french = text(&page.french);
        assert!(!french.contains("{{"), "a place was left empty");
        assert!(french.contains(&BASE64_STANDARD.encode(b"\0asm\x01\0\0\0 module")));
        assert!(french.contains(&BASE64_STANDARD.encode("{\"log\":\"</script>{{lang}}\"}")));
        assert!(french.starts_with("<!doctype html>\n<html lang=\"fr\">"));
        assert!(text(&page.english).starts_with("<!doctype html>\n<html lang=\"en\">"));
    }

    #[test]
    fn what_it_is_held_to_stands_in_its_head_and_lets_nothing_out() {
        let page = Page::of(MAGIC, b"{}");
        let french = text(&page.french);
        let head = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", page.held_to);
        assert!(french.find(&head).unwrap() < french.find("<style>").unwrap());
        for rule in ["default-src 'none'", "connect-src 'none'", "form-action 'none'", "base-uri 'none'"] {
            assert!(page.held_to.contains(rule), "{rule}");
        }
        // The digests are those of what stands between the marks.
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let inside = french.split(open).nth(1).unwrap().split(close).next().unwrap();
            let digest = BASE64_STANDARD.encode(Sha256::digest(inside));
            assert!(page.held_to.contains(&format!("'sha256-{digest}'")), "{open}");
        }
        assert!(!french.contains("http://") && !french.contains("https://"), "an address outside");
    }
}
