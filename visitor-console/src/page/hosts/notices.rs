//! The ways on which a host is told that a visitor came: three of them, each with its fields.

use serde_json::{Value, json};

use crate::part::form::Submitted;
use crate::part::{Choice, Field, Form};
use crate::read::Read;
use crate::text as t;

/// The fields of each way.
const WAYS: [(&str, &str, &str, &str); 3] = [
    (
        "way1.channel",
        "way1.address",
        "way1.events",
        t::hosts::WAY_1,
    ),
    (
        "way2.channel",
        "way2.address",
        "way2.events",
        t::hosts::WAY_2,
    ),
    (
        "way3.channel",
        "way3.address",
        "way3.events",
        t::hosts::WAY_3,
    ),
];

pub(super) fn fields(form: Form) -> Form {
    WAYS.into_iter()
        .fold(form, |form, (channel, address, events, title)| {
            form.group(title)
                .field(Field::one(
                    channel,
                    t::hosts::CHANNEL,
                    Choice::all(&t::hosts::CHANNELS),
                ))
                .field(Field::text(address, t::hosts::ADDRESS).hint(t::hosts::ADDRESS_HINT))
                .field(Field::several(
                    events,
                    t::hosts::EVENTS,
                    Choice::all(&t::hosts::EVENT_NAMES),
                ))
        })
}

/// Puts the ways of a host where the fields look for them.
pub(super) fn spread(host: &mut Value) {
    let ways = host.items("notify").to_vec();
    for (number, way) in ways.into_iter().take(WAYS.len()).enumerate() {
        host[format!("way{}", number + 1)] = way;
    }
}

/// The ways as the fields have them.
pub(super) fn gathered(sent: &Submitted) -> Vec<Value> {
    let ways = WAYS
        .into_iter()
        .filter_map(|(channel, address, events, _)| {
            let channel = sent.value(channel).trim();
            let address = sent.value(address).trim();
            let events: Vec<&str> = sent.values(events).collect();
            if channel.is_empty() {
                return None;
            }
            let mut way = json!({ "channel": channel });
            if !address.is_empty() {
                way["address"] = json!(address);
            }
            if !events.is_empty() {
                way["events"] = json!(events);
            }
            Some(way)
        });
    ways.collect()
}
