//! Who a message goes to and comes from: numbers in E.164, short codes, names, channels.

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    Number(&'a str),
    ShortCode,
    /// A name of up to 11 characters.
    Name,
    /// `whatsapp:+14155550123`: the channel, and who in it.
    Channel(&'a str, &'a str),
    None,
}

impl<'a> Address<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if let Some((channel, rest)) = text.split_once(':') {
            return match channel {
                "whatsapp" if is_e164(rest) => Self::Channel(channel, rest),
                "messenger" if !rest.is_empty() => Self::Channel(channel, rest),
                _ => Self::None,
            };
        }
        if text.starts_with('+') {
            return if is_e164(text) { Self::Number(text) } else { Self::None };
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return if (3..=8).contains(&text.len()) { Self::ShortCode } else { Self::None };
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
        let named = text.bytes().any(|byte| byte.is_ascii_alphabetic()) && text.bytes().all(fits);
        if named && text.len() <= 11 { Self::Name } else { Self::None }
    }
}

/// A plus sign and up to 15 digits; in North America exactly eleven, the area code not below 200.
pub(super) fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    if !(7..=15).contains(&digits.len())
        || digits.starts_with('0')
        || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return false;
    }
    match digits.strip_prefix('1') {
        Some(rest) => rest.len() == 10 && rest.starts_with(|first: char| ('2'..='9').contains(&first)),
        None => true,
    }
}

pub(super) fn is_american(number: &str) -> bool {
    number.starts_with("+1")
}

pub(super) fn is_toll_free(number: &str) -> bool {
    ["800", "833", "844", "855", "866", "877", "888"]
        .iter()
        .any(|area| number.strip_prefix("+1").is_some_and(|rest| rest.starts_with(area)))
}

/// Country, calling code and where a number is known to be from, by its longest prefix here.
pub(super) fn country(number: &str) -> Option<(&'static str, &'static str)> {
    const CODES: &[(&str, &str)] = &[
        ("351", "PT"),
        ("352", "LU"),
        ("353", "IE"),
        ("358", "FI"),
        ("420", "CZ"),
        ("852", "HK"),
        ("971", "AE"),
        ("972", "IL"),
        ("20", "EG"),
        ("27", "ZA"),
        ("30", "GR"),
        ("31", "NL"),
        ("32", "BE"),
        ("33", "FR"),
        ("34", "ES"),
        ("36", "HU"),
        ("39", "IT"),
        ("41", "CH"),
        ("43", "AT"),
        ("44", "GB"),
        ("45", "DK"),
        ("46", "SE"),
        ("47", "NO"),
        ("48", "PL"),
        ("49", "DE"),
        ("52", "MX"),
        ("54", "AR"),
        ("55", "BR"),
        ("56", "CL"),
        ("57", "CO"),
        ("60", "MY"),
        ("61", "AU"),
        ("62", "ID"),
        ("63", "PH"),
        ("64", "NZ"),
        ("65", "SG"),
        ("66", "TH"),
        ("81", "JP"),
        ("82", "KR"),
        ("86", "CN"),
        ("90", "TR"),
        ("91", "IN"),
        ("1", "US"),
    ];
    let digits = number.strip_prefix('+')?;
    CODES.iter().find(|(code, _)| digits.starts_with(code)).map(|(code, country)| (*country, *code))
}

/// `(415) 555-0123` in North America, the digits after the calling code elsewhere.
pub(super) fn national(number: &str) -> String {
    let code = country(number).map_or("", |(_, code)| code);
    let rest = number.strip_prefix('+').and_then(|digits| digits.strip_prefix(code)).unwrap_or(number);
    match (rest.get(..3), rest.get(3..6), rest.get(6..)) {
        (Some(area), Some(exchange), Some(line)) if code == "1" => format!("({area}) {exchange}-{line}"),
        _ if code == "1" => rest.to_owned(),
        _ => format!("0{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, country, is_e164, national};

    #[test]
    fn addresses_are_told_apart() {
        assert_eq!(Address::of("+14155550123"), Address::Number("+14155550123"));
        assert_eq!(Address::of("whatsapp:+14155550123"), Address::Channel("whatsapp", "+14155550123"));
        assert_eq!(Address::of("78263"), Address::ShortCode);
        assert_eq!(Address::of("STANDBOARD"), Address::Name);
        for bad in [
            "",
            "+1415555012",
            "+11155550123",
            "+0415555012",
            "4155550123",
            "whatsapp:4155550123",
            "TWELVE CHARS",
        ] {
            assert_eq!(Address::of(bad), Address::None, "{bad}");
        }
        assert!(is_e164("+41791234567"));
        assert_eq!(national("+14155550123"), "(415) 555-0123");
        assert_eq!(country("+447700900123"), Some(("GB", "44")));
    }
}
