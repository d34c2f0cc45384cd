//! Host groups.

pub(crate) const TITLE: &str = "Host groups";
pub(crate) const LEAD: &str =
    "The groups that your directories push, with the hosts in them, and what you use them for.";
pub(crate) const HEADS: [&str; 4] = ["Name", "Used for", "Comes from", "Last changed"];
pub(crate) const NONE: &str = "There are no host groups yet";
pub(crate) const NONE_TEXT: &str = "Assign groups to the application in your identity provider; they appear here with their members.";
pub(crate) const GROUP: &str = "The group";
pub(crate) const MIRRORS: &str = "Follows the group";
pub(crate) const GONE: &str = "None: the directory deleted it";
pub(crate) const PURPOSE: &str = "Used for";
pub(crate) const PURPOSE_TITLE: &str = "What you use it for";
pub(crate) const PURPOSE_INTRO: &str = "No directory says this, and none overwrites it.";
pub(crate) const PURPOSES: [(&str, &str); 5] = [
    ("hostGroup", "Hosts"),
    (
        "approvers",
        "Approvers: the guard never lets it become empty in one go",
    ),
    ("notification", "Notices"),
    ("frontDesk", "Front desk"),
    ("complianceOfficers", "Compliance officers"),
];
pub(crate) const USED_BY: &str = "Named by";
pub(crate) const UNUSED: &str = "Nothing yet";
pub(crate) const CHANGED: &str = "Last changed";
pub(crate) const MEMBERS: &str = "Hosts in the group";
pub(crate) const NOBODY: &str = "Nobody is in this group";
pub(crate) const NOBODY_TEXT: &str =
    "Members are added in the directory, and only those who are provisioned are hosts.";
pub(crate) const DIFFER: &str =
    "A hold or an undo keeps other members here than the directory has.";

pub(crate) fn purpose(purpose: &str) -> &'static str {
    match purpose {
        "hostGroup" => "Hosts",
        "approvers" => "Approvers",
        "notification" => "Notices",
        "frontDesk" => "Front desk",
        "complianceOfficers" => "Compliance officers",
        _ => "Something else",
    }
}
