//! `/log/tile/…`: tiles and entry bundles (C2SP tlog-tiles). Public, and the same bytes for ever: a path names them exactly.
//!
//! A bundle holds leaf data alone: salted commitments, which tell nobody what was deposited.

use crate::app::{App, Shared, blocking};
use crate::auth::not_found;
use crate::problem::{Problem, codes};
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::storage::{Reader, TileId};
use proof::Index;
use watch::limits::{HASH_BYTES, TILE_WIDTH};
use watch::{TileKind, TilePath, bundle};

/// Immutable (RFC 8246): a year, the longest that caches keep anything.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The tile or bundle that this path names, once the published head covers every hash of it.
pub(crate) async fn tile(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let path = uri.path().strip_prefix("/log/").and_then(|path| TilePath::parse(path).ok()).ok_or_else(not_found)?;
    let bytes = blocking(move || published(&app, &path)).await??;
    Ok(([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, FOR_EVER)], bytes).into_response())
}

fn published(app: &Shared, path: &TilePath) -> Result<Vec<u8>, Problem> {
    let size = app.head.size(app.reads())?;
    if !path.is_within(size) {
        return Err(Problem::from(&codes::TILE_NOT_PUBLISHED).at(path.to_string()));
    }
    let missing = || Problem::internal(format!("{path} is missing under a head of {} leaves", size.0));
    let width = usize::from(path.width);
    match path.kind {
        TileKind::Hashes(level) => {
            // The ledger may hold more of this tile than the published head covers.
            let mut tile = app.reads().tile(TileId { level, index: path.index })?.ok_or_else(missing)?;
            if tile.len() < width * HASH_BYTES {
                return Err(missing());
            }
            tile.truncate(width * HASH_BYTES);
            Ok(tile)
        }
        TileKind::Entries => {
            let first = Index(path.index * u64::from(TILE_WIDTH));
            let leaves = app.reads().leaf_data(first, width)?;
            if leaves.len() != width {
                return Err(missing());
            }
            bundle::write(&leaves).map_err(Problem::internal)
        }
    }
}
