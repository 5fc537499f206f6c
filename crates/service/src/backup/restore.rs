//! A restore: everything is copied under its digests, then proved whole, and only then may the directory be served.
//!
//! It is built beside its place, under a mark that keeps any server from taking it. A restore that is stopped leaves nothing that can be
//! served; the next one begins again.

mod chosen;
mod copy;
mod prove;
mod scratch;

use super::{Place, manifest, no_bucket, reading};
use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::random;
use crate::rollback::{self, Accepted, Given, Known, One};
use crate::scrub::Report;
use crate::trouble::Trouble;
use chosen::Chosen;
pub(super) use copy::Copy;
pub(crate) use copy::newest;
use ledger::KnownKeys;
use proof::SignedNote;
use proof::time::format_rfc3339;
use scratch::Scratch;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::{Standing, StoreReads};

/// What to restore, from where, and what with.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The place of backups.
    pub from: Place,
    /// Copies of the key store (`tabellion keys backup`), or one of them.
    pub keys: PathBuf,
    /// A directory with `log.key` (and `log.keys`, once there was a rotation or a token), `master.key`, `tsa/tsa.key` and `admin.token`, as a data directory has them.
    pub secrets: PathBuf,
    /// The new data directory, absent or empty; for a drill, the directory in which it is tried and removed.
    pub data: PathBuf,
    /// Name of the backup, or how it begins; the newest without it.
    pub at: Option<String>,
    /// Why an older store than the one known elsewhere is restored all the same.
    pub accept: Option<String>,
    /// Everything is done and proved, and nothing is left.
    pub drill: bool,
}

/// What was restored, and proved.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Name of the backup, and when it was made.
    pub name: String,
    /// See [`Restored::name`].
    pub made: String,
    /// Last commit, size of the log, its root.
    pub commit: u64,
    /// See [`Restored::commit`].
    pub size: u64,
    /// See [`Restored::commit`].
    pub root: String,
    /// Objects copied, and their bytes.
    pub objects: u64,
    /// See [`Restored::objects`].
    pub bytes: u64,
    /// Segment keys that are missing because a later elimination destroyed them: what they open is gone, and no damage.
    pub destroyed: u64,
    /// Label of the token without which the directory does not open: no master key stands there in clear.
    pub token: Option<String>,
    /// What is known elsewhere and speaks against serving this one.
    pub rollback: Option<Trouble>,
    /// What the reading of every byte found.
    pub report: Report,
}

impl Restored {
    /// As `--format json` writes it.
    pub fn to_json(&self, french: bool) -> Value {
        let rollback = self.rollback.as_ref().map(|trouble| {
            json!({"code": trouble.code, "message": if french { &trouble.french } else { &trouble.english }, "where": trouble.place})
        });
        json!({
            "backup": self.name, "made": self.made, "commit": self.commit, "size": self.size, "root": self.root,
            "objects": self.objects, "bytes": self.bytes, "destroyed_keys": self.destroyed, "rollback": rollback,
            "token": self.token, "proof": self.report.to_json(french),
        })
    }
}

/// The directory stands under its name, every byte of it proved; for a drill, everything was proved and nothing is left.
///
/// # Errors
/// [`ServiceError`]: nothing stands under that name, and nothing was left that could be served.
pub fn restore(options: &RestoreOptions) -> Result<Restored, ServiceError> {
    [&options.keys, &options.secrets].into_iter().try_for_each(|place| no_bucket(place))?;
    let shelf = reading(&options.from)?;
    let secrets = Home::at(&options.secrets);
    let chosen = Chosen::of(shelf.as_ref(), options.at.as_deref(), &secrets)?;
    let scratch = if options.drill { Scratch::drill(&options.data)? } else { Scratch::beside(&options.data)? };
    let home = Home::at(scratch.path());
    let mut copy = Copy { shelf: shelf.as_ref(), home: &home, objects: 0, bytes: 0 };
    copy.files(&chosen.found.manifest)?;
    let config = Config::read(home.path())?;
    // Asked before anything large is copied: whoever restores the wrong backup hears of it at once.
    let mut against = Against::of(&home, &config, &chosen)?;
    against.refused(&chosen, options)?;
    copy.store(&chosen.found.manifest)?;
    copy.keys(&options.keys, &chosen)?;
    copy.secrets(&secrets, &config)?;
    let (objects, bytes) = (copy.objects, copy.bytes);
    let in_clear = home.master_key().exists() || home.master_credential().is_some();
    let token = config.keys.master.pkcs11.as_ref().filter(|_| !in_clear).map(|at| at.token.clone());
    let proved = prove::prove(&home, &config, &chosen, &mut |reads| against.roots(&chosen, reads))?;
    if !options.drill {
        // What was refused without a reason has gone no further than the heads; the older roots are asked of the whole tree.
        against.refused(&chosen, options)?;
        if proved.report.damage > 0 {
            return Err(unproved(&proved.report));
        }
        against.keep(&home, &chosen, options)?;
        scratch.finish(&options.data)?;
    }
    let (name, made) = (chosen.found.name.clone(), chosen.found.manifest.made.clone());
    let (commit, head) = (chosen.found.manifest.commit, &chosen.found.head);
    let (size, root) = (head.size.0, head.root.to_string());
    let (destroyed, report) = (proved.destroyed, proved.report);
    Ok(Restored { name, made, commit, size, root, objects, bytes, destroyed, token, rollback: against.trouble, report })
}

