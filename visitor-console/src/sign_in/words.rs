//! What the sign-in page says.

pub(super) const TITLE: &str = "Sign in";
pub(super) const TENANT: &str = "Tenant";
pub(super) const USER_NAME: &str = "User name";
pub(super) const PASSWORD: &str = "Password";
pub(super) const BUTTON: &str = "Sign in";
pub(super) const OR: &str = "or";

pub(super) const WRONG: &str = "The user name or the password is wrong, or the account is locked for some minutes after too many attempts.";
pub(super) const TOO_MANY: &str =
    "Too many attempts came from your network. Wait a minute, then try again.";
pub(super) const ENDED: &str = "Your session has ended. Sign in again.";
pub(super) const NO_ROLE: &str = "You are known here, but have no role in this console. Ask whoever looks after it to give you one.";
pub(super) const UNKNOWN: &str = "Your identity provider knows you, but nobody here has that name. Ask whoever looks after this console to let you in.";
pub(super) const NOT_TAKEN: &str = "The sign-in was not completed, or took too long. Begin again.";
pub(super) const REFUSED: &str = "Your identity provider could not confirm who you are. Begin again, or ask whoever looks after this console.";
pub(super) const UNREACHABLE: &str =
    "The identity provider cannot be reached now. Try again in a minute.";

/// The button of a provider.
pub(super) fn with(name: &str) -> String {
    format!("Sign in with {name}")
}
