//! The master key shared out among a few people (Shamir's scheme), the drill that proves the shares, and the recovery they are for.

use super::share::{self, Of, Share, VALUE_BYTES};
use super::{proved, secret, trouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::random;
use crate::trouble::Trouble;
use blahaj::Sharks;
use proof::hash::encode_hex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use store::{KeysProved, MasterSecret};
use zeroize::Zeroizing;

/// An escrow as it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Escrowed {
    /// Its id, in hexadecimal.
    pub escrow: String,
    /// Name of the master key.
    pub master: String,
    /// See [`Escrowed::threshold`].
    pub shares: u8,
    /// So many of the shares give the key back.
    pub threshold: u8,
    /// The files written, one a share.
    pub files: Vec<PathBuf>,
    /// Key files that the shared secret opens: all of them.
    pub keys: u64,
}

/// What shares proved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drilled {
    /// Id of the escrow, in hexadecimal.
    pub escrow: String,
    /// Name of the master key.
    pub master: String,
    /// Numbers of the shares used.
    pub used: Vec<u8>,
    /// See [`Escrowed::threshold`].
    pub threshold: u8,
    /// Shares that were made.
    pub of: u8,
    /// The key store that was tried.
    pub place: PathBuf,
    /// Key files opened.
    pub keys: u64,
    /// Key files that the secret does not open, and why.
    pub unopened: Vec<(PathBuf, String)>,
}

/// A master key that stands again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovered {
    /// What the shares proved.
    pub drilled: Drilled,
    /// The file written.
    pub file: PathBuf,
}

/// The master key of this directory is shared out: each share stands in a file of its own in `to`, which only the owner reads, and any
/// `threshold` of those files give back the secret that opens every key file.
///
/// # Errors
/// [`ServiceError`]: no share is left behind.
pub fn escrow(data: &Path, shares: u8, threshold: u8, to: &Path) -> Result<Escrowed, ServiceError> {
    if threshold < 2 || threshold > shares {
        return Err(trouble::escrow_numbers(shares, threshold).into());
    }
    let (home, config) = (Home::at(data), Config::load(data)?);
    let secret = secret(&super::master(&home, &config)?)?;
    // Shares of a key that opens nothing would be found out too late.
    let keys = proved(&home.keys(), &secret)?;
    let made = random::today();
    let (store, master, escrow) = (keys.store, secret.name(), random::bytes()?);
    let of = Of { store, master, escrow, made, shares, threshold };
    files::make_private_directory(to)?;
    if fs::read_dir(to).map_err(ServiceError::io("read", to))?.next().is_some() {
        return Err(trouble::escrow_place(to).into());
    }
    let mut written = Vec::new();
    let done = dealt(&of, &secret).and_then(|dealt| {
        for share in &dealt {
            let path = to.join(format!("part-{}-sur-{shares}.txt", share.number));
            written.push(path.clone());
            files::write_private(&path, share.write().as_bytes())?;
        }
        judged(&written, &secret, threshold)
    });
    if let Err(error) = done {
        for path in &written {
            files::destroy(path, "escrow.overwritten")?;
        }
        return Err(error);
    }
    let (escrow, master) = (encode_hex(&of.escrow), encode_hex(&of.master));
    Ok(Escrowed { escrow, master, shares, threshold, files: written, keys: keys.opened })
}

/// The shares of this secret.
fn dealt(of: &Of, secret: &MasterSecret) -> Result<Vec<Share>, ServiceError> {
    let mut shares = Vec::new();
    for dealt in Sharks(of.threshold).dealer(secret.bytes()).take(usize::from(of.shares)) {
        let bytes = Zeroizing::new(Vec::from(&dealt));
        let (number, value) = bytes.split_first().ok_or(ServiceError::Randomness)?;
        let value = <[u8; VALUE_BYTES]>::try_from(value).map_err(|_| ServiceError::Randomness)?;
        shares.push(Share { of: of.clone(), number: *number, value: Zeroizing::new(value) });
    }
    Ok(shares)
}

/// The files as they stand on disk give the secret back: the first ones, and the last ones.
fn judged(files: &[PathBuf], secret: &MasterSecret, threshold: u8) -> Result<(), ServiceError> {
    let enough = usize::from(threshold);
    let (first, last) = (files.get(..enough), files.get(files.len().saturating_sub(enough)..));
    for some in [first, last] {
        if joined(some.unwrap_or_default())?.1 != *secret {
            return Err(trouble::escrow_unproved().into());
        }
    }
    Ok(())
}

