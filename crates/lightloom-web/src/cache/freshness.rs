//! For how long something may be used without asking its server: RFC 9111, for a cache of one person.

use std::time::{Duration, SystemTime};

use crate::fetch::Head;

/// Without a stated time, what has not changed for ten days is good for one: 10 % is what the RFC suggests.
const SHARE_OF_AGE: u32 = 10;
/// And never for longer than this.
const LONGEST_GUESS: Duration = Duration::from_secs(24 * 3600);

/// What may be done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// It is not to be kept.
    Never,
    /// It may be kept, and used without asking until this time.
    Until(SystemTime),
}

/// What the head of an answer allows.
pub(super) fn storage(head: &Head) -> Storage {
    let directives = head.field("cache-control").unwrap_or_default().to_ascii_lowercase();
    let has =
        |name: &str| directives.split(',').any(|one| one.trim() == name || one.trim().starts_with(&format!("{name}=")));
    if has("no-store") {
        return Storage::Never;
    }
    let arrived = head.arrived;
    if has("no-cache") {
        return Storage::Until(arrived);
    }
    let max_age =
        directives.split(',').find_map(|one| one.trim().strip_prefix("max-age=")?.trim_matches('"').parse().ok());
    if let Some(secs) = max_age {
        let age = head.field("age").and_then(|age| age.parse().ok()).unwrap_or(0);
        return Storage::Until(after(arrived, Duration::from_secs(u64::saturating_sub(secs, age))));
    }
    if head.field("expires").is_some() {
        let by_server = head.time("expires").zip(head.time("date").or(Some(arrived)));
        let left = by_server.and_then(|(expires, date)| expires.duration_since(date).ok()).unwrap_or_default();
        return Storage::Until(after(arrived, left));
    }
    let unchanged = head.time("last-modified").and_then(|changed| arrived.duration_since(changed).ok());
    Storage::Until(after(arrived, unchanged.map_or(Duration::ZERO, |age| (age / SHARE_OF_AGE).min(LONGEST_GUESS))))
}

fn after(time: SystemTime, wait: Duration) -> SystemTime {
    // A server may say "for a hundred years".
    time.checked_add(wait.min(Duration::from_secs(366 * 24 * 3600))).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn for_secs(fields: &[(&str, &str)]) -> Option<u64> {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let arrived = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match storage(&Head { status: 200, fields, arrived }) {
            Storage::Never => None,
            Storage::Until(until) => Some(until.duration_since(arrived).unwrap().as_secs()),
        }
    }

    #[test]
    fn servers_are_asked_when_they_want_to_be() {
        assert_eq!(for_secs(&[("cache-control", "private, No-Store")]), None);
        assert_eq!(for_secs(&[("cache-control", "no-cache, max-age=60")]), Some(0));
        assert_eq!(for_secs(&[("cache-control", "public,max-age=60"), ("age", "20")]), Some(40));
        assert_eq!(for_secs(&[("cache-control", "max-age=60"), ("expires", "0")]), Some(60));
        assert_eq!(for_secs(&[("expires", "0")]), Some(0), "not a time: it has expired");
        let expires = [("expires", "Sun, 06 Nov 1994 08:50:37 GMT"), ("date", "Sun, 06 Nov 1994 08:50:07 GMT")];
        assert_eq!(for_secs(&expires), Some(30), "by the clock of the server");
        assert_eq!(for_secs(&[("last-modified", "Sun, 06 Nov 1994 08:39:37 GMT")]), Some(60));
        assert_eq!(for_secs(&[("last-modified", "Sat, 01 Jan 1994 00:00:00 GMT")]), Some(24 * 3600));
        assert_eq!(for_secs(&[("etag", "\"v1\"")]), Some(0));
    }
}
