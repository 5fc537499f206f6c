//! What can be asked of `clock`.

use clap::Command;

use super::{command, format, option};
use crate::lang::Lang;

/// `clock accept`.
pub(super) fn clock(lang: Lang) -> Command {
    let day = option(lang, "day", "YYYY-MM-DD", "help.clock.day").required(true);
    let accept = command(lang, "accept", "help.clock.accept").arg(day).arg(format(lang));
    command(lang, "clock", "help.clock").subcommand_required(true).subcommand(accept)
}
