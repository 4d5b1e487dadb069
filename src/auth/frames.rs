//! Whose pages may show the app in a frame of theirs. A page in a frame can be made to look like something else, and be clicked on.

use std::fmt;

use super::origins::Origin;

/// Pages that may frame the app; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameAncestors {
    /// Pages of the server's own origin.
    own: bool,
    listed: Vec<Origin>,
}

impl FrameAncestors {
    /// `none`, or `self` and origins with commas between them.
    pub fn parse(text: &str) -> Option<FrameAncestors> {
        let mut ancestors = FrameAncestors::default();
        if text == "none" {
            return Some(ancestors);
        }
        for part in text.split(',').map(str::trim) {
            match part {
                "self" => ancestors.own = true,
                origin => ancestors.listed.push(Origin::parse(origin).ok()?),
            }
        }
        Some(ancestors)
    }

    /// As `frame-ancestors` of a content security policy has it.
    pub fn policy(&self) -> String {
        if self.is_nobody() {
            return "'none'".to_owned();
        }
        let own = self.own.then(|| "'self'".to_owned());
        own.into_iter().chain(self.listed.iter().map(ToString::to_string)).collect::<Vec<_>>().join(" ")
    }

    /// The same for browsers that know no better (RFC 7034); `None` where its words do not suffice.
    pub fn x_frame_options(&self) -> Option<&'static str> {
        match (self.own, &self.listed[..]) {
            (false, []) => Some("DENY"),
            (true, []) => Some("SAMEORIGIN"),
            _ => None,
        }
    }

    fn is_nobody(&self) -> bool {
        !self.own && self.listed.is_empty()
    }
}

impl fmt::Display for FrameAncestors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_nobody() {
            true => f.write_str("none"),
            false => f.write_str(&self.policy().replace("'self'", "self").replace(' ', ",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_frame_is_said_in_both_languages() {
        for (text, shown, policy, old) in [
            ("none", "none", "'none'", Some("DENY")),
            ("self", "self", "'self'", Some("SAMEORIGIN")),
            ("https://a.example", "https://a.example", "https://a.example", None),
            (
                "https://A.example:443, self,http://b.example:81",
                "self,https://a.example,http://b.example:81",
                "'self' https://a.example http://b.example:81",
                None,
            ),
        ] {
            let ancestors = FrameAncestors::parse(text).expect(text);
            assert_eq!(ancestors.to_string(), shown);
            assert_eq!(FrameAncestors::parse(shown), Some(ancestors.clone()));
            assert_eq!((ancestors.policy().as_str(), ancestors.x_frame_options()), (policy, old), "{text}");
        }
        for wrong in ["", "*", "none,self", "https:", "https://*.example", "'self'", "self;script-src *"] {
            assert_eq!(FrameAncestors::parse(wrong), None, "{wrong:?}");
        }
    }
}
