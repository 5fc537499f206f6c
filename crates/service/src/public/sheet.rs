//! What the page about a published act says, in French or English: what the archive states, what can be proved of it, and how. No script, nothing
//! from elsewhere.

use crate::language::Language;
use crate::publication::Act;
use base64::prelude::{BASE64_STANDARD, Engine};
use proof::time::format_rfc3339;
use proof::{EntryId, Index, UnixMillis};
use sha2::{Digest, Sha256};

const STYLE: &str = "body{margin:2rem auto;max-width:46rem;padding:0 1rem;font:1.0625rem/1.55 system-ui,sans-serif;color:#1b1b1b}\
h1{font-size:1.5rem;line-height:1.3}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem}dt{color:#4d4d4d}\
dd{margin:0;overflow-wrap:anywhere}pre{background:#f3f2ee;padding:.75rem;overflow-x:auto}a{color:#1d3f72}";

/// What is known of the act and of its entry.
pub(super) struct Told<'a> {
    pub(super) id: EntryId,
    pub(super) authority: String,
    pub(super) siret: &'a str,
    pub(super) act: &'a Act,
    /// Whether it is executory, as far as is known.
    pub(super) executory: String,
    /// Name of the log.
    pub(super) origin: &'a str,
    pub(super) index: Index,
    pub(super) deposited: UnixMillis,
    /// Time of the seal; none while it is awaited.
    pub(super) sealed: Option<UnixMillis>,
    /// The seal is of the built-in authority.
    pub(super) test_authority: bool,
    /// The pack shows documents.
    pub(super) documents: bool,
}

/// What the page is held to: its own style, and nothing else.
pub(super) fn held_to() -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The page.
pub(super) fn page(language: Language, told: &Told<'_>) -> String {
    let act = told.act;
    let title = language.pick("Acte publié et sa preuve", "A published act and its proof");
    let sealed = match told.sealed {
        Some(at) if told.test_authority => {
            format!(
                "{} ({})",
                format_rfc3339(at),
                language.pick("autorité de test : ne prouve rien", "test authority: proves nothing")
            )
        }
        Some(at) => format_rfc3339(at),
        None => language.pick("pas encore", "not yet").to_owned(),
    };
    let matter = format!("{} {}", act.matter.0, act.matter.1);
    let deposited = format_rfc3339(told.deposited);
    let stated = [
        (language.pick("Collectivité", "Authority"), told.authority.as_str()),
        ("SIRET", told.siret),
        (language.pick("Nature", "Nature"), act.nature.as_str()),
        (language.pick("Numéro", "Number"), act.number.as_str()),
        (language.pick("Date de l'acte", "Date of the act"), act.date.as_str()),
        (language.pick("Matière", "Matter"), matter.as_str()),
        (language.pick("Reçu en préfecture le", "Received by the préfecture on"), act.received.as_str()),
        (language.pick("Caractère exécutoire", "Whether executory"), told.executory.as_str()),
    ];
    let (id, index) = (told.id.to_string(), told.index.0.to_string());
    let proved = [
        (language.pick("Inscription", "Entry"), id.as_str()),
        (language.pick("Journal", "Log"), told.origin),
        (language.pick("Rang dans le journal", "Place in the log"), index.as_str()),
        (language.pick("Déposé le (horloge du service)", "Deposited on (the service's clock)"), deposited.as_str()),
        (language.pick("Scellé le", "Sealed on"), sealed.as_str()),
    ];
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · Tabellion</title><style>{STYLE}</style></head>\n<body>\n<h1>{}</h1>\n<dl>{}</dl>\n<p>{}</p>\n\
         <h2>{}</h2>\n<dl>{}</dl>\n{}\n</body>\n</html>\n",
        language.tag(),
        escaped(&act.objet),
        rows(&stated),
        language.pick(
            "Ces mentions sont celles du flux transmis à la préfecture, telles que le service d'archivage les a lues au dépôt.",
            "These are the words of the flow that was sent to the préfecture, as the archive read them at the deposit.",
        ),
        language.pick("La preuve", "The proof"),
        rows(&proved),
        how(language, told),
    )
}

