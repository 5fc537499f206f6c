//! A new data directory.

use crate::config::{self, Config};
use crate::error::ServiceError;
use crate::home::Home;
use crate::{files, open, policy, random};
use archive::Secret;
use std::path::Path;
use store::Store;

/// Makes the directory. What a failure leaves behind is refused next time as not empty: nothing is ever overwritten.
pub(crate) fn init(data: &Path, origin: &str) -> Result<(), ServiceError> {
    config::check_origin(origin).map_err(ServiceError::Origin)?;
    files::make_private_directory(data)?;
    let mut there = std::fs::read_dir(data).map_err(ServiceError::io("read", data))?;
    if there.next().is_some() {
        return Err(ServiceError::NotEmpty(data.to_owned()));
    }
    let home = Home::at(data);
    home.write_log_key(&random::bytes()?)?;
    let authority = seal::TestAuthority::create(random::seal_now(), &ring::rand::SystemRandom::new());
    let authority = authority.map_err(|error| ServiceError::Key { path: data.join("tsa"), why: error.to_string() })?;
    home.write_authority(&authority)?;
    // The configuration comes before the store: a directory with a store can always be opened.
    files::replace(&home.config(), config::first_file(origin).as_bytes())?;
    let config = Config::load(data)?;
    Store::create(&home.store(config.store.segment_bytes))?;
    let policy = policy::of(&home, &config)?;
    files::replace(&home.first_policy(), &policy)?;
    let admin = Secret::from_random(&random::bytes()?);
    let open = open::open(&home, &config)?;
    let logged = open.office.open_log(&policy, &admin);
    open::close(&open.office.sequencer, open.thread)?;
    logged?;
    // Last: a directory with an admin token is complete.
    files::write_private(&home.admin_token(), format!("{}\n", admin.as_str()).as_bytes())
}
