//! The same requests under different policies, and what is recorded of what was repaired.

use scim_core::resource::policy::{Policy, SWITCHES};
use scim_server::store::{PolicyName, TokenKind};
use serde_json::{Value, json};

use super::support::{Answer, Scim};

const POLICIES: [&str; 5] = ["compatible", "strict", "interop", "entra", "okta"];
const USER_BODY: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","displayName":"Ann","active":true,"nickName":"A","name":{"givenName":"Ann","familyName":"Abel"},"emails":[{"type":"work","value":"a@x.example"},{"type":"work","value":"b@x.example"}]}"#;

/// Requests that Entra sends, from its folder of the fixtures.
const FIXTURES: [&str; 5] = [
    "07-disable-and-enable/02-disable-with-text",
    "07-disable-and-enable/07-disable-with-a-boolean",
    "04-update-user/07-value-path-to-a-missing-telephone",
    "05-manager/03-as-text",
    "06-roles/02-json-as-text",
];

/// Each switch, and a step of the fixtures that needs it.
const NEEDS: &str = "\
stringBooleans patch/08-booleans-as-text/02-false-with-a-capital
ignoreReadOnly patch/18-somebody-elses-id/03-id-as-a-key
ignoreUnknownAttributes patch/16-unknown-attributes/02-by-key
createOnNoMatch patch/09-create-on-no-match/04-two-conditions
removeWithValue jumpcloud/01-activation/07-remove-by-value
nestedRemoveValue ping/01-members/04-remove
dottedKeys patch/10-dotted-keys/02-keys
shortExtensionPaths patch/24-strict/08-manager-without-urn
managerAsText patch/24-strict/07-manager-as-text
emptyClears patch/20-nulls/03-empty-text
jsonStringValues patch/24-strict/11-json-text
unknownSchemaUrns rfc7643/08-strict/03-an-unknown-schema
misspelledUrns rfc7643/08-strict/02-a-misspelt-urn
undeclaredExtensions rfc7643/08-strict/01-an-extension-that-schemas-does-not-name
undeclaredPatchOp patch/24-strict/14-not-declared
singleOrArray patch/24-strict/10-one-value-for-a-list
opAnyCase patch/24-strict/02-op-in-capitals
emptyOperations patch/24-strict/13-no-operations
unquotedFilterValues filters/09-strict/04-text-without-quotes
patchWithoutPath okta/04-deactivate-by-patch/02-deactivate
mergeOnReplace patch/17-replace-of-a-complex-attribute/02-replace
wholeValuePaths rfc7644/09-patch-replace/07-the-work-address
severalMatches patch/14-every-match/02-displays
";

fn fixture(name: &str) -> String {
    step(&format!("entra/{name}"))["body"].to_string()
}

/// A request of the fixtures: conversation and step.
fn step(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures");
    let path = format!("{folder}/{name}.request.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// A connection of its own, with a user of its own.
struct Connection<'s> {
    scim: &'s Scim,
    secret: String,
    user: String,
}

impl<'s> Connection<'s> {
    async fn new(scim: &'s Scim, policy: &str) -> Connection<'s> {
        let policy: PolicyName = policy.parse().unwrap();
        let tenant = "main".parse().unwrap();
        let tokens = scim.server.tokens();
        let made = tokens.create(&tenant, policy.as_str(), TokenKind::Idp, policy, None);
        let secret = format!("Bearer {}", made.await.unwrap().1);
        let mut connection = Connection {
            scim,
            secret,
            user: String::new(),
        };
        let made = connection.send("POST /Users", USER_BODY.to_owned()).await;
        connection.user = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        connection
    }

    async fn send(&self, line: &str, body: String) -> Answer {
        let headers = [("authorization", self.secret.as_str())];
        let (method, path) = line.split_once(' ').unwrap();
        let path = format!("{}{path}", super::support::BASE);
        self.scim.raw(method, &path, &headers, body).await
    }

    /// Sends a step to the user, or to a new group of that user.
    async fn play(&self, name: &str) -> Answer {
        let step = step(name);
        let user = self.user.trim_start_matches("/Users/");
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Of one",
            "members": [{ "value": user }],
        });
        let group = self.send("POST /Groups", group.to_string()).await.json();
        let group = group["id"].as_str().unwrap();
        let fill = |text: &str| {
            let known = [
                ("{{user}}", user),
                ("{{ann}}", user),
                ("{{group}}", group),
                ("{{other}}", group),
            ];
            let known = known.into_iter();
            known.fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
        };
        let text = |key: &str| step[key].as_str().unwrap_or_default().replace(' ', "%20");
        let line = format!("{} {}?{}", text("method"), text("path"), text("query"));
        self.send(&fill(&line), fill(&step["body"].to_string()))
            .await
    }

    async fn patch(&self, body: String) -> Answer {
        self.send(&format!("PATCH {}", self.user), body).await
    }
}

