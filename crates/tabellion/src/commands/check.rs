//! A flow is read as it would be at deposit, without a server and without depositing it.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use flow::seda::{Referential, Units};
use flow::{Declared, Finding, Flow, FlowKind, Incoming, Language, Limits, NoMembers};
use proof::TenantId;
use proof::time::format_rfc3339;
use serde_json::{Value, json};
use service::{Profiles, SedaLists, SignaturesNow};

use super::{description, files, print, print_json, wants_json};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::log::trust::now;
use crate::whole::{self, Whole};

/// What was read is shown; the exit code says whether a deposit would be accepted.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let word = matches.get_one::<String>("kind").map_or("auto", String::as_str);
    let declared = Declared::parse(word).map_err(|finding| refused(lang, &finding))?;
    let description = description(lang, matches)?;
    let lists = lists(lang, matches)?;
    let directory = |name: &str| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let trusted = directory("trusted-lists").zip(directory("lotl-anchors"));
    let judge = SignaturesNow::by(directory("signature-anchors"), trusted);
    let judge = judge.map_err(|why| super::refusal::refused(lang, &why))?;
    for why in judge.lists_refused() {
        eprintln!("{}", lang.fill("said.check.list", &[("why", &why)]));
    }
    let how = (&Limits::default(), &judge as &dyn flow::SignatureJudge);
    let mut flow = opened(lang, &files(matches), |incoming| {
        flow::read(incoming, declared, description.as_deref(), &mut NoMembers, how)
    })?;
    let today: String = format_rfc3339(now()).chars().take(10).collect();
    if let Some(lists) = &lists {
        flow.control(&lists.known, &today);
        let judge = |incoming: &mut [Incoming<'_>]| lists.profiles.judge(lists.tenant, &flow, &today, incoming);
        let said = opened(lang, &files(matches), judge)?;
        said.iter().for_each(|said| flow.profiled(said));
    }
    flow.deposited_on(&today);
    if let Some(place) = matches.get_one::<PathBuf>("units") {
        let found = opened(lang, &files(matches), |incoming| Units::of_files(incoming, &Limits::default()))?;
        let units = found.ok().filter(|_| flow.kind == FlowKind::Seda);
        tree(lang, place, units.map(|units| units.with(lists.map(|lists| lists.known).unwrap_or_default())))?;
    }
    if let Some(directory) = matches.get_one::<PathBuf>("replies") {
        answer(lang, directory, &flow)?;
    }
    let said = if wants_json(matches) {
        print_json(&as_json(lang, &flow))
    } else {
        print(flow::explain::to_text(&flow, language(lang)).trim_end())
    };
    said.map(|_| flow.outcome().exit_code())
}

/// What a transfer is held against.
struct Lists {
    tenant: TenantId,
    known: Referential,
    profiles: Profiles,
}

/// The lists of a tenant that a transfer is held against: those asked for, else those of the only one that has any.
fn lists(lang: Lang, matches: &ArgMatches) -> Result<Option<Lists>, Failure> {
    let Some(path) = matches.get_one::<PathBuf>("config") else {
        return Ok(None);
    };
    let all = SedaLists::read(path).map_err(|why| super::refusal::refused(lang, &why))?;
    let tenants = all.tenants();
    let asked = matches.get_one::<String>("tenant").map(String::as_str);
    let chosen = match (asked, tenants.as_slice()) {
        (Some(tenant), _) => Some(tenant),
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    let found = chosen.and_then(|tenant| Some((TenantId::parse(tenant)?, all.of(tenant)?)));
    if let Some((tenant, known)) = found {
        let profiles = all.profiles().map_err(|why| super::refusal::refused(lang, &why))?;
        return Ok(Some(Lists { tenant, known, profiles }));
    }
    let said = match asked {
        _ if tenants.is_empty() => lang.text("check.no-lists.any").to_owned(),
        None => lang.text("check.which-lists").to_owned(),
        Some(tenant) => lang.fill("check.no-lists", &[("tenant", tenant)]),
    };
    let remedy = if tenants.is_empty() {
        lang.text("check.no-lists.write").to_owned()
    } else {
        lang.fill("check.no-lists.remedy", &[("tenants", &tenants.join(", "))])
    };
    Err(Failure::new(exit::USAGE, "seda-lists", said).with_remedy(remedy))
}

/// What a transfer of SEDA is answered, in two files of this directory; nothing when there is no message to answer.
fn answer(lang: Lang, directory: &Path, flow: &Flow) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let now = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
    let Some(replies) = flow::seda::reply::replies(flow, &now.to_string()) else {
        // Standard output is for the verdict alone.
        let _ = writeln!(io::stderr(), "{}", lang.text("check.no-reply"));
        return Ok(());
    };
    fs::create_dir_all(directory).map_err(|error| Failure::writing(lang, directory, &error))?;
    whole::write(lang, &directory.join("accuse-de-reception.xml"), &replies.acknowledgement)?;
    whole::write(lang, &directory.join("reponse.xml"), &replies.reply)
}

