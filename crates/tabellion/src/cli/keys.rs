//! What can be asked of `keys`: copies of the key store, custody of the master key and of the log's, its rotation.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use super::{command, format, option};
use crate::lang::Lang;

/// `keys backup`, `protect`, `generate`, `rotate`, `escrow`, `drill`, `recover`, `ceremony`.
pub(super) fn keys(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    let directory = Arg::new("directory").value_name("DIR").required(true).value_parser(path());
    let days = option(lang, "keep-days", "N", "help.keys.keep").value_parser(value_parser!(u64)).default_value("30");
    let backup =
        command(lang, "backup", "help.keys.backup").arg(days).arg(directory.help(lang.text("help.keys.directory")));
    let token = || Arg::new("pkcs11").long("pkcs11").action(ArgAction::SetTrue).help(lang.text("help.keys.pkcs11"));
    let which = option(lang, "key", "KEY", "help.keys.which").value_parser(["master", "log"]).default_value("master");
    let protect =
        command(lang, "protect", "help.keys.protect").arg(token().required(true)).arg(which).arg(format(lang));
    let generate = command(lang, "generate", "help.keys.generate").arg(token()).arg(format(lang));
    let grace =
        option(lang, "days", "N", "help.keys.days").value_parser(value_parser!(u64).range(..=3650)).default_value("2");
    let rotate = command(lang, "rotate", "help.keys.rotate")
        .arg(token())
        .arg(grace)
        .arg(option(lang, "compromised", "DATE", "help.keys.compromised"))
        .arg(format(lang));
    let number = |name, key| option(lang, name, "N", key).required(true).value_parser(value_parser!(u8).range(2..));
    let to = option(lang, "output", "DIR", "help.keys.output").short('o').required(true).value_parser(path());
    let escrow = command(lang, "escrow", "help.keys.escrow")
        .arg(number("shares", "help.keys.shares"))
        .arg(number("threshold", "help.keys.threshold"))
        .arg(to)
        .arg(format(lang));
    let shares = || {
        let files = Arg::new("files").value_name("SHARE").num_args(1..).required(true).value_parser(path());
        files.help(lang.text("help.keys.share"))
    };
    let copies = || option(lang, "keys", "DIR", "help.keys.copies").value_parser(path());
    let drill = command(lang, "drill", "help.keys.drill").arg(copies()).arg(format(lang)).arg(shares());
    let recover = command(lang, "recover", "help.keys.recover").arg(copies()).arg(format(lang)).arg(shares());
    let transcript = Arg::new("transcript").value_name("FILE").required(true).value_parser(path());
    let ceremony = command(lang, "ceremony", "help.keys.ceremony")
        .arg(transcript.help(lang.text("help.keys.transcript")))
        .arg(format(lang));
    let all = [backup, protect, generate, rotate, escrow, drill, recover, ceremony];
    command(lang, "keys", "help.keys").subcommand_required(true).subcommands(all)
}
