//! Files go to the server; what comes back is shown and, when asked, kept.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ArgMatches;
use flow::day::in_french;
use serde_json::Value;

use super::{description, files, print, print_json, shown, string, wants_json, write_whole};
use crate::client::{Client, Post};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::multipart::{Form, Part, idempotency_key};

/// A cut connection is tried again: the key makes that safe.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

/// The files are deposited, and the answer is shown.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let measured = |path: &PathBuf| Part::measure(path).map_err(|error| Failure::reading(lang, path, &error));
    let parts = files(matches).iter().map(measured).collect::<Result<Vec<Part>, Failure>>()?;
    let request = Request::of(lang, matches)?;
    let (answer, repeated) = send(&client, &parts, &request)?;
    if let Some(place) = matches.get_one::<PathBuf>("receipt") {
        write_whole(lang, place, string(lang, &answer, "receipt")?.as_bytes())?;
    }
    if let Some(folder) = matches.get_one::<PathBuf>("records") {
        keep_records(lang, folder, &answer)?;
    }
    if wants_json(matches) {
        return print_json(&answer);
    }
    print(&told(lang, (&answer, repeated), matches.get_one::<PathBuf>("receipt").map(PathBuf::as_path))?)
}

/// What is said about the files.
struct Request {
    kind: String,
    description: Option<Vec<u8>>,
    tenant: Option<String>,
    key: Option<String>,
    again: bool,
}

impl Request {
    fn of(lang: Lang, matches: &ArgMatches) -> Result<Request, Failure> {
        let word = |name: &str| matches.get_one::<String>(name).cloned();
        Ok(Request {
            kind: word("kind").unwrap_or_default(),
            description: description(lang, matches)?,
            tenant: word("tenant"),
            key: word("key"),
            again: matches.get_flag("again"),
        })
    }

    fn key(&self, parts: &[Part]) -> String {
        // Deposited once more on purpose: a key of its own, which the attempts of this one run share.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let nonce = format!("{}-{}", now.as_nanos(), std::process::id());
        let nonce = if self.again { nonce.as_bytes() } else { b"" };
        let drawn = || idempotency_key(parts, &self.kind, self.description.as_deref(), nonce);
        self.key.clone().unwrap_or_else(drawn)
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("kind", self.kind.clone())];
        query.extend(self.tenant.iter().map(|tenant| ("tenant", tenant.clone())));
        if self.again {
            query.push(("on_duplicate", "deposit".to_owned()));
        }
        query
    }
}

/// The answer, and whether it is that of the same deposit made before.
fn send(client: &Client, parts: &[Part], request: &Request) -> Result<(Value, bool), Failure> {
    let key = request.key(parts);
    let query = request.query();
    // The boundary is drawn from the content, whatever key the caller chose.
    let boundary = idempotency_key(parts, "boundary", request.description.as_deref(), b"");
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let mut form = Form::new(parts, request.description.as_deref(), &boundary);
        let headers = [("content-type", form.content_type.clone()), ("idempotency-key", key.clone())];
        let post = Post { path: "/v1/deposits", query: &query, headers: &headers, length: form.length };
        match client.send(&post, &mut form as &mut dyn Read) {
            Ok(answer) => {
                // After a cut connection it may be the answer that was lost.
                let first = left + 1 == ATTEMPTS;
                let repeated = first && answer.headers().get("idempotency-replayed").is_some_and(|said| said == "true");
                return client.json(answer).map(|answer| (answer, repeated));
            }
            Err(failure) if left == 0 || failure.exit != exit::UNREACHABLE => return Err(failure),
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// The exact bytes behind the receipt: `R.json`, `E.json` and one `F-NNN.json` a file.
fn keep_records(lang: Lang, folder: &Path, answer: &Value) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::writing(lang, folder, &error))?;
    let records = answer.get("records").ok_or_else(|| Failure::answer(lang, "records"))?;
    let keep = |name: &str, text: &str| {
        let bytes = STANDARD.decode(text).map_err(|_| Failure::answer(lang, "records"))?;
        write_whole(lang, &folder.join(name), &bytes)
    };
    keep("R.json", string(lang, records, "R")?)?;
    keep("E.json", string(lang, records, "E")?)?;
    let of_files = records.get("F").and_then(Value::as_array).ok_or_else(|| Failure::answer(lang, "F"))?;
    for (at, text) in of_files.iter().enumerate() {
        let text = text.as_str().ok_or_else(|| Failure::answer(lang, "F"))?;
        keep(&format!("F-{:03}.json", at + 1), text)?;
    }
    Ok(())
}

