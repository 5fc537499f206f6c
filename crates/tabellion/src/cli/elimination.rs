//! What can be asked of `eliminate`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use super::{command, format, option, output};
use crate::lang::Lang;

/// `eliminate propose`, `run`, `status`.
pub(super) fn eliminate(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    let needed = |name, value, key| option(lang, name, value, key).required(true);
    let tenant = || option(lang, "tenant", "ID", "help.for-tenant");
    let reasons = ["dua", "sort_final"];
    let propose = command(lang, "propose", "help.eliminate.propose")
        .arg(needed("ids", "FILE", "help.eliminate.ids").value_parser(path()))
        .arg(
            needed("reason", "dua|sort_final", "help.eliminate.reason")
                .value_parser(reasons)
                .hide_possible_values(true),
        )
        .arg(needed("rule", "TEXT", "help.eliminate.rule"))
        .arg(tenant())
        .arg(output(lang));
    let run = command(lang, "run", "help.eliminate.run")
        .arg(needed("proposal", "FILE", "help.eliminate.proposal").value_parser(path()))
        .arg(needed("visa", "FILE", "help.eliminate.visa").value_parser(path()))
        .arg(needed("role", "TEXT", "help.eliminate.role"))
        .arg(needed("date", "YYYY-MM-DD", "help.eliminate.date"))
        .arg(needed("reference", "TEXT", "help.eliminate.reference"))
        .arg(needed("digest", "HEX", "help.eliminate.digest"))
        .arg(Arg::new("no-wait").long("no-wait").action(ArgAction::SetTrue).help(lang.text("help.eliminate.no-wait")))
        .arg(tenant())
        .arg(format(lang));
    let id = Arg::new("id").value_name("ID").required(true).help(lang.text("help.eliminate.id"));
    let status = command(lang, "status", "help.eliminate.status").arg(id).arg(format(lang));
    command(lang, "eliminate", "help.eliminate").subcommand_required(true).subcommands([propose, run, status])
}
