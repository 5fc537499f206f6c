//! Packs whose time-stamps were renewed: passed as long as each token covers the one before it in time, and not one bit more.

use crate::pack::{PackRenewal, PackSeal};
use crate::world::{JUDGED, SEALED, SHOWN, World, member, policy, with, world};
use proof::UnixMillis;
use ring::rand::SystemRandom;
use seal::DigestAlgorithm::{self, Sha256, Sha512};
use seal::{ImprintRequest, NewStamp, TestAuthority, archive_lists, archive_root, renew_time_stamp, renewed_group};
use serde_json::json;
use verifier::{Overall, Verdict};

pub const YEAR: u64 = 31_557_600_000;
const RECORDS: [&str; 2] = ["META-INF/evidencerecord001.ers", "META-INF/tabellion/checkpoint.ers"];

/// A token of this authority.
fn token(authority: &TestAuthority, imprint: &[u8], at: UnixMillis) -> Vec<u8> {
    let algorithm = if imprint.len() == 64 { Sha512 } else { Sha256 };
    let request = ImprintRequest { algorithm, imprint, nonce: &[1, 2, 3], policy: None, cert_req: true };
    let answer = authority.answer(&request.to_der(), millis(at), at.0, &SystemRandom::new());
    seal::parse_response(&answer).unwrap().as_der().to_vec()
}

fn millis(at: UnixMillis) -> seal::UnixMillis {
    seal::UnixMillis(at.0 as i64)
}

/// The next renewal of these tokens, among others.
pub fn renewal(authority: &TestAuthority, before: &[&[u8]], at: UnixMillis) -> PackRenewal {
    let group: Vec<Vec<u8>> = before.iter().map(|token| proof::sha256(token).0.to_vec()).collect();
    let groups = [vec![vec![7; 32]], group, vec![vec![9; 32]]];
    let lists = seal::archive_lists(Sha256, &groups, 1).unwrap();
    PackRenewal::Stamp { digest: Sha256, lists, token: token(authority, &archive_root(Sha256, &groups).unwrap(), at) }
}

/// A pack renewed by time-stamps, by hashes, and by time-stamps again, each time by another authority; good at this moment.
pub struct Chain {
    pub world: World,
    pub authorities: Vec<TestAuthority>,
    pub pack: Vec<u8>,
    pub at: UnixMillis,
}

/// The policy that has the roots of all of these.
pub fn policy_of(world: &World, authorities: &[&TestAuthority]) -> verifier::Policy {
    let mut pinned = world.policy_json();
    pinned["tsa_roots"] = authorities.iter().map(|authority| authority.ca_pem()).collect();
    policy(&pinned)
}

/// SHA-512 of both objects of each group of the pack of [`SHOWN`], the binding group last.
fn documents(world: &World) -> Vec<[Vec<u8>; 2]> {
    let of = &world.entries[SHOWN];
    let digest = |bytes: &[u8]| Sha512.digest(bytes);
    let mut all = vec![[digest(&of.record), digest(&of.entry)]];
    all.extend(of.files.iter().map(|(_, bytes, record)| [digest(bytes), digest(record)]));
    all.push([digest(world.batch.checkpoint.as_bytes()), vec![5; 64]]);
    all
}

/// One more time-stamp under this digest, over these tokens, as a pack bears it.
fn over(digest: DigestAlgorithm, authority: &TestAuthority, before: &[&[u8]], at: UnixMillis) -> PackRenewal {
    let group: Vec<Vec<u8>> = before.iter().map(|token| digest.digest(token)).collect();
    let groups = [group, vec![vec![9; digest.size()]]];
    let lists = archive_lists(digest, &groups, 0).unwrap();
    PackRenewal::Stamp { digest, lists, token: token(authority, &archive_root(digest, &groups).unwrap(), at) }
}

fn copied(renewal: &PackRenewal) -> PackRenewal {
    match renewal {
        PackRenewal::Stamp { digest, lists, token } => {
            PackRenewal::Stamp { digest: *digest, lists: lists.clone(), token: token.clone() }
        }
        PackRenewal::Hashes { digest, siblings, token } => {
            PackRenewal::Hashes { digest: *digest, siblings: siblings.clone(), token: token.clone() }
        }
    }
}

