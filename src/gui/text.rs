//! Numbers, times and paths as the user reads them.

use std::path::Path;

use lightloom_param::shown;

/// `1 204` rather than `1204`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 picture`, `12 pictures`.
pub fn pictures(n: usize) -> String {
    plural(n, "picture")
}

/// `1 item`, `12 items`.
pub fn plural(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A duration in its two largest units: `1 min 20 s`.
pub fn duration(secs: f64) -> String {
    if secs < 10.0 {
        return format!("{secs:.1} s");
    }
    let whole = secs.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Seconds with about three significant digits.
pub fn seconds(secs: f64) -> String {
    format!("{} s", rate(secs))
}

/// A duration with three significant digits: `12.3 ms`.
pub fn nanoseconds(nanos: u64) -> String {
    let nanos = nanos as f64;
    let (value, unit) = match nanos {
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    match value {
        v if v >= 100.0 => format!("{v:.0} {unit}"),
        v if v >= 10.0 => format!("{v:.1} {unit}"),
        v => format!("{v:.2} {unit}"),
    }
}

/// A point in time in UTC.
struct Calendar {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
}

/// The calendar in UTC, from seconds since 1970.
const fn calendar(secs: u64) -> Calendar {
    // Days are counted from 1 March of the year 0, so that leap days end a year.
    let (days, second) = (secs / 86_400 + 719_468, secs % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    Calendar { year, month, day, hour: second / 3600, minute: second / 60 % 60 }
}

/// Date and time in UTC, from seconds since 1970.
pub fn date(secs: u64) -> String {
    let Calendar { year, month, day, hour, minute } = calendar(secs);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// As [`date`], for a sentence: `28 Nov 2026, 22:41 UTC`.
pub fn moment(secs: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Calendar { year, month, day, hour, minute } = calendar(secs);
    format!("{day} {} {year}, {hour:02}:{minute:02} UTC", MONTHS[(month as usize + 11) % 12])
}

/// A rate or ratio with about three significant digits.
pub fn rate(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// A number of bytes in the largest unit that fits.
pub fn bytes(n: u64) -> String {
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.0} KiB", n as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", n as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", n as f64 / 1_073_741_824.0),
    }
}

/// The last part of a path.
pub fn file_name(path: &Path) -> String {
    shown(path.file_name().unwrap_or(path.as_os_str())).into_owned()
}

/// A path with the home folder as `~`.
pub fn short_path(path: &Path) -> String {
    match std::env::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(below) if below.as_os_str().is_empty() => "~".to_owned(),
        Some(below) => format!("~/{}", shown(&below)),
        None => shown(path).into_owned(),
    }
}

/// An option of a choice as the user reads it: `Long edge` for `long_edge`.
pub fn choice(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    (first + chars.as_str()).replace('_', " ")
}

/// The text with a capital first letter.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1204), "1 204");
        assert_eq!(count(100_000), "100 000");
        assert_eq!(pictures(1), "1 picture");
        assert_eq!(duration(3.25), "3.2 s");
        assert_eq!(duration(80.0), "1 min 20 s");
        assert_eq!(duration(7320.0), "2 h 02 min");
        assert_eq!(bytes(1536), "2 KiB");
        assert_eq!(seconds(3.256), "3.26 s");
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_400 + 3_660), "2000-02-29 01:01 UTC");
        assert_eq!(date(1_767_225_599), "2025-12-31 23:59 UTC");
        assert_eq!(moment(1_767_225_599), "31 Dec 2025, 23:59 UTC");
        assert_eq!(choice("long_edge"), "Long edge");
    }

    #[test]
    fn durations_have_three_digits() {
        assert_eq!([830_000, 12_340_000, 1_500_000_000].map(nanoseconds), ["830 µs", "12.3 ms", "1.50 s"]);
    }
}
