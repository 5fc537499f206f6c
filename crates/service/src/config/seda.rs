//! `[seda]`: what each tenant's transfers are held against. Nothing, unless it is written.

use flow::day::is_day;
use flow::seda::{Known, Referential};
use proof::TenantId;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seda {
    tenants: Vec<Lists>,
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
}

impl Seda {
    /// What this tenant's transfers are held against.
    pub(crate) fn of(&self, tenant: TenantId) -> Referential {
        let lists = self.tenants.iter().find(|lists| TenantId::parse(&lists.tenant) == Some(tenant));
        let known = |list: fn(&Lists) -> &Option<Vec<Line>>| {
            let lines = lists.and_then(|lists| list(lists).as_ref())?;
            Some(lines.iter().map(Line::known).collect())
        };
        Referential {
            agencies: known(|lists| &lists.agencies),
            agreements: known(|lists| &lists.agreements),
            profiles: known(|lists| &lists.profiles),
            service_levels: known(|lists| &lists.service_levels),
        }
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
            let all = [&lists.agencies, &lists.agreements, &lists.profiles, &lists.service_levels];
            for known in all.into_iter().flatten().flatten().map(Line::known) {
                let mut days = [&known.from, &known.until].into_iter().flatten();
                let backwards = matches!((&known.from, &known.until), (Some(from), Some(until)) if from > until);
                if known.id.trim().is_empty() || !days.all(|day| is_day(day)) || backwards {
                    return Err(format!(
                        "seda.tenants, {tenant}: {:?} needs an id, and days AAAA-MM-JJ in order",
                        known.id
                    ));
                }
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
