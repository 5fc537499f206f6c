//! What can be asked of `restitute`.

use std::path::PathBuf;

use clap::{Command, value_parser};

use super::{command, format, option};
use crate::lang::Lang;

/// `restitute`.
pub(super) fn restitute(lang: Lang) -> Command {
    let needed = |name, value, key| option(lang, name, value, key).required(true);
    command(lang, "restitute", "help.restitute")
        .arg(needed("ids", "FILE", "help.restitute.ids").value_parser(value_parser!(PathBuf)))
        .arg(needed("to", "TEXT", "help.restitute.to"))
        .arg(needed("handed", "YYYY-MM-DD", "help.restitute.handed"))
        .arg(needed("role", "TEXT", "help.restitute.role"))
        .arg(needed("date", "YYYY-MM-DD", "help.restitute.date"))
        .arg(needed("reference", "TEXT", "help.restitute.reference"))
        .arg(option(lang, "document", "FILE", "help.restitute.document").value_parser(value_parser!(PathBuf)))
        .arg(option(lang, "tenant", "ID", "help.for-tenant"))
        .arg(format(lang))
}
