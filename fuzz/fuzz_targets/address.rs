//! Addresses and lists of forwarded addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_model::{forwarded_addresses, is_ip_address, parse_address};

fuzz_target!(|text: &str| {
    assert!(parse_address(text).is_none() || is_ip_address(text));
    for address in forwarded_addresses(text) {
        assert!(is_ip_address(address));
    }
});
