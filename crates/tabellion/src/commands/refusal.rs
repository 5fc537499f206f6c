//! Why the house did not start or did not do what was asked, in the reader's language.

use std::path::PathBuf;

use clap::ArgMatches;
use service::backup::Place;
use service::{ServiceError, Trouble};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

/// The failure to show: what a person can mend is refused with 1, what they cannot is internal.
pub fn refused(lang: Lang, error: &ServiceError) -> Failure {
    if let ServiceError::Trouble(trouble) = error {
        return troubled(lang, trouble);
    }
    let cause = error.to_string();
    let shown = |path: &std::path::Path| path.display().to_string();
    let (code, key, value) = match error {
        ServiceError::NotEmpty(path) => ("directory-not-empty", "house.not-empty", shown(path)),
        ServiceError::NotInitialised(path) => ("directory-not-initialised", "house.not-initialised", shown(path)),
        ServiceError::Origin(why) => ("origin-refused", "house.origin", why.clone()),
        ServiceError::Configuration { why, .. } => ("configuration-refused", "house.configuration", why.clone()),
        ServiceError::Listen { address, source } => {
            ("address-not-free", "house.listen", format!("{address} ({source})"))
        }
        ServiceError::Name => ("name-refused", "house.name", String::new()),
        ServiceError::OneNumber => ("one-number", "house.one-number", String::new()),
        ServiceError::Number(why) => ("number-refused", "house.number", why.to_string()),
        ServiceError::Scope(why) => ("scope-unknown", "house.scope", why.to_string()),
        ServiceError::TenantExists(id) => ("tenant-exists", "house.tenant-exists", id.to_string()),
        ServiceError::UnknownTenant(given) => ("tenant-unknown", "house.tenant-unknown", given.clone()),
        ServiceError::WitnessName(why) => ("witness-name-refused", "house.witness-name", why.clone()),
        ServiceError::NoWitness(path) => ("witness-not-initialised", "house.no-witness", shown(path)),
        ServiceError::WitnessServed(path) => ("witness-served", "house.witness-served", shown(path)),
        ServiceError::WitnessState { why, .. } => ("witness-state", "house.witness-state", why.clone()),
        ServiceError::WitnessStopped(why) => ("witness-stopped", "house.witness-stopped", why.clone()),
        ServiceError::Key { why, .. } => ("key-refused", "house.key", why.clone()),
        ServiceError::Stopped(why) => ("log-stopped", "house.stopped", why.clone()),
        ServiceError::Store(why) => ("store-not-opened", "house.store", why.to_string()),
        _ => ("house", "house.other", cause),
    };
    let internal = matches!(code, "log-stopped" | "store-not-opened" | "witness-state" | "witness-stopped" | "house");
    let exit = if internal { exit::INTERNAL } else { exit::REFUSED };
    let mut failure = Failure::new(exit, code, lang.fill(key, &[("value", &value)]));
    if let ServiceError::Configuration { path, .. }
    | ServiceError::Key { path, .. }
    | ServiceError::WitnessState { path, .. } = error
    {
        failure.place = Some(shown(path));
    }
    failure
}

/// The place of backups that this argument names.
pub fn place(lang: Lang, matches: &ArgMatches, name: &str) -> Result<Place, Failure> {
    let given = matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    Place::parse(given.as_os_str()).map_err(|trouble| troubled(lang, &trouble))
}

/// What a backup, a restore or a start refused; an older store or another history has its own exit.
fn troubled(lang: Lang, trouble: &Trouble) -> Failure {
    let exit = match trouble.code {
        "store-rolled-back" => exit::ROLLBACK,
        "store-of-another-history" => exit::FORK,
        "place-settings" | "place-not-understood" | "place-taken" => exit::REFUSED,
        "backup-not-reached" => exit::UNREADABLE,
        code if code.starts_with("place-") => exit::UNREADABLE,
        _ => exit::REFUSED,
    };
    let sentence = lang.pick(&trouble.french, &trouble.english);
    let [french, english] = trouble.remedy;
    let mut failure = Failure::new(exit, trouble.code, sentence).with_remedy(lang.pick(french, english));
    failure.place = (!trouble.place.is_empty()).then(|| trouble.place.clone());
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_english_alone_stands_in_a_french_sentence_as_a_technical_detail() {
        let why = "publication.tenants: natures: \"XX\" is none of DE, AR, CC, BF, AU".to_owned();
        let error = ServiceError::Configuration { path: "/srv/tabellion.toml".into(), why: why.clone() };
        let french = refused(Lang::Fr, &error).sentence;
        assert!(french.contains(&format!("(détail technique, en anglais : {why})")), "{french}");
        assert!(!refused(Lang::En, &error).sentence.contains("détail"));
    }

    #[test]
    fn what_a_person_can_mend_is_refused_and_the_rest_is_internal() {
        let empty = refused(Lang::Fr, &ServiceError::NotEmpty("/srv/x".into()));
        assert_eq!((empty.exit, empty.code.as_str()), (exit::REFUSED, "directory-not-empty"));
        assert!(empty.sentence.contains("/srv/x") && empty.sentence.contains("n'est pas vide"));
        let place = |code| {
            troubled(
                Lang::Fr,
                &Trouble {
                    code,
                    french: String::new(),
                    english: String::new(),
                    place: String::new(),
                    remedy: ["", ""],
                },
            )
        };
        assert_eq!([place("place-denied").exit, place("place-settings").exit], [exit::UNREADABLE, exit::REFUSED]);
        let stopped = refused(Lang::En, &ServiceError::Stopped("sync".into()));
        assert_eq!((stopped.exit, stopped.code.as_str()), (exit::INTERNAL, "log-stopped"));
    }
}
