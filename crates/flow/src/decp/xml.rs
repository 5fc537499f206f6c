//! A contract in XML, as the JSON of its edition would write it.

use roxmltree::Node;
use serde_json::{Map, Number, Value};

use super::tables::{Field, Form};
use crate::json::MAX_DECIMAL;
use crate::limits::MAX_JSON_INTEGER;
use crate::xml::leaf_text;

/// The children of this element, each in the form that the table gives it; the names said twice go to `repeated`, and the first counts.
pub(super) fn body(node: Node<'_, '_>, fields: &[Field], repeated: &mut Vec<String>) -> Map<String, Value> {
    let mut map = Map::new();
    for inner in node.children().filter(Node::is_element) {
        let name = inner.tag_name().name();
        if map.contains_key(name) {
            repeated.push(name.to_owned());
            continue;
        }
        let form = fields.iter().find(|field| field.name == name).map(|field| &field.form);
        if matches!(form, Some(Form::Origin)) && leaf_text(inner).unwrap_or_default().is_empty() {
            continue;
        }
        let read = form.map_or_else(|| text(inner), |form| value(inner, form, repeated));
        map.insert(name.to_owned(), read);
    }
    map
}

fn text(node: Node<'_, '_>) -> Value {
    Value::from(leaf_text(node).unwrap_or_default())
}

fn value(node: Node<'_, '_>, form: &Form, repeated: &mut Vec<String>) -> Value {
    let said = leaf_text(node).unwrap_or_default();
    let elements = node.children().filter(Node::is_element);
    match form {
        Form::Object(fields) => Value::Object(body(node, fields, repeated)),
        // A text in the place of a list: no list.
        Form::List(_) if !said.is_empty() => Value::from(said),
        // Every element of a list is an item of it: the two published schemas do not call one of them the same.
        Form::List(list) => {
            let item = |inner| Value::Object(body(inner, list.fields, repeated));
            let items: Vec<Value> = elements.map(item).collect();
            let wrap = |item: Value| match list.wrapped {
                true => Value::Object(std::iter::once((list.item.to_owned(), item)).collect()),
                false => item,
            };
            items.into_iter().map(wrap).collect()
        }
        Form::Words(item, _) => {
            let words: Value = elements.map(text).collect();
            Value::Object(std::iter::once(((*item).to_owned(), words)).collect())
        }
        Form::Whole => integer(said).map_or_else(|| Value::from(said), Value::Number),
        Form::Amount(_) | Form::Share | Form::Origin => number(said).map_or_else(|| Value::from(said), Value::Number),
        Form::Truth => match said {
            "oui" | "true" | "1" => Value::Bool(true),
            "non" | "false" | "0" => Value::Bool(false),
            other => Value::from(other),
        },
        _ => Value::from(said),
    }
}

/// An integer that everyone keeps exactly.
fn integer(text: &str) -> Option<Number> {
    text.parse::<i64>().ok().filter(|whole| whole.unsigned_abs() <= MAX_JSON_INTEGER).map(Number::from)
}

/// A decimal of XML Schema, small enough to be written again as it was.
fn number(text: &str) -> Option<Number> {
    let decimal = || decimal(text).filter(|decimal| decimal.abs() <= MAX_DECIMAL).and_then(Number::from_f64);
    integer(text).or_else(decimal)
}

/// A number that cannot be kept exactly, as JSON that holds one is not read either.
pub(super) fn is_beyond(text: &str) -> bool {
    integer(text).is_none() && decimal(text).is_some_and(|decimal| decimal.abs() > MAX_DECIMAL)
}

/// No exponent, no infinity.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-'));
    text.parse::<f64>().ok().filter(|_| plain)
}
