//! Does the server take the changes of users that Microsoft Entra ID sends?

use serde_json::{Value, json};

use super::entra::op;
use crate::client::Call;
use crate::suite::{
    Chapter, ENTERPRISE, Profile, at, contains, idp, patch_body, pathless, replace, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "entra-changes",
    title: "Microsoft Entra ID: changes of users",
    profile: Profile::Entra,
    checks: &[
        idp!(
            "ENTRA-patch-user-answer",
            "a PATCH of a user is answered 200 with the resource",
            "answer 200 with the whole user",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.patch(&made, [op("Replace", "displayName", "Answered")]).await?.status(&[200])?.has("displayName", "Answered")
            }
        ),
        idp!(
            "ENTRA-patch-capital-ops",
            "Add, Replace and Remove are understood",
            "read op without regard to case",
            async |t| {
                t.needs("User", &["displayName", "title"])?;
                let made = t.user().await?;
                let operations = [op("Add", "title", "Engineer"), op("Replace", "displayName", "Capitals")];
                t.patched(&made, operations).await?.has("title", "Engineer")?.has("displayName", "Capitals")?;
                t.patched(&made, [json!({"op": "Remove", "path": "title"})]).await?.lacks("title")
            }
        )
        .finds(&[7]),
        idp!(
            "ENTRA-disable-as-text",
            "a user is disabled by Replace active \"False\"",
            "read \"False\" as false",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [op("Replace", "active", "False")]).await?.has("active", false)
            }
        )
        .finds(&[7, 8]),
        idp!(
            "ENTRA-enable-as-text",
            "a user is enabled by Replace active \"True\"",
            "read \"True\" as true",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user_with(json!({"active": false})).await?;
                t.patched(&made, [op("Replace", "active", "True")]).await?.has("active", true)
            }
        )
        .finds(&[8]),
        idp!(
            "ENTRA-disable-flagged",
            "a user is disabled by replace active false",
            "accept booleans",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("active", false)]).await?.has("active", false)
            }
        ),
        idp!(
            "ENTRA-disabled-is-found",
            "a disabled user is still read and found, at once and with active false",
            "return inactive users: only DELETE makes a user disappear",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patched(&made, [op("Replace", "active", false)]).await?.has("active", false)?;
                let filter = format!(r#"userName eq "{}""#, made.body["userName"].as_str().unwrap_or_default());
                t.find("User", &filter).await?.list()?.has_only(&made.id)?.said.has("Resources.active", false)
            }
        )
        .finds(&[30]),
        idp!(
            "ENTRA-reprovision",
            "a user who was disabled can be enabled and changed again",
            "keep disabled users as they are",
            async |t| {
                t.needs("User", &["active", "displayName"])?;
                let made = t.user_with(json!({"externalId": t.name()})).await?;
                t.patched(&made, [op("Replace", "active", false)]).await?;
                let operations = [op("Replace", "active", true), op("Replace", "displayName", "Back again")];
                t.patched(&made, operations).await?.has("active", true)?.has("displayName", "Back again")
            }
        )
        .finds(&[20]),
        idp!(
            "ENTRA-patch-existing-value",
            "Replace emails[type eq \"work\"].value changes that address alone",
            "apply the path to the value it selects",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let name = t.name();
                let made = t.user_with(json!({"emails": two_emails(&name)})).await?;
                let new = format!("{name}@new.example");
                let said = t.patched(&made, [op("Replace", r#"emails[type eq "work"].value"#, new.as_str())]).await?;
                let list = at(said.body(), "emails");
                let right = contains(list, &json!({"type": "work", "value": new}))
                    && contains(list, &json!({"type": "home", "value": format!("{name}@home.example")}));
                said.ensure(right, "expected the new work address and the old home address")?.counts("emails", 2)
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-patch-creates-value",
            "Add and Replace phoneNumbers[type eq \"mobile\"].value create the number where \
             there is none",
            "create the value that the filter describes",
            async |t| {
                t.needs("User", &["phoneNumbers", "phoneNumbers.type"])?;
                for name in ["Add", "Replace"] {
                    let made = t.user().await?;
                    let operation = op(name, r#"phoneNumbers[type eq "mobile"].value"#, "+41 79 000 00 00");
                    t.patched(&made, [operation]).await?.has("phoneNumbers", json!([{"type": "mobile", "value": "+41 79 000 00 00"}]))?;
                }
                Ok(())
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-patch-creates-beside",
            "a value that is created leaves the others of the list",
            "append the new value",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let made = t.user().await?;
                let address = format!("{}@other.example", t.name());
                let said = t.patched(&made, [op("Replace", r#"emails[type eq "other"].value"#, address.as_str())]).await?;
                let list = at(said.body(), "emails");
                let right = contains(list, &json!({"type": "other", "value": address})) && contains(list, &made.body["emails"][0]);
                said.ensure(right, "expected the new address beside the old one")
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-patch-creates-one-address",
            "several operations with one filter create one address",
            "let later operations find what earlier ones created",
            async |t| {
                t.needs("User", &["addresses.streetAddress", "addresses.locality", "addresses.type"])?;
                let made = t.user().await?;
                let operations = [
                    op("Add", r#"addresses[type eq "work"].streetAddress"#, "Lane 1"),
                    op("Add", r#"addresses[type eq "work"].locality"#, "Zürich"),
                ];
                t.patched(&made, operations).await?.has("addresses", json!([{"type": "work", "streetAddress": "Lane 1", "locality": "Zürich"}]))
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-patch-one-miss",
            "an operation that selects nothing does not take the others of a PATCH with it",
            "create the value, or at least apply the rest",
            async |t| {
                t.needs("User", &["displayName", "phoneNumbers", "phoneNumbers.type"])?;
                let made = t.user().await?;
                let operations = [
                    op("Replace", "displayName", "Not lost"),
                    op("Replace", r#"phoneNumbers[type eq "fax"].value"#, "+41 44 000 00 01"),
                ];
                t.patched(&made, operations).await?.has("displayName", "Not lost")
            }
        )
        .finds(&[9]),
        idp!(
            "ENTRA-patch-dotted-keys",
            "a value without a path may have paths as keys: name.givenName and \
             urn:…:User:employeeNumber",
            "read the keys of such a value as paths",
            async |t| {
                let number = format!("{ENTERPRISE}:employeeNumber");
                t.needs("User", &["displayName", "name.givenName", "name.familyName", &number])?;
                let made = t.user().await?;
                let value = json!({"displayName": "Bjfe", "name.givenName": "Kkom", "name.familyName": "Unua", number.clone(): "Aklq"});
                let said = t.patched(&made, [pathless("replace", value)]).await?;
                said.has("displayName", "Bjfe")?.has("name.givenName", "Kkom")?.has("name.familyName", "Unua")?.has(&number, "Aklq")
            }
        )
        .finds(&[10]),
        idp!(
            "ENTRA-patch-extension",
            "Add and Replace with the path of an extension's attribute work for a user without \
             the extension",
            "add the extension with its first attribute",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t.user().await?;
                t.patched(&made, [op("Add", &department, "Tools")]).await?.has(&department, "Tools")?;
                t.patched(&made, [op("Replace", &department, "Toys")]).await?.has(&department, "Toys")
            }
        ),
        idp!(
            "ENTRA-manager-as-text",
            "Add of the manager with the id as text sets the manager",
            "read a text as the value of manager",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let (boss, made) = (t.user().await?, t.user().await?);
                t.patched(&made, [op("Add", &manager, boss.id.as_str())]).await?.has(&format!("{manager}.value"), boss.id)
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-manager-as-list",
            "Add of manager with a list of one reference sets the manager",
            "read manager as the extension's attribute, and a list of one as its value",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let (boss, made) = (t.user().await?, t.user().await?);
                let value = json!([{"$ref": format!("{}{}", t.base(), boss.path()), "value": boss.id}]);
                t.patched(&made, [op("Add", "manager", value)]).await?.has(&format!("{manager}.value"), boss.id)
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-manager-cleared",
            "Replace of the manager with an empty text takes the manager away",
            "read an empty text as no value",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let boss = t.user().await?;
                let made = t.user_with(json!({ENTERPRISE: {"manager": {"value": boss.id}}})).await?;
                t.patched(&made, [op("Replace", &manager, "")]).await?.lacks(&format!("{manager}.value"))
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-manager-removed",
            "Remove of the manager takes the manager away",
            "remove the attribute",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let boss = t.user().await?;
                let made = t.user_with(json!({ENTERPRISE: {"manager": {"value": boss.id}}})).await?;
                let value = json!({"op": "Remove", "path": manager, "value": ""});
                t.patched(&made, [value]).await?.lacks(&format!("{manager}.value"))
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-manager-again",
            "the same manager again changes nothing",
            "recognise a manager that is set already, or every cycle writes",
            async |t| {
                let manager = format!("{ENTERPRISE}:manager");
                t.needs("User", &[&manager])?;
                let (boss, made) = (t.user().await?, t.user().await?);
                let before = t.patched(&made, [op("Add", &manager, boss.id.as_str())]).await?.string("meta.lastModified");
                t.tick(&before).await;
                let said = t.patched(&made, [op("Add", &manager, boss.id.as_str())]).await?;
                said.has(&format!("{manager}.value"), boss.id)?.has("meta.lastModified", before)
            }
        )
        .finds(&[11]),
        idp!(
            "ENTRA-roles-as-json-text",
            "Add of a role that is JSON inside a text adds the role",
            "parse texts where complex values are expected",
            async |t| {
                t.needs("User", &["roles"])?;
                let made = t.user().await?;
                let role = r#"{"id":"18d14569-c3bd-439b-9a66-3a2aee01d14f","value":"Admin","displayName":"Admin"}"#;
                t.patched(&made, [op("Add", "roles", json!([{"value": role}]))]).await?.has("roles.value", "Admin")
            }
        )
        .finds(&[12]),
        idp!(
            "ENTRA-roles-path",
            "Replace roles[primary eq \"True\"].value sets the primary role",
            "compare booleans with \"True\", and create the value that the filter describes",
            async |t| {
                t.needs("User", &["roles", "roles.primary"])?;
                let made = t.user().await?;
                t.patched(&made, [op("Add", r#"roles[primary eq "True"].value"#, "Editor")]).await?
                    .has("roles", json!([{"value": "Editor", "primary": true}]))
            }
        )
        .finds(&[8, 12]),
        idp!(
            "ENTRA-roles-replaced",
            "Replace roles sets the new list",
            "replace the whole list",
            async |t| {
                t.needs("User", &["roles"])?;
                let made = t.user_with(json!({"roles": [{"value": "Old"}]})).await?;
                t.patched(&made, [op("Replace", "roles", json!([{"value": "New", "display": "New"}]))]).await?.has("roles", json!([{"value": "New"}]))
            }
        ),
        idp!(
            "ENTRA-clear-with-null",
            "Replace with null clears an attribute",
            "read null as no value",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user_with(json!({"title": "Engineer"})).await?;
                t.patched(&made, [op("Replace", "title", Value::Null)]).await?.lacks("title")
            }
        ),
        idp!(
            "ENTRA-clear-with-empty-text",
            "Replace with an empty text clears an attribute",
            "read an empty text as no value",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user_with(json!({"title": "Engineer"})).await?;
                let said = t.patched(&made, [op("Replace", "title", "")]).await?;
                let cleared = at(said.body(), "title").as_str().unwrap_or_default().is_empty();
                said.ensure(cleared, "expected no title")
            }
        ),
        idp!(
            "ENTRA-unknown-attribute",
            "an attribute that the server does not have is no reason to refuse the rest of a PATCH",
            "pass over unknown attributes",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let operations = [op("Replace", "displayName", "Known"), op("Add", "scimconfUnknown", "x")];
                t.patched(&made, operations).await?.has("displayName", "Known")
            }
        )
        .finds(&[25]),
        idp!(
            "ENTRA-undeclared-patch",
            "a PATCH body may be sent as application/json",
            "accept application/json for PATCH",
            async |t| {
                t.needs("User", &["displayName"])?;
                t.offers("patch")?;
                let made = t.user().await?;
                let call = Call::new("PATCH", made.path()).with_header("Content-Type", "application/json")
                    .with_body(patch_body([op("Replace", "displayName", "Plain JSON")]));
                t.send(call).await?.status(&[200, 204])?;
                t.read(&made).await?.has("displayName", "Plain JSON")
            }
        )
        .finds(&[21]),
        idp!(
            "ENTRA-remove-email",
            "Remove emails[type eq \"work\"].value leaves no such address",
            "remove the sub-attribute, and the value with its last sub-attribute that says \
             something",
            async |t| {
                t.needs("User", &["emails", "emails.type"])?;
                let name = t.name();
                let made = t.user_with(json!({"emails": two_emails(&name)})).await?;
                let operation = json!({"op": "Remove", "path": r#"emails[type eq "work"].value"#});
                let said = t.patched(&made, [operation]).await?;
                let gone = values(at(said.body(), "emails")).iter().all(|it| at(it, "value") != format!("{name}@work.example").as_str());
                said.ensure(gone, "expected no work address")
            }
        ),
    ],
};

fn two_emails(name: &str) -> Value {
    json!([
        {"value": format!("{name}@work.example"), "type": "work", "primary": true},
        {"value": format!("{name}@home.example"), "type": "home"},
    ])
}
