//! A page as it is sent: its parts in the frame.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};

use crate::api::Refused;
use crate::asset;
use crate::frame::{Frame, Place};
use crate::part::{Chip, Html, Link, Notice};
use crate::reader::Reader;
use crate::text as t;
use crate::url;

/// A page.
#[derive(Template)]
#[template(path = "layout.html")]
pub(crate) struct Page {
    frame: Arc<Frame>,
    place: Option<Place>,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    tools: Vec<Link>,
    badge: Option<Chip>,
    notice: Option<Notice>,
    parts: Vec<Html>,
    status: StatusCode,
    /// Where news come from.
    live: Option<String>,
}

/// What was done, said on the page that comes next.
pub(crate) struct Done {
    address: String,
    what: &'static str,
}

impl Done {
    /// Goes on to a page, which says what was done.
    pub(crate) fn at(address: String, what: &'static str) -> Done {
        Done { address, what }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let address = url::with_query(&self.address, &[("done", self.what)]);
        Redirect::to(&address).into_response()
    }
}

impl Page {
    pub(crate) fn new(reader: &Reader, place: Place, title: impl Into<String>) -> Page {
        // Only sentences that are known here are ever said; anybody can write an address.
        let done = reader.param("done").and_then(t::done::sentence);
        Page {
            frame: Arc::clone(&reader.frame),
            place: Some(place),
            title: title.into(),
            lead: String::new(),
            crumbs: Vec::new(),
            tools: Vec::new(),
            badge: None,
            notice: done.map(Notice::done),
            parts: Vec::new(),
            status: StatusCode::OK,
            live: None,
        }
    }

    /// A sentence below the title.
    #[must_use]
    pub(crate) fn lead(mut self, lead: impl Into<String>) -> Page {
        self.lead = lead.into();
        self
    }

    /// The way back up.
    #[must_use]
    pub(crate) fn crumb(mut self, href: String, text: impl Into<String>) -> Page {
        self.crumbs.push(Link::new(href, text));
        self
    }

    /// What can be done here.
    #[must_use]
    pub(crate) fn tool(mut self, href: String, text: &str) -> Page {
        self.tools.push(Link::new(href, text));
        self
    }

    /// The state of what the page is about.
    #[must_use]
    pub(crate) fn badge(mut self, chip: Chip) -> Page {
        self.badge = Some(chip);
        self
    }

    #[must_use]
    pub(crate) fn notice(mut self, notice: Notice) -> Page {
        self.notice = Some(notice);
        self
    }

    #[must_use]
    pub(crate) fn part(mut self, part: impl Into<Html>) -> Page {
        self.parts.push(part.into());
        self
    }

    #[must_use]
    pub(crate) fn part_if(self, wanted: Option<impl Into<Html>>) -> Page {
        match wanted {
            Some(part) => self.part(part),
            None => self,
        }
    }

    /// Why what was sent was not done.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Page {
        self.status = status;
        self
    }

    /// The page looks again when this says so.
    #[must_use]
    pub(crate) fn live(mut self, address: String) -> Page {
        self.live = Some(address);
        self
    }

    fn is_at(&self, place: &Place) -> bool {
        self.place.as_ref() == Some(place)
    }

    fn sign_out(&self) -> String {
        url::path(&["console", &self.frame.tenant, "sign-out"])
    }

    fn home(&self) -> String {
        url::path(&["console", &self.frame.tenant])
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = Html::of(&self).to_string();
        let headers = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        (self.status, headers, html).into_response()
    }
}

/// A page outside of the console, with nothing around it but the name.
fn plain(title: &str, parts: Vec<Html>, status: StatusCode) -> Page {
    Page {
        frame: Arc::new(Frame::bare("")),
        place: None,
        title: title.to_owned(),
        lead: String::new(),
        crumbs: Vec::new(),
        tools: Vec::new(),
        badge: None,
        notice: None,
        parts,
        status,
        live: None,
    }
}

impl Refused {
    /// Why, for people.
    pub(crate) fn said(&self) -> String {
        match self.detail.as_str() {
            "" => t::refused::explained(self.status.as_u16()).to_owned(),
            detail => t::sentence(detail),
        }
    }

    /// The refusal as what a stream breaks off with.
    pub(crate) fn into_error(self) -> std::io::Error {
        std::io::Error::other(self.said())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        let home = url::path(&["console", &self.frame.tenant]);
        let empty = crate::part::Empty::new(t::refused::title(code), &self.said());
        let empty = match self.status {
            StatusCode::UNAUTHORIZED => empty.link(Link::new(home, t::refused::SIGN_IN)),
            _ => empty.link(Link::new(home, t::refused::START)),
        };
        let page = Page {
            frame: Arc::clone(&self.frame),
            ..plain(t::refused::title(code), vec![empty.into()], self.status)
        };
        page.into_response()
    }
}
