//! What a request may look like: names, their order, their lengths. The vendor turns JSON into XML and checks that
//! against its XSD, so a field in the wrong place is as wrong as an unknown one.

use super::error::Refusal;
use super::json::Json;

mod calls;
mod customers;
mod parts;
mod payment;

pub(super) use calls::shape_of;

const SPACE: &str = "AnetApi/xml/v1/schema/AnetApiSchema.xsd";

/// What a value may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// So many characters, from and to.
    Text(usize, usize),
    /// Digits only, so many.
    Digits(usize, usize),
    /// Letters, digits and blanks.
    Words(usize),
    OneOf(&'static [&'static str]),
    Flag,
    /// An integer between two.
    Whole(i64, i64),
    /// A decimal number: whether it may be negative or must be positive, and how many decimals at most.
    Decimal(Sign, usize),
    /// `2025-06-15`
    Date,
    /// `2025-06-15T12:00:00Z`
    Moment,
    Inside(Shape),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    NotNegative,
    Positive,
}

#[derive(Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    least: usize,
    most: usize,
}

/// One place of a sequence.
#[derive(Clone, Copy)]
pub(super) enum Part {
    One(Field),
    /// One of these.
    Choice(&'static [Field]),
}

/// A sequence; the parts of a base type stand before the type's own.
pub(super) type Shape = &'static [&'static [Part]];

pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, least: 1, most: 1 }
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Part {
    Part::One(field(name, kind))
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Part {
    Part::One(Field { name, kind, least: 0, most: 1 })
}

pub(super) const fn many(name: &'static str, kind: Kind, most: usize) -> Part {
    Part::One(Field { name, kind, least: 0, most })
}

/// A text of at most so many characters.
pub(super) const fn upto(most: usize) -> Kind {
    Kind::Text(0, most)
}

pub(super) const ANY: Kind = upto(usize::MAX);
pub(super) const DIGITS: Kind = Kind::Digits(1, usize::MAX);
pub(super) const AMOUNT: Kind = Kind::Decimal(Sign::NotNegative, 4);
pub(super) const DECIMAL: Kind = Kind::Decimal(Sign::Any, usize::MAX);
/// No limit on how often.
pub(super) const UNBOUNDED: usize = usize::MAX;

impl Part {
    fn options(&self) -> &[Field] {
        match self {
            Self::One(field) => std::slice::from_ref(field),
            Self::Choice(fields) => fields,
        }
    }

    fn option(&self, name: &str) -> Option<&Field> {
        self.options().iter().find(|field| field.name == name)
    }

    fn least(&self) -> usize {
        self.options().iter().map(|field| field.least).min().unwrap_or_default()
    }

    fn most(&self) -> usize {
        self.options().iter().map(|field| field.most).max().unwrap_or_default()
    }
}

/// Where in a sequence the reading stands.
struct Place {
    parts: Vec<&'static Part>,
    at: usize,
    seen: usize,
}

impl Place {
    /// The field of the next child, or `None` when it may not stand here.
    fn step(&mut self, name: &str) -> Option<&'static Field> {
        let (mut at, mut seen) = (self.at, self.seen);
        loop {
            let part = *self.parts.get(at)?;
            if let Some(found) = part.option(name).filter(|_| seen < part.most()) {
                (self.at, self.seen) = (at, seen + 1);
                return Some(found);
            }
            if seen < part.least() {
                return None;
            }
            (at, seen) = (at + 1, 0);
        }
    }

    /// What may come next, up to the first that must.
    fn expected(&self) -> (Vec<&'static str>, bool) {
        let mut names = Vec::new();
        let mut seen = self.seen;
        for part in self.parts.iter().skip(self.at) {
            if seen < part.most() {
                names.extend(part.options().iter().map(|field| field.name));
            }
            if seen < part.least() {
                return (names, true);
            }
            seen = 0;
        }
        (names, false)
    }
}

