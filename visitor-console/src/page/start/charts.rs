//! What happened in the last days: requests of directories, and how many hosts were in which state.

use jiff::civil::Date;
use serde_json::Value;

use crate::api::{Query, Refused};
use crate::part::chart::{Chart, Series};
use crate::part::{Block, Empty};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// Days that are drawn.
const DAYS: usize = 14;

/// The charts, where the reader may see them.
pub(super) async fn of(reader: &Reader) -> Result<Vec<Block>, Refused> {
    if !reader.may("provisioningDays", "read") {
        return Ok(Vec::new());
    }
    let api = reader.api();
    let today = reader
        .site
        .server
        .clock()
        .now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let days: Vec<Date> = (0..DAYS as i64)
        .rev()
        .filter_map(|ago| back(today, ago))
        .collect();
    let from = days.first().map(Date::to_string).unwrap_or_default();
    // A day has one entry, so this reads as many as are drawn, however long the server has run.
    let query = Query::new()
        .filter(format!("day ge {}", crate::api::quoted(&from)))
        .count(DAYS + 1);
    let found = api.list("ProvisioningDays", &query).await?.resources;
    let block = |id: &str, title: &str| Block::new(id, title);
    if found.is_empty() {
        let empty = Empty::new(t::start::NO_DAYS, t::start::NO_DAYS_TEXT);
        return Ok(vec![block("activity", t::start::ACTIVITY).part(empty)]);
    }
    let names: Vec<String> = days
        .iter()
        .map(|day| day.strftime("%-d %b").to_string())
        .collect();
    let of_day = |day: &Date| {
        let day = day.to_string();
        found.iter().find(|entry| entry.text("day") == day)
    };
    let entries: Vec<Option<&Value>> = days.iter().map(of_day).collect();
    let activity = t::start::ACTIVITY_SERIES.map(|(attribute, name)| Series {
        name,
        counts: entries
            .iter()
            .map(|entry| number(*entry, attribute))
            .collect(),
    });
    // A day on which nothing happened is as the one before.
    let mut last = None;
    let carried = entries.iter().map(|entry| {
        last = entry.or(last);
        last
    });
    let carried: Vec<Option<&Value>> = carried.collect();
    let states = t::start::STATE_SERIES.map(|(attribute, name)| Series {
        name,
        counts: carried
            .iter()
            .map(|entry| number(*entry, attribute))
            .collect(),
    });
    Ok(vec![
        block("activity", t::start::ACTIVITY)
            .intro(t::start::ACTIVITY_INTRO)
            .part(Chart::new(
                "activity-chart",
                t::start::ACTIVITY_TITLE,
                names.clone(),
                activity.into(),
            )),
        block("states", t::start::STATES)
            .intro(t::start::STATES_INTRO)
            .part(Chart::new(
                "states-chart",
                t::start::STATES_TITLE,
                names,
                states.into(),
            )),
    ])
}

fn number(entry: Option<&Value>, attribute: &str) -> u64 {
    entry.map_or(0, |entry| entry.number(attribute))
}

fn back(today: Date, days: i64) -> Option<Date> {
    today.checked_sub(jiff::Span::new().days(days)).ok()
}
