//! The packs of a selection, in one archive (tar): made and checked one after the other, streamed as they are made. An index ends it, which
//! says of each entry asked for what its pack is, or why there is none.

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json;
use crate::disposition::attachment;
use crate::evidence::{self, Asked};
use crate::http::streamed;
use crate::layout::{Layout, Reader};
use crate::limits;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use archive::Scope;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use proof::Index;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{self, Read};
use tar::{EntryType, Header};
use tokio::sync::mpsc;

/// Pieces waiting to be sent.
const PIECES_AHEAD: usize = 1;
/// Bytes of a block of a tar.
const BLOCK: u64 = 512;

/// An entry of the selection: its id as asked for, and where it stands.
struct Selected {
    id: String,
    index: Index,
}

/// `{ids, attestation, require}`: a tar of their packs. Every id must be one that the caller may read.
pub(crate) async fn packs(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let body = small_json(body).await?;
    let wrong = |place: &str| Problem::from(&codes::PARAMETER_UNREADABLE).at(place);
    let ids: Option<Vec<String>> =
        body["ids"].as_array().and_then(|ids| ids.iter().map(|id| id.as_str().map(str::to_owned)).collect());
    let ids = ids.filter(|ids| (1..=limits::SELECTION_IDS).contains(&ids.len())).ok_or_else(|| wrong("ids"))?;
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        return Err(wrong("ids"));
    }
    let known = ["ids", "attestation", "require"];
    if let Some(other) = body.as_object().and_then(|body| body.keys().find(|key| !known.contains(&key.as_str()))) {
        return Err(wrong(other));
    }
    let attestation = match &body["attestation"] {
        Value::Null => true,
        Value::String(word) if word == "pdf" => true,
        Value::String(word) if word == "none" => false,
        _ => return Err(wrong("attestation")),
    };
    let sealed_only = match &body["require"] {
        Value::Null => false,
        Value::String(word) if word == "sealed" => true,
        _ => return Err(wrong("require")),
    };
    // The story of each is the selection's own business: who wants it asks for those entries too.
    let asked = Asked { sealed_only, attestation, ..Asked::alone() };
    let found = app.clone();
    let selected = blocking(move || {
        let find = |id: String| {
            let (_, index) = caller.find(&found, &id, &parameters, Scope::Read).map_err(|problem| problem.at(&id))?;
            Ok::<_, Problem>(Selected { id, index })
        };
        ids.into_iter().map(find).collect::<Result<Vec<_>, _>>()
    })
    .await??;
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, attachment("dossiers.tar")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, stream(app, selected, asked)).into_response())
}

/// The archive, a piece ahead of the client. A pack that cannot be given stands in the index with its code; an archive without its
/// index was cut.
fn stream(app: App, selected: Vec<Selected>, asked: Asked) -> Body {
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(PIECES_AHEAD);
    tokio::spawn(async move {
        let (count, mut told) = (selected.len(), Vec::new());
        for Selected { id, index } in selected {
            let (shared, asked) = (app.clone(), asked.clone());
            let Ok(turn) = app.packs.acquire().await else { return };
            let made = blocking(move || evidence::build(&shared, index, asked)).await.and_then(|made| made);
            drop(turn);
            let (pack, verdict) = match made {
                Ok(made) => made,
                Err(problem) => {
                    tracing::warn!(index = index.0, code = problem.code(), "no pack of this entry in a selection");
                    told.push(json!({"id": id, "index": index.0, "code": problem.code()}));
                    continue;
                }
            };
            let (name, bytes) = (format!("{id}.asice"), pack.bytes());
            let Some(sha256) = give(&send, &name, pack).await else { return };
            told.push(json!({
                "id": id, "index": index.0, "pack": name, "bytes": bytes, "sha256": sha256,
                "verdict": verdict.verdict.as_str(), "reason": verdict.reason,
            }));
        }
        let given = told.iter().filter(|one| one["pack"] != Value::Null).count();
        let index = json!({"version": 1, "asked": count, "given": given, "packs": told});
        // Two blocks of zeros end a tar.
        let whole = give(&send, "index.json", format!("{index:#}\n").into_bytes().into()).await.is_some()
            && send.send(Ok(Bytes::from_static(&[0; 2 * BLOCK as usize]))).await.is_ok();
        if whole {
            tracing::info!(asked = count, given, "selection served");
        }
    });
    streamed(receive)
}

/// A member of the archive: its header, its bytes, and what fills the last block; then its SHA-256. `None` when nobody takes it, or when
/// it cannot be read to its end as it was judged: the archive ends there. Dated 1970, so that the same packs give the same bytes.
async fn give(send: &mpsc::Sender<io::Result<Bytes>>, name: &str, pack: Layout) -> Option<String> {
    let length = pack.bytes();
    let mut header = Header::new_ustar();
    header.set_path(name).ok()?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(length);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_cksum();
    send.send(Ok(header.as_bytes().to_vec().into())).await.ok()?;
    let mut state = (pack.reader(), Sha256::new());
    loop {
        // What waits for the client is this task, never a thread.
        let (back, piece) = blocking(move || {
            let piece = next_piece(&mut state.0, &mut state.1);
            (state, piece)
        })
        .await
        .ok()?;
        state = back;
        match piece {
            Ok(piece) if piece.is_empty() => break,
            Ok(piece) => send.send(Ok(piece)).await.ok()?,
            Err(error) => {
                tracing::error!(%error, "a pack of a selection cannot be read to its end: the archive is cut");
                let _ = send.send(Err(error)).await;
                return None;
            }
        }
    }
    let filled = usize::try_from(length.next_multiple_of(BLOCK) - length).unwrap_or_default();
    send.send(Ok(vec![0; filled].into())).await.ok()?;
    Some(proof::hash::encode_hex(&state.1.finalize()))
}

/// The next bytes, hashed too; none at the end.
fn next_piece(reader: &mut Reader, digest: &mut Sha256) -> io::Result<Bytes> {
    let mut piece = Vec::new();
    reader.take(limits::FILE_CHUNK_BYTES as u64).read_to_end(&mut piece)?;
    digest.update(&piece);
    Ok(piece.into())
}
