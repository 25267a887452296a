//! User agents, which strangers write.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use yagura_intel::{UserAgentCache, UserAgents};

thread_local! {
    static AGENTS: (UserAgents, RefCell<UserAgentCache>) =
        (UserAgents::new(), RefCell::new(UserAgentCache::new()));
}

fuzz_target!(|text: &str| {
    AGENTS.with(|(agents, cache)| {
        agents.parse(text, &mut cache.borrow_mut());
    });
});
