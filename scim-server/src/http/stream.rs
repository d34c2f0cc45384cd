//! A resource whose members are written out as they are read.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures::stream::try_unfold;
use scim_core::resource::project::{self, Projection};
use serde_json::{Map, Value};

use super::App;
use crate::resource::{Link, link_value};
use crate::service::{Members, Served};
use crate::{Error, StoreError};

/// Writes the members, the last attribute, behind what comes before them.
pub(super) struct Writer {
    app: Arc<App>,
    served: Arc<Served>,
    base_url: String,
    projection: Projection,
    members: Members,
    stage: Stage,
}

/// What is written next.
enum Stage {
    /// The resource without members, as JSON.
    Head(String),
    FirstMembers,
    MoreMembers,
    Nothing,
}

impl Writer {
    pub(super) fn new(
        (app, served): (&Arc<App>, &Arc<Served>),
        base_url: String,
        projection: &Projection,
        head: String,
        members: Members,
    ) -> Writer {
        Writer {
            app: Arc::clone(app),
            served: Arc::clone(served),
            base_url,
            projection: projection.clone(),
            members,
            stage: Stage::Head(head),
        }
    }

    /// The body. A client learns of a failure half way by a body that is cut off.
    pub(super) fn body(self) -> Body {
        Body::from_stream(try_unfold(self, |mut writer| async move {
            match writer.next().await {
                Ok(text) => Ok(text.map(|text| (Bytes::from(text), writer))),
                Err(error) => {
                    tracing::warn!(%error, "an answer was cut off while members were read");
                    Err(error)
                }
            }
        }))
    }

    async fn next(&mut self) -> Result<Option<String>, Error> {
        match &mut self.stage {
            Stage::Nothing => return Ok(None),
            Stage::Head(head) => {
                let mut head = std::mem::take(head);
                // The closing brace comes after the members.
                head.pop();
                self.stage = Stage::FirstMembers;
                return Ok(Some(head));
            }
            Stage::FirstMembers | Stage::MoreMembers => {}
        }
        while let Some(piece) = self.members.next().await? {
            let text = self.members_as_text(&piece)?;
            if !text.is_empty() {
                return Ok(Some(self.begun(&text)));
            }
        }
        let end = match self.stage {
            Stage::MoreMembers => "]}",
            Stage::Head(_) | Stage::FirstMembers | Stage::Nothing => "}",
        };
        self.stage = Stage::Nothing;
        Ok(Some(end.to_owned()))
    }

    /// What stands before these members, and they.
    fn begun(&mut self, text: &str) -> String {
        let attribute = Value::from(self.members.attribute());
        match std::mem::replace(&mut self.stage, Stage::MoreMembers) {
            Stage::MoreMembers => format!(",{text}"),
            Stage::Head(_) | Stage::FirstMembers | Stage::Nothing => {
                format!(",{attribute}:[{text}")
            }
        }
    }

    /// The chosen parts of members, between commas.
    fn members_as_text(&self, piece: &[Link]) -> Result<String, Error> {
        let endpoint_of = |name: &str| self.app.engine.catalog().endpoint_of(name);
        let values = piece.iter();
        let values = values.map(|link| link_value(link, &self.base_url, &endpoint_of));
        let attribute = self.members.attribute();
        let part = Map::from_iter([(attribute.to_owned(), values.collect())]);
        let part = project::project(&part, &self.served.resource_type, &self.projection);
        let Some(values) = part.get(attribute) else {
            return Ok(String::new());
        };
        let text = serde_json::to_string(values);
        let text = text.map_err(|error| Error::from(StoreError::Failed(error.into())))?;
        let inside = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        Ok(inside.unwrap_or_default().to_owned())
    }
}
