//! Refusals on their way out: RFC 9457 problems with a stable code, worded in the caller's language, logged once.

pub(crate) mod codes;

use crate::language::Language;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use codes::Code;
use serde_json::{Value, json};

/// A sentence in French and in English.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) french: String,
    pub(crate) english: String,
}

impl Text {
    pub(crate) fn new(french: impl Into<String>, english: impl Into<String>) -> Self {
        Self { french: french.into(), english: english.into() }
    }
    fn of(pair: [&str; 2]) -> Self {
        Self::new(pair[0], pair[1])
    }
    fn pick(&self, language: Language) -> &str {
        language.pick(&self.french, &self.english)
    }
}

/// A refusal. What is in `cause` goes to the log of events only.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: Text,
    detail: Text,
    remedy: Text,
    place: Option<String>,
    retry_after: Option<u64>,
    cause: Option<String>,
    findings: Vec<flow::Finding>,
    refusal: Option<String>,
}

impl From<&Code> for Problem {
    fn from(code: &Code) -> Self {
        Self(Box::new(Parts {
            status: code.status,
            code: code.name,
            title: Text::of(code.title),
            detail: Text::of(code.title),
            remedy: Text::of(code.remedy),
            place: None,
            retry_after: None,
            cause: None,
            findings: Vec::new(),
            refusal: None,
        }))
    }
}

impl Problem {
    /// What was refused of a flow: the first refusal gives code and sentences, all findings come along.
    pub(crate) fn refused(findings: Vec<flow::Finding>) -> Self {
        let mut problem = Self::from(&codes::INTERNAL);
        let Some(first) = findings.iter().find(|f| f.severity == flow::Severity::Refusal) else {
            return problem.because("a flow was refused without a refusal");
        };
        let parts = &mut problem.0;
        parts.status = StatusCode::UNPROCESSABLE_ENTITY;
        parts.code = first.code;
        parts.title = Text::new("Versement refusé", "Deposit refused");
        parts.detail = Text::new(&first.message_fr, &first.message_en);
        parts.remedy = Text::new(&first.remedy_fr, &first.remedy_en);
        parts.place = Some(first.place.clone()).filter(|place| !place.is_empty());
        parts.findings = findings;
        problem
    }

    /// Under which name the refused bytes are kept, if they are.
    pub(crate) fn kept_as(mut self, refusal: Option<proof::EntryId>) -> Self {
        self.0.refusal = refusal.map(|id| id.to_string());
        self
    }

    /// An internal error, with its cause for the operator.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        Self::from(&codes::INTERNAL).because(cause)
    }

    pub(crate) fn detail(mut self, french: impl Into<String>, english: impl Into<String>) -> Self {
        self.0.detail = Text::new(french, english);
        self
    }

    /// Which parameter, part or member.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub(crate) fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// What the log of events is told of it.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    fn to_json(&self, language: Language) -> Value {
        let parts = &self.0;
        let mut body = json!({
            "type": format!("urn:tabellion:problem:{}", parts.code),
            "title": parts.title.pick(language),
            "status": parts.status.as_u16(),
            "code": parts.code,
            "detail": parts.detail.pick(language),
            "where": parts.place,
            "remedy": parts.remedy.pick(language),
        });
        if let Some(refusal) = &parts.refusal {
            body["refusal"] = json!(refusal);
        }
        if !parts.findings.is_empty() {
            body["findings"] = parts.findings.iter().map(|f| finding_json(f, language)).collect();
        }
        body
    }

    fn log(&self) {
        let (code, status, cause) = (self.0.code, self.0.status.as_u16(), self.0.cause.as_deref());
        if self.0.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(code, status, cause, "refused");
        } else if self.0.status.is_server_error() {
            tracing::warn!(code, status, cause, "refused");
        } else {
            tracing::info!(code, status, cause, "refused");
        }
    }
}

