//! `lightloom formats`: the table of formats as text, JSON, or the table in `docs/formats.md`; and the encoding options.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use lightloom_param::{ParamKind, ParamSpec};

use crate::codec::{CODECS, Codec, Frames, OPTIONS, frames_of};
use crate::picture::Depth;

/// Every format with what can be done with it.
pub fn list(as_json: bool) -> String {
    if as_json {
        let formats: Vec<Json> = CODECS.iter().map(|codec| format_json(codec)).collect();
        let options: Vec<Json> = OPTIONS.iter().map(|option| option_json(option)).collect();
        return json!({ "formats": formats, "options": options }).to_string();
    }
    let mut out = format!(
        "{:<11}{:<6}{:<7}{:<15}{:<18}{:<11}{:<14}{}\n",
        "id", "read", "write", "decoded at", "several pictures", "bits read", "bits written", "extensions"
    );
    for codec in CODECS {
        let _ = writeln!(
            out,
            "{:<11}{:<6}{:<7}{:<15}{:<18}{:<11}{:<14}{}",
            codec.id,
            "yes",
            yes(codec.writes()),
            scales(codec),
            several(codec),
            depths(codec.depths.iter().copied()),
            depths(codec.written_depths()),
            codec.extensions.join(", ")
        );
    }
    out
}

const fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The scales at which it can be decoded.
fn scales(codec: &Codec) -> String {
    codec.divisors.iter().map(|d| if *d == 1 { "1".to_owned() } else { format!("1/{d}") }).collect::<Vec<_>>().join(" ")
}

/// What it does with files of several pictures.
fn several(codec: &'static Codec) -> &'static str {
    match (frames_of(codec), codec.several) {
        (Some(frames), _) if frames.animates() => "animation, kept",
        (Some(_), _) => "pages, all",
        (None, true) => "the first",
        (None, false) => "",
    }
}

fn depths(depths: impl Iterator<Item = Depth>) -> String {
    let words = depths.map(|d| match d {
        Depth::U8 => "8",
        Depth::U16 => "16",
        Depth::F32 => "32f",
    });
    words.collect::<Vec<_>>().join(" ")
}

fn format_json(codec: &'static Codec) -> Json {
    let bits = |depth: Depth| depth.bytes() * 8;
    json!({
        "id": codec.id,
        "title": codec.title,
        "extensions": codec.extensions,
        "read": true,
        "write": codec.writes(),
        "lossy": codec.lossy,
        "scales": codec.divisors,
        "several": codec.several || frames_of(codec).is_some(),
        "animated": frames_of(codec).is_some_and(Frames::animates),
        "bits_read": codec.depths.iter().map(|d| bits(*d)).collect::<Vec<_>>(),
        "bits_written": codec.written_depths().map(bits).collect::<Vec<_>>(),
        "options": options_of(codec).map(|o| o.key).collect::<Vec<_>>(),
    })
}

fn options_of(codec: &Codec) -> impl Iterator<Item = &'static ParamSpec> {
    OPTIONS.iter().copied().filter(|option| codec.has_option(option))
}

fn option_json(option: &ParamSpec) -> Json {
    let mut out =
        json!({ "key": option.key, "label": option.label, "help": option.help, "allowed": option.kind.allowed() });
    if let ParamKind::Integer { min, max, .. } = option.kind {
        out["min"] = min.into();
        out["max"] = max.into();
        out["unit"] = option.unit.into();
    }
    out["default"] = option.kind.default().to_string().into();
    out
}

/// The table of formats in `docs/formats.md`.
pub fn format_table() -> String {
    let mut out = String::from(
        "| format | extensions | write | decoded at | several pictures | bits read | bits written |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for codec in CODECS {
        let _ = writeln!(
            out,
            "| {} (`{}`) | {} | {} | {} | {} | {} | {} |",
            codec.title,
            codec.id,
            codec.extensions.join(", "),
            yes(codec.writes()),
            scales(codec),
            several(codec),
            depths(codec.depths.iter().copied()),
            depths(codec.written_depths()),
        );
    }
    out
}

/// The table of encoding options in `docs/formats.md`.
pub fn option_table() -> String {
    let mut out = String::from("| option | formats | what it does | values (default) |\n| --- | --- | --- | --- |\n");
    for option in OPTIONS.iter() {
        let usual = option.kind.default();
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} ({usual}) |",
            option.key,
            formats_of(option),
            option.help,
            option.kind.allowed()
        );
    }
    out
}

fn formats_of(option: &ParamSpec) -> String {
    CODECS.iter().filter(|c| c.has_option(option)).map(|c| c.title).collect::<Vec<_>>().join(", ")
}

/// The help of `--option`.
pub(super) fn option_help() -> String {
    let mut out = String::from("An encoding option, such as subsampling=444; may be given several times:");
    for option in OPTIONS.iter().filter(|o| o.key != "quality") {
        let usual = option.kind.default();
        let _ = write!(
            out,
            "\n  {}: {} [{}]\n    {} [default: {usual}]",
            option.key,
            option.help,
            formats_of(option),
            option.kind.allowed()
        );
    }
    out
}
