//! A new data directory.

use crate::config::{self, Config};
use crate::error::ServiceError;
use crate::home::Home;
use crate::{files, open, policy, random};
use archive::Secret;
use std::path::Path;
use store::Store;

/// Makes the directory. One that holds anything is refused, unless it was left by an `init` that did not come to its end:
/// nobody has served it, so nothing in it was ever acknowledged, and it is made anew.
pub(crate) fn init(data: &Path, origin: &str) -> Result<(), ServiceError> {
    config::check_origin(origin).map_err(ServiceError::Origin)?;
    files::make_private_directory(data)?;
    let home = Home::at(data);
    if home.unfinished().exists() {
        files::empty(data, &home.unfinished())?;
    } else {
        let mut there = std::fs::read_dir(data).map_err(ServiceError::io("read", data))?;
        if there.next().is_some() {
            return Err(ServiceError::NotEmpty(data.to_owned()));
        }
        files::write_private(&home.unfinished(), b"")?;
    }
    // A crash from here on leaves a directory that is not served, and that the next `init` makes anew.
    if Home::credential("log.key").is_none() {
        home.write_log_key(&random::bytes()?)?;
    }
    let authority = seal::TestAuthority::create(random::seal_now(), &ring::rand::SystemRandom::new());
    let authority = authority.map_err(|error| ServiceError::Key { path: data.join("tsa"), why: error.to_string() })?;
    home.write_authority(&authority)?;
    files::replace(&home.config(), config::first_file(origin).as_bytes())?;
    let config = Config::read(data)?;
    Store::create(&home.new_store(&config))?;
    let policy = policy::of(&home, &config)?;
    files::replace(&home.first_policy(), &policy)?;
    let admin = Secret::from_random(&random::bytes()?);
    let open = open::open(&home, &config)?;
    let logged = open.office.open_log(&policy, &admin);
    open::close(&open.office.sequencer, open.thread)?;
    logged?;
    files::write_private(&home.admin_token(), format!("{}\n", admin.as_str()).as_bytes())?;
    // Everything is on disk: from here on the directory may be served, and is never emptied.
    files::remove(&home.unfinished())
}
