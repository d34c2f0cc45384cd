//! Which client a request comes from: the peer, unless that is a proxy which may speak for others.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from, as far as it can be believed. An extension of every request that
/// [`serve`](super::serve) takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The client that stands behind `peer`.
///
/// Only trusted proxies are asked. Each of them adds the address it saw at the end of
/// `X-Forwarded-For`, or of `Forwarded` (RFC 7239) where the former is missing, so the list is
/// read from its end, past the addresses of other trusted proxies. What stands before the first
/// address that nobody vouches for could be made up.
pub(super) fn client(trusted: &[Cidr], peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
    let mut client = peer;
    let mut named = named(headers);
    while is_trusted(trusted, client) {
        match named.pop().flatten() {
            Some(before) => client = before,
            None => break,
        }
    }
    ClientAddress(client)
}

/// Does the address belong to a trusted proxy?
pub(super) fn is_trusted(trusted: &[Cidr], address: IpAddr) -> bool {
    trusted.iter().any(|cidr| cidr.contains(address))
}

/// Addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or one address.
///
/// ```
/// use scim_server::edge::Cidr;
///
/// let internal: Cidr = "10.0.0.0/8".parse()?;
/// assert!(internal.contains("10.1.2.3".parse().unwrap()));
/// assert!(!internal.contains("192.0.2.1".parse().unwrap()));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix_bits: u32,
}

impl Cidr {
    /// Is the address one of these?
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(all), IpAddr::V4(one)) => {
                let differ = all.to_bits() ^ one.to_bits();
                differ.leading_zeros() >= self.prefix_bits
            }
            (IpAddr::V6(all), IpAddr::V6(one)) => {
                let differ = all.to_bits() ^ one.to_bits();
                differ.leading_zeros() >= self.prefix_bits
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Cidr, String> {
        let wrong = || format!("{text:?} is no network: try 10.0.0.0/8 or 2001:db8::1");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => bits,
        };
        if prefix_bits > bits {
            return Err(wrong());
        }
        Ok(Cidr {
            address,
            prefix_bits,
        })
    }
}

/// The addresses that proxies have added, the latest last; `None` for what is no address.
fn named(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    if headers.contains_key(X_FORWARDED_FOR) {
        return elements(headers, X_FORWARDED_FOR).map(address).collect();
    }
    let forwarded = elements(headers, FORWARDED.as_str());
    forwarded
        .map(|element| {
            let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
            address(node)
        })
        .collect()
}

fn elements<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter();
    // A value that is no text stays an element, which names nobody.
    values.flat_map(|value| value.to_str().unwrap_or("-").split(','))
}

/// An address as proxies write it: with or without port, brackets and quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match bare.unwrap_or(text).parse() {
        Ok(address) => Some(address),
        Err(_) => text
            .parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip()),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client of a request from `peer`, where `10.0.0.0/8` and `2001:db8::1` are trusted.
    fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8::1"].map(|cidr| cidr.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let ClientAddress(client) = client(&trusted, peer.parse().unwrap(), &headers);
        client.to_string()
    }

    #[test]
    fn strangers_speak_for_nobody() {
        for name in ["x-forwarded-for", "forwarded"] {
            assert_eq!(
                seen("192.0.2.9", &[(name, "for=198.51.100.1")]),
                "192.0.2.9"
            );
            assert_eq!(seen("192.0.2.9", &[(name, "198.51.100.1")]), "192.0.2.9");
        }
    }

    #[test]
    fn trusted_proxies_name_the_one_before_them() {
        for (value, expected) in [
            ("198.51.100.1", "198.51.100.1"),
            ("203.0.113.5, 198.51.100.1", "198.51.100.1"),
            ("203.0.113.5, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
            ("198.51.100.1:4711", "198.51.100.1"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("198.51.100.1, unknown", "10.1.1.1"),
            ("", "10.1.1.1"),
        ] {
            assert_eq!(seen("10.1.1.1", &[("x-forwarded-for", value)]), expected);
        }
        assert_eq!(seen("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn lines_are_one_list_and_the_older_header_counts_first() {
        let lines = [
            ("x-forwarded-for", "203.0.113.5"),
            ("x-forwarded-for", "198.51.100.1"),
            ("forwarded", "for=203.0.113.6"),
        ];
        assert_eq!(seen("2001:db8::1", &lines), "198.51.100.1");
    }

    #[test]
    fn forwarded_as_rfc_7239_has_it() {
        for (value, expected) in [
            ("for=198.51.100.1;proto=https", "198.51.100.1"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            (
                "for=203.0.113.5, proto=https;for=198.51.100.1",
                "198.51.100.1",
            ),
            ("for=_hidden", "10.1.1.1"),
            ("proto=https", "10.1.1.1"),
        ] {
            assert_eq!(seen("10.1.1.1", &[("forwarded", value)]), expected);
        }
    }

    #[test]
    fn networks() {
        let contains = |cidr: &str, address: &str| {
            let cidr: Cidr = cidr.parse().unwrap();
            cidr.contains(address.parse().unwrap())
        };
        assert!(contains("0.0.0.0/0", "203.0.113.5"));
        assert!(contains("10.1.2.3/8", "10.9.9.9"));
        assert!(contains("10.0.0.1", "::ffff:10.0.0.1"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!contains("10.0.0.0/9", "10.128.0.0"));
        assert!(!contains("10.0.0.1", "10.0.0.2"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "::/129",
            "proxy",
        ] {
            assert!(wrong.parse::<Cidr>().is_err(), "{wrong}");
        }
    }
}
