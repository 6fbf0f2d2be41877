//! Whether a number can exist, by the numbering plans of all countries.
//!
//! Core's [`PhoneNumber`] looks at the form alone. With the feature `e164` the plans of Google's libphonenumber, as the
//! crate `phonenumber` carries them, are asked before a message is sent. Plans grow: a number from a range that was
//! opened after this version was built is refused, which is why the feature is off by default.

use phonenumber::Mode;
use phonenumber::country::Id;
use turnbuckle_core::messaging::PhoneNumber;
use turnbuckle_core::{Error, Result};

/// Reads a number as people write it, and checks that it can exist. `country` (ISO 3166-1, two capital letters) is that of
/// a number without a plus.
///
/// # Errors
/// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming `phone`, without repeating it.
pub fn parse(text: &str, country: Option<&str>) -> Result<PhoneNumber> {
    let country = match country {
        Some(code) => Some(
            code.parse::<Id>()
                .map_err(|_| Error::invalid_field("country", "is not a code of two capital letters"))?,
        ),
        None => None,
    };
    let number = phonenumber::parse(country, text).map_err(|_| impossible())?;
    if !number.is_valid() {
        return Err(impossible());
    }
    PhoneNumber::new(&number.format().mode(Mode::E164).to_string())
}

/// Checks that a number can exist.
///
/// # Errors
/// As [`parse`].
pub fn check(number: &PhoneNumber) -> Result<()> {
    parse(number.as_str(), None).map(|_| ())
}

fn impossible() -> Error {
    Error::invalid_field("phone", "is in no country's numbering plan")
}
