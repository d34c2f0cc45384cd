//! Are PATCH requests taken and answered as RFC 7644 §3.5.2 says, whatever they change?

use serde_json::json;

use crate::client::Call;
use crate::suite::{
    Chapter, ENTERPRISE, PATCH_OP, Profile, USER, add, at, ensure, must, patch_body, pathless,
    refs, remove, replace, should, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "patch",
    title: "PATCH in general, RFC 7644 §3.5.2",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.5.2-a",
            "a PATCH that succeeds answers 200 with the resource, or 204 without a body",
            "answer 200 with the whole resource",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let said = t
                    .patch(&made, [replace("displayName", "Patched")])
                    .await?
                    .status(&[200, 204])?;
                if said.code() == 204 {
                    let empty = said.text().is_empty();
                    return said.ensure(empty, "expected no body with 204").map(drop);
                }
                said.has("displayName", "Patched")?
                    .has("id", made.id)
                    .map(drop)
            }
        ),
        must!(
            "RFC7644-3.5.2-b",
            "a PATCH with attributes answers 200 with those attributes",
            "answer 200 where the client asks for attributes",
            async |t| {
                t.offers("patch")?;
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let call = Call::new("PATCH", made.path())
                    .with_query("attributes=displayName")
                    .with_body(patch_body([replace("displayName", "Asked")]));
                t.send(call)
                    .await?
                    .status(&[200])?
                    .has("displayName", "Asked")?
                    .lacks("userName")
            }
        ),
        must!(
            "RFC7644-3.5.2-c",
            "a PATCH of an unknown id is answered 404",
            "look the resource up first",
            async |t| {
                t.offers("patch")?;
                let path = format!("{}/{}", t.endpoint("User")?, t.name());
                t.send(
                    Call::new("PATCH", path).with_body(patch_body([replace("displayName", "x")])),
                )
                .await?
                .status(&[404])
            }
        ),
        must!(
            "RFC7644-3.5.2-d",
            "operations are applied in their order",
            "apply each operation to what the one before left",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let operations = [
                    replace("displayName", "one"),
                    replace("displayName", "two"),
                    replace("displayName", "three"),
                ];
                t.patched(&made, operations)
                    .await?
                    .has("displayName", "three")
            }
        ),
        must!(
            "RFC7644-3.5.2-e",
            "a PATCH is atomic: if one operation fails, nothing has changed",
            "apply all operations in one transaction",
            async |t| {
                t.needs("User", &["displayName", "active"])?;
                let made = t.user().await?;
                let operations = [
                    replace("displayName", "Half done"),
                    replace("active", json!({"a": 1})),
                ];
                t.patch(&made, operations).await?.refused_somehow()?;
                t.read(&made)
                    .await?
                    .has("displayName", made.body["displayName"].clone())
            }
        )
        .finds(&[5]),
        must!(
            "RFC7644-3.5.2-f",
            "an op that is none of add, remove and replace is refused with 400",
            "answer 400 with invalidSyntax",
            async |t| {
                let made = t.user().await?;
                let operation = json!({"op": "move", "path": "displayName", "value": "x"});
                t.patch(&made, [operation])
                    .await?
                    .refused(400, &["invalidSyntax", "invalidValue"])
            }
        ),
        must!(
            "RFC7644-3.5.2-g",
            "op is written in small letters",
            "refuse Add and REPLACE, or accept them for identity providers that write them so",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let operation = json!({"op": "Replace", "path": "displayName", "value": "x"});
                t.patch(&made, [operation]).await?.status(&[400])
            }
        )
        .unless("opAnyCase"),
        must!(
            "RFC7644-3.5.2-h",
            "a PATCH without operations is refused",
            "answer 400 with invalidSyntax, or take it as no change",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [])
                    .await?
                    .refused(400, &["invalidSyntax", "invalidValue"])
            }
        )
        .unless("emptyOperations")
        .finds(&[23]),
        must!(
            "RFC7644-3.5.2-i",
            "a PATCH body whose schemas does not name PatchOp is refused",
            "require the URN of PatchOp in schemas, or accept its absence",
            async |t| {
                t.offers("patch")?;
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let body = json!({"Operations": [replace("displayName", "x")]});
                t.send(Call::new("PATCH", made.path()).with_body(body))
                    .await?
                    .status(&[400])
            }
        )
        .unless("undeclaredPatchOp"),
        must!(
            "RFC7644-3.5.2-j",
            "Operations is required",
            "answer 400 with invalidSyntax where Operations is missing",
            async |t| {
                t.offers("patch")?;
                let made = t.user().await?;
                let body = json!({"schemas": [PATCH_OP], "displayName": "x"});
                t.send(Call::new("PATCH", made.path()).with_body(body))
                    .await?
                    .refused(400, &["invalidSyntax", "invalidValue"])
            }
        ),
        must!(
            "RFC7644-3.5.2-k",
            "a PATCH of a readOnly attribute is refused with mutability",
            "refuse to change id and meta with 400 and mutability, or pass over them for \
             identity providers that send them",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [replace("id", t.name())])
                    .await?
                    .refused(400, &["mutability"])
            }
        )
        .unless("ignoreReadOnly"),
        must!(
            "RFC7644-3.5.2-l",
            "whatever is answered, a PATCH never changes an id",
            "keep id readOnly",
            async |t| {
                let (made, other) = (t.user().await?, t.user().await?);
                t.patch(&made, [pathless("replace", json!({"id": other.id}))])
                    .await?;
                t.read(&made)
                    .await?
                    .has("userName", made.body["userName"].clone())?;
                t.read(&other)
                    .await?
                    .has("userName", other.body["userName"].clone())
            }
        )
        .finds(&[28]),
        must!(
            "RFC7644-3.5.2-m",
            "a path that names no attribute of the schema is refused with invalidPath",
            "answer 400 with invalidPath, or pass over unknown attributes for identity providers \
             that send them",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [add("scimconfUnknown", "x")])
                    .await?
                    .refused(400, &["invalidPath", "noTarget", "invalidSyntax"])
            }
        )
        .unless("ignoreUnknownAttributes")
        .finds(&[25]),
        must!(
            "RFC7644-3.5.2-n",
            "a path that does not follow the grammar is refused with invalidPath",
            "answer 400 with invalidPath",
            async |t| {
                t.needs("User", &["emails"])?;
                let made = t.user().await?;
                for path in ["emails[type eq", "emails]", "name..givenName"] {
                    t.patch(&made, [replace(path, "x")])
                        .await?
                        .refused(400, &["invalidPath", "invalidFilter"])?;
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.5.2-o",
            "a value of the wrong type is refused with invalidValue",
            "answer 400 with invalidValue",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.patch(&made, [replace("active", json!({"a": 1}))])
                    .await?
                    .refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        must!(
            "RFC7644-3.5.2-p",
            "the names in a path pass over case",
            "match the names of attributes without regard to case",
            async |t| {
                t.needs("User", &["name.familyName"])?;
                let made = t.user().await?;
                t.patched(&made, [replace("NAME.familyname", "Any Case")])
                    .await?
                    .has("name.familyName", "Any Case")
            }
        ),
        must!(
            "RFC7644-3.10-e",
            "a path may name an attribute of an extension with its URN",
            "read urn:…:enterprise:2.0:User:department as a path",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t.user().await?;
                t.patched(&made, [add(&department, "Tools")])
                    .await?
                    .has(&department, "Tools")
            }
        ),
        must!(
            "RFC7644-3.10-f",
            "an attribute of an extension is not named without its URN",
            "refuse department as a path with invalidPath, or accept short names for identity \
             providers that use them",
            async |t| {
                t.needs("User", &[&format!("{ENTERPRISE}:department")])?;
                let made = t.user().await?;
                t.patch(&made, [add("department", "Tools")])
                    .await?
                    .refused(400, &["invalidPath", "noTarget", "invalidSyntax"])
            }
        )
        .unless("shortExtensionPaths"),
        must!(
            "RFC7644-3.10-g",
            "a path may name a core attribute with its URN",
            "read urn:…:core:2.0:User:displayName as a path",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let path = format!("{USER}:displayName");
                t.patched(&made, [replace(&path, "By URN")])
                    .await?
                    .has("displayName", "By URN")
            }
        ),
        must!(
            "RFC7643-2.1-b",
            "the keys of a value are names, not paths",
            "refuse name.givenName as a key, or accept it for identity providers that send it",
            async |t| {
                t.needs("User", &["name.givenName"])?;
                let made = t.user().await?;
                t.patch(
                    &made,
                    [pathless("replace", json!({"name.givenName": "Dotted"}))],
                )
                .await?
                .status(&[400])
            }
        )
        .unless("dottedKeys"),
        must!(
            "RFC7644-3.5.2-q",
            "a PATCH to the userName of another user is refused with 409",
            "check uniqueness in PATCH as in POST",
            async |t| {
                let (one, two) = (t.user().await?, t.user().await?);
                t.patch(&two, [replace("userName", one.body["userName"].clone())])
                    .await?
                    .refused(409, &["uniqueness"])
            }
        ),
        must!(
            "RFC7644-3.5.2-r",
            "a changed userName is found, and the old one is not",
            "keep look-ups in step with PATCH",
            async |t| {
                t.offers("filter")?;
                let made = t.user().await?;
                let name = format!("{}@example.com", t.name());
                t.patched(&made, [replace("userName", name.as_str())])
                    .await?
                    .has("userName", name.clone())?;
                t.find("User", &format!(r#"userName eq "{name}""#))
                    .await?
                    .list()?
                    .has_only(&made.id)?;
                let old = made.body["userName"].as_str().unwrap_or_default();
                t.find("User", &format!(r#"userName eq "{old}""#))
                    .await?
                    .list()?
                    .has_none()
            }
        ),
        must!(
            "RFC7644-3.5.2-s",
            "at most one value of a list is primary: setting it on one takes it from the others",
            "clear primary on the other values",
            async |t| {
                t.needs("User", &["emails", "emails.primary", "emails.type"])?;
                let made = t.user().await?;
                let address = format!("{}@home.example", t.name());
                let value = json!([{"value": address, "type": "home", "primary": true}]);
                let said = t
                    .patched(&made, [add("emails", value)])
                    .await?
                    .counts("emails", 2)?;
                let primary: Vec<_> = values(at(said.body(), "emails"))
                    .iter()
                    .filter(|it| at(it, "primary") == true)
                    .map(|it| at(it, "value").clone())
                    .collect();
                said.ensure(
                    primary == [json!(address)],
                    format!("primary are {primary:?}"),
                )
            }
        ),
        should!(
            "RFC7644-3.5.2-t",
            "a PATCH that changes something changes meta.lastModified",
            "set lastModified with every change",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let before = t.read(&made).await?.string("meta.lastModified");
                t.tick(&before).await;
                let after = t
                    .patched(&made, [replace("displayName", "Changed")])
                    .await?
                    .string("meta.lastModified");
                ensure(before != after, "expected another meta.lastModified")
            }
        ),
        must!(
            "RFC7644-3.5.2-u",
            "a long text is stored whole",
            "store every word of a value",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let text = "Several words, and a few more: ".repeat(8);
                t.patched(&made, [replace("displayName", text.trim())])
                    .await?
                    .has("displayName", text.trim())
            }
        )
        .finds(&[18]),
        must!(
            "RFC7644-3.5.2-v",
            "a PATCH changes nothing that it does not name",
            "leave other attributes alone",
            async |t| {
                t.needs("User", &["displayName", "name", "emails"])?;
                let made = t.user().await?;
                let said = t
                    .patched(&made, [replace("displayName", "Only this")])
                    .await?;
                said.has("name", made.body["name"].clone())?
                    .has("emails", made.body["emails"].clone())?
                    .has("userName", made.body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.5.2-w",
            "removing a required attribute is refused with 400",
            "refuse to remove userName with mutability or invalidValue",
            async |t| {
                let made = t.user().await?;
                t.patch(&made, [remove("userName")]).await?.status(&[400])?;
                t.read(&made)
                    .await?
                    .has("userName", made.body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.5.2-x",
            "a group's displayName can be patched without touching its members",
            "change only what the path names",
            async |t| {
                t.needs("Group", &["members"])?;
                let user = t.user().await?;
                let group = t.group(&[&user]).await?;
                let name = format!("{} renamed", t.name());
                t.patched(&group, [replace("displayName", name.as_str())])
                    .await?
                    .has("displayName", name)?
                    .has("members", refs(&[&user]))
            }
        )
        .finds(&[6]),
    ],
};
