//! A deposit's body, streamed: each file to the vault's spool, hashed as it passes; nothing large in memory.

use crate::app::{App, Share, blocking};
use crate::config::Limits;
use crate::disposition;
use crate::http::BodyError;
use crate::limits::{LIGHT_BYTES, SPOOL_CHUNK_BYTES};
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use crate::space::Space;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::fmt;
use std::io::Write;
use std::sync::Arc;
use store::{SpoolWriter, Spooled, VaultError};

/// Memory one file may hold: what the spool keeps inline, and what waits to be written.
const FILE_MEMORY: u64 = store::limits::INLINE_LIMIT + SPOOL_CHUNK_BYTES as u64;

/// Memory made ready on a client's word.
const ANNOUNCED_BYTES: usize = 64 << 10;

/// A file as it came, its end not yet spooled.
pub(crate) struct ReceivedFile {
    pub(crate) name: Vec<u8>,
    pub(crate) media_type: Option<String>,
    writer: Option<SpoolWriter>,
    pending: Vec<u8>,
    size: u64,
}

/// A deposit as it came.
pub(crate) struct Received {
    pub(crate) files: Vec<ReceivedFile>,
    pub(crate) description: Option<Vec<u8>>,
    /// Held until the answer.
    pub(crate) share: Share,
}

impl Received {
    /// One small file and nothing else: hashing and encrypting it takes a fraction of a millisecond.
    pub(crate) fn is_light(&self) -> bool {
        matches!(&self.files[..], [file] if file.size <= LIGHT_BYTES)
    }
}

/// Reads a whole body: a form of several files, or one raw file.
pub(crate) async fn receive(
    app: &App,
    headers: &HeaderMap,
    parameters: &Parameters,
    body: Body,
) -> Result<Received, Problem> {
    let limits = &app.config.limits;
    check_length(headers, limits.body_bytes)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let stream = with_room(app.space.clone(), counted(body, limits.body_bytes));
    let mut received = Received { files: Vec::new(), description: None, share: app.memory.share() };
    let is_form = content_type.get(..19).is_some_and(|start| start.eq_ignore_ascii_case("multipart/form-data"));
    if is_form {
        let boundary = multer::parse_boundary(content_type).map_err(from_multer)?;
        receive_form(app, multer::Multipart::new(stream, boundary), &mut received).await?;
    } else {
        receive_raw(app, headers, parameters, stream, &mut received).await?;
    }
    if received.files.is_empty() {
        return Err((&codes::NO_FILE).into());
    }
    Ok(received)
}

fn check_length(headers: &HeaderMap, limit: u64) -> Result<(), Problem> {
    if announced(headers).is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

/// Bytes of the body, if the request says.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn receive_raw(
    app: &App,
    headers: &HeaderMap,
    parameters: &Parameters,
    stream: impl Stream<Item = Result<Bytes, IntakeError>>,
    received: &mut Received,
) -> Result<(), Problem> {
    let declared = headers.get(CONTENT_DISPOSITION).and_then(|v| disposition::file_name(v.as_bytes()));
    let name = parameters.bytes("name").map(<[u8]>::to_vec).or(declared).unwrap_or_default();
    let media_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let named = !name.is_empty();
    let mut file = begin(app, name, media_type)?;
    file.expect(announced(headers).and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0));
    let mut stream = std::pin::pin!(stream);
    while let Some(bytes) = stream.next().await {
        file.take(&bytes.map_err(from_intake)?, &mut received.share).await?;
    }
    // An empty body without a name is a request without a file; an empty file has a name.
    if file.size > 0 || named {
        received.files.push(file);
    }
    Ok(())
}

async fn receive_form(app: &App, mut form: multer::Multipart<'_>, received: &mut Received) -> Result<(), Problem> {
    let limits = &app.config.limits;
    while let Some(mut part) = form.next_field().await.map_err(from_multer)? {
        match part.name() {
            Some("file") if received.files.len() >= limits.files => {
                return Err(too_many(limits));
            }
            Some("file") => {
                let header = part.headers().get(CONTENT_DISPOSITION).map(|v| v.as_bytes().to_vec());
                let name = header.and_then(|header| disposition::file_name(&header)).unwrap_or_default();
                let media_type = part.content_type().map(ToString::to_string);
                let mut file = begin(app, name, media_type)?;
                while let Some(bytes) = part.chunk().await.map_err(from_multer)? {
                    file.take(&bytes, &mut received.share).await?;
                }
                received.files.push(file);
            }
            Some("description") if received.description.is_none() => {
                let mut text = Vec::new();
                while let Some(bytes) = part.chunk().await.map_err(from_multer)? {
                    if text.len() + bytes.len() > limits.description_bytes {
                        return Err(Problem::from(&codes::DESCRIPTION_TOO_LARGE).at("description"));
                    }
                    text.extend_from_slice(&bytes);
                }
                received.description = Some(text);
            }
            other => {
                let name = other.unwrap_or_default().chars().take(64).collect::<String>();
                return Err(Problem::from(&codes::BODY_UNREADABLE).at(name).detail(
                    "Un formulaire porte des parties « file » et au plus une « description ».",
                    "A form bears parts “file” and at most one “description”.",
                ));
            }
        }
    }
    Ok(())
}

fn too_many(limits: &Limits) -> Problem {
    Problem::from(&codes::TOO_MANY_FILES)
        .detail(format!("Plus de {} fichiers.", limits.files), format!("More than {} files.", limits.files))
}

