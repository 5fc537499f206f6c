//! Authorities of signers by trusted lists: the one that a list shows as granted at that moment, and no other.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use seal::{AnyVerifier, TrustedLists, UnixMillis};

use crate::lists::{CA_QC, GRANTED, Lists, QTST, Told, WITHDRAWN, certificate, national, signed};

/// 2026-11-24T12:00:00Z, when the lists are judged; they are due on 20 May 2027.
const JUDGED: UnixMillis = UnixMillis(1_795_521_600_000);
const DAY: i64 = 86_400_000;

fn named(name: &str) -> CertificateParams {
    let mut made = CertificateParams::default();
    made.distinguished_name.push(DnType::CommonName, name);
    (made.not_before, made.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2040, 1, 1));
    made
}

/// An authority, one under it, and a signer under that.
fn way() -> [Vec<u8>; 3] {
    let keys = [(); 3].map(|()| KeyPair::generate().unwrap());
    let authority = |name| {
        let mut made = named(name);
        made.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        made
    };
    let (root, between) = (authority("Racine"), authority("Autorite"));
    let (first, second) = (Issuer::from_params(&root, &keys[0]), Issuer::from_params(&between, &keys[1]));
    let leaf = named("Signataire").signed_by(&keys[2], &second).unwrap();
    let between = between.signed_by(&keys[1], &first).unwrap();
    [root.self_signed(&keys[0]).unwrap(), between, leaf].map(|one| one.der().to_vec())
}

fn told(certificate: &[u8], periods: &[(&'static str, &'static str, &'static str)]) -> Told {
    Told { certificate: certificate.to_vec(), periods: periods.to_vec(), extensions: "" }
}

fn granted(certificate: &[u8]) -> Told {
    told(certificate, &[(CA_QC, GRANTED, "2020-01-01T00:00:00Z")])
}

fn believed(services: &[Told]) -> TrustedLists {
    let lists = Lists::new();
    TrustedLists::believe(&lists.of(services), &lists.anchors(), JUDGED, &AnyVerifier)
}

#[test]
fn a_way_leads_to_an_authority_that_was_granted_at_that_moment_and_to_no_other() {
    let [root, between, leaf] = way();
    let carried = [between.clone()];
    let of =
        |services: &[Told], carried: &[Vec<u8>], at| believed(services).issuer_of(&leaf, carried, at, &AnyVerifier);
    for authority in [&root, &between] {
        let found = of(&[granted(authority)], &carried, JUDGED);
        assert_eq!(found.as_deref(), Some("FR, Provider, Time-stamping"));
    }
    // The one between did not come with the signature: from the one above it no way is seen.
    assert!(of(&[granted(&between)], &[], JUDGED).is_some() && of(&[granted(&root)], &[], JUDGED).is_none());
    let withdrawn =
        told(&root, &[(CA_QC, WITHDRAWN, "2026-11-20T00:00:00Z"), (CA_QC, GRANTED, "2020-01-01T00:00:00Z")]);
    assert_eq!(of(std::slice::from_ref(&withdrawn), &carried, JUDGED), None);
    assert!(of(std::slice::from_ref(&withdrawn), &carried, UnixMillis(JUDGED.0 - 10 * DAY)).is_some(), "it was, then");
    let conditioned = Told {
        extensions: "<Extension Critical=\"true\"><TakenOverBy xmlns=\"http://uri.etsi.org/02231/v2/additionaltypes#\"/></Extension>",
        ..granted(&root)
    };
    let stranger = certificate("Racine", &KeyPair::generate().unwrap(), 2020, 2040);
    for services in [
        vec![],
        vec![told(&root, &[(QTST, GRANTED, "2020-01-01T00:00:00Z")])],
        vec![told(&root, &[(CA_QC, GRANTED, "2026-12-01T00:00:00Z")])],
        vec![conditioned],
        vec![granted(&stranger)],
        vec![granted(&root), withdrawn],
    ] {
        assert_eq!(
            of(&services, &carried, JUDGED),
            None,
            "{:?}",
            services.iter().map(|one| &one.periods).collect::<Vec<_>>()
        );
    }
    // Another of that name beside it takes nothing away.
    assert!(of(&[granted(&stranger), granted(&root)], &carried, JUDGED).is_some());
}

#[test]
fn a_list_says_nothing_of_what_comes_after_it_nor_beside_a_newer_one_that_is_not_believed() {
    let [root, between, leaf] = way();
    let of = |lists: &TrustedLists, at| lists.issuer_of(&leaf, std::slice::from_ref(&between), at, &AnyVerifier);
    let found = believed(&[granted(&root)]);
    assert!(found.has_services() && found.refusals().is_empty());
    // 19 and 21 May 2027.
    assert!(of(&found, UnixMillis(1_810_728_000_000)).is_some());
    assert_eq!(of(&found, UnixMillis(1_810_900_800_000)), None);
    let lists = Lists::new();
    let mut given = lists.of(&[granted(&root)]);
    let newer = national("FR", &[]).replace("Number>7<", "Number>8<");
    given.push(("newer.xml".to_owned(), signed(&newer, &Lists::new().signer)));
    let both = TrustedLists::believe(&given, &lists.anchors(), JUDGED, &AnyVerifier);
    assert_eq!((of(&both, JUDGED), both.refusals().len(), both.has_services()), (None, 1, true));
    // Nobody vouches for them.
    let none = TrustedLists::believe(&lists.of(&[granted(&root)]), &[], JUDGED, &AnyVerifier);
    assert_eq!((of(&none, JUDGED), none.refusals().len(), none.has_services()), (None, 2, false));
}