/// What is there to verify, how, and what it proves.
fn how(language: Language, told: &Told<'_>) -> String {
    let base = format!("/public/acts/{}", told.id);
    let policy = language.pick(
        "La <a href=\"/v1/policy\">politique du journal</a> vaut ce que vaut le lieu où vous la prenez : comparez-la à un exemplaire obtenu ailleurs.",
        "The <a href=\"/v1/policy\">policy of the log</a> is worth what the place is worth from which you take it: compare it with a copy got elsewhere.",
    );
    let receipt = language.pick(
        "<a href=\"{base}/R.json\">L'inscription (R.json)</a> et <a href=\"{base}/receipt\">son reçu</a> prouvent que cette inscription se \
         trouve dans le journal, à ce rang. Ni l'une ni l'autre ne dit rien de personne.",
        "<a href=\"{base}/R.json\">The entry (R.json)</a> and <a href=\"{base}/receipt\">its receipt</a> prove that this entry stands in the \
         log, at this place. Neither says anything of anybody.",
    );
    let rest = match told.documents {
        true => language.pick(
            "<a href=\"{base}/evidence\">Le dossier de preuve</a> contient les documents publiés et prouve qu'ils sont ceux qui ont été déposés, \
             et depuis quand au plus tard ; les autres pièces en sont retenues. Il se vérifie sur <a href=\"/verifier\">cette page</a> ou par la commande :",
            "<a href=\"{base}/evidence\">The evidence pack</a> holds the documents that are published, and proves that they are those that were \
             deposited, and since when at the latest; the other pieces are withheld. It is verified on <a href=\"/verifier\">this page</a> or by the command:",
        ),
        false => language.pick(
            "Le document lui-même n'est pas montré ici : que celui que vous avez est bien celui-là, seul le dossier de preuve, à demander à la \
             collectivité, le prouve. Le reçu se vérifie par la commande :",
            "The document itself is not shown here: that the one you have is this one, only the evidence pack proves, to be asked of the \
             authority. The receipt is verified by the command:",
        ),
    };
    let command = match told.documents {
        true => format!("tabellion-verify {}.asice --policy policy.json", told.id),
        false => "tabellion-verify receipt receipt.tlog-proof --record R.json --policy policy.json".to_owned(),
    };
    let paragraphs = [receipt.replace("{base}", &base), rest.replace("{base}", &base)];
    format!("<p>{}</p>\n<p>{}</p>\n<pre>{command}</pre>\n<p>{policy}</p>", paragraphs[0], paragraphs[1])
}

fn rows(rows: &[(&str, &str)]) -> String {
    rows.iter().map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value))).collect()
}

/// As HTML writes a text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_act_says_is_text_and_the_page_asks_for_nothing() {
        let act = Act {
            number: "12".into(),
            date: "2026-01-10".into(),
            nature: "DE".into(),
            matter: ("8.4".into(), "a/b".into()),
            objet: "<script>alert('x')</script> & \"y\"".into(),
            received: "2026-01-12".into(),
        };
        let mut told = Told {
            id: EntryId([7; 16]),
            authority: "Ville <b>".into(),
            siret: "21349902300017",
            act: &act,
            executory: "Reçu <b>".into(),
            origin: "a.example/log",
            index: Index(3),
            deposited: UnixMillis(0),
            sealed: None,
            test_authority: false,
            documents: false,
        };
        for language in [Language::French, Language::English] {
            let text = page(language, &told);
            assert!(text.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"), "{text}");
            assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains("{base}"), "{text}");
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("/evidence\""), "{text}");
        }
        (told.documents, told.sealed, told.test_authority) = (true, Some(UnixMillis(0)), true);
        let text = page(Language::French, &told);
        assert!(text.contains("/evidence\"") && text.contains("ne prouve rien"), "{text}");
        let inside = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        assert!(held_to().contains(&BASE64_STANDARD.encode(Sha256::digest(inside))));
    }
}
