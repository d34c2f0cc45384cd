//! Is what a POST sends created, and created as RFC 7644 §3.3 says?

use serde_json::{Value, json};

use crate::client::Call;
use crate::suite::{
    Chapter, ENTERPRISE, Profile, Stop, USER, at, ensure, fail, merged, must, not_applicable, refs,
    should, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "create",
    title: "creating resources, RFC 7644 §3.3",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.3-a",
            "a POST that creates answers 201",
            "answer 201 Created",
            async |t| { t.create("User", t.new_user()).await?.status(&[201]) }
        ),
        must!(
            "RFC7644-3.3-b",
            "the answer to a POST is the representation, with an id of the server",
            "put the created resource with its id into the body of the 201",
            async |t| {
                let body = t.new_user();
                let said = t.create("User", body.clone()).await?.status(&[201])?;
                said.has_some("id")?.has("userName", body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.3-c",
            "the answer to a POST has a Location header, equal to meta.location",
            "send Location with the URI of the new resource, and the same in meta.location",
            async |t| {
                let said = t.create("User", t.new_user()).await?.status(&[201])?;
                let Some(location) = said.header("location").map(str::to_owned) else {
                    return fail("expected a Location header");
                };
                said.has("meta.location", location)
            }
        ),
        must!(
            "RFC7644-3.3-d",
            "what was created can be read at its Location",
            "serve each resource at the URI that Location names",
            async |t| {
                let said = t.create("User", t.new_user()).await?.status(&[201])?;
                let location = said.header("location").unwrap_or_default().to_owned();
                let Some(path) = location.strip_prefix(t.base()) else {
                    return Err(Stop::CouldNotRun(format!(
                        "Location {location:?} does not begin with {}; --public-url tells the \
                         suite another base",
                        t.base()
                    )));
                };
                t.get(path).await?.status(&[200])?.has("id", said.string("id")).map(drop)
            }
        ),
        must!(
            "RFC7644-3.3-e",
            "an id that a client sends with a POST is passed over",
            "choose ids yourself: id is readOnly",
            async |t| {
                let wanted = t.name();
                let body = merged(t.new_user(), json!({"id": wanted}));
                let said = t.create("User", body).await?.status(&[201])?;
                let id = said.string("id");
                said.ensure(!id.is_empty() && id != wanted, format!("expected an id of the server, found {id:?}"))
            }
        )
        .finds(&[28]),
        must!(
            "RFC7644-3.3-f",
            "meta that a client sends with a POST is passed over",
            "set meta yourself: it is readOnly",
            async |t| {
                let meta = json!({"resourceType": "Robot", "created": "2001-01-01T00:00:00Z", "location": "https://example.com/"});
                let body = merged(t.new_user(), json!({"meta": meta}));
                let said = t.create("User", body).await?.status(&[201])?.has("meta.resourceType", "User")?;
                let created = said.string("meta.created");
                said.ensure(!created.starts_with("2001"), "expected meta.created of the server")
            }
        ),
        must!(
            "RFC7644-3.3-g",
            "a group is created with the members that the POST names",
            "store members of a new group, or refuse the POST",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let said = t.create("Group", t.new_group(&[&one, &two])).await?.status(&[201])?;
                let path = format!("{}/{}", t.endpoint("Group")?, said.string("id"));
                t.get(&path).await?.status(&[200])?.has("members", refs(&[&one, &two]))
            }
        ),
        must!(
            "RFC7644-3.3.1-a",
            "meta of a new resource has resourceType, created, lastModified and location",
            "fill meta when a resource is created",
            async |t| {
                let made = t.user().await?;
                let said = t.read(&made).await?.has("meta.resourceType", "User")?;
                said.has_some("meta.created")?.has_some("meta.lastModified")?.has_some("meta.location")
            }
        ),
        must!(
            "RFC7644-3.3-h",
            "a POST with the userName of another user is refused with 409 and uniqueness",
            "look the unique attributes up before creating, and answer 409 with scimType \
             uniqueness",
            async |t| {
                let made = t.user().await?;
                let body = merged(t.new_user(), json!({"userName": made.body["userName"]}));
                t.create("User", body).await?.refused(409, &["uniqueness"])
            }
        ),
        must!(
            "RFC7643-4.1.1-b",
            "userName is unique without regard to case",
            "compare userName without regard to case when looking for duplicates",
            async |t| {
                let made = t.user().await?;
                let upper = made.body["userName"].as_str().unwrap_or_default().to_uppercase();
                let body = merged(t.new_user(), json!({"userName": upper}));
                t.create("User", body).await?.status(&[409])
            }
        )
        .finds(&[32]),
        must!(
            "RFC7644-3.3-i",
            "a user without userName is refused with 400",
            "refuse a body that lacks a required attribute with 400 and invalidValue",
            async |t| {
                let body = merged(t.new_user(), json!({"userName": null}));
                t.create("User", body).await?.refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        must!(
            "RFC7643-4.2-b",
            "a group without displayName is refused with 400",
            "refuse a body that lacks a required attribute with 400 and invalidValue",
            async |t| {
                t.endpoint("Group")?;
                let declared = t.discovered().attribute("Group", "displayName");
                if declared.is_some_and(|it| at(&it, "required") == false) {
                    return not_applicable("the schema of groups does not require displayName");
                }
                let body = merged(t.new_group(&[]), json!({"displayName": null}));
                t.create("Group", body).await?.refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        must!(
            "RFC7643-2.5-a",
            "null and an empty list are as good as leaving an attribute out",
            "treat null and [] as no value",
            async |t| {
                t.needs("User", &["title", "phoneNumbers"])?;
                let mut body = t.new_user();
                body["title"] = Value::Null;
                body["phoneNumbers"] = json!([]);
                let said = t.create("User", body).await?.status(&[201])?;
                said.lacks("title")?.lacks("phoneNumbers")
            }
        ),
        should!(
            "RFC7643-2.5-b",
            "an attribute without a value is left out of answers rather than null",
            "omit attributes that have no value from representations",
            async |t| {
                let made = t.user().await?;
                let said = t.read(&made).await?;
                let nulls: Vec<String> = said.body().as_object().into_iter().flatten()
                    .filter(|(_, value)| value.is_null()).map(|(name, _)| name.clone()).collect();
                said.ensure(nulls.is_empty(), format!("expected no nulls, found {nulls:?}"))
            }
        )
        .finds(&[32]),
        must!(
            "RFC7643-2.1-a",
            "attribute names are read without regard to case",
            "match the names of attributes without regard to case",
            async |t| {
                t.needs("User", &["displayName"])?;
                let mut body = merged(t.new_user(), json!({"userName": null, "displayName": null}));
                let name = t.name();
                body["USERNAME"] = json!(format!("{name}@example.com"));
                body["displayname"] = json!("Any Case");
                let said = t.create("User", body).await?.status(&[201])?;
                said.has("userName", format!("{name}@example.com"))?.has("displayName", "Any Case")
            }
        ),
        must!(
            "RFC7643-3.3-a",
            "attributes of an extension are stored below its URN, and schemas names it",
            "keep extensions in an object of their own and add their URN to schemas",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let made = t.user_with(json!({ENTERPRISE: {"department": "Tools"}})).await?;
                let said = t.read(&made).await?.has(&department, "Tools")?;
                let named = values(at(said.body(), "schemas")).iter().any(|urn| urn == ENTERPRISE);
                said.ensure(named, "expected the URN of the extension in schemas")
            }
        ),
        must!(
            "RFC7643-3-b",
            "schemas of a user names the core schema",
            "return schemas with every representation",
            async |t| {
                let made = t.user().await?;
                let said = t.read(&made).await?;
                let named = values(at(said.body(), "schemas")).iter().any(|urn| urn == USER);
                said.ensure(named, format!("expected {USER} in schemas"))
            }
        ),
        must!(
            "RFC7643-3.1-b",
            "externalId is stored as it was sent",
            "store externalId and return it",
            async |t| {
                let name = format!("{}-É", t.name());
                let made = t.user_with(json!({"externalId": name})).await?;
                t.read(&made).await?.has("externalId", name)
            }
        ),
        must!(
            "RFC7643-4.1.1-c",
            "a password is never returned",
            "leave password out of every answer: returned is never",
            async |t| {
                t.needs("User", &["password"])?;
                let body = merged(t.new_user(), json!({"password": "T4!scimconf-pA55w0rd"}));
                let said = t.create("User", body).await?.status(&[201])?.lacks("password")?;
                let path = format!("{}/{}", t.endpoint("User")?, said.string("id"));
                t.get(&path).await?.lacks("password")?;
                t.query(&path, &[("attributes", "password")]).await?.lacks("password")
            }
        ),
        must!(
            "RFC7643-2.3-a",
            "texts are stored as they were sent, in any script",
            "store UTF-8 without change",
            async |t| {
                t.needs("User", &["displayName"])?;
                let text = "Zoë Ωmega 李 😀 O'Neil \"quoted\" \\ back";
                let made = t.user_with(json!({"displayName": text})).await?;
                t.read(&made).await?.has("displayName", text)
            }
        )
        .finds(&[15]),
        must!(
            "RFC7643-2.3-b",
            "active is stored and returned as a boolean",
            "return active as true or false, not as text",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user_with(json!({"active": false})).await?;
                t.read(&made).await?.has("active", false)
            }
        ),
        must!(
            "RFC7643-2.4-a",
            "a multi-valued attribute keeps its values with type and primary",
            "store every value of a list with its sub-attributes",
            async |t| {
                t.needs("User", &["emails", "emails.type", "emails.primary"])?;
                let name = t.name();
                let emails = json!([
                    {"value": format!("{name}@work.example"), "type": "work", "primary": true},
                    {"value": format!("{name}@home.example"), "type": "home"},
                ]);
                let made = t.user_with(json!({"emails": emails})).await?;
                t.read(&made).await?.has("emails", emails)
            }
        ),
        must!(
            "RFC7643-2.4-b",
            "no more than one value of a list is primary",
            "refuse two primary values, or keep one of them primary",
            async |t| {
                t.needs("User", &["emails", "emails.primary"])?;
                let name = t.name();
                let emails = json!([
                    {"value": format!("{name}@a.example"), "type": "work", "primary": true},
                    {"value": format!("{name}@b.example"), "type": "home", "primary": true},
                ]);
                let said = t.create("User", merged(t.new_user(), json!({"emails": emails}))).await?;
                if !said.succeeded() {
                    return said.status(&[400]).map(drop);
                }
                let primary = values(at(said.body(), "emails")).iter().filter(|it| at(it, "primary") == true).count();
                ensure(primary <= 1, format!("expected one primary e-mail address, found {primary}"))
            }
        ),
        must!(
            "RFC7644-3.3-j",
            "a value of the wrong type is refused with 400",
            "check types and answer 400 with invalidValue",
            async |t| {
                let body = merged(t.new_user(), json!({"userName": {"a": [1]}}));
                t.create("User", body).await?.refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        must!(
            "RFC7644-3.3-k",
            "a body that is no JSON is refused with 400 and invalidSyntax",
            "answer 400 with scimType invalidSyntax where a body cannot be parsed",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?).with_text("{\"userName\": ");
                t.send(call).await?.refused(400, &["invalidSyntax"])
            }
        ),
        must!(
            "RFC7644-3.3-l",
            "a body that is no object is refused with 400",
            "answer 400 where a body is a list or a text",
            async |t| { t.create("User", json!(["userName"])).await?.refused(400, &["invalidSyntax", "invalidValue"]) }
        ),
        must!(
            "RFC7643-3-c",
            "a body whose schemas does not name the schema of the resource is refused",
            "require the core URN in schemas, or accept its absence for identity providers that \
             leave it out",
            async |t| {
                let body = merged(t.new_user(), json!({"schemas": ["urn:example:params:scim:schemas:Robot"]}));
                t.create("User", body).await?.status(&[400])
            }
        )
        .unless("unknownSchemaUrns"),
        must!(
            "RFC7643-3-d",
            "an extension in use that schemas does not name is refused",
            "require the URN of each extension in schemas, or accept its absence for identity \
             providers that leave it out",
            async |t| {
                t.needs("User", &[&format!("{ENTERPRISE}:department")])?;
                let body = merged(t.new_user(), json!({ENTERPRISE: {"department": "Tools"}}));
                t.create("User", body).await?.status(&[400])
            }
        )
        .unless("undeclaredExtensions"),
        must!(
            "RFC7643-3-e",
            "a schema whose URN is misspelled is not taken for another",
            "refuse URNs that are not known",
            async |t| {
                let department = format!("{ENTERPRISE}:department");
                t.needs("User", &[&department])?;
                let misspelled = ENTERPRISE.replace("2.0:User", "2.0User");
                let body = merged(
                    t.new_user(),
                    json!({"schemas": [USER, misspelled], misspelled.clone(): {"department": "Tools"}}),
                );
                let said = t.create("User", body).await?;
                if said.succeeded() { said.lacks(&department) } else { said.status(&[400]) }
            }
        )
        .unless("misspelledUrns"),
        must!(
            "RFC7644-3.12-a",
            "an attribute that no schema defines is refused with invalidSyntax, or left out of \
             the answer and the resource",
            "refuse unknown attributes, or at least never echo them",
            async |t| {
                let body = merged(t.new_user(), json!({"scimconfUnknown": "x"}));
                let said = t.create("User", body).await?;
                if said.succeeded() { said.lacks("scimconfUnknown") } else { said.refused(400, &["invalidSyntax", "invalidPath", "invalidValue"]) }
            }
        ),
        should!(
            "RFC7644-3.3-m",
            "a text that no schema allows in active is refused with 400, not with a server error",
            "answer 400 with invalidValue for values that cannot be read",
            async |t| {
                t.needs("User", &["active"])?;
                let body = merged(t.new_user(), json!({"active": "scimconf"}));
                t.create("User", body).await?.status(&[400])
            }
        ),
        must!(
            "RFC7644-3.3-n",
            "each resource has an id of its own",
            "never give one id twice",
            async |t| {
                let (one, two) = (t.user().await?, t.user().await?);
                ensure(one.id != two.id, format!("two users have the id {}", one.id))
            }
        ),
        must!(
            "RFC7644-3.9-a",
            "attributes with a POST chooses what is returned of the new resource",
            "apply attributes to the answer of a POST",
            async |t| {
                let call = Call::new("POST", t.endpoint("User")?).with_body(t.new_user()).with_query("attributes=userName");
                let said = t.send(call).await?.status(&[201])?;
                said.has_some("id")?.has_some("userName")?.lacks("name")?.lacks("emails")
            }
        ),
    ],
};