/// The answer in lines.
fn told(lang: Lang, (answer, replayed): (&Value, bool), receipt: Option<&Path>) -> Result<String, Failure> {
    let repeated = replayed || answer.get("duplicate").and_then(Value::as_bool).unwrap_or(false);
    let head = if repeated { "said.deposit.duplicate" } else { "said.deposit" };
    let mut lines = vec![lang.text(head).to_owned()];
    let mut row = |key: &'static str, value: &str| lines.push(lang.fill(key, &[("value", value)]));
    row("said.id", string(lang, answer, "id")?);
    row("said.index", &shown(answer.get("index")));
    row("said.sequence", &shown(answer.get("sequence")));
    row("said.status", status(lang, &shown(answer.get("status"))));
    if let Some(act) = answer.get("act").filter(|act| act.is_object()) {
        let of_an_act = act.get("id_acte").is_some_and(Value::is_string);
        row(if of_an_act { "said.act" } else { "said.story" }, &story(lang, act));
        if of_an_act {
            for (key, value) in standing(lang, act) {
                row(key, &value);
            }
        }
        for flow in act.get("flux").and_then(Value::as_array).into_iter().flatten() {
            row("said.act.flow", &format!("{} : {}", shown(flow.get("nom_fic")), phrase(lang, flow)));
        }
    }
    for finding in answer.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let code = shown(finding.get("code"));
        let said = format!("{} ({code})", sentence(lang, &code, &shown(finding.get("message"))));
        row("said.finding", &said);
    }
    let text = string(lang, answer, "receipt")?;
    match receipt {
        Some(place) => row("said.receipt.kept", &place.display().to_string()),
        None => row("said.receipt", &text.len().to_string()),
    }
    Ok(lines.join("\n"))
}

/// An entry keeps its findings in French: said in the reader's language, where the sentence is one of today's.
fn sentence(lang: Lang, code: &str, kept: &str) -> String {
    let english = || flow::in_english(code, kept);
    lang.pick(None, Some(english)).and_then(|english| english()).unwrap_or_else(|| kept.to_owned())
}

/// The act, and the entries that tell of it, in log order.
fn story(lang: Lang, act: &Value) -> String {
    let entries = act.get("entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let told = |entry: &Value| {
        let message = match entry.get("message").and_then(Value::as_str) {
            Some("1-1") => lang.text("act.1-1").to_owned(),
            Some("1-2") => lang.text("act.1-2").to_owned(),
            Some(other) => {
                let language = lang.pick(flow::explain::Language::Fr, flow::explain::Language::En);
                flow::explain::message(other, language).unwrap_or_else(|| other.to_owned())
            }
            None => lang.text("act.envelope").to_owned(),
        };
        format!("{message} [{}]", shown(entry.get("index")))
    };
    let entries: Vec<String> = entries.iter().map(told).collect();
    let names = ["id_acte", "nom_fic", "numero_demande", "reference", "procedure", "contrat"];
    format!("{} : {}", shown(names.iter().find_map(|name| act.get(*name))), entries.join(", "))
}

/// When the préfecture received the act and whether it is executory, as far as the answer says; else where that is read.
fn standing(lang: Lang, act: &Value) -> Vec<(&'static str, String)> {
    let known = &act["executoire"];
    if known["etat"].is_null() {
        return vec![("said.act.standing", lang.text("act.state.elsewhere").to_owned())];
    }
    let day = known["recu_le"].as_str().map(|day| lang.pick(in_french(day), day.to_owned()));
    let mut rows: Vec<_> = day.map(|day| ("said.act.received", day)).into_iter().collect();
    rows.push(("said.act.standing", phrase(lang, known)));
    rows
}

/// The sentence that the server says of a state, in the reader's language; the state's name from one that says none.
fn phrase(lang: Lang, known: &Value) -> String {
    let said = known[lang.pick("phrase", "phrase_en")].as_str();
    said.map_or_else(|| shown(known.get("etat")), str::to_owned)
}

