//! Does /Bulk do what RFC 7644 §3.7 says?

use serde_json::{Value, json};

use crate::suite::{
    Chapter, Probe, Profile, Said, Stop, USER, at, ensure, fail, merged, must, not_applicable,
    patch_body, replace, should, values,
};

pub(super) static CHAPTER: Chapter = Chapter {
    name: "bulk",
    title: "bulk operations, RFC 7644 §3.7",
    profile: Profile::Rfc,
    checks: &[
        must!(
            "RFC7644-3.7-a",
            "a bulk request answers 200 and a BulkResponse with a result for each operation",
            "answer with the schema BulkResponse and Operations",
            async |t| {
                let said = bulk(t, [post("a", t.new_user()), post("b", t.new_user())]).await?;
                said.has("schemas", vec!["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])?.counts("Operations", 2)
            }
        ),
        must!(
            "RFC7644-3.7-b",
            "the result of a POST tells method, bulkId, location and status 201 as text",
            "return method, bulkId, location and status of each operation",
            async |t| {
                let said = bulk(t, [post("a", t.new_user())]).await?;
                let result = result(&said, "a")?;
                ensure(at(&result, "method") == "POST", "expected method POST")?;
                ensure(at(&result, "location").is_string(), "expected a location")?;
                ensure(at(&result, "status") == "201", format!("expected status \"201\", found {}", at(&result, "status")))
            }
        )
        .finds(&[22]),
        must!(
            "RFC7644-3.7-c",
            "what a bulk request creates can be read afterwards",
            "carry the operations out",
            async |t| {
                let said = bulk(t, [post("a", t.new_user())]).await?;
                t.get(&path(t, &result(&said, "a")?)?).await?.status(&[200])
            }
        ),
        must!(
            "RFC7644-3.7-d",
            "PUT, PATCH and DELETE are carried out",
            "serve all four methods in a bulk request",
            async |t| {
                t.needs("User", &["displayName"])?;
                let (put, patched, deleted) = (t.user().await?, t.user().await?, t.user().await?);
                let body = merged(put.body.clone(), json!({"displayName": "Bulk put"}));
                let said = bulk(t, [
                    json!({"method": "PUT", "path": put.path(), "data": body}),
                    json!({"method": "PATCH", "path": patched.path(), "data": patch_body([replace("displayName", "Bulk patch")])}),
                    json!({"method": "DELETE", "path": deleted.path()}),
                ]).await?;
                let statuses: Vec<_> = operations(&said).iter().map(|it| at(it, "status").clone()).collect();
                ensure(statuses.iter().all(|status| status.as_str().is_some_and(|it| it.starts_with('2'))), format!("the statuses are {statuses:?}"))?;
                t.read(&put).await?.has("displayName", "Bulk put")?;
                t.read(&patched).await?.has("displayName", "Bulk patch")?;
                t.get(&deleted.path()).await?.status(&[404])
            }
        )
        .finds(&[22]),
        must!(
            "RFC7644-3.7-e",
            "a PATCH in a bulk request may be the list of operations or a whole PATCH body",
            "accept data with schemas and Operations (erratum 5050)",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let data = patch_body([replace("displayName", "Erratum")]);
                bulk(t, [json!({"method": "PATCH", "path": made.path(), "data": data})]).await?;
                t.read(&made).await?.has("displayName", "Erratum")
            }
        ),
        must!(
            "RFC7644-3.7.2-a",
            "bulkId in data stands for the id of what an earlier operation creates",
            "put the new id in the place of bulkId:…",
            async |t| {
                t.needs("Group", &["members"])?;
                let group = merged(t.new_group(&[]), json!({"members": [{"value": "bulkId:user"}]}));
                let said = bulk(t, [post("user", t.new_user()), post_group(t, "group", group)?]).await?;
                let user = path(t, &result(&said, "user")?)?;
                let id = user.rsplit('/').next().unwrap_or_default().to_owned();
                t.get(&path(t, &result(&said, "group")?)?).await?.status(&[200])?.has("members", json!([{"value": id}]))
            }
        )
        .finds(&[22]),
        must!(
            "RFC7644-3.7.2-b",
            "bulkId may stand for what a later operation creates",
            "order operations by what they refer to",
            async |t| {
                t.needs("Group", &["members"])?;
                let group = merged(t.new_group(&[]), json!({"members": [{"value": "bulkId:user"}]}));
                let said = bulk(t, [post_group(t, "group", group)?, post("user", t.new_user())]).await?;
                let user = path(t, &result(&said, "user")?)?;
                let id = user.rsplit('/').next().unwrap_or_default().to_owned();
                t.get(&path(t, &result(&said, "group")?)?).await?.status(&[200])?.has("members", json!([{"value": id}]))
            }
        ),
        must!(
            "RFC7644-3.7.1-a",
            "circular references between new resources are resolved, or refused with an error",
            "create first and set references afterwards, or answer 409",
            async |t| {
                t.needs("Group", &["members"])?;
                let member = |id: &str| json!({"members": [{"value": format!("bulkId:{id}"), "type": "Group"}]});
                let (one, two) = (merged(t.new_group(&[]), member("two")), merged(t.new_group(&[]), member("one")));
                let said = bulk_raw(t, json!([post_group(t, "one", one)?, post_group(t, "two", two)?]), None).await?;
                if !said.succeeded() {
                    return said.refused_somehow().map(drop);
                }
                let statuses: Vec<String> = operations(&said).iter().map(|it| at(it, "status").as_str().unwrap_or_default().to_owned()).collect();
                if statuses.iter().any(|status| status.starts_with('4')) {
                    return Ok(());
                }
                let (one, two) = (path(t, &result(&said, "one")?)?, path(t, &result(&said, "two")?)?);
                let id = two.rsplit('/').next().unwrap_or_default().to_owned();
                t.get(&one).await?.status(&[200])?.has("members", json!([{"value": id}])).map(drop)
            }
        ),
        must!(
            "RFC7644-3.7.2-c",
            "a bulkId that nothing creates is an error of its operation",
            "answer 400 with invalidValue, or 409, for references that cannot be resolved",
            async |t| {
                t.needs("Group", &["members"])?;
                let group = merged(t.new_group(&[]), json!({"members": [{"value": "bulkId:nobody"}]}));
                let said = bulk_raw(t, json!([post_group(t, "group", group)?]), None).await?;
                if said.succeeded() { failed(&said, 0) } else { said.refused_somehow().map(drop) }
            }
        ),
        must!(
            "RFC7644-3.7-f",
            "bulkId is required with POST",
            "refuse a POST without bulkId",
            async |t| {
                let operation = json!({"method": "POST", "path": "/Users", "data": t.new_user()});
                let said = bulk_raw(t, json!([operation]), None).await?;
                if said.succeeded() { failed(&said, 0) } else { said.status(&[400]).map(drop) }
            }
        ),
        must!(
            "RFC7644-3.7.3-a",
            "an operation that fails tells its status and the error in response",
            "return response with the SCIM error for each operation that failed",
            async |t| {
                let wrong = json!({"schemas": [USER], "displayName": "No userName"});
                let said = bulk(t, [post("wrong", wrong)]).await?;
                let result = result(&said, "wrong")?;
                ensure(at(&result, "status") == "400", format!("expected status \"400\", found {}", at(&result, "status")))?;
                let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
                ensure(*at(&result, "response.schemas") == schemas, "expected a SCIM error in response")
            }
        ),
        must!(
            "RFC7644-3.7.3-b",
            "without failOnErrors all operations are carried out, whatever fails",
            "go on after an operation that failed",
            async |t| {
                let wrong = json!({"schemas": [USER], "displayName": "No userName"});
                let said = bulk(t, [post("wrong", wrong), post("right", t.new_user())]).await?;
                let status = at(&result(&said, "right")?, "status").clone();
                ensure(status == "201", format!("expected status \"201\", found {status}"))
            }
        ),
        must!(
            "RFC7644-3.7.3-c",
            "after failOnErrors failures, nothing more is carried out",
            "stop when as many operations failed as failOnErrors says",
            async |t| {
                let wrong = json!({"schemas": [USER], "displayName": "No userName"});
                let body = t.new_user();
                let user_name = body["userName"].as_str().unwrap_or_default().to_owned();
                bulk_raw(t, json!([post("wrong", wrong), post("late", body)]), Some(1)).await?.status(&[200, 400])?;
                t.find("User", &format!(r#"userName eq "{user_name}""#)).await?.list()?.has_none()
            }
        )
        .finds(&[22]),
        must!(
            "RFC7644-3.7.4-a",
            "more operations than maxOperations are refused with 413",
            "answer 413 where a bulk request is larger than the configuration says",
            async |t| {
                t.offers("bulk")?;
                let limit = at(&t.discovered().config, "bulk.maxOperations").as_u64().unwrap_or_default();
                let Some(many) = usize::try_from(limit).ok().filter(|limit| (1..=20_000).contains(limit)) else {
                    return not_applicable(format!("bulk.maxOperations is {limit}"));
                };
                let path = format!("{}/{}", t.endpoint("User")?, t.name());
                let operations: Vec<Value> = (0..=many).map(|_| json!({"method": "DELETE", "path": path})).collect();
                bulk_raw(t, json!(operations), None).await?.status(&[413]).map(drop)
            }
        ),
        must!(
            "RFC7644-3.7.4-b",
            "a body larger than maxPayloadSize is refused with 413",
            "answer 413 where a bulk request is larger than the configuration says",
            async |t| {
                t.offers("bulk")?;
                let limit = at(&t.discovered().config, "bulk.maxPayloadSize").as_u64().unwrap_or_default();
                let Some(bytes) = usize::try_from(limit).ok().filter(|limit| (1..=20_000_000).contains(limit)) else {
                    return not_applicable(format!("bulk.maxPayloadSize is {limit}"));
                };
                let body = merged(t.new_user(), json!({"displayName": "x".repeat(bytes)}));
                // A server may hang up before it has read everything, and its answer with it.
                for _attempt in 0..5 {
                    match bulk_raw(t, json!([post("large", body.clone())]), None).await {
                        Err(Stop::Failed(_)) => {}
                        said => return said?.status(&[413]).map(drop),
                    }
                }
                not_applicable("the server hung up before its answer could be read")
            }
        ),
        should!(
            "RFC7644-3.7-g",
            "a result of PUT or PATCH tells the location of its resource",
            "return location with every operation that names a resource",
            async |t| {
                t.needs("User", &["displayName"])?;
                let made = t.user().await?;
                let data = patch_body([replace("displayName", "Located")]);
                let said = bulk(t, [json!({"method": "PATCH", "path": made.path(), "data": data})]).await?;
                let Some(first) = operations(&said).first() else {
                    return fail("expected a result");
                };
                let location = at(first, "location").as_str().unwrap_or_default();
                ensure(location.ends_with(&made.path()), format!("expected the location of {}, found {location:?}", made.path()))
            }
        ),
        must!(
            "RFC7644-3.7-h",
            "a method that is none of POST, PUT, PATCH and DELETE is an error",
            "refuse other methods",
            async |t| {
                let made = t.user().await?;
                let said = bulk_raw(t, json!([{"method": "GET", "path": made.path()}]), None).await?;
                if said.succeeded() { failed(&said, 0) } else { said.refused_somehow().map(drop) }
            }
        ),
    ],
};

fn post(id: &str, data: Value) -> Value {
    operation("/Users", id, data)
}

fn operation(path: &str, id: &str, data: Value) -> Value {
    let mut operation = json!({"method": "POST", "path": path, "bulkId": id});
    operation["data"] = data;
    operation
}

fn post_group(t: &Probe, id: &str, data: Value) -> Result<Value, Stop> {
    Ok(operation(&t.endpoint("Group")?, id, data))
}

async fn bulk(t: &Probe, operations: impl IntoIterator<Item = Value>) -> Result<Said, Stop> {
    let operations: Vec<Value> = operations.into_iter().collect();
    bulk_raw(t, json!(operations), None).await?.status(&[200])
}

async fn bulk_raw(t: &Probe, operations: Value, fail_on_errors: Option<u32>) -> Result<Said, Stop> {
    t.offers("bulk")?;
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    });
    if let Some(most) = fail_on_errors {
        body["failOnErrors"] = json!(most);
    }
    t.post("/Bulk", body).await
}

fn operations(said: &Said) -> &[Value] {
    values(at(said.body(), "Operations"))
}

fn result(said: &Said, bulk_id: &str) -> Result<Value, Stop> {
    match operations(said)
        .iter()
        .find(|it| at(it, "bulkId") == bulk_id)
    {
        Some(found) => Ok(found.clone()),
        None => fail(format!("expected a result with the bulkId {bulk_id:?}")),
    }
}

fn failed(said: &Said, at_index: usize) -> Result<(), Stop> {
    let status = operations(said)
        .get(at_index)
        .map(|it| at(it, "status").clone())
        .unwrap_or_default();
    let refused = status
        .as_str()
        .is_some_and(|status| status.starts_with('4'));
    ensure(
        refused,
        format!("expected the operation to fail, found status {status}"),
    )
}

/// Below the base, whatever the location begins with.
fn path(t: &Probe, result: &Value) -> Result<String, Stop> {
    let location = at(result, "location").as_str().unwrap_or_default();
    if let Some(path) = location.strip_prefix(t.base()) {
        return Ok(path.to_owned());
    }
    let mut parts = location.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(endpoint)) if !id.is_empty() => Ok(format!("/{endpoint}/{id}")),
        _ => fail(format!("expected a location in {result}")),
    }
}