/// A finding as answers write it.
pub(crate) fn finding_json(finding: &flow::Finding, language: Language) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity.as_str(),
        "message": language.pick(&finding.message_fr, &finding.message_en),
        "where": finding.place,
        "remedy": language.pick(&finding.remedy_fr, &finding.remedy_en),
    })
}

impl IntoResponse for Problem {
    /// The problem travels as an extension: [`word`] gives it words, knowing the request's language.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives problems their words and logs them, once.
pub(crate) async fn word(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let has_body = !request.body().is_end_stream();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    problem.log();
    let mut worded = (problem.0.status, problem.to_json(language).to_string()).into_response();
    let headers = worded.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    // What is not there yet may come: no cache on the way keeps a refusal.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = problem.0.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // A body was refused, perhaps unread: the connection ends here, and says so before it is used again.
    if has_body {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if problem.0.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    worded
}

impl From<ledger::Refusal> for Problem {
    fn from(refusal: ledger::Refusal) -> Self {
        use ledger::Refusal as R;
        let problem = match &refusal {
            R::IdempotencyMismatch { .. } => Self::from(&codes::IDEMPOTENCY_MISMATCH),
            R::Busy => Self::from(&codes::BUSY).retry_after(1),
            R::Retry(_) => Self::from(&codes::NOT_WRITTEN).retry_after(5),
            R::ClockWentBack { .. } => Self::from(&codes::CLOCK_WENT_BACK).retry_after(60),
            R::ClockAhead { .. } => Self::from(&codes::CLOCK_AHEAD).retry_after(60),
            R::Stopped(_) => Self::from(&codes::STOPPED).retry_after(10),
            R::UnknownTenant(_) => Self::from(&codes::NOT_FOUND),
            R::Malformed(_) => Self::from(&codes::FACTS_NOT_RECORDABLE),
            _ => Self::from(&codes::INTERNAL),
        };
        problem.because(refusal)
    }
}

impl From<crate::ServiceError> for Problem {
    fn from(error: crate::ServiceError) -> Self {
        use crate::ServiceError as E;
        match error {
            E::Refused(refusal) => refusal.into(),
            E::Name => Self::from(&codes::NAME_WRONG).at("name"),
            E::OneNumber => Self::from(&codes::NUMBER_WRONG).at("siren"),
            E::Number(why) => {
                let french = format!("Le numéro ne convient pas ({why}).");
                Self::from(&codes::NUMBER_WRONG).detail(french, format!("The number does not do: {why}."))
            }
            E::Scope(why) => {
                let french = format!("« {} » n'est pas un droit.", why.0);
                Self::from(&codes::SCOPE_UNKNOWN).at("scopes").detail(french, why.to_string())
            }
            E::TenantExists(id) => Self::from(&codes::TENANT_EXISTS)
                .detail(format!("Le service versant {id} a ce numéro."), format!("Tenant {id} has this number.")),
            E::UnknownTenant(_) => Self::from(&codes::NOT_FOUND).at("tenant"),
            E::Stopped(why) => Self::from(&codes::STOPPED).retry_after(10).because(why),
            other => Self::internal(other),
        }
    }
}

impl From<ledger::storage::StorageError> for Problem {
    fn from(error: ledger::storage::StorageError) -> Self {
        Self::internal(format!("{error:?}"))
    }
}

impl From<store::VaultError> for Problem {
    fn from(error: store::VaultError) -> Self {
        match &error {
            store::VaultError::Io { .. } => Self::from(&codes::NOT_WRITTEN).retry_after(5).because(error),
            _ => Self::internal(error),
        }
    }
}

impl From<crate::entry::BuildError> for Problem {
    fn from(error: crate::entry::BuildError) -> Self {
        match error {
            crate::entry::BuildError::Vault(error) => error.into(),
            crate::entry::BuildError::Record(why) => Self::from(&codes::FACTS_NOT_RECORDABLE).because(why),
            crate::entry::BuildError::Randomness => Self::internal("no randomness"),
        }
    }
}
