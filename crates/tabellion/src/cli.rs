//! What can be asked of the program, and the help about it, in two languages.

mod backup;
mod clock;
mod elimination;
mod keys;
mod open_data;
mod renew;
mod restitution;

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, value_parser};

use crate::exit;
use crate::lang::Lang;

/// Commands whose name is settled and whose work is not done yet: not in the help, and they say so.
pub const NOT_YET: [&str; 1] = ["doctor"];

const KINDS: [&str; 8] = ["auto", "actes", "pes", "marches", "seda", "teleservice", "dossier", "file"];

/// The program's commands and options.
pub fn program(lang: Lang) -> Command {
    let commands = [
        init(lang),
        serve(lang),
        tenant(lang),
        token(lang),
        deposit(lang),
        pack(lang),
        attest(lang),
        list(lang),
        register(lang),
        seal(lang),
        renew::renew(lang),
        elimination::eliminate(lang),
        restitution::restitute(lang),
        keys::keys(lang),
        policy(lang),
        check(lang),
        export_log(lang),
        open_data::export(lang),
        monitor(lang),
        config(lang),
        witness(lang),
        scrub(lang),
        backup::backup(lang),
        backup::restore(lang),
        clock::clock(lang),
        command(lang, "reindex", "help.reindex").arg(format(lang)),
    ];
    let not_yet = NOT_YET.map(|name| {
        let rest = Arg::new("rest").num_args(0..).trailing_var_arg(true).allow_hyphen_values(true);
        Command::new(name).hide(true).disable_help_flag(true).arg(rest)
    });
    let program = Command::new("tabellion")
        .about(lang.text("help.about"))
        .after_help(lang.text("help.after"))
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(everywhere(lang))
        .subcommands(commands)
        .subcommands(not_yet);
    dressed(lang, program)
}

/// The same frame in the reader's language, for the program and each of its commands.
fn dressed(lang: Lang, command: Command) -> Command {
    let template = lang.text("help.template");
    let heads = (lang.text("help.commands"), lang.text("help.options"));
    let version = command.get_version().is_some();
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help(lang.text("help.help"));
    let mut command = command.help_template(template).disable_help_flag(true).subcommand_help_heading(heads.0);
    if version {
        let shown = Arg::new("version").long("version").action(ArgAction::Version);
        command = command.disable_version_flag(true).arg(shown.help(lang.text("help.version")));
    }
    command.arg(help).mut_args(|arg| if arg.is_positional() { arg } else { arg.help_heading(heads.1) }).mut_subcommands(
        |inner| {
            if inner.is_hide_set() { inner } else { dressed(lang, inner) }
        },
    )
}

fn everywhere(lang: Lang) -> [Arg; 4] {
    let word = |name: &'static str, key: &'static str| Arg::new(name).long(name).global(true).help(lang.text(key));
    [
        word("data", "help.data").env("TABELLION_DATA").value_name("DIR").value_parser(value_parser!(PathBuf)),
        word("url", "help.url").env("TABELLION_URL").value_name("URL"),
        // The secret itself never appears in the help.
        word("token", "help.token").env("TABELLION_TOKEN").value_name("SECRET").hide_env_values(true),
        word("lang", "help.lang").value_name("fr|en").value_parser(["fr", "en"]).hide_possible_values(true),
    ]
}

fn command(lang: Lang, name: &'static str, key: &'static str) -> Command {
    Command::new(name).about(lang.text(key))
}

fn option(lang: Lang, name: &'static str, value: &'static str, key: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(lang.text(key))
}

fn files(lang: Lang) -> Arg {
    let path = value_parser!(PathBuf);
    Arg::new("files").value_name("FILE").num_args(1..).required(true).value_parser(path).help(lang.text("help.files"))
}

fn output(lang: Lang) -> Arg {
    let path = value_parser!(PathBuf);
    option(lang, "output", "FILE", "help.output").short('o').required(true).value_parser(path)
}

fn format(lang: Lang) -> Arg {
    let words = ["text", "json"];
    option(lang, "format", "text|json", "help.format")
        .value_parser(words)
        .default_value("text")
        .hide_default_value(true)
}

fn kind(lang: Lang) -> Arg {
    option(lang, "kind", "KIND", "help.kind").value_parser(KINDS).default_value("auto")
}

fn init(lang: Lang) -> Command {
    command(lang, "init", "help.init").arg(option(lang, "origin", "NAME", "help.origin").required(true))
}

fn serve(lang: Lang) -> Command {
    let listen = option(lang, "listen", "ADDR", "help.listen");
    let every = option(lang, "seal-every", "5s", "help.seal-every").value_parser(ValueParser::new(duration));
    let witnesses = option(lang, "witnesses", "FILE", "help.witnesses").value_parser(value_parser!(PathBuf));
    command(lang, "serve", "help.serve").arg(listen.env("TABELLION_LISTEN")).arg(every).arg(witnesses)
}

