//! `[seda]`: what each tenant's transfers are held against. Nothing, unless it is written.

use super::Config;
use crate::error::ServiceError;
use crate::profiles::Profiles;
use flow::day::is_day;
use flow::seda::{CATEGORIES, Known, KnownRule, Lasts, Referential};
use proof::TenantId;
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seda {
    /// The program that holds a bordereau against the file of its profile; `xmllint` where none is named.
    validator: Option<PathBuf>,
    tenants: Vec<Lists>,
}

/// A profile that has a file.
pub(crate) struct SedaProfile {
    pub(crate) tenant: TenantId,
    pub(crate) known: Known,
    /// As it is written.
    pub(crate) file: PathBuf,
}

/// What one tenant knows; a list that is absent is not controlled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    tenant: String,
    agencies: Option<Vec<Line>>,
    agreements: Option<Vec<Line>>,
    profiles: Option<Vec<Line>>,
    service_levels: Option<Vec<Line>>,
    rules: Option<Vec<RuleLine>>,
}

/// An identifier alone, or with its days.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Id(String),
    Dated(Dated),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    id: String,
    from: Option<String>,
    until: Option<String>,
    /// Of a profile: RELAX NG or XML Schema, relative to the data directory.
    file: Option<PathBuf>,
}

/// The identifier of a rule alone, or with what is known of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum RuleLine {
    Id(String),
    Told(ToldRule),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldRule {
    id: String,
    category: Option<String>,
    duration: Option<String>,
    from: Option<String>,
    until: Option<String>,
}

/// The lists of a configuration, for who checks a transfer without depositing it.
#[derive(Clone, Debug)]
pub struct SedaLists {
    seda: Seda,
    /// The directory that files are named from.
    base: PathBuf,
}

impl SedaLists {
    /// Those of this file, or of the `tabellion.toml` in this directory; the whole configuration is checked.
    ///
    /// # Errors
    /// [`ServiceError`]: the file cannot be read, or is no configuration.
    pub fn read(path: &Path) -> Result<Self, ServiceError> {
        let inside = path.join(super::FILE);
        let file = if path.is_dir() { &inside } else { path };
        let base = file.parent().map(Path::to_owned).unwrap_or_default();
        Config::of_file(file).map(|config| Self { seda: config.seda, base })
    }

    /// The tenants that have lists, as they are written.
    pub fn tenants(&self) -> Vec<&str> {
        self.seda.tenants.iter().map(|lists| lists.tenant.as_str()).collect()
    }

    /// What this tenant's transfers are held against; `None` where it has no lists.
    pub fn of(&self, tenant: &str) -> Option<Referential> {
        let id = TenantId::parse(tenant)?;
        let known = self.seda.tenants.iter().any(|lists| TenantId::parse(&lists.tenant) == Some(id));
        known.then(|| self.seda.of(id))
    }

    /// The files of profiles, of all tenants.
    ///
    /// # Errors
    /// One is not there, or is none that can be applied.
    pub fn profiles(&self) -> Result<Profiles, ServiceError> {
        self.seda.profiles(&self.base)
    }
}

impl Seda {
    /// What this tenant's transfers are held against.
    pub(crate) fn of(&self, tenant: TenantId) -> Referential {
        let lists = self.tenants.iter().find(|lists| TenantId::parse(&lists.tenant) == Some(tenant));
        let known = |list: fn(&Lists) -> &Option<Vec<Line>>| {
            let lines = lists.and_then(|lists| list(lists).as_ref())?;
            Some(lines.iter().map(Line::known).collect())
        };
        // Durations were checked when the file was read.
        let rule = |line: &RuleLine| line.known().unwrap_or_default();
        let rules = lists.and_then(|lists| lists.rules.as_ref());
        Referential {
            agencies: known(|lists| &lists.agencies),
            agreements: known(|lists| &lists.agreements),
            profiles: known(|lists| &lists.profiles),
            service_levels: known(|lists| &lists.service_levels),
            rules: rules.map(|lines| lines.iter().map(rule).collect()),
        }
    }

    /// The files of profiles, named from this directory.
    pub(crate) fn profiles(&self, base: &Path) -> Result<Profiles, ServiceError> {
        let program = self.validator.as_deref().unwrap_or(Path::new("xmllint"));
        let mut all = Vec::new();
        for lists in &self.tenants {
            // Tenants were checked when the file was read.
            let Some(tenant) = TenantId::parse(&lists.tenant) else { continue };
            for line in lists.profiles.iter().flatten() {
                let file = line.file().cloned();
                all.extend(file.map(|file| SedaProfile { tenant, known: line.known(), file }));
            }
        }
        Profiles::configured(base, program, all)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        for (at, lists) in self.tenants.iter().enumerate() {
            let tenant = &lists.tenant;
            if TenantId::parse(tenant).is_none_or(|id| id == TenantId::PLATFORM) {
                return Err(format!("seda.tenants: {tenant:?} is no tenant's id"));
            }
            if self.tenants.iter().take(at).any(|before| before.tenant == *tenant) {
                return Err(format!("seda.tenants names {tenant} twice"));
            }
            lists.check().map_err(|why| format!("seda.tenants, {tenant}: {why}"))?;
        }
        Ok(())
    }
}

