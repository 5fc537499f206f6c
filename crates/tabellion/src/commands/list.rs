//! The tenant's deposits, page after page.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// Asked of the server at once.
const PAGE: u64 = 200;

/// The deposits are shown, in the server's order.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let limit = matches.get_one::<u64>("limit").copied().unwrap_or(u64::MAX);
    let tenant = matches.get_one::<String>("tenant").cloned();
    let items = all(&client, tenant.as_deref(), limit)?;
    if wants_json(matches) {
        return print_json(&json!({"items": items}));
    }
    if items.is_empty() {
        return print(lang.text("said.list.empty"));
    }
    for item in &items {
        print(&line(lang, item))?;
    }
    Ok(exit::DONE)
}

fn all(client: &Client, tenant: Option<&str>, limit: u64) -> Result<Vec<Value>, Failure> {
    let mut items: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let left = limit.saturating_sub(items.len() as u64);
        if left == 0 {
            return Ok(items);
        }
        let mut query = vec![("limit", left.min(PAGE).to_string())];
        query.extend(tenant.map(|tenant| ("tenant", tenant.to_owned())));
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page = client.read("/v1/deposits", &query)?;
        let found = page.get("items").and_then(Value::as_array);
        let found = found.ok_or_else(|| Failure::answer(client.lang, "items"))?;
        items.extend(found.iter().take(left as usize).cloned());
        match page.get("next") {
            // An empty page with a next one would turn for ever.
            Some(next) if !next.is_null() && !found.is_empty() => cursor = Some(shown(Some(next))),
            _ => return Ok(items),
        }
    }
}

fn line(lang: Lang, item: &Value) -> String {
    let field = |name: &str| shown(item.get(name));
    let status = super::deposit::status(lang, &field("status")).to_owned();
    let said = [field("id"), field("index"), field("received_at"), field("message"), field("id_acte"), status];
    said.iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>().join("  ")
}
