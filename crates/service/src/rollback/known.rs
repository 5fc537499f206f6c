//! What the mirror and the witnesses know of this log.

use super::Known;
use crate::config::Config;
use crate::cosigning;
use crate::error::ServiceError;
use crate::home::Home;
use crate::limits;
use crate::trouble::Trouble;
use ledger::KnownKeys;
use proof::{Checkpoint, SignedNote};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use store::mirror::{Mirror, MirrorHead};
use ureq::Agent;

/// Stands in the data directory once the mirror named in it was begun: from then on its absence is not taken for a beginning.
const BEGUN: &str = "mirror.begun";

/// The configured mirror, open, and what it knows; `None` when none is configured. One that was begun and is missing is refused: its volume
/// may not be mounted.
pub(crate) fn open_mirror(home: &Home, config: &Config) -> Result<Option<(Mirror, Vec<MirrorHead>)>, ServiceError> {
    let Some(path) = path_of(home, config) else { return Ok(None) };
    let begun = home.path().join(BEGUN);
    let shown = path.display().to_string();
    if !path.exists() && std::fs::read_to_string(&begun).is_ok_and(|named| named.trim_end() == shown) {
        let remedy = [
            "monter son volume ; s'il est perdu pour de bon, supprimer mirror.begun du répertoire de données : le miroir recommencera",
            "mount its volume; if it is lost for good, remove mirror.begun from the data directory: the mirror begins anew",
        ];
        let (french, english) = ("le miroir manque", "the mirror is missing");
        return Err(Trouble::new("mirror-missing", french, english, remedy).at(shown).into());
    }
    let (mirror, heads) = Mirror::open(&path).map_err(|error| unreadable(&shown, &error))?;
    if heads.is_empty() {
        tracing::warn!(mirror = shown, "the mirror begins here: nothing of before can be compared");
    }
    if mirror.is_beside(home.path())? {
        tracing::warn!(
            mirror = shown,
            "the mirror is on the volume of the store, and goes back with it: put it on another"
        );
    }
    crate::files::replace(&begun, format!("{shown}\n").as_bytes())?;
    Ok(Some((mirror, heads)))
}

/// Where the mirror stands.
fn path_of(home: &Home, config: &Config) -> Option<PathBuf> {
    let path = &config.mirror.path;
    (!path.as_os_str().is_empty()).then(|| home.path().join(path))
}

/// What the configured mirror knows, without changing anything; nothing when there is none yet.
pub(crate) fn of_mirror(home: &Home, config: &Config, store: &[u8; 16]) -> Result<Vec<Known>, ServiceError> {
    let Some(path) = path_of(home, config).filter(|path| path.exists()) else { return Ok(Vec::new()) };
    let shown = path.display().to_string();
    let heads = store::mirror::heads(&path).map_err(|error| unreadable(&shown, &error))?;
    Ok(known(&shown, &heads, store)?)
}

fn unreadable(shown: &str, error: &store::OpenError) -> Trouble {
    let remedy = [
        "chercher pourquoi avant tout : sans lui un magasin revenu en arrière ne se voit pas ; ensuite seulement, l'écarter, et il recommencera",
        "find out why first: without it a store put back from an older copy cannot be told; only then move it away, and it begins anew",
    ];
    let french = format!("le miroir ne se lit ou ne s'ouvre pas : {error}");
    Trouble::new("mirror-unreadable", french, format!("the mirror cannot be read or opened: {error}"), remedy).at(shown)
}

/// These heads, which must be of this store.
pub(crate) fn known(path: &str, heads: &[MirrorHead], store: &[u8; 16]) -> Result<Vec<Known>, Trouble> {
    if heads.iter().any(|head| &head.store != store) {
        let remedy = ["donner à chaque magasin le sien : mirror.path", "give each store its own: mirror.path"];
        let (french, english) = ("ce miroir est d'un autre magasin", "this mirror is of another store");
        return Err(Trouble::new("mirror-of-another-store", french, english, remedy).at(path));
    }
    let of = |head: &MirrorHead| Known {
        from: format!("mirror {path}"),
        commit: Some(head.number),
        size: head.size,
        root: head.root,
    };
    Ok(heads.iter().map(of).collect())
}

/// The heads of this log, under our own signature, that the configured witnesses cosigned last. All are asked at once; one that does not
/// answer within its seconds, or not a head of ours, says nothing and blocks nothing.
pub(crate) fn ask_witnesses(home: &Home, config: &Config, keys: &KnownKeys) -> Result<Vec<Known>, ServiceError> {
    let Some((_, policy)) = cosigning::policy_of(home, config)? else { return Ok(Vec::new()) };
    let time = Duration::from_secs(config.witnesses.seconds.unwrap_or(limits::WITNESS_SECONDS));
    let (tell, hear) = mpsc::channel();
    for line in policy.witnesses {
        let Some(url) = line.url else { continue };
        let (tell, keys, name) = (tell.clone(), keys.clone(), line.name);
        let ask = move || {
            if let Some(head) = latest(&url, &keys, time) {
                let from = format!("witness {name}");
                let _ = tell.send(Known { from, commit: None, size: head.size, root: head.root });
            }
        };
        // Without a thread the witness is as good as unreachable.
        let _ = std::thread::Builder::new().name("witness".into()).spawn(ask);
    }
    drop(tell);
    let until = Instant::now() + time + Duration::from_secs(1);
    let mut found = Vec::new();
    while let Ok(known) = hear.recv_timeout(until.saturating_duration_since(Instant::now())) {
        found.push(known);
    }
    Ok(found)
}

/// The head a witness shows for this log (C2SP tlog-witness, "Monitoring"), if a key of ours signed it.
fn latest(url: &str, keys: &KnownKeys, time: Duration) -> Option<Checkpoint> {
    let config = Agent::config_builder().timeout_global(Some(time)).proxy(None).max_redirects(0);
    let agent = Agent::new_with_config(config.build());
    let url = format!("{}/{}/checkpoint", url.trim_end_matches('/'), proof::sha256(keys.name().as_bytes()));
    let mut answer = agent.get(&url).call().ok()?;
    let text = answer.body_mut().with_config().limit(proof::limits::NOTE_BYTES as u64).read_to_vec().ok()?;
    let note = SignedNote::parse(std::str::from_utf8(&text).ok()?).ok()?;
    keys.verify(&note).ok()?;
    Checkpoint::parse(&note.text).ok().filter(|head| head.origin == keys.name())
}