#[tokio::test]
async fn what_each_policy_takes_of_entra() {
    let scim = Scim::start().await;
    let mut table = String::new();
    for name in FIXTURES {
        table.push_str(name);
        for policy in POLICIES {
            let connection = Connection::new(&scim, policy).await;
            let answer = connection.patch(fixture(name)).await;
            table.push_str(&format!(" {policy}={}", answer.status.as_u16()));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    07-disable-and-enable/02-disable-with-text compatible=200 strict=400 interop=400 entra=200 okta=400
    07-disable-and-enable/07-disable-with-a-boolean compatible=200 strict=200 interop=200 entra=200 okta=200
    04-update-user/07-value-path-to-a-missing-telephone compatible=200 strict=400 interop=400 entra=200 okta=400
    05-manager/03-as-text compatible=200 strict=400 interop=400 entra=200 okta=400
    06-roles/02-json-as-text compatible=200 strict=400 interop=400 entra=200 okta=400
    ");
}

#[tokio::test]
async fn strict_says_why_and_compatible_records_what_it_repaired() {
    let scim = Scim::start().await;
    let strict = Connection::new(&scim, "strict").await;
    let refused = strict.patch(fixture(FIXTURES[0])).await;
    insta::assert_snapshot!(refused.refusal(), @"400 invalidSyntax: op is written replace");
    insta::assert_snapshot!(scim.last_request(), @r#"{"method":"PATCH","path":"/Users/00000000-0000-0000-0000-000000000007","correlationId":"test","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]},"status":400,"detail":"op is written replace"}"#);

    let compatible = Connection::new(&scim, "compatible").await;
    let taken = compatible.patch(fixture(FIXTURES[0])).await;
    assert_eq!(taken.json()["active"], false);
    insta::assert_snapshot!(scim.last_request(), @r#"{"method":"PATCH","path":"/Users/00000000-0000-0000-0000-00000000000c","correlationId":"test","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]},"repairs":["opCase","boolString"]}"#);
}

/// For every switch a request that needs it: what strict makes of it, or the interoperability
/// profile where strict has the switch on, and what compatible records.
#[tokio::test]
async fn every_switch_decides() {
    let scim = Scim::start().await;
    let mut table = String::new();
    assert_eq!(SWITCHES.len(), NEEDS.lines().count());
    for (switch, line) in SWITCHES.iter().zip(NEEDS.lines()) {
        let (name, request) = line.split_once(' ').unwrap();
        assert_eq!(switch.name, name);
        let strict = Policy::strict();
        let without = if switch.is_on(&strict) {
            "interop"
        } else {
            "strict"
        };
        let refusing = Connection::new(&scim, without).await.play(request).await;
        let refused = match refusing.status.as_u16() {
            200 => refusing.json()["name"].to_string(),
            _ => refusing.refusal(),
        };
        let accepting = Connection::new(&scim, "compatible")
            .await
            .play(request)
            .await;
        assert!(accepting.status.is_success(), "{name}: {accepting}");
        let recorded: Value = serde_json::from_str(&scim.last_request()).unwrap();
        // What changes nothing is no line of the feed, which then ends with the new group.
        let repairs = if recorded["method"] == step(request)["method"] {
            recorded["repairs"].to_string()
        } else {
            "no change".to_owned()
        };
        table.push_str(&format!("{name}: {without} {refused} | {repairs}\n"));
    }
    insta::assert_snapshot!(table, @r#"
    stringBooleans: strict 400 invalidValue: active: expected true or false | ["boolString"]
    ignoreReadOnly: strict 400 mutability: id cannot be changed: it is readOnly, or immutable and already set | ["readOnlyIgnored"]
    ignoreUnknownAttributes: strict 400 invalidSyntax: User has no attribute "shoeSize" | ["unknownAttributeIgnored"]
    createOnNoMatch: strict 400 noTarget: the path "phoneNumbers[type eq \"work\" and primary eq true].value" selects no value of this resource | ["createdOnNoMatch"]
    removeWithValue: strict 400 invalidSyntax: remove has no value: name what is to go in the path, as members[value eq "…"] | ["memberRemoveByValue"]
    nestedRemoveValue: strict 400 invalidSyntax: remove has no value: name what is to go in the path, as members[value eq "…"] | ["memberRemoveByValue"]
    dottedKeys: strict 400 invalidSyntax: User has no attribute "name.givenName" | ["dottedKey","urnFlattening"]
    shortExtensionPaths: strict 400 invalidPath: the path "manager" cannot be used: User has no attribute "manager" | ["shortExtensionPath"]
    managerAsText: strict 400 invalidValue: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: expected an object | ["managerAsText"]
    emptyClears: strict 400 invalidValue: nickName: the text is empty: send null to clear the attribute | ["emptyClears"]
    jsonStringValues: strict 400 invalidValue: roles: expected an array of values | ["rolesAsJsonString","singleOrArray"]
    unknownSchemaUrns: strict 400 invalidValue: schemas: User has no schema "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User" | ["schemaUnknown"]
    misspelledUrns: strict 400 invalidValue: schemas: User has no schema "urn:ietf:params:scim:schemas:extension:enterprise:2.0User" | ["schemaMisspelled"]
    undeclaredExtensions: strict 400 invalidValue: schemas: expected urn:ietf:params:scim:schemas:extension:enterprise:2.0:User too | ["extensionUndeclared"]
    undeclaredPatchOp: strict 400 invalidSyntax: schemas of a PATCH body holds urn:ietf:params:scim:api:messages:2.0:PatchOp | ["patchOpUndeclared"]
    singleOrArray: strict 400 invalidValue: emails: expected an array of values | ["singleOrArray"]
    opAnyCase: strict 400 invalidSyntax: op is written replace | ["opCase"]
    emptyOperations: strict 400 invalidSyntax: a PATCH body has at least one of Operations | ["emptyOperations"]
    unquotedFilterValues: strict 400 invalidFilter: expected a value; write text in quotes at 14 | no change
    patchWithoutPath: interop 400 invalidSyntax: an operation has a path that says what to change | []
    mergeOnReplace: interop {"givenName":"R"} | []
    wholeValuePaths: interop 400 invalidPath: the path "addresses[type eq \"work\"]" cannot be used: name the sub-attribute to change after the brackets | ["createdOnNoMatch"]
    severalMatches: interop 400 invalidFilter: the path "emails[type eq \"work\"].display" selects several values: add conditions until it selects one | []
    "#);
}

#[tokio::test]
async fn a_policy_is_changed_while_the_server_runs() {
    let scim = Scim::start().await;
    let connection = Connection::new(&scim, "strict").await;
    let main = "main".parse().unwrap();
    let id = scim.server.tokens().list(&main).await.unwrap();
    let id = id.last().unwrap().id;
    let compatible = PolicyName::default();
    let tokens = scim.server.tokens();
    assert!(tokens.set_policy(&main, id, compatible).await.unwrap());
    // Another process reads it anew; this one within a second.
    let secret = connection.secret.trim_start_matches("Bearer ");
    let caller = scim.other_process().authenticate(&main, secret).await;
    assert_eq!(caller.unwrap().policy, compatible.policy());
}
