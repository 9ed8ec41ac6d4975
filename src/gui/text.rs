//! Numbers, times and paths as the user reads them.

use std::path::Path;

use lightloom_param::shown;

use crate::batch::PictureFacts;
use crate::journal::record::Seconds;
use crate::lab::Interval;

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

/// Date and time in local time, from seconds since 1970.
pub fn date(secs: u64) -> String {
    Seconds(secs).local("%Y-%m-%d %H:%M")
}

/// As [`date`], for a sentence: `28 Nov 2026, 22:41`.
pub fn moment(secs: u64) -> String {
    Seconds(secs).local("%-d %b %Y, %H:%M")
}

/// A rate or ratio with about three significant digits.
pub fn rate(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// How many times as fast, with the interval where there is one: "1.95 × (1.90–2.01)".
pub fn ratio(value: f64, interval: Option<Interval>) -> String {
    let range = interval.map_or(String::new(), |range| format!(" ({:.2}–{:.2})", range.low, range.high));
    format!("{value:.2} ×{range}")
}

/// Columns and rows of a picture.
pub fn dimensions(facts: &PictureFacts) -> String {
    format!("{} × {}", facts.width, facts.height)
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

/// `help` with the keys that do the same, if there are some: “Show the plan (Ctrl+P).”
pub fn with_keys(ctx: &egui::Context, help: &str, keys: Option<egui::KeyboardShortcut>) -> String {
    match keys {
        Some(keys) => {
            let (sentence, stop) = help.strip_suffix('.').map_or((help, ""), |sentence| (sentence, "."));
            format!("{sentence} ({}){stop}", shortcut(ctx, &keys))
        }
        None => help.to_owned(),
    }
}

/// A shortcut as a person reads it: signs rather than the names of their keys.
pub fn shortcut(ctx: &egui::Context, shortcut: &egui::KeyboardShortcut) -> String {
    use egui::Key;
    let (key, sign) = match shortcut.logical_key {
        Key::OpenBracket => ("OpenBracket", "["),
        Key::CloseBracket => ("CloseBracket", "]"),
        Key::Plus => ("Plus", "+"),
        Key::Minus => ("Minus", "−"),
        _ => ("", ""),
    };
    let words = ctx.format_shortcut(shortcut);
    match words.strip_suffix(key) {
        Some(modifiers) if !key.is_empty() => format!("{modifiers}{sign}"),
        _ => words,
    }
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
        assert_eq!(choice("long_edge"), "Long edge");
    }

    #[test]
    fn durations_have_three_digits() {
        assert_eq!([830_000, 12_340_000, 1_500_000_000].map(nanoseconds), ["830 µs", "12.3 ms", "1.50 s"]);
    }
}
