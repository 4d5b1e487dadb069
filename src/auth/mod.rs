//! Who may do what.
//!
//! [`decide`] answers every question of this kind, from what the [`Directory`] knows, who is asking and what they bring; [`needs`]
//! says what each route and each message asks for. Everything here is pure: time, random bytes and stored records come in as
//! arguments. How a request carries a token, where records are kept and who fetches keys is known elsewhere.

pub mod attempts;
pub mod decision;
pub mod directory;
pub mod frames;
pub mod identity;
pub mod jwt;
mod mode;
pub mod needs;
pub mod origins;
pub mod password;
pub mod proxies;
pub mod record;
mod role;
pub mod secret;
#[cfg(test)]
mod tests;

pub use attempts::{Attempts, neighbourhood};
pub use decision::{Ask, Denied, Granted, Presented, Target, decide};
pub use directory::{Command, Directory, Refusal};
pub use frames::FrameAncestors;
pub use identity::{AccountName, Author, DisplayName, Identity};
pub use jwt::Claims;
pub use mode::Mode;
pub use needs::Needs;
pub use origins::{Authority, Hosts, Origin, Origins};
pub use password::{Password, PasswordHash, Unlocked};
pub use proxies::Proxies;
pub use record::{Key, Record};
pub use role::Role;
pub use secret::{Secret, Token, TokenHash};
