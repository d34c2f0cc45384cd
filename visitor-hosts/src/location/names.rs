//! The names by which a Location is known: in words, and as the keys have them.

use std::collections::BTreeMap;

use scim_core::text::fold;
use serde_json::{Map, Value};

/// Each name as a key has it, with the attribute and the text that it comes from.
pub(super) fn of(location: &Map<String, Value>) -> BTreeMap<String, (&'static str, String)> {
    let mut names = BTreeMap::new();
    let text = |attribute| location.get(attribute).and_then(Value::as_str);
    let aliases = location.get("aliases").and_then(Value::as_array);
    let aliases = aliases.into_iter().flatten().filter_map(Value::as_str);
    let found = text("name").map(|name| ("name", name));
    let found = found
        .into_iter()
        .chain(aliases.map(|alias| ("aliases", alias)));
    let found = found.chain(text("code").map(|code| ("code", code)));
    for (attribute, name) in found {
        let name = name.trim();
        if !name.is_empty() {
            let known = (attribute, name.to_owned());
            names.entry(fold(name)).or_insert(known);
        }
    }
    names
}

/// What finds the Location that an office is: its name, an alias or its code, in any case.
pub(super) fn keys(office: &str) -> [(String, String); 3] {
    let office = fold(office.trim());
    ["name", "aliases", "code"].map(|attribute| (attribute.to_owned(), office.clone()))
}
