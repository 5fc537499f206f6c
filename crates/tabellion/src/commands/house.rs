//! What is done to the house itself: make it, serve it, give it tenants and tokens, take its policy.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use service::{InitOptions, ServeOptions, Shutdown};

use super::refusal::refused;
use super::{print, string, write_whole};
use crate::client::{self, Client};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// The directory is ready to be served.
pub fn init(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let origin = word(matches, "origin");
    let options = InitOptions { data: data.clone(), origin: origin.clone() };
    service::init(&options).map_err(|error| refused(lang, &error))?;
    let data = data.display().to_string();
    print(&lang.fill("said.init", &[("data", &data), ("origin", &origin)]))
}

/// Served until told to stop.
pub fn serve(lang: Lang, matches: &ArgMatches) -> Outcome {
    let options = ServeOptions {
        data: client::needed_data(lang, matches)?,
        listen: matches.get_one::<String>("listen").cloned(),
        seal_every: matches.get_one::<Duration>("seal-every").copied(),
        witnesses: matches.get_one::<PathBuf>("witnesses").cloned(),
    };
    service::serve(options, Shutdown::on_signals()).map_err(|error| refused(lang, &error))?;
    Ok(exit::DONE)
}

/// The tenant exists; its id alone is printed.
pub fn tenant_add(lang: Lang, matches: &ArgMatches) -> Outcome {
    let name = word(matches, "name");
    let number = |field: &str| matches.get_one::<String>(field).cloned();
    let (siren, siret) = (number("siren"), number("siret"));
    if let Some(data) = unserved(matches) {
        let id = service::offline::tenant_add(&data, &name, siren.as_deref(), siret.as_deref());
        return print(&id.map_err(|error| refused(lang, &error))?.to_string());
    }
    let mut asked = Map::new();
    asked.insert("name".into(), name.into());
    for (field, value) in [("siren", siren), ("siret", siret)] {
        if let Some(value) = value {
            asked.insert(field.into(), value.into());
        }
    }
    let answer = Client::of(lang, matches)?.post_json("/v1/tenants", &Value::Object(asked))?;
    print(string(lang, &answer, "id")?)
}

/// The token exists; its secret alone is printed, once.
pub fn token_add(lang: Lang, matches: &ArgMatches) -> Outcome {
    let tenant = word(matches, "tenant");
    let scopes: Vec<String> = matches.get_many::<String>("scope").unwrap_or_default().cloned().collect();
    if let Some(data) = unserved(matches) {
        let secret = service::offline::token_add(&data, &tenant, &scopes.join(","));
        return print(&secret.map_err(|error| refused(lang, &error))?);
    }
    let asked = json!({"tenant": tenant, "scopes": scopes});
    let answer = Client::of(lang, matches)?.post_json("/v1/tokens", &asked)?;
    print(string(lang, &answer, "token")?)
}

/// A copy of the key store stands in a directory of its own, and copies past their time are gone.
pub fn keys_backup(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let to = matches.get_one::<PathBuf>("directory").cloned().unwrap_or_default();
    let days = matches.get_one::<u64>("keep-days").copied().unwrap_or_default();
    let keep = Duration::from_secs(days.saturating_mul(24 * 3600));
    let (place, keys, removed) = service::backup_keys(&data, &to, keep).map_err(|error| refused(lang, &error))?;
    let (place, keys, removed) = (place.display().to_string(), keys.to_string(), removed.to_string());
    print(&lang.fill("said.keys", &[("place", &place), ("keys", &keys), ("removed", &removed)]))
}

/// The policy to pin stands in the file, byte for byte as published.
pub fn policy(lang: Lang, matches: &ArgMatches) -> Outcome {
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let bytes = match unserved(matches) {
        Some(data) => service::policy_json(&data).map_err(|error| refused(lang, &error))?,
        None => policy_of_server(lang, matches)?,
    };
    write_whole(lang, &place, &bytes)?;
    if place == Path::new("-") {
        return Ok(exit::DONE);
    }
    print(&lang.fill("said.policy", &[("file", &place.display().to_string())]))
}

fn policy_of_server(lang: Lang, matches: &ArgMatches) -> Result<Vec<u8>, Failure> {
    let client = Client::of(lang, matches)?;
    let answer = client.fetch("/v1/policy", &[])?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let bytes = answer.into_body().with_config().limit(client::JSON_LIMIT).read_to_vec();
    bytes.map_err(|_| Failure::answer(lang, "policy"))
}

/// The configuration of the directory is understood, and the policy that follows from it can be made.
pub fn config_check(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    service::policy_json(&data).map_err(|error| refused(lang, &error))?;
    print(&lang.fill("said.config", &[("data", &data.display().to_string())]))
}

fn word(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

/// The directory to work on directly: given, without a URL beside it, and served by nobody.
fn unserved(matches: &ArgMatches) -> Option<PathBuf> {
    if matches.get_one::<String>("url").is_some() {
        return None;
    }
    client::data(matches).filter(|data| !client::is_served(data))
}
