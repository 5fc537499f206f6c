//! The directory in which a restore is made: never servable before it is finished, and gone, keys first, when it is not.

use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::random;
use proof::hash::encode_hex;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// More bytes than any secret has.
const SECRET_BYTES: u64 = 64 << 10;

/// A restore in the making; removed when dropped unless it was finished.
pub(super) struct Scratch {
    path: PathBuf,
    finished: bool,
}

impl Scratch {
    /// Beside this place, which must be absent or empty. What a restore of before left there is removed.
    pub(super) fn beside(data: &Path) -> Result<Self, ServiceError> {
        let data = std::path::absolute(data).map_err(ServiceError::io("find", data))?;
        if data.exists() && fs::read_dir(&data).map_err(ServiceError::io("read", &data))?.next().is_some() {
            return Err(ServiceError::NotEmpty(data));
        }
        let mut name = data.file_name().unwrap_or_default().to_os_string();
        name.push(".restoring");
        let path = data.with_file_name(name);
        if path.exists() {
            if !Home::at(&path).unproved().exists() {
                return Err(ServiceError::NotEmpty(path));
            }
            remove(&path)?;
        }
        Self::make(path)
    }

    /// A new one in this directory.
    pub(super) fn drill(within: &Path) -> Result<Self, ServiceError> {
        let within = std::path::absolute(within).map_err(ServiceError::io("find", within))?;
        Self::make(within.join(format!("tabellion-drill-{}", encode_hex(&random::bytes::<8>()?))))
    }

    fn make(path: PathBuf) -> Result<Self, ServiceError> {
        files::make_private_directory(&path)?;
        let made = Self { path, finished: false };
        // Before anything else: from here on no server takes it, whatever a crash leaves.
        files::write_private(&Home::at(&made.path).unproved(), b"")?;
        Ok(made)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It stands under its name, and may be served.
    pub(super) fn finish(mut self, data: &Path) -> Result<(), ServiceError> {
        let data = std::path::absolute(data).map_err(ServiceError::io("find", data))?;
        files::remove(&Home::at(&self.path).unproved())?;
        self.finished = true;
        // A crash here leaves a whole and proved store under the name that it was made under.
        fs::rename(&self.path, &data).map_err(ServiceError::io("name", &data))?;
        let folder = data.parent().unwrap_or(Path::new("/"));
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(ServiceError::io("sync", folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = remove(&self.path)
        {
            tracing::error!(path = %self.path.display(), %error, "a restore that was not finished could not be removed: it holds keys");
        }
    }
}

/// Keys are overwritten, then everything is removed.
fn remove(path: &Path) -> Result<(), ServiceError> {
    let mut secrets: Vec<PathBuf> =
        ["log.key", "master.key", "tsa/tsa.key", "admin.token"].iter().map(|name| path.join(name)).collect();
    // The PIN of a token, the key of attestations, where the configuration that was restored says; one elsewhere was used where it is.
    let own = Config::read(path).map(|config| config.keys.own_secrets().collect::<Vec<_>>()).unwrap_or_default();
    secrets.extend(own.iter().map(|name| path.join(name)));
    let keys = fs::read_dir(path.join("store/keys")).into_iter().flatten();
    secrets.extend(keys.filter_map(|entry| entry.ok().map(|entry| entry.path())));
    for secret in secrets.iter().filter(|path| path.is_file()) {
        let overwrite = || {
            let mut file = OpenOptions::new().write(true).open(secret)?;
            let len = usize::try_from(file.metadata()?.len().min(SECRET_BYTES)).unwrap_or(0);
            file.write_all(&vec![0; len])?;
            file.sync_all()
        };
        overwrite().map_err(ServiceError::io("overwrite", secret))?;
    }
    fs::remove_dir_all(path).map_err(ServiceError::io("remove", path))
}
