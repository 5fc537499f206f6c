//! `[publication]`: who publishes what, and where citizens reach it. Nothing, unless it is written.

use archive::Siret;
use proof::TenantId;
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeSet;

/// Natures that may be published: never individual acts (`AI`), which speak of people.
const NATURES: [&str; 5] = ["DE", "AR", "CC", "BF", "AU"];
/// Roles of files that may be shown.
const ROLES: [&str; 2] = ["acte", "annexe"];
/// Longest address.
const URL_BYTES: usize = 512;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Publication {
    /// Where `/public` of this house is reached, without a slash at its end.
    pub(crate) url: String,
    /// Those who publish; the others do not.
    pub(crate) tenants: Vec<Publisher>,
}

/// What one tenant publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publisher {
    #[serde(deserialize_with = "tenant")]
    pub(crate) tenant: TenantId,
    /// Under which its acts are published.
    #[serde(deserialize_with = "siret")]
    pub(crate) siret: Siret,
    /// Of acts, as ACTES writes them.
    #[serde(default = "deliberations")]
    pub(crate) natures: Vec<String>,
    /// Matters that are not published: `4` for all of them, or `8.2`.
    #[serde(default)]
    pub(crate) withheld_matters: Vec<String>,
    /// Acts that are not published, by their identifier.
    #[serde(default)]
    pub(crate) withheld: Names,
    /// Contracts that are not published, by their key: `SIRET of the buyer/id`.
    #[serde(default)]
    pub(crate) withheld_contracts: Names,
    /// SIRETs of buyers whose contracts are published besides those of the SIREN of `siret`.
    #[serde(default)]
    pub(crate) buyers: Vec<String>,
    /// Roles of the files that the public proof shows; none for no document.
    #[serde(default)]
    pub(crate) documents: Vec<String>,
}

/// Acts or contracts as somebody names them by hand: case and blanks tell none apart, and what is nearly the identifier of an act names that act.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct Names {
    written: Vec<String>,
    folded: BTreeSet<String>,
}

impl From<Vec<String>> for Names {
    fn from(written: Vec<String>) -> Self {
        let meant = written.iter().filter_map(|text| flow::meant_act(text));
        let folded = written.iter().map(|text| folded(text)).chain(meant.map(|text| folded(&text))).collect();
        Self { written, folded }
    }
}

