//! Whose web pages may ask for what the visitor may do. A browser sends cookies along whoever wrote the page; that a socket or a change
//! was asked for by one of our own pages shows in `Origin` (RFC 6454) and `Sec-Fetch-Site` (Fetch Metadata), which pages cannot set.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::fmt;

/// A host and, if it was given, a port, as in `Host`: in lower case, and a port without zeros before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    text: String,
    /// Where the port begins in `text`, its colon not included.
    port_at: Option<usize>,
}

impl Authority {
    /// Read `Host`. A name is of ASCII (browsers write others in Punycode), and has no empty part: `notes.example.` is none.
    pub fn parse(text: &str) -> Option<Authority> {
        let text = text.to_ascii_lowercase();
        let name_ends = match text.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, port) = text.split_at(name_ends);
        if !is_host(host) {
            return None;
        }
        let port_at = match port.strip_prefix(':') {
            Some(digits) if is_port(digits) => Some(name_ends + 1),
            None if port.is_empty() => None,
            _ => return None,
        };
        Some(Authority { text, port_at })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        &self.text[..self.port_at.map_or(self.text.len(), |at| at - 1)]
    }

    fn port(&self) -> Option<&str> {
        self.port_at.map(|at| &self.text[at..])
    }

    /// Without the port that goes without saying.
    fn without_default_port(&self, secure: bool) -> &str {
        let default = if secure { "443" } else { "80" };
        if self.port() == Some(default) { self.host() } else { &self.text }
    }

    /// Whether it names the machine that the browser runs on, which no other machine's pages can.
    fn is_loopback(&self) -> bool {
        let host = self.host();
        let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || v6.is_some_and(|v6| v6.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()))
    }
}

fn is_host(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        // Browsers write an address in one way only (RFC 5952), and so do we.
        return v6.parse::<Ipv6Addr>().is_ok_and(|address| address.to_string() == v6);
    }
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    host.len() <= MAX_HOST && host.split('.').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

/// Longest name of a host (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

fn is_port(digits: &str) -> bool {
    digits.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == digits)
}

/// Where a page comes from: `https://notes.example`, with a port if it is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    secure: bool,
    authority: Authority,
}

/// Why a text is no [`Origin`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an origin is http:// or https://, a host and perhaps a port, and nothing after it; {0:?} is none")]
pub struct InvalidOrigin(pub String);

impl Origin {
    /// Read an origin from the settings. Capitals and the usual port are put right.
    pub fn parse(text: &str) -> Result<Origin, InvalidOrigin> {
        let lower = text.to_ascii_lowercase();
        let secure = lower.strip_prefix("https://").map(|rest| (true, rest));
        let scheme = secure.or_else(|| lower.strip_prefix("http://").map(|rest| (false, rest)));
        let origin = scheme.and_then(|(secure, rest)| {
            let authority = Authority::parse(rest)?;
            let authority = Authority::parse(authority.without_default_port(secure))?;
            Some(Origin { secure, authority })
        });
        origin.ok_or_else(|| InvalidOrigin(text.to_owned()))
    }

    /// Whether a page of this origin is reached by asking for this host.
    fn is_at(&self, host: &Authority) -> bool {
        self.authority.as_str() == host.without_default_port(self.secure)
    }

    /// Read an origin as browsers write it, and in no other way.
    fn from_header(value: &[u8]) -> Option<Origin> {
        let text = str::from_utf8(value).ok()?;
        Origin::parse(text).ok().filter(|origin| origin.to_string() == text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority.as_str())
    }
}

/// By which names the server's own pages may reach it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hosts {
    /// By any that leads here. Right where nobody is let in without a secret.
    #[default]
    Any,
    /// Only by names of this machine. Where everybody who reaches the server may do everything, a stranger's page must not reach it by
    /// pointing a name of its own at it (DNS rebinding).
    Loopback,
}

/// Whose pages are listened to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    listed: Vec<Origin>,
    own: Hosts,
}

/// What a request says of the page that sent it. Headers are lists of all their lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender<'a> {
    pub origins: &'a [&'a [u8]],
    /// `Sec-Fetch-Site`
    pub fetch_sites: &'a [&'a [u8]],
    /// The host that was asked for: `Host`, or what a trusted proxy says of it. `None` if there is none or it is malformed.
    pub host: Option<&'a Authority>,
    /// Whether it came over TLS, as far as that is known.
    pub secure: bool,
}

/// Why a page is not listened to. For people; it repeats nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Stranger {
    #[error("the request comes from a page without an origin")]
    Null,
    #[error("the request names more than one origin")]
    Several,
    #[error("the request's origin is malformed")]
    Malformed,
    #[error("the request comes from a page of another origin; the operator can list it in `origins`")]
    Foreign,
    #[error("the request comes from a page of another site")]
    CrossSite,
}

impl Origins {
    /// Pages of these origins, and the server's own.
    pub fn new(listed: Vec<Origin>, own: Hosts) -> Origins {
        Origins { listed, own }
    }

    /// Whether to answer what was sent to this host at all, reading included. Behind a name that was pointed at this machine a page is of
    /// the same origin as the server: its browser says nothing of it in a GET, and lets it read the answer.
    ///
    /// Besides the names of this machine those of listed origins count, for a proxy that passes them on.
    pub fn answers_to(&self, host: Option<&Authority>) -> bool {
        let listed = |host: &Authority| self.listed.iter().any(|origin| origin.is_at(host));
        self.own == Hosts::Any || host.is_some_and(|host| host.is_loopback() || listed(host))
    }

    /// Whether to listen to a socket, or to a request that [changes something](changes_state). No header at all is no browser, and
    /// no browser's cookies either.
    pub fn judge(&self, sender: &Sender<'_>) -> Result<(), Stranger> {
        match sender.origins {
            [] => match sender.fetch_sites {
                [] | [b"same-origin" | b"none"] => Ok(()),
                _ => Err(Stranger::CrossSite),
            },
            [b"null"] => Err(Stranger::Null),
            [one] => {
                let origin = Origin::from_header(one).ok_or(Stranger::Malformed)?;
                let known = self.listed.contains(&origin) || self.is_own(&origin, sender);
                if known { Ok(()) } else { Err(Stranger::Foreign) }
            }
            _ => Err(Stranger::Several),
        }
    }

    /// A page over TLS may come through a proxy that does not tell us so; a page without TLS is never one of a server with it.
    fn is_own(&self, origin: &Origin, sender: &Sender<'_>) -> bool {
        let Some(host) = sender.host else { return false };
        let reachable = match self.own {
            Hosts::Any => true,
            Hosts::Loopback => host.is_loopback(),
        };
        reachable && (origin.secure || !sender.secure) && origin.is_at(host)
    }
}

/// Whether a request of this method changes something, and so has to come from a page that is listened to.
pub fn changes_state(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS")
}

#[cfg(test)]
mod tests;
