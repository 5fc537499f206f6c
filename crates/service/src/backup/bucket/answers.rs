//! What a server answered, or did not, as a refusal with its remedy.
//!
//! The library keeps the status of an answer to itself in most of its errors: a listener on its way notes the last one.

use crate::trouble::Trouble;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Status of the last answer; 0 before any.
#[derive(Debug, Default)]
pub(super) struct Seen(AtomicU16);

/// Makes clients that note what is answered.
#[derive(Debug)]
pub(super) struct Noting(pub(super) Arc<Seen>);

#[derive(Debug)]
struct Noted {
    client: HttpClient,
    seen: Arc<Seen>,
}

impl HttpConnector for Noting {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Noted { client, seen: self.0.clone() }))
    }
}

type Called<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Noted {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Called<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let answer = self.client.execute(request).await;
            self.seen.0.store(answer.as_ref().map_or(0, |answer| answer.status().as_u16()), Ordering::Relaxed);
            answer
        })
    }
}

impl Seen {
    /// The failure as the shelf tells it: not found where the object is not there, and a refusal with its remedy inside.
    pub(super) fn failed(&self, place: &str, error: &object_store::Error) -> io::Error {
        let (status, said) = (self.0.load(Ordering::Relaxed), error.to_string());
        let code = code_in(&said);
        let (kind, trouble) = match transport(error) {
            Some(kind) => (io::ErrorKind::Other, unanswered(kind, &deepest(error))),
            None if status == 404 && code != Some("NoSuchBucket") => {
                (io::ErrorKind::NotFound, answered(status, code, &deepest(error)))
            }
            None => (io::ErrorKind::Other, answered(status, code, &deepest(error))),
        };
        io::Error::new(kind, trouble.at(place))
    }
}

/// A listing that a server gives of a bucket that is not there.
pub(super) fn no_bucket() -> Trouble {
    let remedy = [
        "vérifier le nom du seau, AWS_ENDPOINT_URL et AWS_REGION ; créer le seau s'il n'existe pas : Tabellion n'en crée aucun",
        "check the name of the bucket, AWS_ENDPOINT_URL and AWS_REGION; make the bucket if there is none: Tabellion makes none",
    ];
    Trouble::new("place-no-bucket", "ce seau n'existe pas chez ce serveur", "the server has no such bucket", remedy)
}

/// Another object stands where a new one was to be put.
pub(super) fn taken() -> Trouble {
    let remedy = [
        "une autre sauvegarde écrit là, d'une autre machine peut-être : une seule à la fois et un lieu par magasin ; puis recommencer",
        "another backup writes there, from another machine perhaps: one at a time and one place a store; then do it again",
    ];
    let (french, english) = ("un manifeste de ce nom est déjà là", "a manifest of that name is there already");
    Trouble::new("place-taken", french, english, remedy)
}

/// The server answered, with this status and this code of its own.
fn answered(status: u16, code: Option<&str>, why: &str) -> Trouble {
    let said = code.map_or_else(|| format!("status {status}"), |code| format!("status {status}, {code}"));
    match (status, code) {
        (_, Some("NoSuchBucket")) => no_bucket(),
        (401 | 403, _) => {
            let remedy = [
                "vérifier AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY, ce que le seau leur permet (lister, lire, écrire, supprimer), et l'heure \
                 de cette machine",
                "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, what the bucket lets them do (list, read, write, delete), and this machine's \
                 clock",
            ];
            let french = format!("le serveur du seau refuse l'accès ({said})");
            Trouble::new("place-denied", french, format!("the bucket's server denies access ({said})"), remedy)
        }
        (429 | 500 | 502..=504, _) => {
            let remedy = [
                "recommencer plus tard : rien n'est à réparer, et ce qui est déjà là ne sera pas renvoyé",
                "do it again later: nothing needs repair, and what is there already will not be sent again",
            ];
            let french = format!("le serveur du seau n'est pas en état de répondre ({said})");
            let english = format!("the bucket's server is in no state to answer ({said})");
            Trouble::new("place-busy", french, english, remedy)
        }
        _ => {
            let remedy = [
                "vérifier AWS_ENDPOINT_URL et AWS_REGION, et que ce serveur parle bien S3 ; rien n'est à réparer",
                "check AWS_ENDPOINT_URL and AWS_REGION, and that this server does speak S3; nothing needs repair",
            ];
            let french = format!("la réponse du serveur du seau n'est pas comprise ({said}) : {why}");
            let english = format!("the answer of the bucket's server is not understood ({said}): {why}");
            Trouble::new("place-answer", french, english, remedy)
        }
    }
}

/// There was no answer, or it broke off.
fn unanswered(kind: HttpErrorKind, why: &str) -> Trouble {
    let remedy = [
        "vérifier AWS_ENDPOINT_URL, le réseau et le certificat du serveur, puis recommencer : rien n'est à réparer, et ce qui est déjà là ne \
         sera pas renvoyé",
        "check AWS_ENDPOINT_URL, the network and the server's certificate, then do it again: nothing needs repair, and what is there already \
         will not be sent again",
    ];
    let (code, french, english) = match kind {
        HttpErrorKind::Connect => {
            ("place-unreachable", "le serveur du seau n'est pas joignable", "the bucket's server cannot be reached")
        }
        HttpErrorKind::Timeout => (
            "place-timed-out",
            "le serveur du seau ne répond pas à temps",
            "the bucket's server does not answer in time",
        ),
        _ => (
            "place-cut",
            "l'échange avec le serveur du seau s'est interrompu",
            "the exchange with the bucket's server broke off",
        ),
    };
    Trouble::new(code, format!("{french} : {why}"), format!("{english}: {why}"), remedy)
}

/// What S3 calls the refusal, as its answer writes it.
fn code_in(said: &str) -> Option<&str> {
    let code = said.split_once("<Code>")?.1.split_once("</Code>")?.0;
    (code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

fn transport(error: &object_store::Error) -> Option<HttpErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()).map(HttpError::kind)
}

/// The first cause, on one short line.
fn deepest(error: &object_store::Error) -> String {
    let said = causes(error).last().map(ToString::to_string).unwrap_or_default();
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

fn causes<'a>(error: &'a object_store::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |cause| (*cause).source())
}
