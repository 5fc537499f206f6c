//! What can be asked of `export`.

use clap::{Arg, ArgAction, Command};

use super::{command, option, output};
use crate::lang::Lang;

/// `export`.
pub(super) fn export(lang: Lang) -> Command {
    let days = |asked: Command| {
        asked
            .arg(output(lang))
            .arg(option(lang, "tenant", "ID", "help.for-tenant"))
            .arg(option(lang, "from", "YYYY-MM-DD", "help.open-data.from"))
            .arg(option(lang, "to", "YYYY-MM-DD", "help.open-data.to"))
    };
    let withheld =
        |help: &'static str| Arg::new("withheld").long("withheld").action(ArgAction::SetTrue).help(lang.text(help));
    let scdl = days(command(lang, "scdl", "help.open-data.scdl")).arg(withheld("help.open-data.withheld"));
    let decp = days(command(lang, "decp", "help.open-data.decp")).arg(withheld("help.open-data.left-out"));
    command(lang, "export", "help.open-data").subcommand_required(true).subcommands([scdl, decp])
}
