//! Pages of the change feed: in the order of time, in either direction, as far as a filter lets them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use scim_core::filter::{Operand, Operator, TypedFilter};
use scim_core::{ResourceId, SortOrder, filter};
use scim_server::Error;
use scim_server::store::{
    ConnectionId, ListQuery, Lock, Page, Recorded, Span, Start, Stored, Transaction, Way, answer,
    id_at,
};

use serde_json::Value;

use super::event::Names;

/// Changes that are read at once.
const PIECE: usize = 500;
/// Changes that one request looks at. What comes after them is not counted.
const EXAMINED_MAX: usize = 50_000;

/// What a list shows of the change feed.
pub(super) struct View {
    /// Is the change one of the list?
    pub(super) shows: fn(&Recorded) -> bool,
    /// The change as a resource.
    pub(super) stored: fn(&Recorded, &Names) -> Stored,
    /// The attribute that names the resource that a change is about.
    pub(super) about: &'static str,
}

/// The page that a query asks for. Its total counts what was looked at: all of it, or as much as one request
/// looks at.
pub(super) async fn page(
    tx: &mut Transaction<'_>,
    view: &View,
    query: &ListQuery<'_>,
) -> Result<Page, Error> {
    let [part] = query.parts else {
        return Ok(Page::default());
    };
    if let Some(sort) = part.sort
        && !["at", "sequence"].contains(&sort.path().key())
    {
        let reason = "this list is sorted by at alone, in either direction";
        return Err(scim_core::Error::invalid_value("sortBy", reason).into());
    }
    let mut names = names(tx).await?;
    let descends = query.sort_order() == Some(SortOrder::Descending);
    let narrowed = part
        .filter
        .map(|filter| Narrowed::by(filter, view.about))
        .unwrap_or_default();
    let (place, backward) = match query.start {
        Start::First | Start::Offset(_) => (None, false),
        Start::At(seek) => (Some(seek.place.id), seek.way == Way::Backward),
    };
    let mut source = Source::new(&narrowed, place, descends != backward);
    let (skip, counts) = match query.start {
        Start::Offset(offset) => (offset, true),
        Start::First | Start::At(_) => (0, false),
    };
    let mut page = Page::default();
    let mut matching = 0;
    while let Some(piece) = source.next(tx).await? {
        add_people(tx, &mut names, &piece).await?;
        for recorded in piece.iter().filter(|recorded| (view.shows)(recorded)) {
            let stored = (view.stored)(recorded, &names);
            let fits = match part.filter {
                Some(filter) => filter::matches(filter, &answer::whole(&stored)?),
                None => true,
            };
            if !fits {
                continue;
            }
            matching += 1;
            if matching <= skip {
                continue;
            }
            if page.resources.len() < query.count {
                page.resources.push(stored);
            } else {
                page.more = true;
            }
        }
        page.examined = source.examined;
        if (page.more && !counts) || source.examined >= EXAMINED_MAX {
            break;
        }
    }
    let is_short = page.resources.len() < query.count;
    if is_short && source.examined >= EXAMINED_MAX && !source.ended {
        return Err(scim_core::Error::TooMany {
            what: "changes to look through; say from when on with a filter such as at ge",
            limit: EXAMINED_MAX,
        }
        .into());
    }
    if backward {
        page.resources.reverse();
    }
    page.total = query.total(matching);
    Ok(page)
}

/// What a filter says about where its matches are.
#[derive(Default)]
struct Narrowed {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    about: Option<ResourceId>,
}

impl Narrowed {
    fn by(filter: &TypedFilter, about: &str) -> Narrowed {
        let mut narrowed = Narrowed::default();
        narrowed.take(filter, about);
        narrowed
    }

