//! What can be said of a connection.

use serde_json::{Value, json};

use crate::api::Refused;
use crate::page::who;
use crate::part::form::Submitted;
use crate::part::{Choice, Field, Form};
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;

/// The fields of a new connection.
pub(super) fn of_new(form: Form) -> Form {
    let form = form.field(name()).field(Field::one(
        "kind",
        t::provisioning::KIND,
        Choice::all(&t::provisioning::KINDS),
    ));
    let form = form.field(policy()).field(on_existing()).field(expires());
    let form = form.field(scopes()).field(networks());
    form.field(Field::text("answers", t::provisioning::ANSWERS).hint(t::provisioning::ANSWERS_HINT))
}

/// The fields of a connection of a kind that is there.
pub(super) fn of_kind(form: Form, kind: &str) -> Form {
    let form = form
        .field(name())
        .field(Field::yes("active", t::provisioning::ACTIVE))
        .field(policy())
        .field(expires());
    let form = match kind {
        "idp" => form.field(on_existing()).field(
            Field::number("silentAfterHours", t::provisioning::SILENT)
                .hint(t::provisioning::SILENT_HINT),
        ),
        _ => form.field(scopes()),
    };
    let form = form.field(networks());
    match kind {
        "idp" | "csv" => guard(form.group(t::provisioning::GUARD)),
        _ => form,
    }
}

fn guard(form: Form) -> Form {
    form.field(
        Field::one(
            "guard.mode",
            t::provisioning::GUARD_MODE,
            Choice::all(&t::provisioning::GUARD_MODES),
        )
        .hint(t::provisioning::GUARD_HINT),
    )
    .field(Field::number(
        "guard.maxDeactivations",
        t::provisioning::GUARD_MAX,
    ))
    .field(Field::number(
        "guard.maxDeactivationPercent",
        t::provisioning::GUARD_PERCENT,
    ))
    .field(Field::number(
        "guard.holdHours",
        t::provisioning::GUARD_HOURS,
    ))
}

fn name() -> Field {
    Field::text("name", t::provisioning::NAME)
        .hint(t::provisioning::NAME_HINT)
        .required()
}

fn policy() -> Field {
    let choices = Choice::all(&t::provisioning::POLICIES_OF_READING);
    Field::one("policy", t::provisioning::POLICY, choices).hint(t::provisioning::POLICY_HINT)
}

fn on_existing() -> Field {
    let choices = Choice::all(&t::provisioning::ON_EXISTINGS);
    Field::one("onExisting", t::provisioning::ON_EXISTING, choices)
        .hint(t::provisioning::ON_EXISTING_HINT)
}

fn expires() -> Field {
    Field::date("expiresAt", t::provisioning::EXPIRES).hint(t::provisioning::EXPIRES_HINT)
}

fn scopes() -> Field {
    Field::lines("scopes", t::provisioning::SCOPES).hint(t::provisioning::SCOPES_HINT)
}

fn networks() -> Field {
    Field::lines("allowedNetworks", t::provisioning::NETWORKS).hint(t::provisioning::NETWORKS_HINT)
}

/// The document of a new connection, or the name of a host that is none.
pub(super) async fn document(
    reader: &Reader,
    form: &Form,
    sent: &Submitted,
) -> Result<Result<Value, String>, Refused> {
    let mut document = form.document("urn:visitor-hosts:scim:schemas:1.0:ApiToken", sent);
    let is_idp = document.text("kind") == "idp";
    if let Some(map) = document.as_object_mut() {
        map.remove("answers");
        if is_idp {
            map.remove("scopes");
        } else {
            map.remove("onExisting");
        }
    }
    let answers = sent.value("answers").trim();
    if document.text("kind") == "agent" && !answers.is_empty() {
        match who::meant(reader, "Host", answers).await? {
            Some(host) => document["agent"] = json!({ "owner": host.text("id") }),
            None => return Ok(Err(answers.to_owned())),
        }
    }
    Ok(Ok(document))
}