fn witness(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    let dir = || option(lang, "dir", "DIR", "help.witness.dir").required(true).value_parser(path());
    let init = command(lang, "init", "help.witness.init")
        .arg(dir())
        .arg(option(lang, "name", "NAME", "help.witness.name").required(true));
    let serve = command(lang, "serve", "help.witness.serve")
        .arg(dir())
        .arg(option(lang, "listen", "ADDR", "help.witness.listen").default_value("127.0.0.1:8790"))
        .arg(option(lang, "log", "VKEY", "help.witness.log").action(ArgAction::Append))
        .arg(option(lang, "policy", "FILE", "help.witness.policy").value_parser(path()))
        .arg(option(lang, "connections-each", "N", "help.witness.each").value_parser(value_parser!(u16).range(1..)));
    command(lang, "witness", "help.witness").subcommand_required(true).subcommands([init, serve])
}

fn tenant(lang: Lang) -> Command {
    let add = command(lang, "add", "help.tenant.add")
        .arg(option(lang, "name", "NAME", "help.name").required(true))
        .arg(option(lang, "siren", "N", "help.siren").conflicts_with("siret").required_unless_present("siret"))
        .arg(option(lang, "siret", "N", "help.siret"));
    command(lang, "tenant", "help.tenant").subcommand_required(true).subcommand(add)
}

fn token(lang: Lang) -> Command {
    let add = command(lang, "add", "help.token.add")
        .arg(option(lang, "tenant", "ID", "help.token.tenant").required(true))
        .arg(option(lang, "scope", "SCOPES", "help.scope").required(true).value_delimiter(','));
    command(lang, "token", "help.token.command").subcommand_required(true).subcommand(add)
}

fn deposit(lang: Lang) -> Command {
    let path = || value_parser!(PathBuf);
    command(lang, "deposit", "help.deposit")
        .arg(kind(lang))
        .arg(option(lang, "describe", "JSON", "help.describe"))
        .arg(option(lang, "receipt", "FILE", "help.receipt").value_parser(path()))
        .arg(option(lang, "records", "DIR", "help.records").value_parser(path()))
        .arg(option(lang, "tenant", "ID", "help.for-tenant"))
        .arg(option(lang, "key", "KEY", "help.key"))
        .arg(Arg::new("again").long("again").action(ArgAction::SetTrue).help(lang.text("help.again")))
        .arg(format(lang))
        .arg(files(lang))
}

fn pack(lang: Lang) -> Command {
    let wait = option(lang, "wait", "sealed", "help.wait").value_parser(["sealed"]).hide_possible_values(true);
    let patience = option(lang, "wait-for", "90m", "help.wait-for").value_parser(ValueParser::new(duration));
    let ids = Arg::new("id").value_name("ID").required(true).num_args(1..).help(lang.text("help.ids"));
    let files = option(lang, "files", "1,3", "help.pack.files");
    let lists = Arg::new("with-lists").long("with-lists").action(ArgAction::SetTrue).help(lang.text("help.pack.lists"));
    command(lang, "pack", "help.pack")
        .arg(output(lang))
        .arg(wait)
        .arg(patience.default_value("90m"))
        .arg(files)
        .arg(lists)
        .arg(ids)
}

fn attest(lang: Lang) -> Command {
    let of = option(lang, "of", "depot", "help.of")
        .value_parser(["depot", "integrite", "elimination", "restitution"])
        .default_value("depot");
    let id = Arg::new("id").value_name("ID").required(true).help(lang.text("help.id"));
    command(lang, "attest", "help.attest").arg(output(lang)).arg(of).arg(id)
}

fn list(lang: Lang) -> Command {
    let limit = option(lang, "limit", "N", "help.limit").value_parser(value_parser!(u64));
    command(lang, "list", "help.list").arg(format(lang)).arg(limit).arg(option(lang, "tenant", "ID", "help.for-tenant"))
}

fn register(lang: Lang) -> Command {
    command(lang, "register", "help.register").arg(output(lang)).arg(option(lang, "tenant", "ID", "help.for-tenant"))
}

fn seal(lang: Lang) -> Command {
    let now = command(lang, "now", "help.seal.now").arg(format(lang));
    command(lang, "seal", "help.seal").subcommand_required(true).subcommand(now)
}

fn policy(lang: Lang) -> Command {
    command(lang, "policy", "help.policy").arg(output(lang))
}

fn check(lang: Lang) -> Command {
    let describe = option(lang, "describe", "JSON", "help.describe");
    let anchors = option(lang, "signature-anchors", "DIR", "help.check.anchors").value_parser(value_parser!(PathBuf));
    let lists = option(lang, "trusted-lists", "DIR", "help.check.lists").value_parser(value_parser!(PathBuf));
    let lists = lists.requires("lotl-anchors");
    let lotl = option(lang, "lotl-anchors", "DIR", "help.check.lotl").value_parser(value_parser!(PathBuf));
    let lotl = lotl.requires("trusted-lists");
    let replies = option(lang, "replies", "DIR", "help.replies").value_parser(value_parser!(PathBuf));
    let units = option(lang, "units", "FILE", "help.units").value_parser(value_parser!(PathBuf));
    let config = option(lang, "config", "PATH", "help.check.config").value_parser(value_parser!(PathBuf));
    let tenant = option(lang, "tenant", "ID", "help.check.tenant").requires("config");
    let asked = command(lang, "check", "help.check").arg(kind(lang)).arg(describe).arg(config).arg(tenant);
    let asked = asked.arg(anchors).arg(lists).arg(lotl);
    asked.arg(replies).arg(units).arg(format(lang)).arg(files(lang))
}

