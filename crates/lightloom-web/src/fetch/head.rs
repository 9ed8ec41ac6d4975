//! What the head of an answer says.

use std::time::{Duration, SystemTime};

/// Status and header fields of an answer.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub fields: Vec<(String, String)>,
    /// When it arrived.
    pub arrived: SystemTime,
}

/// The part of a file that an answer brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub first: u64,
    pub total: Option<u64>,
}

impl Head {
    /// The first value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).filter(|v| !v.is_empty())
    }

    /// Bytes that follow, if that is said.
    pub fn content_length(&self) -> Option<u64> {
        self.field("content-length")?.parse().ok()
    }

    /// The media type in lower case, without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.field("content-type")?;
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// How the content is packed; `None` if it is not.
    pub fn encoding(&self) -> Option<String> {
        let value = self.field("content-encoding")?.to_ascii_lowercase();
        (value != "identity").then_some(value)
    }

    /// A time in a field.
    pub fn time(&self, name: &str) -> Option<SystemTime> {
        httpdate::parse_http_date(self.field(name)?).ok()
    }

    /// How long the server wants to be left alone: seconds, or a time by its own clock.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let value = self.field("retry-after")?;
        if let Ok(secs) = value.parse() {
            return Some(Duration::from_secs(secs));
        }
        let now = self.time("date").unwrap_or(self.arrived);
        Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default())
    }

    /// What may follow `If-Range`: a strong tag, or else the time of the last change.
    pub(super) fn range_validator(&self) -> Option<String> {
        if self.field("accept-ranges").is_some_and(|units| units.eq_ignore_ascii_case("none")) {
            return None;
        }
        let tag = self.field("etag").filter(|tag| !tag.starts_with("W/"));
        tag.or_else(|| self.field("last-modified")).map(str::to_owned)
    }

    /// `Content-Range: bytes 100-199/200`.
    pub(super) fn content_range(&self) -> Option<Range> {
        let (span, total) = self.field("content-range")?.strip_prefix("bytes")?.trim().split_once('/')?;
        let (first, _) = span.split_once('-')?;
        Some(Range { first: first.trim().parse().ok()?, total: total.trim().parse().ok() })
    }
}
