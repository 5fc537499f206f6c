//! Who calls, and for whom: the one place that says so. Every handler under /v1 but the policy's receives [`Authenticated`].

mod known;

use crate::administration;
use crate::app::App;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use crate::rates::TokenName;
use archive::{Caller, Denied, Scope, Secret, TenantKey, Tenants, TokenRow, authorise};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
pub(crate) use known::Known;
use ledger::spaces;
use ledger::storage::Reader;
use proof::{EntryId, Index, TenantId};

/// A caller whose token was recognised, and the name of that token.
pub(crate) struct Authenticated(pub(crate) Caller, pub(crate) TokenName);

impl FromRequestParts<App> for Authenticated {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        authenticate(app, &parts.headers)
    }
}

/// The caller of the token in these headers. One answer for every way of being wrong.
fn authenticate(app: &App, headers: &HeaderMap) -> Result<Authenticated, Problem> {
    let unknown = || Problem::from(&codes::NOT_AUTHENTICATED);
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(unknown)?;
    let (scheme, token) = header.split_once(' ').ok_or_else(unknown)?;
    let secret = Secret::parse(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(unknown)?;
    let name = secret.digest();
    let caller = app.known.caller(app.reads().state_changes(), &name, || {
        let row = app.reads().value(spaces::API_TOKENS, &name)?.ok_or_else(unknown)?;
        TokenRow::parse(&row).map(|row| row.caller).map_err(|error| unknown().because(error))
    })?;
    Ok(Authenticated(caller, name))
}

impl Authenticated {
    /// The caller has this right, for whomever.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Problem> {
        self.0.may(scope).map_err(denied)
    }

    /// The caller administers the whole house: every tenant, the log, the store.
    pub(crate) fn administers_all(&self) -> Result<(), Problem> {
        self.may(Scope::Admin)?;
        if self.0.tenants == Tenants::All { Ok(()) } else { Err(not_found()) }
    }

    /// The tenant meant: the one asked for, else the caller's only one.
    pub(crate) fn tenant(&self, app: &App, asked: &Parameters, scope: Scope) -> Result<TenantId, Problem> {
        self.may(scope)?;
        let tenant = match asked.text("tenant") {
            Some(text) => TenantId::parse(text).ok_or_else(not_found)?,
            None => self
                .0
                .only_tenant()
                .map(|TenantKey(id)| TenantId(id))
                .ok_or_else(|| Problem::from(&codes::TENANT_REQUIRED).at("tenant"))?,
        };
        authorise(&self.0, TenantKey(tenant.0), scope).map_err(denied)?;
        app.known.tenant(app.reads().state_changes(), tenant, || {
            let row = administration::tenant_row(app.reads(), tenant).map_err(Problem::internal)?;
            row.map(drop).ok_or_else(not_found)
        })?;
        Ok(tenant)
    }

    /// The entry of this name, looked for among the caller's tenants only.
    pub(crate) fn find(
        &self,
        app: &App,
        id: &str,
        asked: &Parameters,
        scope: Scope,
    ) -> Result<(TenantId, Index), Problem> {
        self.may(scope)?;
        let id = EntryId::parse(id).ok_or_else(not_found)?;
        for tenant in self.candidates(app, asked)? {
            if authorise(&self.0, TenantKey(tenant.0), scope).is_ok()
                && let Some(index) = app.reads().by_id(tenant, id)?
            {
                return Ok((tenant, index));
            }
        }
        Err(not_found())
    }

    fn candidates(&self, app: &App, asked: &Parameters) -> Result<Vec<TenantId>, Problem> {
        if let Some(text) = asked.text("tenant") {
            return Ok(vec![TenantId::parse(text).ok_or_else(not_found)?]);
        }
        match &self.0.tenants {
            Tenants::Some(tenants) => Ok(tenants.iter().map(|TenantKey(id)| TenantId(*id)).collect()),
            Tenants::All => {
                let rows = administration::tenant_rows(app.reads()).map_err(Problem::internal)?;
                Ok(rows.into_iter().map(|(id, _)| id).take(crate::limits::TENANTS).collect())
            }
        }
    }
}

/// What is not there, and what is another's: the same answer.
pub(crate) fn not_found() -> Problem {
    Problem::from(&codes::NOT_FOUND)
}

fn denied(denied: Denied) -> Problem {
    match denied {
        Denied::Scope(scope) => Problem::from(&codes::SCOPE_MISSING).detail(
            format!("Le jeton ne porte pas le droit « {} ».", scope.as_str()),
            format!("The token does not bear the scope “{}”.", scope.as_str()),
        ),
        _ => not_found(),
    }
}
