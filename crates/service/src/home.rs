//! The data directory: where each file stands, and how it is read.

use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use proof::hash::encode_hex;
use seal::{AuthorityFiles, TestAuthority};
use std::path::{Path, PathBuf};
use store::{Master, StoreOptions};

/// Name of the file of the wrapped master key.
pub(crate) const MASTER_WRAPPED: &str = "master.p11";
/// Name of the list of the log's keys.
pub(crate) const LOG_KEYS: &str = "log.keys";

/// A data directory.
#[derive(Clone, Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn at(data: &Path) -> Self {
        Self(data.to_owned())
    }
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join(crate::config::FILE)
    }
    pub(crate) fn log_key(&self) -> PathBuf {
        self.0.join("log.key")
    }
    /// A key that is to be the log's next.
    pub(crate) fn log_key_next(&self) -> PathBuf {
        self.0.join("log.key.next")
    }
    /// Every key of the log, with when: public.
    pub(crate) fn log_keys(&self) -> PathBuf {
        self.0.join(LOG_KEYS)
    }
    pub(crate) fn admin_token(&self) -> PathBuf {
        self.0.join("admin.token")
    }
    /// The policy as it was published at `init`, for people; the log's first entry holds the same bytes.
    pub(crate) fn first_policy(&self) -> PathBuf {
        self.0.join("policy.json")
    }
    pub(crate) fn refused(&self) -> PathBuf {
        self.0.join("refused")
    }
    /// Events that are not archived yet.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }
    /// Where the background scrub stands.
    pub(crate) fn scrub(&self) -> PathBuf {
        self.0.join("scrub.json")
    }
    /// Rollbacks that an operator accepted.
    pub(crate) fn rollback(&self) -> PathBuf {
        self.0.join("rollback.json")
    }
    pub(crate) fn url(&self) -> PathBuf {
        self.0.join("run/url")
    }
    /// Stands in the directory from before `init` writes anything until everything is on disk.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.0.join("init.unfinished")
    }
    /// Stands in a directory that is being restored, until all of it is proved.
    pub(crate) fn unproved(&self) -> PathBuf {
        self.0.join("restore.unfinished")
    }
    /// Made by an `init` or a `restore` that came to its end.
    pub(crate) fn is_complete(&self) -> bool {
        self.config().exists() && !self.unfinished().exists() && !self.unproved().exists()
    }
    /// Files that serving needs beside store and secrets, relative to the directory; some may not be there.
    pub(crate) fn public_files(&self, config: &Config) -> Vec<String> {
        // The wrapped master key is ciphertext that a token alone opens, and without it a token is worth nothing.
        let own = [
            crate::config::FILE,
            LOG_KEYS,
            MASTER_WRAPPED,
            "policy.json",
            "rollback.json",
            "tsa/ca.pem",
            "tsa/tsa.pem",
        ];
        let own = own.map(str::to_owned);
        let named = [
            &config.witnesses.policy,
            &config.page.module,
            &config.algorithms.file,
            &config.keys.attestation.certificate,
        ];
        let named = named.into_iter().chain(config.tsa.all_roots());
        let named =
            named.filter(|path| !path.as_os_str().is_empty()).filter_map(|path| path.to_str().map(str::to_owned));
        let mut files: Vec<String> = own.into_iter().chain(named).collect();
        files.sort_unstable();
        files.dedup();
        files
    }
    fn authority(&self, file: &str) -> PathBuf {
        self.0.join("tsa").join(file)
    }

    /// The store, with its master key from where it is kept: a token is asked here.
    pub(crate) fn store(&self, config: &Config) -> Result<StoreOptions, ServiceError> {
        Ok(self.store_under(crate::custody::master(self, config)?, config))
    }

    /// A store to be made: a fresh master key stands in the directory's file, unless the service is given one.
    pub(crate) fn new_store(&self, config: &Config) -> StoreOptions {
        self.store_under(Master::File(self.master_credential().unwrap_or_else(|| self.master_key())), config)
    }

    fn store_under(&self, master: Master, config: &Config) -> StoreOptions {
        let mut options = StoreOptions::new(self.store_place(), master);
        options.segment_bytes = config.store.segment_bytes;
        options
    }

    pub(crate) fn store_place(&self) -> PathBuf {
        self.0.join("store")
    }
    /// The key store.
    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("store/keys")
    }
    /// The master key in clear.
    pub(crate) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }
    /// The master key as only a token opens it.
    pub(crate) fn master_wrapped(&self) -> PathBuf {
        self.0.join(MASTER_WRAPPED)
    }
    /// Stands there while a PIN that the token refused must not be tried again.
    pub(crate) fn pin_refused(&self) -> PathBuf {
        self.0.join("pin.refused")
    }
    /// The master key that systemd gives the service.
    pub(crate) fn master_credential(&self) -> Option<PathBuf> {
        Self::credential("master.key")
    }
    /// What systemd gives the service under this name.
    pub(crate) fn credential(name: &str) -> Option<PathBuf> {
        let given = std::env::var_os("CREDENTIALS_DIRECTORY").map(|place| PathBuf::from(place).join(name));
        given.filter(|path| path.exists())
    }

    /// Keeps a new key of the log.
    pub(crate) fn write_log_key(&self, seed: &[u8; 32]) -> Result<(), ServiceError> {
        files::write_private(&self.log_key(), format!("{}\n", encode_hex(seed)).as_bytes())
    }

    /// Keeps a new test authority.
    pub(crate) fn write_authority(&self, authority: &TestAuthority) -> Result<(), ServiceError> {
        files::make_private_directory(&self.0.join("tsa"))?;
        let kept = authority.to_files();
        files::write_private(&self.authority("ca.pem"), kept.ca_certificate_pem.as_bytes())?;
        files::write_private(&self.authority("tsa.pem"), kept.tsa_certificate_pem.as_bytes())?;
        files::write_private(&self.authority("tsa.key"), kept.tsa_key_pem.as_bytes())
    }

    /// The built-in test authority.
    pub(crate) fn read_authority(&self) -> Result<TestAuthority, ServiceError> {
        let text = |file: &str| files::read_text(&self.authority(file), 64 << 10);
        let key = Self::credential("tsa.key").unwrap_or_else(|| self.authority("tsa.key"));
        let key = files::read_private(&key)?;
        let kept = AuthorityFiles {
            ca_certificate_pem: text("ca.pem")?,
            tsa_certificate_pem: text("tsa.pem")?,
            tsa_key_pem: String::from_utf8_lossy(&key).into_owned(),
        };
        let wrong = |error: seal::SealError| ServiceError::Key { path: self.0.join("tsa"), why: error.to_string() };
        TestAuthority::from_files(&kept).map_err(wrong)
    }

    /// PEM texts of the roots by which tokens are judged: those configured, of every authority, else the built-in one's.
    pub(crate) fn roots(&self, config: &Config) -> Result<Vec<String>, ServiceError> {
        let named: Vec<&PathBuf> = config.tsa.all_roots().collect();
        let mut texts = self.roots_at(&named)?;
        let mut seen = std::collections::BTreeSet::new();
        // Two authorities may stand under one root.
        texts.retain(|text| seen.insert(text.clone()));
        Ok(texts)
    }

    /// PEM texts of these files, else of the built-in authority's root.
    pub(crate) fn roots_at(&self, named: &[&PathBuf]) -> Result<Vec<String>, ServiceError> {
        let built_in = [self.authority("ca.pem")];
        let named: Vec<PathBuf> = named.iter().map(|path| self.0.join(path)).collect();
        let paths = if named.is_empty() { &built_in[..] } else { &named };
        paths.iter().map(|path| files::read_text(path, 1 << 20)).collect()
    }
}
