//! Sessions kept on the server; the browser holds only a random identifier.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::token::{digest, random_hex};

/// A session ends this long after sign-in.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends this long after its last request.
const IDLE: Duration = Duration::from_secs(2 * 3600);
/// Most sessions of one user; the oldest gives way.
const MAX_PER_USER: usize = 20;
/// Most sessions of all users; the oldest gives way.
const MAX_SESSIONS: usize = 10_000;

/// One signed-in browser.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) user: String,
    pub(super) csrf: String,
    started: Instant,
    used: Instant,
}

impl Session {
    fn is_alive(&self, now: Instant) -> bool {
        now.duration_since(self.started) < LIFETIME && now.duration_since(self.used) < IDLE
    }
}

/// All sessions, by the SHA-256 of their identifier.
#[derive(Default)]
pub(super) struct Sessions {
    by_digest: HashMap<[u8; 32], Session>,
}

impl Sessions {
    /// Starts a session and returns its identifier.
    pub(super) fn start(&mut self, user: &str, now: Instant) -> Result<String, getrandom::Error> {
        let id = random_hex()?;
        let csrf = random_hex()?;
        self.by_digest.retain(|_, session| session.is_alive(now));
        self.drop_oldest(|session| session.user == user, MAX_PER_USER);
        self.drop_oldest(|_| true, MAX_SESSIONS);
        let session = Session {
            user: user.to_owned(),
            csrf,
            started: now,
            used: now,
        };
        self.by_digest.insert(digest(&id), session);
        Ok(id)
    }

    /// The session with this identifier, if it is alive; being asked for keeps it alive.
    pub(super) fn find(&mut self, id: &str, now: Instant) -> Option<Session> {
        let key = digest(id);
        let session = self.by_digest.get_mut(&key)?;
        if !session.is_alive(now) {
            self.by_digest.remove(&key);
            return None;
        }
        session.used = now;
        Some(session.clone())
    }

    pub(super) fn end(&mut self, id: &str) {
        self.by_digest.remove(&digest(id));
    }

    fn drop_oldest(&mut self, counts: impl Fn(&Session) -> bool, most: usize) {
        let counted = self.by_digest.values().filter(|it| counts(it)).count();
        if counted < most {
            return;
        }
        let candidates = self.by_digest.iter().filter(|(_, it)| counts(it));
        let oldest = candidates.min_by_key(|(_, it)| it.started);
        if let Some(key) = oldest.map(|(key, _)| *key) {
            self.by_digest.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_age_idleness_and_number() {
        let mut sessions = Sessions::default();
        let start = Instant::now();
        let id = sessions.start("hana", start).unwrap();
        assert!(sessions.find(&id, start + IDLE / 2).is_some());
        assert!(sessions.find(&id, start + IDLE).is_some());
        assert!(sessions.find(&id, start + IDLE * 2).is_none());
        let old = sessions.start("hana", start).unwrap();
        let mut now = start;
        while now < start + LIFETIME - IDLE / 2 {
            assert!(sessions.find(&old, now).is_some());
            now += IDLE / 2;
        }
        assert!(sessions.find(&old, start + LIFETIME).is_none());

        let first = sessions.start("ken", start).unwrap();
        for second in 1..=MAX_PER_USER as u64 {
            let later = start + Duration::from_secs(second);
            sessions.start("ken", later).unwrap();
        }
        assert!(sessions.find(&first, start).is_none());
    }
}
