//! How many connections each address holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of all addresses.
pub(super) struct Census {
    /// 0: any number.
    per_network_max: usize,
    counts: Mutex<HashMap<Network, usize>>,
}

/// One connection, counted until it is dropped.
pub(super) struct Counted {
    census: Arc<Census>,
    network: Network,
}

/// What is counted as one: an IPv4 address, or the /64 that one IPv6 subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Network {
        Network(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        })
    }
}

impl Census {
    pub(super) fn new(per_network_max: usize) -> Arc<Census> {
        Arc::new(Census {
            per_network_max,
            counts: Mutex::default(),
        })
    }

    /// Counts a connection, unless its network has as many as it may have.
    pub(super) fn enter(census: &Arc<Census>, address: IpAddr) -> Option<Counted> {
        let network = Network::from(address);
        let mut counts = census.counts();
        let count = counts.entry(network).or_default();
        if *count >= census.per_network_max && census.per_network_max != 0 {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Counted {
            census: Arc::clone(census),
            network,
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.census.counts();
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(census: &Arc<Census>, address: &str) -> Option<Counted> {
        Census::enter(census, address.parse().unwrap())
    }

    #[test]
    fn each_network_has_its_own_places() {
        let census = Census::new(2);
        let places = [
            "192.0.2.1",
            "192.0.2.1",
            "192.0.2.2",
            "2001:db8::1",
            "2001:db8::2",
        ]
        .map(|address| enter(&census, address).unwrap());
        for full in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::ffff:1"] {
            assert!(enter(&census, full).is_none(), "{full}");
        }
        assert!(enter(&census, "2001:db8:0:1::1").is_some());
        drop(places);
        assert!(enter(&census, "192.0.2.1").is_some());
        assert!(census.counts().is_empty());
    }

    #[test]
    fn zero_stands_for_no_limit() {
        let census = Census::new(0);
        let places: Vec<_> = (0..1000).map(|_| enter(&census, "192.0.2.1")).collect();
        assert!(places.iter().all(Option::is_some));
    }
}
