//! What a proxy says of whoever is behind it (`X-Forwarded-For`, `-Proto`, `-Host`), and whether it is believed.

use core::net::{IpAddr, SocketAddr};
use std::fmt;

use ipnet::IpNet;

use super::origins::Authority;
use crate::limits;

/// The proxies that are believed, as networks. None: every header of this kind is noise that anybody may make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl fmt::Display for Proxies {
    /// As [`Proxies::parse`] takes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, network) in self.0.iter().enumerate() {
            write!(f, "{}{network}", if n > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address and no network, such as 10.0.0.0/8 or ::1")]
pub struct InvalidNetwork(pub String);

/// The headers, each as all its lines in their order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forwarded<'a> {
    pub addresses: &'a [&'a str],
    pub protocols: &'a [&'a str],
    pub hosts: &'a [&'a str],
}

/// Whoever is at the other end, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// Whether it came over TLS up to the outermost proxy. `None`: no proxy says so, and the connection itself has to be looked at.
    pub secure: Option<bool>,
    /// The host it asked for. `None`: look at `Host`.
    pub host: Option<Authority>,
}

impl Proxies {
    /// Networks and addresses, separated by commas. Host bits are ignored: `10.1.2.3/8` is `10.0.0.0/8`.
    pub fn parse(list: &str) -> Result<Proxies, InvalidNetwork> {
        let one = |text: &str| {
            let network = text.parse::<IpNet>().ok().map(|network| network.trunc());
            network.or_else(|| text.parse::<IpAddr>().ok().map(|address| address.to_canonical().into()))
        };
        let networks = list.split(',').map(str::trim).filter(|text| !text.is_empty());
        let networks = networks.map(|text| one(text).ok_or_else(|| InvalidNetwork(text.to_owned())));
        networks.collect::<Result<_, _>>().map(Proxies)
    }

    /// Who is behind `peer`. The list of addresses is read from its end, where the nearest proxy has written: the first that is no proxy
    /// of ours is the client, and whatever stands before it is the client's own invention.
    pub fn client(&self, peer: IpAddr, forwarded: Forwarded<'_>) -> Client {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Client { address: peer, secure: None, host: None };
        }
        let mut address = peer;
        for text in entries_from_the_end(forwarded.addresses).take(limits::PROXIES) {
            // Nobody of ours writes what is no address: it ends what can be believed.
            let Some(named) = parse_address(text) else { break };
            address = named;
            if !self.trusts(named) {
                break;
            }
        }
        let secure = entries_from_the_end(forwarded.protocols).next().and_then(|protocol| match protocol {
            "https" | "wss" => Some(true),
            "http" | "ws" => Some(false),
            _ => None,
        });
        let host = entries_from_the_end(forwarded.hosts).next().and_then(Authority::parse);
        Client { address, secure, host }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Several lines of a header are one list.
fn entries_from_the_end<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim)
}

/// An address, with or without a port, as proxies write them: `192.0.2.1`, `192.0.2.1:80`, `::1`, `[::1]`, `[::1]:80`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<core::net::Ipv6Addr>().ok();
    let address = bare.or_else(with_port).or_else(|| bracketed().map(IpAddr::V6));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    fn behind(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let proxies = Proxies::parse(trusted).expect(trusted);
        let forwarded = Forwarded { addresses: lines, ..Forwarded::default() };
        proxies.client(address(peer), forwarded).address.to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(behind("", "203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(behind("10.0.0.0/8", "203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(behind("10.0.0.0/8", "11.0.0.1", &["127.0.0.1"]), "11.0.0.1");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        let ours = "10.0.0.0/8, ::1";
        for (lines, client) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            // What the client sent by itself stands on the left.
            (&["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            (&["10.0.0.7, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            // Several headers are one list, in their order.
            (&["127.0.0.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            (&["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            // Nobody but proxies: the outermost.
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[], "10.0.0.1"),
            // Ports and brackets.
            (&["203.0.113.9:4711"], "203.0.113.9"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            // Nonsense ends the list; what came before it is not reached.
            (&["203.0.113.9, unknown"], "10.0.0.1"),
            (&["203.0.113.9, , 10.0.0.2"], "10.0.0.2"),
            (&["203.0.113.9, 010.0.0.2"], "10.0.0.1"),
            (&["203.0.113.9, 10.0.0.2 10.0.0.3"], "10.0.0.1"),
            (&["203.0.113.9, localhost"], "10.0.0.1"),
            (&[""], "10.0.0.1"),
        ] {
            assert_eq!(behind(ours, "10.0.0.1", lines), client, "{lines:?}");
        }
        assert_eq!(behind(ours, "::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(behind(ours, "::1", &["203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn a_list_without_end_is_not_read_to_its_end() {
        let endless = ["10.0.0.2"].repeat(10_000).join(",");
        let line = format!("203.0.113.9,{endless}");
        assert_eq!(behind("10.0.0.0/8", "10.0.0.1", &[&line]), "10.0.0.2");
    }

    #[test]
    fn protocol_and_host_are_the_nearest_proxys_words() {
        let proxies = Proxies::parse("10.0.0.1").expect("an address");
        let forwarded = Forwarded {
            addresses: &["203.0.113.9"],
            protocols: &["http, https"],
            hosts: &["evil.example", "Notes.Example:443"],
        };
        let client = proxies.client(address("10.0.0.1"), forwarded);
        assert_eq!(client.secure, Some(true));
        assert_eq!(client.host.expect("a host").as_str(), "notes.example:443");
        let stranger = proxies.client(address("10.0.0.2"), forwarded);
        assert_eq!((stranger.secure, stranger.host), (None, None));
        for odd in ["HTTPS", "gopher", "", "https http"] {
            let client = proxies.client(address("10.0.0.1"), Forwarded { protocols: &[odd], ..forwarded });
            assert_eq!(client.secure, None, "{odd}");
        }
        for odd in ["a/b", "user@notes.example", "notes.example:", "", "a b", "[::1", "notes.example:99999"] {
            let client = proxies.client(address("10.0.0.1"), Forwarded { hosts: &[odd], ..forwarded });
            assert_eq!(client.host, None, "{odd}");
        }
    }

    #[test]
    fn networks_are_read_strictly() {
        assert_eq!(Proxies::parse("10.1.2.3/8"), Proxies::parse("10.0.0.0/8"));
        for bad in ["10.0.0.0/33", "10.0.0", "proxy", "10.0.0.0/8/8", "*", "10.0.0.0-10.0.0.9"] {
            assert_eq!(Proxies::parse(bad), Err(InvalidNetwork(bad.to_owned())));
        }
    }
}
