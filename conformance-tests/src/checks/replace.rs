//! Does PUT replace a resource as RFC 7644 §3.5.1 says?

use serde_json::json;

use crate::client::Call;
use crate::suite::{
    Chapter, Profile, USER, at, ensure, merged, must, not_applicable, refs, should, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "replace",
    title: "replacing with PUT, RFC 7644 §3.5.1",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.5.1-a",
            "a PUT answers 200 with the new representation",
            "answer 200 with the whole resource",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let body = merged(made.body.clone(), json!({"displayName": "Put"}));
                t.put(&made, body).await?.status(&[200])?.has("displayName", "Put")?.has("id", made.id)
            }
        ),
        must!(
            "RFC7644-3.5.1-b",
            "a PUT replaces the values of the attributes it names",
            "store what the PUT says",
            async |t| {
                t.needs("User", &["name.familyName", "emails"])?;
                let made = t.user().await?;
                let address = format!("{}@new.example", t.name());
                let over = json!({"name": {"givenName": "New", "familyName": "Names"}, "emails": [{"value": address, "type": "home"}]});
                let said = t.put_over(&made, over).await?.has("name.familyName", "Names")?;
                said.has("emails", json!([{"value": address, "type": "home"}]))
            }
        )
        .finds(&[29]),
        should!(
            "RFC7644-3.5.1-c",
            "an attribute that a PUT leaves out has no value afterwards",
            "clear readWrite attributes that the PUT does not name, or write down why not",
            async |t| {
                t.needs("User", &["title"])?;
                let made = t.user_with(json!({"title": "Before"})).await?;
                t.put_over(&made, json!({"title": null})).await?.lacks("title")
            }
        )
        .finds(&[29]),
        must!(
            "RFC7644-3.5.1-d",
            "values of readOnly attributes in a PUT are passed over",
            "pass over id, meta and groups in a PUT, so that clients can send back what they read",
            async |t| {
                let made = t.user().await?;
                let over = json!({"id": t.name(), "meta": {"resourceType": "Robot", "created": "2001-01-01T00:00:00Z"}});
                let said = t.put_over(&made, over).await?.has("id", made.id)?.has("meta.resourceType", "User")?;
                let created = said.string("meta.created");
                said.ensure(!created.starts_with("2001"), "expected meta.created to stay")
            }
        )
        .finds(&[28]),
        must!(
            "RFC7644-3.5.1-e",
            "a PUT of what GET answered changes nothing and is no error",
            "accept the representation that you return",
            async |t| {
                let made = t.user().await?;
                let body = t.read(&made).await?.body().clone();
                let names = ["userName", "name", "emails", "active", "displayName"];
                t.put(&made, body.clone()).await?.status(&[200])?;
                let mut said = t.read(&made).await?;
                for name in names {
                    if let Some(value) = body.get(name) {
                        said = said.has(name, value.clone())?;
                    }
                }
                Ok(())
            }
        ),
        must!(
            "RFC7644-3.5.1-f",
            "a PUT of an unknown id is answered 404 and creates nothing",
            "answer 404: PUT must not create",
            async |t| {
                let path = format!("{}/{}", t.endpoint("User")?, t.name());
                let call = Call::new("PUT", path).with_body(t.new_user());
                t.send(call).await?.status(&[404])
            }
        ),
        must!(
            "RFC7644-3.5.1-g",
            "a PUT without a required attribute is refused with 400",
            "answer 400 with invalidValue where userName is missing",
            async |t| {
                let made = t.user().await?;
                let body = merged(made.body.clone(), json!({"userName": null}));
                t.put(&made, body).await?.refused(400, &["invalidValue", "invalidSyntax"])
            }
        ),
        must!(
            "RFC7644-3.5.1-h",
            "a PUT with the userName of another user is refused with 409",
            "check uniqueness in PUT as in POST",
            async |t| {
                let (one, two) = (t.user().await?, t.user().await?);
                let body = merged(two.body.clone(), json!({"userName": one.body["userName"]}));
                t.put(&two, body).await?.refused(409, &["uniqueness"])
            }
        ),
        must!(
            "RFC7644-3.5.1-i",
            "a PUT may keep the userName",
            "do not take a resource for its own duplicate",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                t.put_over(&made, json!({"displayName": "Same name"})).await?.has("userName", made.body["userName"].clone())
            }
        ),
        must!(
            "RFC7644-3.5.1-j",
            "a PUT may change the userName, which is found afterwards",
            "keep look-ups in step with changes of userName",
            async |t| {
                t.offers("filter")?;
                let made = t.user().await?;
                let name = format!("{}@example.com", t.name());
                t.put_over(&made, json!({"userName": name})).await?.has("userName", name.clone())?;
                t.find("User", &format!(r#"userName eq "{name}""#)).await?.list()?.has_only(&made.id)?;
                let old = made.body["userName"].as_str().unwrap_or_default();
                t.find("User", &format!(r#"userName eq "{old}""#)).await?.list()?.has_none()
            }
        ),
        must!(
            "RFC7644-3.5.1-k",
            "a PUT of a group replaces its members",
            "store exactly the members that the PUT names",
            async |t| {
                t.needs("Group", &["members"])?;
                let (one, two) = (t.user().await?, t.user().await?);
                let group = t.group(&[&one]).await?;
                t.put_over(&group, json!({"members": refs(&[&two])})).await?.has("members", refs(&[&two]))
            }
        ),
        must!(
            "RFC7644-3.5.1-l",
            "a PUT of a group changes its displayName",
            "apply displayName in a PUT of a group",
            async |t| {
                let group = t.group(&[]).await?;
                let name = format!("{} renamed", t.name());
                t.put_over(&group, json!({"displayName": name})).await?.has("displayName", name)
            }
        )
        .finds(&[24]),
        should!(
            "RFC7644-3.5.1-m",
            "a PUT that changes something changes meta.lastModified, and never meta.created",
            "set lastModified with every change",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let before = t.read(&made).await?;
                t.tick(&before.string("meta.lastModified")).await;
                let after = t.put_over(&made, json!({"displayName": "Changed"})).await?;
                ensure(
                    before.string("meta.lastModified") != after.string("meta.lastModified"),
                    "expected another meta.lastModified",
                )?;
                after.has("meta.created", before.string("meta.created"))
            }
        ),
        must!(
            "RFC7644-3.5.1-n",
            "a PUT with a value of the wrong type is refused with 400 and changes nothing",
            "check types in PUT as in POST",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                let body = merged(made.body.clone(), json!({"active": {"a": 1}}));
                t.put(&made, body).await?.status(&[400])?;
                t.read(&made).await?.has("active", true)
            }
        ),
        must!(
            "RFC7644-3.5.1-o",
            "a PUT may set active to false, and the user can still be read",
            "keep inactive users readable",
            async |t| {
                t.needs("User", &["active"])?;
                let made = t.user().await?;
                t.put_over(&made, json!({"active": false})).await?.has("active", false)
            }
        ),
        must!(
            "RFC7644-3.5.1-p",
            "a PUT of an immutable value that differs is refused with mutability",
            "refuse to change immutable attributes with 400 and mutability",
            async |t| {
                let immutable = t.discovered().schema(USER).into_iter()
                    .flat_map(|schema| values(at(schema, "attributes")))
                    .find(|it| at(it, "mutability") == "immutable" && at(it, "type") == "string");
                let Some(name) = immutable.and_then(|it| at(it, "name").as_str()) else {
                    return not_applicable("the schema of users has no immutable text");
                };
                let made = t.user_with(json!({name: t.name()})).await?;
                let body = merged(made.body.clone(), json!({name: t.name()}));
                t.put(&made, body).await?.refused(400, &["mutability"]).map(drop)
            }
        ),
    ],
};