/// What is known elsewhere, and what of it speaks against this backup.
struct Against {
    known: Vec<Known>,
    heads: Vec<Known>,
    trouble: Option<Trouble>,
}

impl Against {
    fn of(home: &Home, config: &Config, chosen: &Chosen) -> Result<Self, ServiceError> {
        let store = manifest::id(&chosen.found.manifest.store).unwrap_or_default();
        let mut known = rollback::of_mirror(home, config, &store)?;
        known.extend(rollback::ask_witnesses(home, config, &chosen.keys)?);
        known.extend(chosen.newer.iter().map(|found| Known {
            from: format!("{}, {}", rollback::BACKUP, found.name),
            commit: None,
            size: found.head.size,
            root: found.head.root,
        }));
        let known = Accepted::load(home)?.but(known);
        let mut against = Self { known, heads: Vec::new(), trouble: None };
        let standing = chosen.standing();
        against.take(&mut |head| rollback::check(std::slice::from_ref(head), &standing));
        Ok(against)
    }

    fn roots(&mut self, chosen: &Chosen, reads: &StoreReads) {
        let number = chosen.found.manifest.commit;
        self.take(&mut |head| rollback::check_roots(std::slice::from_ref(head), number, reads));
    }

    fn take(&mut self, check: &mut dyn FnMut(&Known) -> Result<(), Trouble>) {
        for head in &self.known {
            if let Err(trouble) = check(head)
                && !self.heads.contains(head)
            {
                self.heads.push(head.clone());
                self.trouble.get_or_insert(trouble);
            }
        }
    }

    fn refused(&self, _: &Chosen, options: &RestoreOptions) -> Result<(), ServiceError> {
        match &self.trouble {
            Some(trouble) if !options.drill && options.accept.is_none() => Err(trouble.clone().into()),
            _ => Ok(()),
        }
    }

    /// What was accepted stands in the directory: its first start logs it.
    fn keep(&self, home: &Home, chosen: &Chosen, options: &RestoreOptions) -> Result<(), ServiceError> {
        let Some(reason) = options.accept.as_ref().filter(|_| !self.heads.is_empty()) else { return Ok(()) };
        let mut accepted = Accepted::load(home)?;
        accepted.accepted.push(One {
            at: format_rfc3339(random::now()),
            backup: chosen.found.name.clone(),
            heads: self.heads.iter().map(Given::of).collect(),
            logged: false,
            reason: reason.clone(),
        });
        accepted.keep(home)
    }
}

fn unproved(report: &Report) -> ServiceError {
    let first = report.findings(false).first().map(|finding| finding.to_string()).unwrap_or_default();
    let remedy = [
        "rien n'est servi ; tabellion restore --drill donne le détail ; une clé qui manque est dans une copie plus récente du magasin de clés \
         (--keys), le reste dans une autre sauvegarde (--at)",
        "nothing is served; tabellion restore --drill tells everything; a missing key is in a newer copy of the key store (--keys), the rest in \
         another backup (--at)",
    ];
    let french = format!("ce qui a été restauré n'est pas entier : {} défaut(s), dont {first}", report.damage);
    let english = format!("what was restored is not whole: {} fault(s), among them {first}", report.damage);
    Trouble::new("restore-not-proved", french, english, remedy).into()
}

/// The checkpoint text under the log's signature.
fn text_of(checkpoint: &str) -> String {
    SignedNote::parse(checkpoint).map(|note| note.text).unwrap_or_default()
}

impl Chosen {
    fn standing(&self) -> Standing {
        let manifest = &self.found.manifest;
        Standing { number: manifest.commit, checkpoint_text: text_of(&manifest.checkpoint) }
    }
}

/// The keys of the log of this name, as these secrets know them.
fn log_keys(secrets: &Home, origin: &str) -> Result<KnownKeys, ServiceError> {
    logkey::known_among(secrets, origin)?.ok_or_else(|| secret_missing(secrets.path(), "log.key"))
}

fn secret_missing(secrets: &Path, name: &str) -> ServiceError {
    let remedy = [
        "les secrets ne sont dans aucune sauvegarde : donner avec --secrets le dossier où ils sont gardés",
        "secrets are in no backup: give the directory in which they are kept with --secrets",
    ];
    let (french, english) = (format!("il manque {name}"), format!("{name} is missing"));
    Trouble::new("secret-missing", french, english, remedy).at(secrets.join(name).display()).into()
}

/// A file of the new directory, on disk under its name.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    if let Some(folder) = path.parent() {
        files::make_private_directory(folder)?;
    }
    files::write_private(path, bytes)
}