impl Names {
    /// This is one of them.
    pub(crate) fn name(&self, text: &str) -> bool {
        !self.folded.is_empty() && self.folded.contains(&folded(text))
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Fourteen digits: a buyer is known by what its files say, check digit or not.
fn is_siret(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn deliberations() -> Vec<String> {
    vec!["DE".into()]
}

fn tenant<'de, D: Deserializer<'de>>(from: D) -> Result<TenantId, D::Error> {
    let text = String::deserialize(from)?;
    let id = TenantId::parse(&text).filter(|id| *id != TenantId::PLATFORM);
    id.ok_or_else(|| D::Error::custom(format!("{text:?} is no tenant's id")))
}

fn siret<'de, D: Deserializer<'de>>(from: D) -> Result<Siret, D::Error> {
    let text = String::deserialize(from)?;
    Siret::parse(&text).map_err(|why| D::Error::custom(format!("{text:?} is no SIRET: {why}")))
}

impl Publication {
    /// What this tenant publishes, if anything.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<&Publisher> {
        self.tenants.iter().find(|publisher| publisher.tenant == tenant)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.tenants.is_empty() && self.url.is_empty() {
            return Ok(());
        }
        let rest = self.url.strip_prefix("https://").or_else(|| self.url.strip_prefix("http://"));
        // As RFC 3986 writes addresses: it goes into files and pages as it stands.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]@!$&()*+,;=%".contains(&byte);
        let sound = rest.is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/') && rest.bytes().all(plain));
        if !sound || self.url.len() > URL_BYTES {
            return Err(format!("publication.url {:?} must be http(s)://…, without a slash at its end", self.url));
        }
        for (at, publisher) in self.tenants.iter().enumerate() {
            let tenant = publisher.tenant;
            if self.tenants.iter().take(at).any(|before| before.tenant == tenant) {
                return Err(format!("publication.tenants names {tenant} twice"));
            }
            publisher.check().map_err(|why| format!("publication.tenants, {tenant}: {why}"))?;
        }
        Ok(())
    }
}

impl Publisher {
    /// The contracts of the buyer with this SIRET are published: an establishment of the same legal person, or one that is named.
    pub(crate) fn is_buyer(&self, siret: &str) -> bool {
        siret.starts_with(self.siret.siren()) || self.buyers.iter().any(|named| named == siret)
    }

    fn check(&self) -> Result<(), String> {
        if let Some(other) = self.buyers.iter().find(|named| !is_siret(named)) {
            return Err(format!("buyers: {other:?} is no SIRET"));
        }
        self.check_named()?;
        let known = |all: &[&str], words: &[String]| words.iter().find(|word| !all.contains(&word.as_str())).cloned();
        if let Some(other) = known(&NATURES, &self.natures) {
            return Err(format!("natures: {other:?} is none of {}", NATURES.join(", ")));
        }
        if self.natures.is_empty() {
            return Err("natures is empty: leave the tenant out".into());
        }
        if let Some(other) = known(&ROLES, &self.documents) {
            return Err(format!("documents: {other:?} is none of {}", ROLES.join(", ")));
        }
        let one = |text: &str| matches!(text.as_bytes(), [b'1'..=b'9']);
        let matter = |text: &String| one(text) || flow::matter_name(text).is_some();
        match self.withheld_matters.iter().find(|text| !matter(text)) {
            Some(other) => Err(format!("withheld_matters: {other:?} is neither like 4 nor like 8.2")),
            None => Ok(()),
        }
    }

    /// What is withheld by name can be the name of something: one that is none would withhold nothing, in silence.
    fn check_named(&self) -> Result<(), String> {
        let is_key = |key: &str| key.split_once('/').is_some_and(|(siret, id)| is_siret(siret) && !id.is_empty());
        if let Some(other) = self.withheld_contracts.written.iter().find(|key| !is_key(&folded(key))) {
            return Err(format!("withheld_contracts: {other:?} is not like SIRET/id"));
        }
        let Some(other) = self.withheld.written.iter().find(|text| flow::meant_act(text).is_none()) else {
            return Ok(());
        };
        let (siren, plain) = (self.siret.siren(), other.trim());
        let usual = plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !plain.is_empty();
        let number = if usual { plain } else { "2026_042" };
        let whole = format!(
            "the whole identifier, as in 034-{siren}-20261130-{number}-DE (department-SIREN-date-number-nature)"
        );
        Err(match usual {
            true => format!("withheld: {other:?} is a number, which acts of several years may bear: write {whole}"),
            false => format!("withheld: {other:?} is no identifier of an act: write {whole}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(more: &str) -> Result<(), String> {
        let tenant = TenantId([1; 16]);
        let publisher: Publisher =
            toml::from_str(&format!("tenant = \"{tenant}\"\nsiret = \"21349902300017\"\n{more}")).unwrap();
        publisher.check()
    }

    #[test]
    fn a_name_that_can_name_nothing_is_refused_with_what_to_write() {
        for named in [
            "withheld = [\"034-213499023-20260110-12-de \"]",
            "withheld = [\"034-213499023-20260110-A-B-DE\"]",
            "withheld_contracts = [\" 21349902300017/M1\"]",
        ] {
            assert_eq!(checked(named), Ok(()), "{named}");
        }
        let refused = |more: &str| checked(more).unwrap_err();
        let number = refused("withheld = [\"034-213499023-20260110-12-DE\", \"S3\"]");
        assert!(number.contains("a number") && number.contains("034-213499023-20261130-S3-DE"), "{number}");
        for other in ["", "2026-1", "034-213499023-20260110-S3", "délibération"] {
            let said = refused(&format!("withheld = [\"{other}\"]"));
            assert!(said.contains("no identifier") && said.contains("034-213499023-20261130-2026_042-DE"), "{said}");
        }
        assert!(refused("withheld_contracts = [\"M1\"]").contains("SIRET/id"));
    }
}
