//! What to do, on which page, in the words of the provider's own pages.

use super::client::Client;
use super::needed::Needed;
use super::quirk::Quirk;

/// What a remedy is for.
#[derive(Clone, Copy)]
pub(super) enum Topic<'n> {
    TestFailed,
    Refused,
    Slow,
    Manager,
    Member,
    Never(&'n Needed),
    Stale(&'n Needed),
    Shape(Quirk),
}

/// The page of Entra that most of it is about.
const ENTRA_MAPPING: &str =
    "Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping";
/// The page of Okta.
const OKTA_MAPPING: &str = "Provisioning > To App > Attribute Mappings";
const FLAG: &str = "To have it as the RFC says, write ?aadOptscim062020 behind the Tenant URL (Provisioning > Admin Credentials).";

/// What to do, for the client that it is; for both if nobody knows.
pub(super) fn of(topic: Topic<'_>, client: Client) -> String {
    match client {
        Client::Entra => entra(topic),
        Client::Okta => okta(topic),
        _ => format!(
            "In Microsoft Entra ID: {} In Okta: {}",
            entra(topic),
            okta(topic)
        ),
    }
}

/// The row of the mapping page, where the client has one.
pub(super) fn row(needed: &Needed, client: Client) -> Option<String> {
    let source = match client {
        Client::Entra => needed.entra,
        Client::Okta => needed.okta,
        _ => {
            return Some(format!(
                "{} (Okta: {}) -> {}",
                needed.entra, needed.okta, needed.target
            ));
        }
    };
    Some(format!("{source} -> {}", needed.target))
}

fn entra(topic: Topic<'_>) -> String {
    match topic {
        Topic::TestFailed => "Press Test Connection under Provisioning > Admin Credentials; what the test found stands beside the token here.".to_owned(),
        Topic::Refused => "Open Provisioning > View provisioning logs, filter by Status: Failure, and look at Troubleshooting & Recommendations of one of them.".to_owned(),
        Topic::Slow => "Nothing can be done in Entra; look at the load of this server and of its database.".to_owned(),
        Topic::Manager => "Assign the managers to the application too (Users and groups > Add user/group), then press Restart provisioning: Entra does not send a manager later by itself.".to_owned(),
        Topic::Member => "Assign the members to the application too (Users and groups > Add user/group; nested groups are not expanded), or set Provisioning > Settings > Scope to Sync all users and groups; then press Restart provisioning.".to_owned(),
        Topic::Never(Needed { entra, target, .. }) => format!("Under {ENTRA_MAPPING} press Add New Mapping: Source attribute {entra}, Target attribute {target}. If the row is there, the attribute is empty for everybody: Entra never sends what is empty."),
        Topic::Stale(Needed { entra, target, .. }) => format!("Under {ENTRA_MAPPING} look at the row {entra} -> {target}: is it still there, and is Apply this mapping set to Always, not Only during creation? Then press Restart provisioning. Entra never sends that a value was emptied."),
        Topic::Shape(quirk) => match quirk {
            Quirk::OpCase | Quirk::MemberRemoveByValue => format!("Nothing has to be done: Entra does so unless told otherwise. {FLAG}"),
            Quirk::BoolString => format!("Nothing has to be done: Entra does so unless told otherwise, with the row Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\") -> active too. {FLAG}"),
            Quirk::ValuePathWithoutType => format!("Under {ENTRA_MAPPING} open the row of that attribute (mail, physicalDeliveryOfficeName) and choose a Target attribute with a type: emails[type eq \"work\"].value, addresses[type eq \"other\"].formatted."),
            Quirk::MemberRemoveByFilter => "Nothing has to be done: this is what ?aadOptscim062020 in the Tenant URL brings, and what the RFC says.".to_owned(),
            Quirk::UrnFlattening => format!("Nothing has to be done. If a Target attribute was typed by hand under {ENTRA_MAPPING} > Show advanced options > Edit attribute list, write it with a colon before its last name: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department."),
            Quirk::ExtensionUndeclared => "Nothing has to be done: Entra does not list extensions in schemas that were added under Show advanced options > Edit attribute list.".to_owned(),
            Quirk::RolesAsJsonString => format!("Delete the row AppRoleAssignmentsComplex([appRoleAssignments]) -> roles under {ENTRA_MAPPING}, or use SingleAppRoleAssignment([appRoleAssignments]) -> roles[primary eq \"True\"].value."),
            Quirk::ManagerAsText => "Nothing has to be done: Entra sends the manager so.".to_owned(),
            Quirk::UnknownAttributeIgnored => format!("Delete rows whose Target attribute this server does not have under {ENTRA_MAPPING}; GET /Schemas lists those it has."),
            Quirk::SpecialCharacterFilter => format!("Under {ENTRA_MAPPING} open the row externalId: Source attribute objectId, Match objects using this attribute: Yes, Matching precedence: 1, and give userName precedence 2. An objectId has only letters, digits and hyphens."),
        },
    }
}

fn okta(topic: Topic<'_>) -> String {
    match topic {
        Topic::TestFailed => "Press Test Connector Configuration under Provisioning > Integration; what the test found stands beside the token here.".to_owned(),
        Topic::Refused => "Open Dashboard > Tasks and Reports > System Log, and press Retry Selected once the reason is gone.".to_owned(),
        Topic::Slow => "Nothing can be done in Okta, which waits 60 seconds; look at the load of this server and of its database.".to_owned(),
        Topic::Manager => format!("Under {OKTA_MAPPING} delete the row managerId -> manager.value: Okta sends the text of managerId, which is no id of this server. Take managers from HR instead."),
        Topic::Member => "Assign the members to the application too (Assignments > Assign to Groups), with a group other than the one under Push Groups; then press Push now under Push Groups.".to_owned(),
        Topic::Never(Needed { okta, target, .. }) => {
            let name = external_name(target);
            format!("Under {OKTA_MAPPING} map {okta} to the attribute with the {name}; if the application has none, press Go to Profile Editor > Add Attribute and make it.")
        }
        Topic::Stale(Needed { okta, target, .. }) => format!("Under {OKTA_MAPPING} look at {okta} -> {target}: is it still mapped, and is Apply on set to Create and update, not Create? Then press Force Sync."),
        Topic::Shape(quirk) => match quirk {
            Quirk::OpCase | Quirk::MemberRemoveByValue => "Nothing has to be done. Okta itself does not do so: something in between, such as Okta Workflows or a gateway, writes the requests.".to_owned(),
            Quirk::BoolString => "Nothing has to be done. If it is an attribute of your own, set its Data type to boolean under Directory > Profile Editor.".to_owned(),
            Quirk::ValuePathWithoutType => "Under Directory > Profile Editor set the External name of that attribute to one with a type, such as emails.^[type=='work'].value.".to_owned(),
            Quirk::MemberRemoveByFilter => "Nothing has to be done: apps of the Okta Integration Network do so, and the RFC says so.".to_owned(),
            Quirk::UrnFlattening => "Nothing has to be done. Under Directory > Profile Editor, External namespace should hold the URN of the extension, and External name the attribute alone.".to_owned(),
            Quirk::ExtensionUndeclared => "Nothing has to be done. Under Directory > Profile Editor, External namespace of the attribute should hold the URN of the extension.".to_owned(),
            Quirk::RolesAsJsonString => format!("Delete the row of roles under {OKTA_MAPPING}."),
            Quirk::ManagerAsText => "Nothing has to be done.".to_owned(),
            Quirk::UnknownAttributeIgnored => format!("Delete rows of attributes that this server does not have under {OKTA_MAPPING}; GET /Schemas lists those it has."),
            Quirk::SpecialCharacterFilter => "Nothing has to be done as long as nobody is made twice. Otherwise choose another Application username format under Sign On > Credentials Details, such as the Okta username prefix without such signs.".to_owned(),
        },
    }
}

/// How Okta's Profile Editor spells a SCIM attribute.
fn external_name(target: &str) -> String {
    match target.rsplit_once(':') {
        Some((urn, name)) => format!("External name {name} and the External namespace {urn}"),
        None => {
            let name = target
                .replace("[type eq \"", ".^[type=='")
                .replace("\"]", "']");
            format!("External name {name}")
        }
    }
}
