//! Trusted lists of the European Union that the operator keeps in a directory (`tsa.trusted_lists`): archived when they change, each once, and
//! brought along by the packs that are asked for with them (docs/formats/trusted-list.md).
//!
//! Nothing is fetched and nothing is believed here: a list is kept when it can be read and its signature covers it, whoever signed it. What
//! it is worth is said by whoever judges the pack, under an anchor of his own.

pub(crate) mod mirror;

use crate::app::App;
use crate::error::ServiceError;
use crate::files;
use crate::limits::{TRUSTED_LISTS, TRUSTED_LISTS_BYTES};
use crate::problem::Problem;
use ledger::spaces;
use ledger::storage::{Put, Reader, StorageError};
use proof::{EntryId, FileNumber, TenantId};
use seal::ListOutline;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use store::StoreReads;

/// One list as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    /// As it is called in the directory.
    name: String,
    sha256: String,
    /// The entry that archived it, and the place of its file there.
    entry: EntryId,
    number: FileNumber,
}

impl Kept {
    fn parse(json: &Value) -> Option<Self> {
        Some(Self {
            name: json["name"].as_str()?.to_owned(),
            sha256: json["sha256"].as_str()?.to_owned(),
            entry: EntryId::parse(json["entry"].as_str()?)?,
            number: FileNumber(json["number"].as_u64()?),
        })
    }

    fn json(&self) -> Value {
        let Self { name, sha256, entry, number } = self;
        json!({"name": name, "sha256": sha256, "entry": entry.to_string(), "number": number.0})
    }
}

/// The number of the last set that was archived, and its lists.
fn last(reads: &StoreReads) -> Result<Option<(u64, Vec<Kept>)>, StorageError> {
    let damaged = || StorageError::Fatal("a row of trusted lists is damaged".into());
    let Some((key, bytes)) = reads.values(spaces::TRUSTED_LISTS, &[])?.pop() else { return Ok(None) };
    let number = key.try_into().map(u64::from_be_bytes).map_err(|_| damaged())?;
    let row: Value = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    let kept = row["lists"].as_array().ok_or_else(damaged)?;
    let kept = kept.iter().map(|one| Kept::parse(one).ok_or_else(damaged)).collect::<Result<_, _>>()?;
    Ok(Some((number, kept)))
}

/// What stands in the directory now.
fn present(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>, ServiceError> {
    let (mut found, mut total) = (BTreeMap::new(), 0);
    files::each_plain(directory, TRUSTED_LISTS_BYTES, |name, bytes| {
        total += bytes.len() as u64;
        found.insert(name, bytes);
        if found.len() > TRUSTED_LISTS || total > TRUSTED_LISTS_BYTES {
            let why = format!(
                "more than {TRUSTED_LISTS} files or {TRUSTED_LISTS_BYTES} bytes in tsa.trusted_lists: keep the list of the \
                 lists and those of your authorities' countries alone; nothing new is archived"
            );
            return Err(ServiceError::Configuration { path: directory.to_owned(), why });
        }
        Ok(())
    })?;
    Ok(found)
}

/// What stands there now is archived, as far as it is not yet, if it is not what was archived last. Blocks.
pub(crate) fn archive(app: &App) -> Result<bool, ServiceError> {
    let Some(directory) = &app.config.tsa.trusted_lists else { return Ok(false) };
    let directory = app.home.path().join(directory);
    let found = present(&directory)?;
    let last = last(app.reads()).map_err(|error| ServiceError::Read(format!("{error:?}")))?;
    let (number, known) = last.map_or((0, Vec::new()), |(number, kept)| (number + 1, kept));
    let entry = EntryId(crate::random::bytes()?);
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    for (name, bytes) in &found {
        let sha256 = proof::sha256(bytes).to_string();
        if let Some(known) = known.iter().find(|known| known.sha256 == sha256) {
            kept.push(Kept { name: name.clone(), ..known.clone() });
            continue;
        }
        // Half a list, or a page that says that there is none, would take the place of the one before.
        let why = |why: seal::ListFault| ServiceError::Configuration {
            path: directory.join(name),
            why: format!("no trusted list that can be read ({}: {why}); nothing new is archived", why.code()),
        };
        let outline = ListOutline::read(bytes).map_err(why)?;
        tracing::info!(%name, territory = %outline.territory, sequence = outline.sequence, "trusted list kept");
        files.push(app.office.file(name, "application/vnd.etsi.tsl+xml", bytes)?);
        kept.push(Kept { name: name.clone(), sha256, entry, number: FileNumber(files.len() as u64) });
    }
    if kept == known {
        return Ok(false);
    }
    let told: Vec<Value> = kept.iter().map(|one| json!({"name": one.name, "sha256": one.sha256})).collect();
    let facts = Map::from_iter([
        ("administration".to_owned(), json!("trusted-lists")),
        ("lists".to_owned(), json!({"number": number, "lists": told})),
    ]);
    let row = json!({"version": 1, "lists": kept.iter().map(Kept::json).collect::<Vec<_>>()}).to_string();
    let (key, value) = (number.to_be_bytes().to_vec(), Some(row.into_bytes()));
    app.office.log_with(facts, files, vec![Put { space: spaces::TRUSTED_LISTS, key, value }], Some(entry))?;
    Ok(true)
}

/// What a pack brings of them: the last set, which tells the past too; names and bytes. Blocks.
pub(crate) fn of(app: &App) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let reads = app.reads();
    let missing = || Problem::internal("a trusted list is missing");
    let (_, kept) = last(reads)?.unwrap_or_default();
    let one = |(one, place): (&Kept, u64)| {
        let index = reads.by_id(TenantId::PLATFORM, one.entry)?.ok_or_else(missing)?;
        let mut bytes = Vec::new();
        reads.open_file(index, one.number)?.ok_or_else(missing)?.read_to_end(&mut bytes).map_err(Problem::internal)?;
        let member = seal::file_member(place, &one.name);
        Ok((format!("lists/{}", member.trim_start_matches("files/")), bytes))
    };
    kept.iter().zip(1..).map(one).collect()
}