/// The whole tree of a transfer, in this file; nothing when there is none.
fn tree(lang: Lang, place: &Path, units: Option<Units>) -> Result<(), Failure> {
    let Some(units) = units else {
        let _ = writeln!(io::stderr(), "{}", lang.text("check.no-units"));
        return Ok(());
    };
    let failed = |error: io::Error| Failure::writing(lang, place, &error);
    let mut out = BufWriter::new(Whole::create(lang, place)?);
    for unit in units {
        serde_json::to_writer(&mut out, &unit).map_err(|error| failed(error.into()))?;
        out.write_all(b"\n").map_err(failed)?;
    }
    let whole = out.into_inner().map_err(|error| failed(error.into_error()))?;
    whole.finish(lang)
}

/// What is told of these files, opened anew as often as the reader wants.
fn opened<T>(lang: Lang, paths: &[PathBuf], told: impl FnOnce(&mut [Incoming<'_>]) -> T) -> Result<T, Failure> {
    let mut measured = Vec::with_capacity(paths.len());
    for path in paths {
        measured.push((path, size(path).map_err(|error| Failure::reading(lang, path, &error))?));
    }
    let open =
        |path: PathBuf| move || -> io::Result<Box<dyn Read>> { Ok(Box::new(BufReader::new(File::open(&path)?))) };
    let mut doors: Vec<_> = paths.iter().map(|path| open(path.clone())).collect();
    let mut incoming: Vec<Incoming<'_>> = measured
        .iter()
        .zip(&mut doors)
        .map(|((path, size), door)| Incoming {
            name: path.file_name().unwrap_or_default().as_encoded_bytes(),
            media_type: None,
            size: *size,
            open: door,
        })
        .collect();
    Ok(told(&mut incoming))
}

/// The size of a file that is there and is one.
fn size(path: &Path) -> io::Result<u64> {
    let known = fs::metadata(path)?;
    if known.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok(known.len())
}

fn refused(lang: Lang, finding: &Finding) -> Failure {
    let sentence = lang.pick(&finding.message_fr, &finding.message_en);
    let remedy = lang.pick(&finding.remedy_fr, &finding.remedy_en);
    Failure::new(exit::REFUSED, finding.code, sentence.clone()).with_remedy(remedy.clone())
}

/// The same language, as the reader of flows calls it.
fn language(lang: Lang) -> Language {
    lang.pick(Language::Fr, Language::En)
}

/// `{outcome, kind, facts, findings}` of docs/formats/interfaces.md.
fn as_json(lang: Lang, flow: &Flow) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "code": finding.code,
            "severity": finding.severity.as_str(),
            "message": lang.pick(&finding.message_fr, &finding.message_en),
            "where": finding.place,
            "remedy": lang.pick(&finding.remedy_fr, &finding.remedy_en),
        })
    };
    json!({
        "outcome": flow.outcome().as_str(),
        "kind": flow.kind.as_str(),
        "facts": flow.facts,
        "findings": flow.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_unreadable_and_a_folder_is_no_file() {
        let dir = tempfile::tempdir().expect("directory");
        let read = |paths: &[PathBuf]| {
            opened(Lang::Fr, paths, |files| {
                flow::read(files, Declared::Auto, None, &mut NoMembers, (&Limits::default(), &flow::NoJudge))
            })
        };
        let failure = read(&[dir.path().join("absent")]).expect_err("absent");
        assert_eq!(failure.exit, exit::UNREADABLE);
        let failure = read(&[dir.path().to_path_buf()]).expect_err("folder");
        assert_eq!(failure.exit, exit::UNREADABLE);
    }

    #[test]
    fn the_json_has_the_published_fields() {
        let dir = tempfile::tempdir().expect("directory");
        let path = dir.path().join("note.txt");
        fs::write(&path, b"bonjour").expect("written");
        let flow = opened(Lang::Fr, &[path], |files| {
            flow::read(files, Declared::File, None, &mut NoMembers, (&Limits::default(), &flow::NoJudge))
        })
        .expect("read");
        let json = as_json(Lang::Fr, &flow);
        let names: Vec<&String> = json.as_object().expect("object").keys().collect();
        assert_eq!(names, ["facts", "findings", "kind", "outcome"]);
        assert_eq!(json["kind"], "file");
    }
}
