//! Which policies a token can have: those that have a name.

use std::fmt;
use std::str::FromStr;

use scim_core::Policy;
use scim_core::resource::policy::{PRESETS, Preset};

/// The name of a [`Policy`], as it is typed and stored.
///
/// ```
/// use scim_core::Policy;
/// use scim_server::store::PolicyName;
///
/// assert_eq!(PolicyName::default().policy(), Policy::compatible());
/// assert_eq!("entra".parse::<PolicyName>()?.policy(), Policy::entra());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyName(Option<&'static Preset>);

impl PolicyName {
    /// The name; `compatible` unless another was chosen.
    pub fn as_str(self) -> &'static str {
        self.0.map_or("compatible", |preset| preset.name)
    }

    /// What the name stands for.
    pub fn policy(self) -> Policy {
        self.0
            .map_or_else(Policy::compatible, |preset| preset.policy)
    }
}

impl FromStr for PolicyName {
    type Err = String;

    fn from_str(text: &str) -> Result<PolicyName, String> {
        let found = PRESETS.iter().find(|preset| preset.name == text);
        let all = || PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>();
        match found {
            Some(preset) if preset.policy == Policy::default() => Ok(PolicyName::default()),
            Some(preset) => Ok(PolicyName(Some(preset))),
            None => Err(format!(
                "{text:?} is no policy: use one of {}",
                all().join(", ")
            )),
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_its_name() {
        for preset in PRESETS {
            let name: PolicyName = preset.name.parse().unwrap();
            assert_eq!((name.as_str(), name.policy()), (preset.name, preset.policy));
        }
        assert_eq!(PolicyName::default(), "compatible".parse().unwrap());
        assert_eq!(
            "lax".parse::<PolicyName>(),
            Err(
                "\"lax\" is no policy: use one of compatible, strict, interop, entra, okta"
                    .to_owned()
            )
        );
    }
}
