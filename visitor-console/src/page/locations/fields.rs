//! What can be said of a site: every preference that there is.

use crate::part::{Choice, Field, Form};
use crate::text as t;

pub(super) fn all(form: Form) -> Form {
    let form = branding(retention(safety(approvals(address(site(form))))));
    form.group(t::locations::DEFAULT_HOST)
        .field(Field::one(
            "defaultHost.type",
            t::locations::DEFAULT_TYPE,
            Choice::all(&t::locations::DEFAULT_TYPES),
        ))
        .field(
            Field::text("defaultHost.value", t::locations::DEFAULT_VALUE)
                .hint(t::locations::DEFAULT_VALUE_HINT),
        )
}

fn site(form: Form) -> Form {
    form.group(t::locations::SITE)
        .field(Field::text("name", t::locations::NAME).required())
        .field(Field::text("code", t::locations::CODE).hint(t::locations::CODE_HINT))
        .field(Field::lines("aliases", t::locations::ALIASES).hint(t::locations::ALIASES_HINT))
        .field(
            Field::text("timezone", t::locations::TIME_ZONE)
                .hint(t::locations::TIME_ZONE_HINT)
                .required(),
        )
        .field(Field::number("maxCapacity", t::locations::CAPACITY))
        .field(Field::yes("active", t::locations::ACTIVE))
}

fn address(form: Form) -> Form {
    form.group(t::locations::ADDRESS)
        .field(Field::long("address.formatted", t::locations::FORMATTED))
        .field(Field::text("address.locality", t::locations::LOCALITY))
        .field(Field::text("address.region", t::locations::REGION))
        .field(Field::text("address.postalCode", t::locations::POSTAL_CODE))
        .field(Field::text("address.country", t::locations::COUNTRY))
}

fn approvals(form: Form) -> Form {
    form.group(t::locations::APPROVALS)
        .field(Field::one(
            "approvals.policy",
            t::locations::POLICY,
            Choice::all(&t::locations::POLICIES),
        ))
        .field(Field::several(
            "approvals.watchlistColours",
            t::locations::COLOURS,
            Choice::all(&t::locations::COLOUR_NAMES),
        ))
        .field(Field::one(
            "approvals.manageIn",
            t::locations::MANAGE_IN,
            Choice::all(&t::locations::MANAGE_INS),
        ))
        .field(
            Field::text("approvals.workflow", t::locations::WORKFLOW)
                .hint(t::locations::WORKFLOW_HINT),
        )
        .field(Field::yes(
            "approvals.applyToSignIns",
            t::locations::SIGN_INS,
        ))
        .field(Field::several(
            "approvals.autoApproveRoles",
            t::locations::AUTO_APPROVE,
            Choice::all(&t::locations::AUTO_APPROVE_ROLES),
        ))
        .field(Field::yes(
            "approvals.notifyHost",
            t::locations::NOTIFY_HOST,
        ))
        .field(Field::yes(
            "approvals.notifyInviter",
            t::locations::NOTIFY_INVITER,
        ))
        .field(Field::one(
            "approvals.portalLink",
            t::locations::PORTAL_LINK,
            Choice::all(&t::locations::PORTAL_LINKS),
        ))
        .field(Field::one(
            "approvals.amend",
            t::locations::AMEND,
            Choice::all(&t::locations::AMENDS),
        ))
        .field(Field::number(
            "approvals.decisionDueHours",
            t::locations::DUE_HOURS,
        ))
        .field(Field::yes(
            "approvals.expireAtStart",
            t::locations::EXPIRE_AT_START,
        ))
}

fn safety(form: Form) -> Form {
    form.group(t::locations::SAFETY)
        .field(Field::one(
            "safety.onOutage",
            t::locations::ON_OUTAGE,
            Choice::all(&t::locations::ON_OUTAGES),
        ))
        .field(Field::number(
            "safety.decisionTtlMinutes",
            t::locations::TTL_MINUTES,
        ))
}

fn retention(form: Form) -> Form {
    form.group(t::locations::RETENTION)
        .field(Field::number(
            "retention.visitDays",
            t::locations::VISIT_DAYS,
        ))
        .field(Field::number(
            "retention.visitorDays",
            t::locations::VISITOR_DAYS,
        ))
        .field(Field::number(
            "retention.inviteDays",
            t::locations::INVITE_DAYS,
        ))
}

fn branding(form: Form) -> Form {
    form.group(t::locations::BRANDING)
        .field(Field::text("branding.logoUri", t::locations::LOGO))
        .field(Field::text("branding.colour", t::locations::COLOUR).hint(t::locations::COLOUR_HINT))
        .field(Field::text("branding.replyTo", t::locations::REPLY_TO))
}