/// Whom to believe: a policy or a key, given from outside.
fn pinned(lang: Lang, command: Command) -> Command {
    let policy = option(lang, "policy", "FILE", "help.pin.policy").value_parser(value_parser!(PathBuf));
    let quiet = Arg::new("quiet").long("quiet").action(ArgAction::SetTrue).help(lang.text("help.quiet"));
    let vkey = option(lang, "vkey", "KEY", "help.pin.vkey").conflicts_with("policy");
    command.arg(policy).arg(vkey).arg(format(lang)).arg(quiet)
}

fn export_log(lang: Lang) -> Command {
    let path = value_parser!(PathBuf);
    let directory = Arg::new("directory").value_name("DIR").required(true).value_parser(path);
    let all = Arg::new("all").long("all").action(ArgAction::SetTrue).help(lang.text("help.export.all"));
    let export = pinned(lang, command(lang, "export-log", "help.export")).arg(all);
    export.arg(directory.help(lang.text("help.export.directory")))
}

fn monitor(lang: Lang) -> Command {
    let path = value_parser!(PathBuf);
    let state = option(lang, "state", "FILE", "help.monitor.state").required(true).value_parser(path);
    let address = Arg::new("address").value_name("URL").help(lang.text("help.monitor.address"));
    pinned(lang, command(lang, "monitor", "help.monitor")).arg(state).arg(address)
}

fn scrub(lang: Lang) -> Command {
    let flag = |name: &'static str, key: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(lang.text(key))
    };
    let path = || value_parser!(PathBuf);
    let rate = option(lang, "rate", "BYTES", "help.scrub.rate").value_parser(value_parser!(u64)).default_value("0");
    command(lang, "scrub", "help.scrub")
        .arg(flag("head", "help.scrub.head").conflicts_with("all"))
        .arg(flag("all", "help.scrub.all"))
        .arg(flag("deep", "help.scrub.deep"))
        .arg(rate.hide_default_value(true))
        .arg(flag("repair", "help.scrub.repair").conflicts_with_all(["head", "deep", "rate"]).requires("from"))
        .arg(option(lang, "from", "DEST", "help.scrub.from").requires("repair").value_parser(path()))
        .arg(option(lang, "keys", "DIR", "help.scrub.keys").requires("repair").value_parser(path()))
        .arg(format(lang))
}

fn config(lang: Lang) -> Command {
    let check = command(lang, "check", "help.config.check");
    command(lang, "config", "help.config").subcommand_required(true).subcommand(check)
}

/// A duration such as `500ms`, `5s`, `90m`, `1h`; never zero.
///
/// # Errors
/// A sentence saying what is expected.
pub fn duration(word: &str) -> Result<std::time::Duration, String> {
    let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (number, unit) = word.split_at(digits);
    let unit = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    match millis {
        Some(millis) if millis > 0 => Ok(std::time::Duration::from_millis(millis)),
        _ => Err("500ms, 5s, 90m, 1h".to_owned()),
    }
}

/// Shows help and version as asked, or says in the reader's language why the command line is refused; the exit code.
pub fn refuse(lang: Lang, error: &clap::Error) -> u8 {
    let help = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
    if help.contains(&error.kind()) {
        // Nothing to say when the reader of the help has gone.
        let _ = error.print();
        return exit::DONE;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return exit::USAGE;
    }
    let named = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(word)) => word.clone(),
        Some(ContextValue::Strings(words)) => words.join(", "),
        _ => String::new(),
    };
    let argument = named(ContextKind::InvalidArg);
    let (key, word) = match error.kind() {
        ErrorKind::MissingRequiredArgument => ("usage.missing", argument),
        ErrorKind::MissingSubcommand => ("usage.subcommand", named(ContextKind::ValidSubcommand)),
        ErrorKind::UnknownArgument => ("usage.unknown", argument),
        ErrorKind::InvalidSubcommand => ("usage.command", named(ContextKind::InvalidSubcommand)),
        ErrorKind::ArgumentConflict => ("usage.conflict", argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => ("usage.value", argument),
        _ => ("usage.other", error.kind().to_string()),
    };
    let value = named(ContextKind::InvalidValue);
    eprintln!("tabellion{} {}", lang.pick(" :", ":"), lang.fill(key, &[("word", &word), ("value", &value)]));
    eprintln!("{}", lang.text("usage.help"));
    exit::USAGE
}

#[cfg(test)]
mod tests;
