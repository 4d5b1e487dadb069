//! How the server knows people.

use std::fmt;
use std::str::FromStr;

/// By what it is decided who may do what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// By nothing: whoever reaches the server is an editor of everything.
    #[default]
    Open,
    /// By accounts, grants and links that the server keeps.
    Accounts,
    /// By tokens that another application signs.
    Jwt,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Open, Mode::Accounts, Mode::Jwt];

    /// Its name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Open => "open",
            Mode::Accounts => "accounts",
            Mode::Jwt => "jwt",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is none of [`Mode::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mode is open, accounts or jwt")]
pub struct UnknownMode;

impl FromStr for Mode {
    type Err = UnknownMode;
    fn from_str(name: &str) -> Result<Mode, UnknownMode> {
        Mode::ALL.into_iter().find(|mode| mode.as_str() == name).ok_or(UnknownMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_read_by_its_name() {
        for mode in Mode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
        assert_eq!("OPEN".parse::<Mode>(), Err(UnknownMode));
    }
}