fn begin(app: &App, name: Vec<u8>, media_type: Option<String>) -> Result<ReceivedFile, Problem> {
    if name.len() > app.config.limits.name_bytes {
        return Err(Problem::from(&codes::NAME_TOO_LONG));
    }
    let name = if name.is_empty() { b"sans-nom".to_vec() } else { name };
    Ok(ReceivedFile { name, media_type, writer: Some(app.vault().spool()?), pending: Vec::new(), size: 0 })
}

impl ReceivedFile {
    async fn take(&mut self, bytes: &[u8], share: &mut Share) -> Result<(), Problem> {
        let before = self.size.min(FILE_MEMORY);
        self.size += bytes.len() as u64;
        share.take(self.size.min(FILE_MEMORY) - before)?;
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= SPOOL_CHUNK_BYTES {
            self.write_pending().await?;
        }
        Ok(())
    }

    /// So many bytes are announced: room for a small document is made at once. No more, since a client may lie.
    fn expect(&mut self, bytes: usize) {
        self.pending.reserve_exact(bytes.min(ANNOUNCED_BYTES));
    }

    /// What waits goes to the spool, where blocking is allowed.
    async fn write_pending(&mut self) -> Result<(), Problem> {
        let pending = std::mem::take(&mut self.pending);
        let Some(mut writer) = self.writer.take() else {
            return Err(Problem::internal("a spool was lost"));
        };
        let (writer, written) = blocking(move || {
            let written = writer.write_all(&pending);
            (writer, written)
        })
        .await?;
        self.writer = Some(writer);
        written.map_err(|error| Problem::from(&codes::NOT_WRITTEN).retry_after(5).because(error))
    }

    /// The whole file, its last bytes written. Blocks.
    pub(crate) fn finish(self) -> Result<Spooled, VaultError> {
        let io = |source| VaultError::Io { action: "write the spool", source };
        let mut writer = self.writer.ok_or_else(|| io(std::io::Error::other("a spool was lost")))?;
        writer.take_whole(self.pending).map_err(io)?;
        writer.finish()
    }
}

/// The same bytes, while there is room for them on disk: a long body may begin above the floor and go below it.
fn with_room(
    space: Arc<Space>,
    stream: impl Stream<Item = Result<Bytes, IntakeError>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, IntakeError>> + Send + 'static {
    let mut since = 0;
    stream.map(move |bytes| {
        since += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if space.is_short_after(&mut since) { Err(IntakeError::NoRoom) } else { bytes }
    })
}

/// Why a body stopped short.
#[derive(Debug)]
enum IntakeError {
    TooLarge(u64),
    TooSlow,
    NoRoom,
    Broken(String),
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
impl std::error::Error for IntakeError {}

/// The body's bytes, refused past the limit.
fn counted(body: Body, limit: u64) -> impl Stream<Item = Result<Bytes, IntakeError>> + Send + 'static {
    let mut seen = 0u64;
    body.into_data_stream().map(move |chunk| {
        let bytes = chunk.map_err(|error| intake_error(&error))?;
        seen += bytes.len() as u64;
        if seen > limit { Err(IntakeError::TooLarge(limit)) } else { Ok(bytes) }
    })
}

fn intake_error(error: &(dyn std::error::Error + 'static)) -> IntakeError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(BodyError::TooSlow) = error.downcast_ref() {
            return IntakeError::TooSlow;
        }
        cause = error.source();
    }
    IntakeError::Broken(error.to_string())
}

fn from_intake(error: IntakeError) -> Problem {
    match error {
        IntakeError::TooLarge(limit) => too_large(limit),
        IntakeError::TooSlow => (&codes::BODY_TOO_SLOW).into(),
        IntakeError::NoRoom => Space::refusal(),
        IntakeError::Broken(why) => Problem::from(&codes::BODY_INCOMPLETE).because(why),
    }
}

fn from_multer(error: multer::Error) -> Problem {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<IntakeError>() {
            Ok(error) => from_intake(*error),
            Err(other) => Problem::from(&codes::BODY_INCOMPLETE).because(other),
        },
        multer::Error::IncompleteStream | multer::Error::IncompleteFieldData { .. } => {
            Problem::from(&codes::BODY_INCOMPLETE).because(error)
        }
        other => Problem::from(&codes::BODY_UNREADABLE).because(other),
    }
}

fn too_large(limit: u64) -> Problem {
    Problem::from(&codes::BODY_TOO_LARGE)
        .detail(format!("Plus de {limit} octets."), format!("More than {limit} bytes."))
}

/// A small JSON body, whole.
pub(crate) async fn small_json(body: Body) -> Result<serde_json::Value, Problem> {
    small_json_up_to(body, crate::limits::SMALL_BODY_BYTES as u64).await
}

/// A JSON body of at most so many bytes, whole.
pub(crate) async fn small_json_up_to(body: Body, limit: u64) -> Result<serde_json::Value, Problem> {
    let bytes = small_up_to(body, limit).await?;
    let unreadable = |error: serde_json::Error| Problem::from(&codes::BODY_UNREADABLE).because(error);
    serde_json::from_slice(&bytes).map_err(unreadable)
}

/// A small body, whole.
pub(crate) async fn small(body: Body) -> Result<Vec<u8>, Problem> {
    small_up_to(body, crate::limits::SMALL_BODY_BYTES as u64).await
}

/// A body of at most so many bytes, whole.
pub(crate) async fn small_up_to(body: Body, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut stream = std::pin::pin!(counted(body, limit));
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(from_intake)?);
    }
    Ok(bytes)
}