pub fn chain() -> Chain {
    let world = world();
    let moment = |years: u64| UnixMillis(SEALED.0 + years * YEAR);
    let newer = [9, 18, 27].map(|years| TestAuthority::create(millis(moment(years)), &SystemRandom::new()).unwrap());
    let write = |renewals: &[PackRenewal]| {
        let seal = world.pack_seal(SHOWN, &world.batch);
        let seal = PackSeal { renewals: renewals.iter().map(copied).collect(), ..seal };
        world.write(world.input(SHOWN, Some(seal)))
    };
    let mut renewals = vec![over(Sha256, &newer[0], &[&world.batch.token], moment(9))];
    let once = write(&renewals);
    let records =
        ["META-INF/evidencerecord001.ers", "META-INF/evidencerecord002.ers", "META-INF/evidencerecord003.ers"];
    let records = records.into_iter().chain(["META-INF/tabellion/checkpoint.ers"]);
    let group = |(name, digests): (&str, [Vec<u8>; 2])| renewed_group(&member(&once, name), Sha512, &digests).unwrap();
    // Another batch's group among them.
    let groups: Vec<_> = records.zip(documents(&world)).map(group).chain([vec![vec![6; 64]]]).collect();
    let hashed = token(&newer[1], &archive_root(Sha512, &groups).unwrap(), moment(18));
    let siblings = |place| archive_lists(Sha512, &groups, place).unwrap().split_off(1);
    let siblings = (0..groups.len() - 1).map(siblings).collect();
    renewals.push(PackRenewal::Hashes { digest: Sha512, siblings, token: hashed.clone() });
    renewals.push(over(Sha512, &newer[2], &[&hashed], moment(27)));
    let pack = write(&renewals);
    let [first, second, third] = newer;
    // The first authority, whole, under another name.
    let known = TestAuthority::from_files(&world.authority.to_files()).unwrap();
    Chain { authorities: vec![known, first, second, third], pack, at: moment(28), world }
}

struct Renewed {
    world: World,
    newer: TestAuthority,
    seal: PackSeal,
}

/// Sealed by an authority whose certificate holds ten years, renewed after nine by another.
fn renewed() -> Renewed {
    let world = world();
    let at = UnixMillis(SEALED.0 + 9 * YEAR);
    let newer = TestAuthority::create(millis(at), &SystemRandom::new()).unwrap();
    let mut seal = world.pack_seal(SHOWN, &world.batch);
    seal.renewals.push(renewal(&newer, &[&world.batch.token], at));
    Renewed { world, newer, seal }
}

impl Renewed {
    fn policy(&self) -> verifier::Policy {
        let mut pinned = self.world.policy_json();
        pinned["tsa_roots"] = json!([self.world.authority.ca_pem(), self.newer.ca_pem()]);
        policy(&pinned)
    }

    fn judge(&self, pack: &[u8], at: UnixMillis) -> Verdict {
        verifier::verify_pack(pack, Some(&self.policy()), at)
    }

    fn pack(self) -> (Vec<u8>, Renewed) {
        let again = self.world.pack_seal(SHOWN, &self.world.batch);
        let seal = PackSeal { renewals: self.seal.renewals, ..again };
        let pack = self.world.write(self.world.input(SHOWN, Some(seal)));
        let seal = self.world.pack_seal(SHOWN, &self.world.batch);
        (pack, Renewed { world: self.world, newer: self.newer, seal })
    }
}

fn ends(verdict: &Verdict) -> (Overall, Option<&'static str>) {
    (verdict.verdict, verdict.reason)
}

#[test]
fn each_token_is_judged_at_the_time_of_the_next() {
    let (pack, house) = renewed().pack();
    for years in [9, 12, 18] {
        let verdict = house.judge(&pack, UnixMillis(SEALED.0 + years * YEAR + 60_000));
        assert_eq!(ends(&verdict), (Overall::PassedTimestamped, None), "{years} years: {:?}", verdict.findings);
        assert!(verdict.time.unwrap().not_after.0 < JUDGED.0, "the first token says since when");
        assert_eq!(verdict.anchors.iter().filter(|anchor| anchor.kind == "tsa-root").count(), 2);
    }
    let verdict = house.judge(&pack, UnixMillis(SEALED.0 + 20 * YEAR));
    assert_eq!(ends(&verdict), (Overall::Indeterminate, Some("no-proof-of-existence")));
    // Without the renewal, after the first certificate's end.
    let bare = house.world.pack(SHOWN);
    let verdict = house.judge(&bare, UnixMillis(SEALED.0 + 12 * YEAR));
    assert_eq!(ends(&verdict), (Overall::Indeterminate, Some("no-proof-of-existence")));
    // Nobody knows the second authority.
    let verdict = verifier::verify_pack(&pack, Some(&house.world.policy()), UnixMillis(SEALED.0 + 12 * YEAR));
    assert_eq!(ends(&verdict), (Overall::Indeterminate, Some("token-not-trusted")));
}

