//! A directory that nobody serves, as the source of a backup.

use super::cut::Cut;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::open;
use std::path::Path;

/// Does this with a way to ask how far the store goes. The log is started as a server starts it, and stopped: what a crash left is
/// published and made durable before it is copied, so that no backup ever holds more than the store does.
///
/// # Errors
/// [`ServiceError`]: the directory is being served, or does not start.
pub fn offline<T>(
    data: &Path,
    act: impl FnOnce(&mut dyn FnMut() -> Result<Option<Cut>, ServiceError>) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    let config = Config::load(data)?;
    let open = open::open(&Home::at(data), &config)?;
    let done = crate::elimination::resume(&open.office).and_then(|()| act(&mut || Cut::of(&open.office.reads)));
    open::close(&open.office.sequencer, open.thread)?;
    done
}