    fn take(&mut self, filter: &TypedFilter, about: &str) {
        match filter {
            TypedFilter::And(all) => all.iter().for_each(|one| self.take(one, about)),
            TypedFilter::Compare(comparison) => {
                let key = comparison.path.key();
                match (&comparison.operand, comparison.operator) {
                    (Operand::DateTime(at), operator) if key == "at" => match operator {
                        Operator::Gt | Operator::Ge => self.from = self.from.max(Some(*at)),
                        Operator::Lt | Operator::Le => {
                            self.to = Some(self.to.map_or(*at, |to| to.min(*at)));
                        }
                        Operator::Eq => (self.from, self.to) = (Some(*at), Some(*at)),
                        _ => {}
                    },
                    (operand, Operator::Eq) if key == about => {
                        self.about = operand.as_text().and_then(|id| id.parse().ok());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The changes in question, piece by piece.
struct Source {
    span: Span,
    about: Option<ResourceId>,
    examined: usize,
    ended: bool,
}

impl Source {
    fn new(narrowed: &Narrowed, place: Option<ResourceId>, newest_first: bool) -> Source {
        let mut span = Span {
            after: narrowed.from.map(id_at),
            // The bound itself belongs to it, with all of its millisecond.
            before: narrowed.to.and_then(after_it).map(id_at),
            newest_first,
            limit: PIECE,
        };
        if let Some(place) = place {
            let place = Some(place.uuid());
            if newest_first {
                span.before = match span.before {
                    Some(before) => place.map(|place| place.min(before)),
                    None => place,
                };
            } else {
                span.after = span.after.max(place);
            }
        }
        Source {
            span,
            about: narrowed.about,
            examined: 0,
            ended: false,
        }
    }

    async fn next(&mut self, tx: &mut Transaction<'_>) -> Result<Option<Vec<Recorded>>, Error> {
        if self.ended {
            return Ok(None);
        }
        let piece = match self.about {
            Some(about) => {
                self.ended = true;
                self.about(tx, about).await?
            }
            None => tx.changes(&self.span).await?,
        };
        self.ended |= piece.len() < PIECE;
        self.examined += piece.len();
        if let Some(last) = piece.last() {
            let last = Some(last.change.id);
            if self.span.newest_first {
                self.span.before = last;
            } else {
                self.span.after = last;
            }
        }
        Ok(Some(piece))
    }

    /// All changes of one resource: hardly ever many.
    async fn about(
        &self,
        tx: &mut Transaction<'_>,
        about: ResourceId,
    ) -> Result<Vec<Recorded>, Error> {
        let span = Span {
            limit: EXAMINED_MAX,
            ..self.span
        };
        let mut all = tx.changes_of(about, &span).await?;
        all.sort_by_key(|recorded| recorded.change.id);
        if self.span.newest_first {
            all.reverse();
        }
        Ok(all)
    }
}

fn after_it(at: Timestamp) -> Option<Timestamp> {
    at.checked_add(jiff::SignedDuration::from_millis(1)).ok()
}

/// The names of people who have signed in and did one of these, each in their own name.
pub(super) async fn add_people(
    tx: &mut Transaction<'_>,
    names: &mut Names,
    changes: &[Recorded],
) -> Result<(), Error> {
    let actors = changes.iter().filter_map(|it| it.change.actor);
    let unknown: BTreeSet<ResourceId> = actors
        .filter(|actor| !names.contains_key(actor))
        .map(|actor| ResourceId::new(actor.0))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown: Vec<ResourceId> = unknown.into_iter().collect();
    for person in tx.get_many(&unknown, Lock::None).await? {
        let document = person.parse()?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if let Some(name) = text("displayName").or_else(|| text("userName")) {
            names.insert(ConnectionId(person.id.uuid()), name.to_owned());
        }
    }
    Ok(())
}

/// The names of all connections.
pub(super) async fn names(tx: &mut Transaction<'_>) -> Result<Names, Error> {
    let tokens = tx.tokens().await?;
    Ok(tokens
        .into_iter()
        .map(|token| (token.id, token.name))
        .collect())
}
