//! What can be asked of `backup` and `restore`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use super::{command, format, option};
use crate::lang::Lang;

/// `backup DEST`.
pub(super) fn backup(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    let days = |name, key| option(lang, name, "N", key).value_parser(value_parser!(u64));
    let to = Arg::new("to").value_name("DEST").required(true).value_parser(path()).help(lang.text("help.backup.to"));
    command(lang, "backup", "help.backup")
        .arg(to)
        .arg(days("keep-days", "help.backup.keep"))
        .arg(option(lang, "keys", "DIR", "help.backup.keys").value_parser(path()))
        .arg(days("keys-days", "help.keys.keep").default_value("30").hide_default_value(true))
        .arg(format(lang))
}

/// `restore`.
pub(super) fn restore(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    let needed = |name, value, key| option(lang, name, value, key).required(true).value_parser(path());
    let drill = Arg::new("drill").long("drill").action(ArgAction::SetTrue).help(lang.text("help.restore.drill"));
    command(lang, "restore", "help.restore")
        .arg(needed("from", "DEST", "help.restore.from"))
        .arg(needed("keys", "DIR", "help.restore.keys"))
        .arg(needed("secrets", "DIR", "help.restore.secrets"))
        .arg(option(lang, "at", "NAME", "help.restore.at"))
        .arg(option(lang, "accept-rollback", "REASON", "help.restore.accept"))
        .arg(drill)
        .arg(option(lang, "in", "DIR", "help.restore.in").value_parser(path()).requires("drill"))
        .arg(format(lang))
}