impl Lists {
    fn check(&self) -> Result<(), String> {
        let rules: Vec<KnownRule> = self.rules.iter().flatten().map(RuleLine::known).collect::<Result<_, String>>()?;
        let lists = [&self.agencies, &self.agreements, &self.profiles, &self.service_levels];
        let all = lists.into_iter().flatten().flatten().map(Line::known);
        for known in all.chain(rules.iter().map(|rule| rule.known.clone())) {
            let mut days = [&known.from, &known.until].into_iter().flatten();
            let backwards = matches!((&known.from, &known.until), (Some(from), Some(until)) if from > until);
            if known.id.trim().is_empty() || !days.all(|day| is_day(day)) || backwards {
                return Err(format!("{:?} needs an id, and days AAAA-MM-JJ in order", known.id));
            }
        }
        let others = [&self.agencies, &self.agreements, &self.service_levels];
        if let Some(line) = others.into_iter().flatten().flatten().find(|line| line.file().is_some()) {
            return Err(format!("{:?}: only a profile has a file", line.known().id));
        }
        for (at, rule) in rules.iter().enumerate() {
            let same = |other: &&KnownRule| other.known.id == rule.known.id && other.category == rule.category;
            if rules.iter().take(at).any(|other| same(&other)) {
                return Err(format!("rules names {:?} twice", rule.known.id));
            }
        }
        Ok(())
    }
}

impl Line {
    fn known(&self) -> Known {
        match self {
            Line::Id(id) => Known { id: id.clone(), ..Known::default() },
            Line::Dated(one) => Known { id: one.id.clone(), from: one.from.clone(), until: one.until.clone() },
        }
    }
}

impl Line {
    fn file(&self) -> Option<&PathBuf> {
        match self {
            Line::Id(_) => None,
            Line::Dated(one) => one.file.as_ref(),
        }
    }
}

impl RuleLine {
    fn known(&self) -> Result<KnownRule, String> {
        let told = match self {
            RuleLine::Id(id) => {
                return Ok(KnownRule { known: Known { id: id.clone(), ..Known::default() }, ..KnownRule::default() });
            }
            RuleLine::Told(told) => told,
        };
        if let Some(category) = told.category.as_deref().filter(|category| !CATEGORIES.contains(category)) {
            return Err(format!("{category:?} is no category of rules: {}", CATEGORIES.join(", ")));
        }
        let lasts = |text: &String| {
            Lasts::parse(text)
                .ok_or_else(|| format!("{:?}: duration {text:?}; write P10Y, P6M, P30D or unlimited", told.id))
        };
        Ok(KnownRule {
            known: Known { id: told.id.clone(), from: told.from.clone(), until: told.until.clone() },
            category: told.category.clone(),
            lasts: told.duration.as_ref().map(lasts).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId([7; 16]);

    fn checked(lists: &str) -> Result<Seda, String> {
        let seda: Seda =
            toml::from_str(&format!("[[tenants]]\ntenant = \"{TENANT}\"\n{lists}")).map_err(|e| e.to_string())?;
        seda.check().map(|()| seda)
    }

    #[test]
    fn rules_have_a_category_and_a_duration_that_are_known() {
        let lists = "rules = [\"ACC-1\", { id = \"APP-1\", category = \"AppraisalRule\", duration = \"P80Y\", until = \"2030-01-01\" }]";
        let known = checked(lists).unwrap().of(TENANT).rules.unwrap();
        assert_eq!((known[0].known.id.as_str(), &known[0].category, &known[0].lasts), ("ACC-1", &None, &None));
        assert_eq!((known[1].lasts, known[1].known.until.as_deref()), (Some(Lasts::Years(80)), Some("2030-01-01")));
        for refused in [
            "rules = [\" \"]",
            "rules = [{ id = \"A\", category = \"Rule\" }]",
            "rules = [{ id = \"A\", duration = \"80\" }]",
            "rules = [{ id = \"A\", from = \"2030-13-01\" }]",
            "rules = [{ id = \"A\", until = \"2029-01-01\", from = \"2030-01-01\" }]",
            "rules = [{ id = \"A\", years = 3 }]",
            "rules = [\"A\", { id = \"A\", duration = \"P1Y\" }]",
        ] {
            assert!(checked(refused).is_err(), "{refused}");
        }
        // One identifier may stand in two categories.
        let two = "rules = [{ id = \"A\", category = \"ReuseRule\" }, { id = \"A\", category = \"AccessRule\" }]";
        assert!(checked(two).is_ok());
    }
}