/// These shares give back the master key, which opens every key file of the key store in `keys`; nothing is written, and the secret goes no
/// further. Key files that it does not open are in the answer.
///
/// # Errors
/// [`ServiceError`]: a share that is none, of another escrow, given twice; too few of them; shares of another store.
pub fn drill(keys: &Path, shares: &[PathBuf]) -> Result<Drilled, ServiceError> {
    let keys = crate::backup::newest_keys(keys)?;
    tried(&keys, shares).map(|(drilled, _)| drilled)
}

/// A `master.key` stands again in this directory, which had lost it, and opens its key store; or the copy of one in `keys`, where the
/// directory has none: secrets for a restore are put together so.
///
/// # Errors
/// [`ServiceError`]: there is one; those of [`drill`]. Nothing is written then.
pub fn recover(data: &Path, keys: Option<&Path>, shares: &[PathBuf]) -> Result<Recovered, ServiceError> {
    let home = Home::at(data);
    let file = home.master_key();
    if file.exists() {
        return Err(trouble::master_there(&file).into());
    }
    let keys = crate::backup::newest_keys(keys.unwrap_or(&home.keys()))?;
    let (drilled, secret) = tried(&keys, shares)?;
    // Written beside and named once whole: a crash leaves no half of a key that would be in the way of the next recovery.
    files::replace_private(&file, secret.to_text().as_bytes())?;
    Ok(Recovered { drilled, file })
}

fn tried(keys: &Path, shares: &[PathBuf]) -> Result<(Drilled, MasterSecret), ServiceError> {
    let (used, secret) = joined(shares)?;
    let first = used.first().ok_or_else(|| trouble::too_few(0, 2))?;
    let (store, master) = store::wrapped_by(keys)?;
    if (store, master) != (first.of.store, first.of.master) {
        return Err(trouble::another_store(keys, &first.of, store, master).into());
    }
    let KeysProved { opened, unopened, .. } = store::prove_keys(keys, &secret)?;
    let drilled = Drilled {
        escrow: encode_hex(&first.of.escrow),
        master: encode_hex(&master),
        used: used.iter().map(|share| share.number).collect(),
        threshold: first.of.threshold,
        of: first.of.shares,
        place: keys.to_owned(),
        keys: opened,
        unopened,
    };
    Ok((drilled, secret))
}

/// The shares of these files, in order of number, and the secret they give back.
fn joined(files: &[PathBuf]) -> Result<(Vec<Share>, MasterSecret), ServiceError> {
    let mut found: BTreeMap<u8, (&Path, Share)> = BTreeMap::new();
    for path in files {
        let share = read(path)?;
        if let Some((other, first)) = found.values().next()
            && first.of != share.of
        {
            return Err(trouble::two_escrows(path, other).into());
        }
        if let Some((other, _)) = found.get(&share.number) {
            return Err(trouble::share_twice(path, other, share.number).into());
        }
        found.insert(share.number, (path, share));
    }
    let shares: Vec<Share> = found.into_values().map(|(_, share)| share).collect();
    let wanted = shares.first().map_or(2, |share| share.of.threshold);
    if shares.len() < usize::from(wanted) {
        return Err(trouble::too_few(shares.len(), wanted).into());
    }
    let mut points = Vec::new();
    for share in &shares {
        let mut bytes = Zeroizing::new(vec![share.number]);
        bytes.extend_from_slice(share.value.as_slice());
        points.push(blahaj::Share::try_from(bytes.as_slice()).map_err(|_| trouble::not_this_key())?);
    }
    let joined = Sharks(wanted).recover(&points).map(Zeroizing::new).map_err(|_| trouble::not_this_key())?;
    let secret = super::wrapped::secret_of(joined).map(MasterSecret::new).ok_or_else(trouble::not_this_key)?;
    // Any points give some secret: its name says whether it is the one that was shared out.
    if shares.first().is_none_or(|share| share.of.master != secret.name()) {
        return Err(trouble::not_this_key().into());
    }
    Ok((shares, secret))
}

fn read(path: &Path) -> Result<Share, Trouble> {
    let unreadable = |why: String| trouble::share_unreadable(path, &why);
    let bytes = files::read_bounded(path, share::TEXT_BYTES).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("UTF-8".into()))?;
    Share::parse(text).map_err(|fault| trouble::share_damaged(path, &fault.words()))
}