/// `logged` or `sealed` in the reader's language; another word as it is.
pub fn status(lang: Lang, word: &str) -> &str {
    match word {
        "logged" => lang.text("status.logged"),
        "sealed" => lang.text("status.sealed"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer() -> Value {
        json!({"id": "abcdefghijklmnopqrstuvwxyz", "index": 4, "sequence": 2, "status": "logged", "receipt": "c2sp\n",
            "records": {"R": "e30=", "E": "e30=", "F": ["e30=", "W10="]}, "findings": [],
            "act": {"id_acte": "034-243400017-20190523-86351-CC",
                "entries": [{"index": 3, "message": "1-1"}, {"index": 4, "message": "1-2"}]}})
    }

    #[test]
    fn a_person_sees_index_act_and_its_ar() {
        let said = told(Lang::Fr, (&answer(), false), None).expect("told");
        for part in ["abcdefghijklmnopqrstuvwxyz", "034-243400017-20190523-86351-CC", "[3]", "[4]"] {
            assert!(said.contains(part), "{part} in {said}");
        }
        let again = told(Lang::Fr, (&json!({"id": "x", "receipt": "", "duplicate": true}), false), None).expect("told");
        assert!(again.starts_with(Lang::Fr.text("said.deposit.duplicate")));
        // The same request, answered as the first time.
        let replayed = told(Lang::Fr, (&answer(), true), None).expect("told");
        assert!(
            replayed.starts_with(Lang::Fr.text("said.deposit.duplicate"))
                && said.starts_with(Lang::Fr.text("said.deposit"))
        );
    }

    #[test]
    fn messages_of_a_story_are_named() {
        let entries = json!([{"index": 1, "message": "6-2"}, {"index": 2, "message": "PES_ACQUIT"}, {"index": 3}]);
        let of = |lang| story(lang, &json!({"id_acte": "A", "entries": entries}));
        assert!(of(Lang::Fr).contains("(6-2) [1]") && of(Lang::Fr).contains("une enveloppe [3]"), "{}", of(Lang::Fr));
        assert!(!of(Lang::Fr).contains(" 6-2 [") && of(Lang::En).contains("an envelope [3]"), "{}", of(Lang::En));
    }

    #[test]
    fn an_act_is_told_with_its_ar_and_whether_it_is_executory() {
        let with = |executory: Value| {
            let mut answer = answer();
            answer["act"]["executoire"] = executory;
            [Lang::Fr, Lang::En].map(|lang| told(lang, (&answer, false), None).expect("told"))
        };
        let [french, english] = with(json!({"etat": "executoire", "recu_le": "2026-01-16",
            "phrase": "Exécutoire depuis le 20/01/2026.", "phrase_en": "Executory since 2026-01-20."}));
        assert!(
            french.contains("reçu (AR)        16/01/2026\n  exécutoire ?     Exécutoire depuis le 20/01/2026."),
            "{french}"
        );
        let expected = "received (AR)    2026-01-16\n  executory?       Executory since 2026-01-20.";
        assert!(english.contains(expected), "{english}");
        // From a server that says no sentence in that language: the name of the state.
        let [french, english] = with(json!({"etat": "texte-incertain", "recu_le": null, "phrase": "État à vérifier."}));
        assert!(!french.contains("(AR)  ") && french.contains("exécutoire ?     État à vérifier."), "{french}");
        assert!(english.contains("executory?       texte-incertain"), "{english}");
        // An answer that does not say it: where it is read.
        let [french, _] = with(Value::Null);
        assert!(french.contains("GET /v1/deposits/"), "{french}");
    }

    #[test]
    fn each_accounting_flow_is_told_with_what_becomes_of_it() {
        let flows =
            json!([{"nom_fic": "F1", "etat": "partiel", "phrase": "Acquitté en partie.", "phrase_en": "In part."}]);
        let answer = json!({"id": "x", "receipt": "", "act": {"nom_fic": "F1", "flux": flows}});
        let said = [Lang::Fr, Lang::En].map(|lang| told(lang, (&answer, false), None).expect("told"));
        assert!(said[0].contains("flux PES         F1 : Acquitté en partie."), "{}", said[0]);
        assert!(said[1].contains("PES flow         F1 : In part.") && !said[1].contains("executory"), "{}", said[1]);
    }

    #[test]
    fn findings_are_told_in_the_readers_language() {
        let kept =
            "Les octets du fichier sont d'un autre format (WebP sans perte, fmt/567) que celui qui est annoncé (.pdf).";
        let of = |message: &str| json!({"id": "x", "receipt": "", "findings": [{"code": "format-mismatch", "message": message}]});
        let english = told(Lang::En, (&of(kept), false), None).expect("told");
        assert!(
            english.contains("The bytes of the file are of another format (WebP lossless, fmt/567)")
                && english.contains(".pdf"),
            "{english}"
        );
        assert!(told(Lang::Fr, (&of(kept), false), None).expect("told").contains(kept));
        // A sentence of another day is shown as it was kept.
        assert!(
            told(Lang::En, (&of("Autrement dit."), false), None)
                .expect("told")
                .contains("Autrement dit. (format-mismatch)")
        );
    }

    #[test]
    fn records_are_kept_byte_for_byte() {
        let dir = tempfile::tempdir().expect("directory");
        keep_records(Lang::En, dir.path(), &answer()).expect("kept");
        assert_eq!(fs::read(dir.path().join("F-002.json")).expect("read"), b"[]");
        assert_eq!(fs::read(dir.path().join("R.json")).expect("read"), b"{}");
        let failure = keep_records(Lang::En, dir.path(), &json!({"records": {"R": "***"}})).expect_err("no base64");
        assert_eq!(failure.exit, exit::INTERNAL);
    }

    #[test]
    fn once_more_on_purpose_has_a_key_of_its_own() {
        let request = |again| Request { kind: "auto".into(), description: None, tenant: None, key: None, again };
        assert_eq!(request(false).key(&[]), request(false).key(&[]));
        assert_ne!(request(true).key(&[]), request(false).key(&[]));
        assert!(request(true).query().contains(&("on_duplicate", "deposit".to_owned())));
    }
}
