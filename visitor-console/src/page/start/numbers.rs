//! How many there are of what the reader may see.

use crate::api::{Refused, quoted};
use crate::frame::Place;
use crate::part::{Link, Numbers, Tone};
use crate::reader::Reader;
use crate::text as t;
use crate::url;

pub(super) async fn of(reader: &Reader) -> Result<Numbers, Refused> {
    let api = reader.api();
    let mut numbers = Numbers::default();
    if reader.may("hosts", "read") {
        for (status, tone) in [
            ("visible", Tone::Good),
            ("heldVisible", Tone::Waiting),
            ("hidden", Tone::Quiet),
            ("suspended", Tone::Quiet),
        ] {
            let filter = format!("effectiveStatus eq {}", quoted(status));
            let count = api.count("Hosts", Some(&filter)).await?;
            let href = url::with_query(&reader.place(Place::Hosts), &[("status", status)]);
            numbers = numbers.number(count, Link::new(href, t::start::hosts(status)), tone);
        }
    }
    for (area, endpoint, place, text) in [
        (
            "hostGroups",
            "HostGroups",
            Place::HostGroups,
            t::host_groups::TITLE,
        ),
        (
            "locations",
            "Locations",
            Place::Locations,
            t::locations::TITLE,
        ),
    ] {
        if reader.may(area, "read") {
            let count = api.count(endpoint, None).await?;
            numbers = numbers.number(count, Link::new(reader.place(place), text), Tone::Plain);
        }
    }
    Ok(numbers)
}
