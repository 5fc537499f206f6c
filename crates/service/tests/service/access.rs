//! Who may not: nobody without a token, nobody for another's, and the answer never tells which.

use crate::house::{Client, House, SIRENS};
use serde_json::Value;

/// Every address under /v1 that asks for a token, with `ID` for an entry's name. Compared with the router's own list below.
const ROUTES: &[(&str, &str)] = &[
    ("POST", "/v1/deposits"),
    ("GET", "/v1/deposits"),
    ("GET", "/v1/deposits/{id}"),
    ("GET", "/v1/deposits/{id}/receipt"),
    ("GET", "/v1/deposits/{id}/files/{n}"),
    ("GET", "/v1/deposits/{id}/units"),
    ("GET", "/v1/deposits/{id}/evidence"),
    ("GET", "/v1/deposits/{id}/attestation"),
    ("GET", "/v1/register"),
    ("GET", "/v1/exports/scdl.csv"),
    ("GET", "/v1/exports/decp.json"),
    ("GET", "/v1/refusals/{id}"),
    ("GET", "/v1/refusals/{id}/files/{n}"),
    ("POST", "/v1/tenants"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/seals"),
    ("POST", "/v1/renewals"),
    ("GET", "/v1/renewals"),
    ("POST", "/v1/packs"),
    ("POST", "/v1/eliminations"),
    ("POST", "/v1/eliminations/proposals"),
    ("GET", "/v1/eliminations/{id}"),
    ("GET", "/v1/eliminations/{id}/attestation"),
    ("POST", "/v1/restitutions"),
    ("GET", "/v1/restitutions/{id}/attestation"),
    ("POST", "/v1/clock"),
    ("POST", "/v1/custody"),
    ("POST", "/v1/scrub"),
    ("GET", "/v1/scrub"),
    ("GET", "/v1/backup/cut"),
];

fn filled(path: &str, id: &str) -> String {
    path.replace("{id}", id).replace("{n}", "1")
}

#[test]
fn the_list_of_addresses_is_the_routers() {
    let source = include_str!("../../src/routes.rs");
    let routed: Vec<&str> = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let public = [
        "/v1/policy",
        "/log/checkpoint",
        "/log/tile/{*path}",
        "/tsa",
        "/verifier",
        "/public/acts/{id}",
        "/public/acts/{id}/R.json",
        "/public/acts/{id}/receipt",
        "/public/acts/{id}/evidence",
        "/livez",
        "/readyz",
    ];
    for path in &routed {
        assert!(public.contains(path) || ROUTES.iter().any(|(_, listed)| listed == path), "{path} is not tested");
    }
    assert!(routed.len() >= public.len() + 10);
}

#[test]
fn without_a_token_in_force_every_address_answers_401() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let id = client.deposit("a.txt", b"a", &[]).expect(201).json()["id"].as_str().unwrap().to_owned();
    let unknown = format!("tbl_{}", "a".repeat(52));
    for token in ["", "tbl_court", &unknown] {
        for (method, path) in ROUTES {
            let answer = house.client(token).send(method, &filled(path, &id), &[], b"{}");
            assert_eq!((answer.status, answer.code().as_str()), (401, "not-authenticated"), "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    let basic = house.client("").send("GET", "/v1/deposits", &[("authorization", "Basic dGVzdA==")], b"");
    basic.expect(401);
}

#[test]
fn a_parameter_that_a_route_does_not_know_is_refused_by_name() {
    let house = House::new();
    let (_, owner) = house.tenant(0);
    let (admin, id) = (house.admin(), owner.deposit("a.txt", b"a", &[]).expect(201).json()["id"].clone());
    for (method, path) in ROUTES {
        let path = format!("{}?no_such=1", filled(path, id.as_str().unwrap()));
        let refused = [&owner, &admin].into_iter().find_map(|client| {
            let answer = client.send(method, &path, &[], b"{}");
            (answer.code() == "parameter-unreadable").then(|| answer.json())
        });
        let refused = refused.unwrap_or_else(|| panic!("{method} {path}"));
        assert!(refused.to_string().contains("no_such"), "{method} {path}: {refused}");
    }
    assert_eq!(owner.get("/v1/deposits").expect(200).json()["items"].as_array().map(Vec::len), Some(1));
}

/// Status, and the whole body: what is another's and what does not exist must not differ in either.
fn told(client: &Client, method: &str, path: &str) -> (u16, Value) {
    let answer = client.send(method, path, &[], b"{}");
    (answer.status, answer.json())
}

#[test]
fn what_is_anothers_answers_as_if_it_did_not_exist() {
    let house = House::new();
    let (tenant, owner) = house.tenant(0);
    let (others, _) = house.tenant(1);
    let other = house.token(&others, "deposit,read,seal,eliminate");
    let id = owner.deposit("a.txt", b"a", &[]).expect(201).json()["id"].as_str().unwrap().to_owned();
    let nobody = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (method, path) in ROUTES.iter().filter(|(_, path)| path.contains("{id}")) {
        let anothers = told(&other, method, &filled(path, &id));
        assert_eq!(anothers.0, 404, "{method} {path}");
        assert_eq!(anothers, told(&other, method, &filled(path, nobody)), "{method} {path}");
        // Naming the tenant does not help.
        let named = told(&other, method, &format!("{}?tenant={tenant}", filled(path, &id)));
        assert_eq!(named, anothers, "{method} {path}");
    }
    for (method, path) in [
        ("POST", "/v1/deposits"),
        ("GET", "/v1/deposits"),
        ("GET", "/v1/register"),
        ("GET", "/v1/exports/scdl.csv"),
        ("GET", "/v1/exports/decp.json"),
    ] {
        let anothers = told(&other, method, &format!("{path}?tenant={tenant}"));
        assert_eq!(anothers.0, 404);
        assert_eq!(anothers, told(&other, method, &format!("{path}?tenant={nobody}")));
    }
    assert_eq!(other.get("/v1/deposits").expect(200).json()["items"], serde_json::json!([]));
    // The same content, deposited by the other, is not known to the first one's look-up.
    other.deposit("a.txt", b"a", &[]).expect(201);
}

#[test]
fn a_token_does_what_its_scopes_say_and_nothing_else() {
    let house = House::new();
    let (tenant, _) = house.tenant(0);
    let reader = house.token(&tenant, "read");
    let depositor = house.token(&tenant, "deposit");
    assert_eq!(reader.deposit("a.txt", b"a", &[]).expect(403).code(), "scope-missing");
    let id = depositor.deposit("a.txt", b"a", &[]).expect(201).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(depositor.get(&format!("/v1/deposits/{id}")).expect(403).code(), "scope-missing");
    reader.get(&format!("/v1/deposits/{id}")).expect(200);
    for client in [&reader, &depositor] {
        assert_eq!(client.get("/v1/scrub").expect(403).code(), "scope-missing");
        for path in [
            "/v1/tenants",
            "/v1/tokens",
            "/v1/seals",
            "/v1/scrub",
            "/v1/eliminations",
            "/v1/eliminations/proposals",
            "/v1/restitutions",
        ] {
            assert_eq!(client.post(path, "{}").expect(403).code(), "scope-missing", "{path}");
        }
    }
}

#[test]
fn an_administrator_of_one_tenant_rules_over_no_other() {
    let house = House::new();
    let (own, _) = house.tenant(0);
    let (other, _) = house.tenant(1);
    let local = house.token(&own, "admin");
    // The store holds everybody's: it is looked at by those who administer it whole.
    local.get("/v1/scrub").expect(404);
    local.post("/v1/scrub", "").expect(404);
    let ask = |tenant: &str| local.post("/v1/tokens", &format!("{{\"tenant\":\"{tenant}\",\"scopes\":\"read\"}}"));
    ask(&own).expect(201);
    ask(&other).expect(404);
    ask("all").expect(404);
    ask("aaaaaaaaaaaaaaaaaaaaaaaaaa").expect(404);
    let tenant = format!("{{\"name\":\"x\",\"siren\":\"{}\"}}", SIRENS[2]);
    local.post("/v1/tenants", &tenant).expect(403);
    // All tenants: one must be named to deposit and list; an entry is found wherever it is.
    let admin = house.admin();
    assert_eq!(admin.get("/v1/deposits").expect(400).code(), "tenant-required");
    let path = format!("/v1/deposits?tenant={own}&name=a.txt");
    let id = admin.send("POST", &path, &[], b"a").expect(201).json()["id"].as_str().unwrap().to_owned();
    admin.get(&format!("/v1/deposits/{id}")).expect(200);
    admin.get(&format!("/v1/deposits/{id}?tenant={other}")).expect(404);
}

#[test]
fn tenants_are_refused_with_a_reason() {
    let house = House::new();
    house.tenant(0);
    let ask = |body: &str| house.admin().post("/v1/tenants", body);
    assert_eq!(ask(&format!("{{\"name\":\"Bis\",\"siren\":\"{}\"}}", SIRENS[0])).expect(409).code(), "tenant-exists");
    assert_eq!(ask("{\"name\":\"x\",\"siren\":\"243400018\"}").expect(422).code(), "number-wrong");
    assert_eq!(ask("{\"name\":\"x\"}").expect(422).code(), "number-wrong");
    assert_eq!(ask(&format!("{{\"name\":\" \",\"siren\":\"{}\"}}", SIRENS[1])).expect(422).code(), "name-wrong");
    assert_eq!(ask("{").expect(400).code(), "body-unreadable");
    let token = house.admin().post("/v1/tokens", "{\"tenant\":\"all\",\"scopes\":\"root\"}");
    assert_eq!(token.expect(422).code(), "scope-unknown");
}

#[test]
fn refusals_are_worded_in_the_language_asked_for() {
    let house = House::new();
    let said = |language: &str| {
        let answer = house.client("").send("GET", "/v1/deposits", &[("accept-language", language)], b"").expect(401);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        for field in ["type", "title", "status", "code", "detail", "where", "remedy"] {
            assert!(problem.get(field).is_some(), "{field}");
        }
        (answer.header("content-language").to_owned(), problem["title"].as_str().unwrap().to_owned())
    };
    assert_eq!(said("fr"), ("fr".into(), "Jeton absent ou inconnu".into()));
    assert_eq!(said("en-GB,fr;q=0.3"), ("en".into(), "Token missing or unknown".into()));
    assert_eq!(house.client("").get("/nowhere").expect(404).code(), "not-found");
    assert_eq!(house.client("").post("/livez", "").expect(405).code(), "method-not-allowed");
}
