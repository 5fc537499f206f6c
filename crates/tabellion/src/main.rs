//! The program `tabellion`: it starts the house (`init`, `serve`), hands it documents (`deposit`), takes out their proofs
//! (`pack`, `policy`), reads a flow without depositing it (`check`), and watches the log for whoever does not trust the house
//! (`export-log`, `monitor`).
//!
//! Deliberately not here: any rule. What a flow says is read by `flow`, what the server does is in `service`, and whether a
//! pack proves anything is said by `tabellion-verify`, which shares no code with this program beyond the formats. The client
//! commands keep no state: everything they know comes from their arguments, the environment and the server's answer. No TLS
//! yet: on loopback, or behind a proxy that has it.

mod cli;
mod client;
mod commands;
mod exit;
mod failure;
mod lang;
mod log;
mod messages;
mod multipart;
mod whole;

use std::process::ExitCode;

use lang::Lang;

/// Deposits are many small allocations on one thread, freed on another: what this one is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let lang = Lang::choose(&arguments, &|name| std::env::var(name).ok());
    let matches = match cli::program(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return ExitCode::from(cli::refuse(lang, &error)),
    };
    match commands::run(lang, &matches) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprint!("{}", failure.lines(lang));
            ExitCode::from(failure.exit)
        }
    }
}
