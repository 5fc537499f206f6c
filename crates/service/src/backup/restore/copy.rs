//! Copying out of a backup: each object under its digest, or not at all.

use super::super::manifest::{self, Manifest};
use super::super::shelf::Shelf;
use super::chosen::Chosen;
use super::{secret_missing, write_private};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::trouble::Trouble;
use proof::Hash;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A copy under way.
pub(crate) struct Copy<'a> {
    pub(crate) shelf: &'a dyn Shelf,
    pub(crate) home: &'a Home,
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl Copy<'_> {
    /// Configuration, policy, public parts.
    pub(super) fn files(&mut self, manifest: &Manifest) -> Result<(), ServiceError> {
        for kept in &manifest.files {
            let path = self.home.path().join(&kept.path);
            if let Some(folder) = path.parent() {
                files::make_private_directory(folder)?;
            }
            self.object(&kept.sha256, kept.bytes, &path, &kept.path)?;
            sync_folder(path.parent().unwrap_or(self.home.path()))?;
        }
        Ok(())
    }

    /// Segments and files ahead, durably.
    pub(super) fn store(&mut self, manifest: &Manifest) -> Result<(), ServiceError> {
        let store = self.home.path().join("store");
        for folder in ["segments", "ahead", "keys", "aside"] {
            files::make_private_directory(&store.join(folder))?;
        }
        for segment in &manifest.segments {
            let path = store::segment_path(&store, segment.number);
            self.object(&segment.sha256, segment.bytes, &path, &format!("segment {}", segment.number))?;
            for file in &segment.ahead {
                let id = manifest::id(&file.name).unwrap_or_default();
                let path = store::ahead_path(&store, &id);
                // The copy of a last record names it again.
                if !path.exists() {
                    self.object(&file.sha256, file.bytes, &path, &format!("file ahead {}", file.name))?;
                }
            }
        }
        for folder in ["segments", "ahead"] {
            sync_folder(&store.join(folder))?;
        }
        Ok(())
    }

    /// The newest copy of the key store that is there, without what was destroyed since.
    pub(super) fn keys(&self, given: &Path, chosen: &Chosen) -> Result<(), ServiceError> {
        let from = newest(given)?;
        let to = self.home.path().join("store/keys");
        for entry in fs::read_dir(&from).map_err(ServiceError::io("read", &from))? {
            let path = entry.map_err(ServiceError::io("read", &from))?.path();
            let Some(stem) = path.file_name().and_then(|n| n.to_str()).and_then(|name| name.strip_suffix(".key"))
            else {
                continue;
            };
            if !chosen.destroyed.contains(stem) {
                files::write_private(&to.join(format!("{stem}.key")), &files::read_bounded(&path, 4096)?)?;
            }
        }
        Ok(())
    }

    /// What no backup holds, from where it is kept.
    pub(super) fn secrets(&self, secrets: &Home, config: &Config) -> Result<(), ServiceError> {
        let token = config.keys.master.pkcs11.is_some() && self.home.master_wrapped().exists();
        let needed = |name: &str| match name {
            // A systemd credential stands for the file, and so does a token with what it wrapped, which the backup holds.
            "master.key" => self.home.master_credential().is_none() && !token,
            "tsa/tsa.key" => config.tsa.url.is_empty() && Home::credential("tsa.key").is_none(),
            // A token that signs stands for it, once the list of keys says which key that is.
            "log.key" => Home::credential("log.key").is_none() && config.keys.log.pkcs11.is_none(),
            _ => false,
        };
        // Whoever gives no PIN, or no key of attestations, hears of it when it is needed, where a credential may stand for it.
        let own: Vec<String> = config.keys.own_secrets().collect();
        let names =
            ["log.key", "master.key", "tsa/tsa.key", "admin.token"].into_iter().chain(own.iter().map(String::as_str));
        for name in names {
            let path = secrets.path().join(name);
            if path.exists() {
                write_private(&self.home.path().join(name), &files::read_private(&path)?)?;
            } else if needed(name) {
                return Err(secret_missing(secrets.path(), name));
            }
        }
        // The list that stands beside the key knows more than the one of an older backup.
        if secrets.log_keys().exists() {
            let kept = files::read_bounded(&secrets.log_keys(), 64 << 10)?;
            files::replace(&self.home.log_keys(), &kept)?;
        }
        Ok(())
    }

    /// The object of this digest and length stands in this file.
    pub(crate) fn object(&mut self, sha256: &str, bytes: u64, path: &Path, what: &str) -> Result<(), ServiceError> {
        let name = manifest::object(sha256);
        let mut source = match self.shelf.open(&name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(&name, what, "is missing").into());
            }
            other => other.map_err(|error| Trouble::shelf(&name, &error))?,
        };
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = opened.map_err(ServiceError::io("make", path))?;
        let (mut digest, mut length, mut block) = (Sha256::new(), 0_u64, vec![0; 256 << 10]);
        loop {
            let count = source.read(&mut block).map_err(|error| Trouble::shelf(&name, &error))?;
            let held = block.get(..count).unwrap_or_default();
            length = length.saturating_add(held.len() as u64);
            // Never more on disk than the manifest says, whatever stands there.
            if held.is_empty() || length > bytes {
                break;
            }
            digest.update(held);
            file.write_all(held).map_err(ServiceError::io("write", path))?;
        }
        if length != bytes {
            return Err(damaged(&name, what, &format!("has not its {bytes} bytes")).into());
        }
        let found = Hash(digest.finalize().into()).to_string();
        if found != sha256 {
            return Err(damaged(&name, what, &format!("has SHA-256 {found}")).into());
        }
        file.sync_all().map_err(ServiceError::io("sync", path))?;
        self.objects = self.objects.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    File::open(folder).and_then(|held| held.sync_all()).map_err(ServiceError::io("sync", folder))
}

fn damaged(name: &str, what: &str, why: &str) -> Trouble {
    let remedy = [
        "une autre sauvegarde (--at) peut avoir un objet intact ; refaire une sauvegarde tant que le magasin vit, et vérifier le support",
        "another backup (--at) may have a whole one; take a new backup while the store lives, and check the medium",
    ];
    let french = format!("un objet de la sauvegarde est abîmé ({what}) : {why}");
    Trouble::new("object-damaged", french, format!("an object of the backup is damaged ({what}): it {why}"), remedy)
        .at(name)
}

/// The copy of the key store that is given, or the newest of those in the directory given.
pub(crate) fn newest(given: &Path) -> Result<PathBuf, ServiceError> {
    if given.join("store.key").exists() {
        return Ok(given.to_owned());
    }
    let mut copies = Vec::new();
    for entry in fs::read_dir(given).map_err(ServiceError::io("read", given))? {
        let path = entry.map_err(ServiceError::io("read", given))?.path();
        let at = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u64>().ok());
        copies.extend(at.filter(|_| path.join("store.key").exists()).map(|at| (at, path)));
    }
    let remedy = [
        "donner un dossier de copies fait par tabellion keys backup, ou le dossier keys d'un magasin",
        "give a directory of copies made by tabellion keys backup, or the keys directory of a store",
    ];
    let (french, english) = ("aucune copie du magasin de clés", "no copy of the key store");
    let absent = || Trouble::new("keys-not-found", french, english, remedy).at(given.display());
    Ok(copies.into_iter().max().map(|(_, path)| path).ok_or_else(absent)?)
}
