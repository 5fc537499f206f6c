//! What can be asked of `renew`.

use clap::Command;

use super::{command, format, option};
use crate::lang::Lang;

/// `renew timestamps` and `renew hashes`.
pub(super) fn renew(lang: Lang) -> Command {
    let timestamps = command(lang, "timestamps", "help.renew.timestamps").arg(format(lang));
    let to = option(lang, "to", "sha512", "help.renew.to").value_parser(["sha512"]).required(true);
    let hashes = command(lang, "hashes", "help.renew.hashes").arg(to.hide_possible_values(true)).arg(format(lang));
    command(lang, "renew", "help.renew").subcommand_required(true).subcommand(timestamps).subcommand(hashes)
}
