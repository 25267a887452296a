//! Which `Host` and `Origin` headers belong to this server.

use std::net::IpAddr;

/// A host and port as they stand in a `Host` header or an origin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    host: &'a str,
    port: Option<&'a str>,
}

impl<'a> Authority<'a> {
    /// Reads `name`, `name:port`, `192.0.2.1:80` or `[2001:db8::1]:80`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once(']')?,
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(':')?),
        };
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
        let is_fine = !host.is_empty() && port.is_none_or(is_port);
        is_fine.then_some(Authority { host, port })
    }

    /// Reads the authority of an origin; ports every scheme has by default are left out.
    pub(super) fn of_origin(origin: &'a str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        let mut authority = Self::parse(authority)?;
        if matches!(
            (scheme, authority.port),
            ("http", Some("80")) | ("https", Some("443"))
        ) {
            authority.port = None;
        }
        Some(authority)
    }

    /// The name or address of the own machine, or one of the configured names.
    pub(super) fn is_own(&self, names: &[String]) -> bool {
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        let is_loopback = address.is_some_and(|it| it.to_canonical().is_loopback());
        let is_localhost = host == "localhost" || host.ends_with(".localhost");
        let is_configured = names.iter().any(|name| name.eq_ignore_ascii_case(&host));
        is_loopback || is_localhost || is_configured
    }

    /// Same host and port; a port missing on one side only is a default one behind a proxy.
    pub(super) fn is_same(&self, other: &Authority<'_>) -> bool {
        let default = |port: Option<&str>| matches!(port, None | Some("80" | "443"));
        let is_same_port = self.port == other.port || (default(self.port) && default(other.port));
        self.host.eq_ignore_ascii_case(other.host) && is_same_port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_names() {
        let names = ["siem.example.com".to_owned()];
        for (host, is_own) in [
            ("localhost", true),
            ("localhost:9200", true),
            ("demo.localhost:80", true),
            ("127.0.0.1:9200", true),
            ("127.9.9.9", true),
            ("[::1]:9200", true),
            ("SIEM.example.com:443", true),
            ("evil.example.com", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("192.0.2.1", false),
            ("localhost:80:80", false),
            ("localhost:x", false),
            ("user@localhost", false),
            ("[::1", false),
            ("", false),
        ] {
            let found = Authority::parse(host).is_some_and(|it| it.is_own(&names));
            assert_eq!(found, is_own, "{host}");
        }
    }

    #[test]
    fn compares_origins_with_hosts() {
        for (origin, host, is_same) in [
            ("http://localhost:9200", "localhost:9200", true),
            ("https://siem.example.com", "siem.example.com", true),
            ("https://siem.example.com:443", "siem.example.com", true),
            ("http://localhost:9201", "localhost:9200", false),
            ("http://localhost", "localhost:9200", false),
            ("https://evil.example.com", "siem.example.com", false),
            ("null", "localhost", false),
        ] {
            let host = Authority::parse(host).unwrap();
            let found = Authority::of_origin(origin).is_some_and(|it| it.is_same(&host));
            assert_eq!(found, is_same, "{origin} {host:?}");
        }
    }
}
