//! A tenant's register, streamed: one head for the whole answer, each portion checked by the stranger's own check before it is sent.

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::cosigning;
use crate::disposition::attachment;
use crate::evidence;
use crate::http::streamed;
use crate::limits;
use crate::pack::renewed_binding;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use archive::Scope;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use ledger::register::{RegisterError, RegisterWriter};
use ledger::sealing::{BatchHead, SealingError};
use proof::TenantId;
use store::StoreReads;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Portions waiting to be sent.
const PORTIONS_AHEAD: usize = 2;

/// The register of the caller's tenant.
pub(crate) async fn register(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Read)?;
    let turn = app.registers.clone().try_acquire_owned();
    let turn = turn.map_err(|_| Problem::from(&codes::BUSY).retry_after(5).because("registers under way"))?;
    let reads = app.reads().clone();
    // A head with what the witnesses have said of it: a policy may ask for their quorum.
    let given = cosigning::given(&app)?;
    let held = given.as_ref().is_some_and(|given| given.met);
    let shown = given.map(|given| given.text);
    let opened = blocking(move || {
        let renew = &mut |batch: &BatchHead, record| renewed(&app, batch, record);
        let mut writer = RegisterWriter::open(reads, tenant, shown, held, renew)?;
        // Head and seal are checked before anything is promised.
        let header = writer.portion(0)?;
        Ok::<_, RegisterError>((writer, header.unwrap_or_default()))
    });
    let (writer, header) = opened.await?.map_err(Problem::internal)?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, attachment(&format!("{tenant}.register"))),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, stream(writer, header, tenant, turn)).into_response())
}

/// The record of a sealed head with every renewal since, as packs of the batch bear it. Blocks.
fn renewed(app: &App, batch: &BatchHead, record: Vec<u8>) -> Result<Vec<u8>, SealingError> {
    let untold =
        |problem: Problem| SealingError::Stored(format!("renewals of batch {}: {}", batch.batch, problem.code()));
    let renewals = app.renewals.of(app.reads(), batch, &[batch.binding_position()]).map_err(untold)?;
    let digests = [proof::sha512(batch.checkpoint.as_bytes()), evidence::previous_sha512(app, batch).map_err(untold)?];
    renewed_binding(record, digests, &renewals).map_err(|why| SealingError::Stored(why.to_string()))
}

/// The lines, a few portions ahead of the client. A register that does not pass its check ends without its last line, and the
/// connection with it.
fn stream(writer: RegisterWriter<StoreReads>, header: String, tenant: TenantId, turn: OwnedSemaphorePermit) -> Body {
    let (send, receive) = mpsc::channel::<std::io::Result<Bytes>>(PORTIONS_AHEAD);
    tokio::spawn(async move {
        let (mut writer, mut portion, mut bytes) = (writer, Ok(Some(header)), 0);
        loop {
            let sent = match portion {
                Ok(Some(lines)) => {
                    bytes += lines.len();
                    send.send(Ok(lines.into())).await
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%tenant, %error, "a register does not verify, or cannot be read: its answer is cut");
                    let _ = send.send(Err(std::io::Error::other("the register cannot be given"))).await;
                    return;
                }
            };
            // A client that is gone is no fault; one that waits holds no thread, only this task waits.
            if sent.is_err() {
                return;
            }
            let next = tokio::task::spawn_blocking(move || {
                let portion = writer.portion(limits::REGISTER_ENTRIES);
                (writer, portion)
            });
            let Ok((back, next)) = next.await else { return };
            (writer, portion) = (back, next);
        }
        drop(turn);
        tracing::info!(%tenant, bytes, "register served");
    });
    streamed(receive)
}
