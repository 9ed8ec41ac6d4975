//! Moments as a person reads them: in the time zone of this machine.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::record::Seconds;

impl Seconds {
    /// The moment in local time, in a form of `strftime`. Universal time where the system names no time zone.
    pub fn local(self, form: &str) -> String {
        self.at(TimeZone::system(), form)
    }

    fn at(self, zone: TimeZone, form: &str) -> String {
        let moment = i64::try_from(self.0).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.map_or_else(String::new, |moment| moment.to_zoned(zone).strftime(form).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_that_of_the_time_zone() {
        let berlin = || TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let at = |seconds, form: &str| Seconds(seconds).at(berlin(), form);
        assert_eq!(at(1_767_225_599, "%Y-%m-%d %H:%M:%S"), "2026-01-01 00:59:59");
        assert_eq!(at(1_780_000_000, "%-d %b %Y, %H:%M %:z"), "28 May 2026, 22:26 +02:00");
        assert_eq!(Seconds(951_782_400 + 3_660).at(TimeZone::UTC, "%Y-%m-%d %H:%M"), "2000-02-29 01:01");
        assert_eq!(at(u64::MAX, "%Y"), "", "not a moment");
    }
}