#[test]
fn judged_before_it_was_renewed_a_pack_is_judged_by_the_tokens_of_then() {
    let (pack, house) = renewed().pack();
    let says = |verdict: &Verdict, code: &str| verdict.findings.iter().any(|line| line.code == code);
    let bare = house.world.pack(SHOWN);
    for at in [JUDGED, UnixMillis(SEALED.0 + 8 * YEAR)] {
        let (then, without) = (house.judge(&pack, at), house.judge(&bare, at));
        assert_eq!(ends(&then), (Overall::PassedTimestamped, None), "{:?}", then.findings);
        assert_eq!((&then.time, &then.anchors), (&without.time, &without.anchors), "as if it bore no more");
        assert!(says(&then, "stamp-ahead") && !says(&then, "stamp-renewed"), "{:?}", then.findings);
    }
    // Two clocks that disagree by a minute: the renewal counts.
    let verdict = house.judge(&pack, UnixMillis(SEALED.0 + 9 * YEAR - 60_000));
    assert!(says(&verdict, "stamp-renewed") && !says(&verdict, "stamp-ahead"), "{:?}", verdict.findings);
    // Nothing but the renewals is let off: a first token that did not exist yet cannot be told.
    let verdict = house.judge(&pack, UnixMillis(SEALED.0 - 3_600_000));
    assert_eq!(verdict.verdict, Overall::Indeterminate);
    assert!(says(&verdict, "token-ahead"), "{:?}", verdict.findings);
    // A renewal of the future does not make good what ended before it was made.
    let mut house = renewed();
    let at = UnixMillis(SEALED.0 + 15 * YEAR);
    let future = TestAuthority::create(millis(at), &SystemRandom::new()).unwrap();
    house.seal.renewals = vec![renewal(&future, &[&house.world.batch.token], at)];
    house.newer = future;
    let (pack, house) = house.pack();
    let verdict = house.judge(&pack, UnixMillis(SEALED.0 + 12 * YEAR));
    assert_eq!(ends(&verdict), (Overall::Indeterminate, Some("no-proof-of-existence")));
}

#[test]
fn renewals_out_of_order_are_false_even_when_they_are_ahead() {
    let mut house = renewed();
    let (far, near) = (UnixMillis(SEALED.0 + 9 * YEAR), UnixMillis(SEALED.0 + 2 * YEAR));
    let early = TestAuthority::create(millis(near), &SystemRandom::new()).unwrap();
    let first = renewal(&house.newer, &[&house.world.batch.token], far);
    let PackRenewal::Stamp { token: before, .. } = &first else { unreachable!() };
    let second = renewal(&early, &[&house.world.batch.token, before], near);
    house.seal.renewals = vec![first, second];
    let (pack, house) = house.pack();
    assert_eq!(ends(&house.judge(&pack, UnixMillis(SEALED.0 + 3 * YEAR))), (Overall::Failed, Some("renewal-older")));
}

#[test]
fn a_renewal_too_late_or_older_than_the_first_proves_nothing() {
    let late = || {
        let mut house = renewed();
        let at = UnixMillis(SEALED.0 + 11 * YEAR);
        house.seal.renewals = vec![renewal(&house.newer, &[&house.world.batch.token], at)];
        house
    };
    let (pack, house) = late().pack();
    let verdict = house.judge(&pack, UnixMillis(SEALED.0 + 12 * YEAR));
    assert_eq!(ends(&verdict), (Overall::Indeterminate, Some("no-proof-of-existence")));

    let mut house = renewed();
    let at = UnixMillis(SEALED.0 - 5_000);
    let before = TestAuthority::create(millis(at), &SystemRandom::new()).unwrap();
    house.seal.renewals = vec![renewal(&before, &[&house.world.batch.token], at)];
    house.newer = before;
    let (pack, house) = house.pack();
    assert_eq!(ends(&house.judge(&pack, JUDGED)), (Overall::Failed, Some("renewal-older")));
}

#[test]
fn every_record_bears_the_same_renewals() {
    let (pack, house) = renewed().pack();
    let bare = house.world.pack(SHOWN);
    let at = UnixMillis(SEALED.0 + 9 * YEAR + 60_000);
    for name in RECORDS {
        let older = member(&bare, name);
        let mixed = with(&pack, name, |bytes| *bytes = older);
        assert_eq!(ends(&house.judge(&mixed, at)), (Overall::Failed, Some("other-token")), "{name}");
        // Another renewal, as good as the first: of two stories one is told.
        let other = renewal(&house.newer, &[&house.world.batch.token], UnixMillis(at.0 - 30_000));
        let mixed = with(&bare, name, |bytes| {
            let PackRenewal::Stamp { lists, token, .. } = &other else { unreachable!() };
            let stamp = NewStamp { algorithm: Sha256, lists, token_der: token };
            *bytes = renew_time_stamp(bytes, &stamp).unwrap();
        });
        assert_eq!(ends(&house.judge(&mixed, at)), (Overall::Failed, Some("other-token")), "{name}");
    }
}

#[test]
fn a_changed_renewal_is_refused_wherever_it_is_changed() {
    let (pack, house) = renewed().pack();
    let at = UnixMillis(SEALED.0 + 9 * YEAR + 60_000);
    let record = member(&pack, RECORDS[0]);
    let place = |needle: &[u8]| record.windows(needle.len()).rposition(|window| window == needle).unwrap();
    // The digest of the token before; a sibling.
    for needle in [proof::sha256(&house.world.batch.token).0.to_vec(), vec![9; 32]] {
        let at_byte = place(&needle);
        let changed = with(&pack, RECORDS[0], |bytes| bytes[at_byte] ^= 1);
        let verdict = house.judge(&changed, at);
        assert_eq!(ends(&verdict), (Overall::Failed, Some("group-not-covered")), "{:?}", verdict.findings);
    }
}