/// Checks the body of a call, under its root name.
pub(super) fn check(name: &str, value: &Json, shape: &[&'static [Part]]) -> Result<(), Refusal> {
    let fields = match value {
        Json::Object(fields) => fields.as_slice(),
        Json::Null => &[],
        Json::Text(text) if text.trim().is_empty() => &[],
        _ => {
            return Err(Refusal::malformed(format!(
                "The element '{name}' in namespace '{SPACE}' cannot contain text."
            )));
        }
    };
    let mut place = Place { parts: shape.iter().copied().flatten().collect(), at: 0, seen: 0 };
    for (child, value) in fields {
        let repeated = match value {
            Json::List(items) => items.iter().collect(),
            one => vec![one],
        };
        for value in repeated {
            let Some(found) = place.step(child) else { return Err(misplaced(name, child, &place)) };
            match found.kind {
                Kind::Inside(shape) => check(child, value, shape)?,
                kind => scalar(child, value, kind)?,
            }
        }
    }
    match place.expected() {
        (names, true) => Err(Refusal::malformed(format!(
            "The element '{name}' in namespace '{SPACE}' has incomplete content. List of possible elements expected: '{}' in namespace '{SPACE}'.",
            names.join(", ")
        ))),
        _ => Ok(()),
    }
}

fn misplaced(name: &str, child: &str, place: &Place) -> Refusal {
    let (names, _) = place.expected();
    let list = if names.is_empty() {
        String::new()
    } else {
        format!(" List of possible elements expected: '{}' in namespace '{SPACE}'.", names.join(", "))
    };
    Refusal::malformed(format!(
        "The element '{name}' in namespace '{SPACE}' has invalid child element '{child}' in namespace '{SPACE}'.{list}"
    ))
}

fn scalar(name: &str, value: &Json, kind: Kind) -> Result<(), Refusal> {
    let Some(text) = value.scalar() else {
        return Err(Refusal::malformed(format!(
            "The element '{SPACE}:{name}' cannot contain child elements because its content model is text only."
        )));
    };
    let Err((datatype, why)) = fits(&text, kind) else { return Ok(()) };
    Err(Refusal::malformed(format!(
        "The '{SPACE}:{name}' element is invalid - The value '{text}' is invalid according to its datatype '{datatype}' - {why}"
    )))
}

const TOO_LONG: &str = "The actual length is greater than the MaxLength value.";
const TOO_SHORT: &str = "The actual length is less than the MinLength value.";
const PATTERN: &str = "The Pattern constraint failed.";

fn fits(text: &str, kind: Kind) -> Result<(), (&'static str, String)> {
    let wrong = |datatype, why: &str| Err((datatype, why.to_owned()));
    let length = |least, most| match text.chars().count() {
        count if count > most => wrong("String", TOO_LONG),
        count if count < least => wrong("String", TOO_SHORT),
        _ => Ok(()),
    };
    let trimmed = text.trim();
    match kind {
        Kind::Text(least, most) => length(least, most),
        Kind::Digits(least, most) => {
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return wrong("String", PATTERN);
            }
            length(least, most)
        }
        Kind::Words(most) => {
            if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || c.is_whitespace()) {
                return wrong("String", PATTERN);
            }
            length(0, most)
        }
        Kind::OneOf(words) if words.contains(&text) => Ok(()),
        Kind::OneOf(_) => wrong("String", "The Enumeration constraint failed."),
        Kind::Flag if matches!(trimmed, "true" | "false" | "1" | "0") => Ok(()),
        Kind::Flag => Err(("Boolean", format!("The string '{text}' is not a valid Boolean value."))),
        Kind::Whole(least, most) => match trimmed.parse::<i64>() {
            Ok(number) if number < least => wrong("Int", "The MinInclusive constraint failed."),
            Ok(number) if number > most => wrong("Int", "The MaxInclusive constraint failed."),
            Ok(_) => Ok(()),
            Err(_) => Err(("Int", format!("The string '{text}' is not a valid Int32 value."))),
        },
        Kind::Decimal(sign, decimals) => decimal(trimmed, sign, decimals),
        Kind::Date if super::dates::parse_date(trimmed).is_some() => Ok(()),
        Kind::Date => Err(("Date", format!("The string '{text}' is not a valid Date value."))),
        Kind::Moment if super::dates::parse_moment(trimmed).is_some() => Ok(()),
        Kind::Moment => Err(("DateTime", format!("The string '{text}' is not a valid DateTime value."))),
        Kind::Inside(_) => Ok(()),
    }
}

fn decimal(text: &str, sign: Sign, decimals: usize) -> Result<(), (&'static str, String)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || whole.len() > 28 || !digits(whole) || !digits(fraction) {
        return Err(("Decimal", format!("The string '{text}' is not a valid Decimal value.")));
    }
    let fraction = fraction.trim_end_matches('0');
    let nought = fraction.is_empty() && whole.bytes().all(|byte| byte == b'0');
    if (text.starts_with('-') && !nought && sign != Sign::Any) || (nought && sign == Sign::Positive) {
        return Err(("Decimal", "The MinInclusive constraint failed.".to_owned()));
    }
    if fraction.len() > decimals {
        return Err(("Decimal", "The FractionDigits constraint failed.".to_owned()));
    }
    Ok(())
}
