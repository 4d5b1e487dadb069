//! Moments as text, the same everywhere: RFC 3339 in UTC with milliseconds.

/// `2026-05-04T12:00:00.000Z` for the milliseconds since 1970. What no calendar holds becomes its last moment.
pub fn rfc3339(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    format!("{:.3}", moment.unwrap_or(jiff::Timestamp::MAX))
}

/// The milliseconds since 1970 of a moment in RFC 3339.
pub fn parse(text: &str) -> Result<u64, String> {
    let moment: Option<jiff::Timestamp> = text.parse().ok();
    let ms = moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
    ms.ok_or_else(|| format!("{text:?} is no moment like 2026-05-04T12:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::{parse, rfc3339};

    #[test]
    fn moments_have_milliseconds_and_end_in_z() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_777_896_000_120), "2026-05-04T12:00:00.120Z");
        assert!(rfc3339(u64::MAX).starts_with("9999-12-30T"));
    }

    #[test]
    fn moments_are_read_wherever_they_were_written() {
        assert_eq!(parse("2026-05-04T12:00:00.120Z"), Ok(1_777_896_000_120));
        assert_eq!(parse("2026-05-04T14:00:00.12+02:00"), Ok(1_777_896_000_120));
        assert!(parse("2026-05-04").is_err() && parse("1960-01-01T00:00:00Z").is_err());
    }
}
