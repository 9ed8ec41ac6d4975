//! Which servers may be asked: what a page refers to must not lead into the network of whoever opens it.
//!
//! A page, a list of others or a redirect could name the router, a printer or a service of this very machine, and have the
//! program ask it. So what was not named by the person reaches public addresses alone: by the registries of special
//! addresses (RFC 6890 and its updates), after the name is resolved, and the address that was checked is the one that is
//! connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Address;

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Those of the internet alone.
    Public,
    /// Those of this machine and of private networks too.
    Anywhere,
}

impl Reach {
    /// Whether this address may be connected to.
    pub fn allows(self, ip: IpAddr) -> bool {
        self == Self::Anywhere || is_public(ip)
    }

    /// Whether the address may be asked, as far as that can be told without resolving its name.
    pub fn allows_literal(self, address: &Address) -> bool {
        address.literal_ip().is_none_or(|ip| self.allows(ip))
            && (self == Self::Anywhere || !names_this_machine(address.host_name()))
    }
}

fn names_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether an address belongs to the internet at large.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = match (a, b, c) {
        // "This network", private, loopback, link-local, and those of the future with the broadcast address.
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _) | (224.., ..) => true,
        // Between providers and their customers, which some private networks use too.
        (100, 64..=127, _) => true,
        // Protocol assignments, examples in documents, the relay of 6to4, and benchmarks.
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) | (198, 18 | 19, _) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        // Mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96 and 64:ff9b::/96) and old compatible addresses (::/96, with
        // loopback and the unspecified one) stand for one of the other version.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        // 6to4 carries one as well.
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // Teredo, benchmarks, ORCHID, and examples in documents.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All that is assigned to the internet; unique local (fc00::/7), link-local (fe80::/10) and multicast (ff00::/8)
        // are not among it.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        let special = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 \
            172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 \
            240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 \
            ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 3fff::1 \
            5f00::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1";
        for ip in special.split_whitespace() {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        let public = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.167.1.1 198.17.0.1 223.255.255.1 \
            2606:4700::1111 2001:4860:4860::8888 2a00::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::";
        for ip in public.split_whitespace() {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn every_way_to_write_this_machine_is_seen() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1",
            "[::1]",
            "[::ffff:7f00:1]",
            "0",
        ] {
            let address = Address::parse(&format!("http://{host}/")).unwrap();
            assert!(!Reach::Public.allows_literal(&address), "{host}");
            assert!(Reach::Anywhere.allows_literal(&address), "{host}");
        }
        let public = Address::parse("http://example.org/").unwrap();
        assert!(Reach::Public.allows_literal(&public));
    }
}
