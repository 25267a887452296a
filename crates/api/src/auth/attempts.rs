//! Counting failed sign-ins, so that passwords cannot be guessed by trying.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Time in which failures are counted.
const WINDOW: Duration = Duration::from_secs(300);
/// Failures from one address in that time.
const MAX_PER_ADDRESS: u32 = 20;
/// Failures for one name from one address in that time.
const MAX_PER_NAME: u32 = 5;
/// Most counters kept; when they are used up, nobody new is let in until old ones end.
const MAX_COUNTERS: usize = 20_000;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: Option<IpAddr>,
    name: Option<String>,
}

/// Failed sign-ins of the last minutes.
#[derive(Default)]
pub(super) struct Attempts {
    counters: HashMap<Key, (Instant, u32)>,
}

impl Attempts {
    /// Counts an attempt as failed; `Err` tells how long to wait instead of trying.
    ///
    /// Counting comes before checking the password, so that many attempts at once do not slip by.
    pub(super) fn begin(
        &mut self,
        address: Option<IpAddr>,
        name: &str,
        now: Instant,
    ) -> Result<(), Duration> {
        if self.counters.len() + 2 > MAX_COUNTERS {
            self.counters
                .retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if self.counters.len() + 2 > MAX_COUNTERS {
                return Err(WINDOW);
            }
        }
        let keys = keys(address, name);
        for (key, most) in &keys {
            if let Some((since, count)) = self.counters.get(key) {
                let age = now.duration_since(*since);
                if age < WINDOW && count >= most {
                    return Err(WINDOW - age);
                }
            }
        }
        for (key, _) in keys {
            let counter = self.counters.entry(key).or_insert((now, 0));
            if now.duration_since(counter.0) >= WINDOW {
                *counter = (now, 0);
            }
            counter.1 += 1;
        }
        Ok(())
    }

    /// Takes an attempt back that succeeded.
    pub(super) fn succeed(&mut self, address: Option<IpAddr>, name: &str) {
        let [(by_address, _), (by_name, _)] = keys(address, name);
        self.counters.remove(&by_name);
        if let Some((_, count)) = self.counters.get_mut(&by_address) {
            *count = count.saturating_sub(1);
        }
    }
}

fn keys(address: Option<IpAddr>, name: &str) -> [(Key, u32); 2] {
    let address = address.map(network);
    let by_address = Key {
        address,
        name: None,
    };
    let by_name = Key {
        address,
        name: Some(name.to_owned()),
    };
    [(by_address, MAX_PER_ADDRESS), (by_name, MAX_PER_NAME)]
}

/// An IPv4 address, or the /64 an IPv6 address is in: whoever has one address there has them all.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::from((v6.to_bits() >> 64 << 64).to_be_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_names_and_addresses_and_forgets() {
        let mut attempts = Attempts::default();
        let address: Option<IpAddr> = "192.0.2.1".parse().ok();
        let other: Option<IpAddr> = "192.0.2.2".parse().ok();
        let start = Instant::now();
        for host in 0..MAX_PER_NAME {
            let neighbour = format!("2001:db8::{host}").parse().ok();
            assert!(attempts.begin(neighbour, "hana", start).is_ok());
        }
        let neighbour = "2001:db8::ffff".parse().ok();
        assert!(attempts.begin(neighbour, "hana", start).is_err());
        for _ in 0..MAX_PER_NAME {
            assert!(attempts.begin(address, "hana", start).is_ok());
        }
        assert!(attempts.begin(address, "hana", start).is_err());
        assert!(attempts.begin(other, "hana", start).is_ok());
        attempts.succeed(address, "hana");
        assert!(attempts.begin(address, "hana", start).is_ok());
        for number in 0..MAX_PER_ADDRESS {
            let _ = attempts.begin(address, &number.to_string(), start);
        }
        assert!(attempts.begin(address, "new", start).is_err());
        assert!(attempts.begin(address, "new", start + WINDOW).is_ok());
    }
}
