//! Money as Stripe counts it, which is not always as ISO 4217 counts it.
//!
//! | Currencies | Here | At Stripe |
//! |---|---|---|
//! | most | two decimals | the same number |
//! | BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF | none | the same number |
//! | MGA | two decimals | whole ariary: a hundredth of the number, which must come out even |
//! | ISK UGX | none | a hundred times the number: Stripe still counts decimals that no longer exist |
//! | BHD JOD KWD OMR TND | three decimals | the same number, whose last digit must be 0 |
//! | IQD LYD CLF UYI UYW | | refused: how Stripe counts them is not documented |
//!
//! An amount that would not come out even is refused with its field named; nothing is ever rounded. HUF and TWD have
//! two decimals here as well: Stripe drops them in payouts only.
//!
//! Sources: [Stripe's list](https://docs.stripe.com/currencies) and its
//! [note on ISK](https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds). For UGX the list
//! contradicts its own special cases; that UGX goes out times a hundred follows from the special cases and from the
//! charges that others saw. None of it was tried against Stripe itself by the authors of this crate.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::{Error, ErrorKind, Result};

/// The largest amount that Stripe documents for any currency but the rupiah: eight digits.
pub const MAX_AMOUNT: i64 = 99_999_999;

/// The largest amount in Indonesian rupiah: twelve digits, since eight of them are some fifty dollars.
pub const MAX_AMOUNT_IDR: i64 = 999_999_999_999;

const HUNDREDFOLD: &[&str] = &["ISK", "UGX"];
const WHOLE_ONLY: &[&str] = &["MGA"];
const LAST_DIGIT_ZERO: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];
const UNPROVEN: &[&str] = &["IQD", "LYD", "CLF", "UYI", "UYW"];

/// An amount as Stripe counts it.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) naming `amount` or `currency`: below zero, above Stripe's limit, not
/// expressible at Stripe, or in a currency whose counting is not documented.
pub fn to_stripe(money: Money) -> Result<i64> {
    let code = money.currency();
    let minor = money.minor();
    if is(code, UNPROVEN) {
        return Err(Error::invalid_field("currency", "is not one that Stripe documents amounts for"));
    }
    let amount = if is(code, HUNDREDFOLD) {
        minor.checked_mul(100).ok_or_else(too_large)?
    } else if is(code, WHOLE_ONLY) {
        if minor % 100 != 0 {
            return Err(Error::invalid_field(
                "amount",
                "must be whole units: Stripe counts no decimals here",
            ));
        }
        minor / 100
    } else {
        if is(code, LAST_DIGIT_ZERO) && minor % 10 != 0 {
            return Err(Error::invalid_field(
                "amount",
                "must end in 0: Stripe takes two of the three decimals",
            ));
        }
        minor
    };
    if amount < 0 {
        return Err(Error::invalid_field("amount", "must not be below zero"));
    }
    let most = if code.code() == "IDR" { MAX_AMOUNT_IDR } else { MAX_AMOUNT };
    if amount > most { Err(too_large()) } else { Ok(amount) }
}

/// An amount of Stripe's as money. It may be negative: balance transactions are.
///
/// # Errors
/// [`InvalidResponse`](ErrorKind::InvalidResponse) when the currency is unknown or the amount does not come out even.
pub fn from_stripe(amount: i64, currency: &str) -> Result<Money> {
    let wrong = |what: &'static str| Error::new(ErrorKind::InvalidResponse, what);
    let currency =
        Currency::new(currency).map_err(|_| wrong("the answer has a currency that is not in ISO 4217"))?;
    let minor = if is(currency, HUNDREDFOLD) {
        if amount % 100 != 0 {
            return Err(wrong("the answer has an amount with decimals that its currency does not have"));
        }
        amount / 100
    } else if is(currency, WHOLE_ONLY) {
        amount.checked_mul(100).ok_or_else(|| wrong("the answer has an amount that does not fit"))?
    } else if is(currency, UNPROVEN) {
        return Err(wrong("the answer has a currency that Stripe documents no amounts for"));
    } else {
        amount
    };
    Ok(Money::new(minor, currency))
}

/// The currency as Stripe writes it: lower case.
pub fn currency_code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

fn is(currency: Currency, list: &[&str]) -> bool {
    list.contains(&currency.code())
}

fn too_large() -> Error {
    Error::invalid_field("amount", "is larger than Stripe takes")
}

#[cfg(test)]
mod tests {
    use super::{MAX_AMOUNT, from_stripe, to_stripe};
    use turnbuckle_core::ErrorKind;
    use turnbuckle_core::money::{Currency, Money};

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::new(code).unwrap())
    }

    #[test]
    fn every_way_of_counting_goes_there_and_back() {
        for (minor, code, stripe) in [
            (1099, "USD", 1099),
            (500, "JPY", 500),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (1_200, "MGA", 12),
            (5_120, "KWD", 5_120),
            (1_045, "HUF", 1_045),
            (150_000_000, "IDR", 150_000_000),
        ] {
            let amount = money(minor, code);
            assert_eq!(to_stripe(amount).unwrap(), stripe, "{code}");
            assert_eq!(from_stripe(stripe, &code.to_ascii_lowercase()).unwrap(), amount, "{code}");
        }
    }

    #[test]
    fn what_would_need_rounding_is_refused_with_its_field() {
        for (minor, code, field) in [
            (5_124, "KWD", "amount"),
            (1_250, "MGA", "amount"),
            (MAX_AMOUNT + 1, "USD", "amount"),
            (1_000_000, "UGX", "amount"),
            (i64::MAX, "ISK", "amount"),
            (-1, "USD", "amount"),
            (1_000, "IQD", "currency"),
        ] {
            let error = to_stripe(money(minor, code)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{code}");
            assert_eq!(error.fields()[0].field, field, "{code}");
        }
        assert_eq!(to_stripe(money(MAX_AMOUNT, "USD")).unwrap(), MAX_AMOUNT);
    }

    #[test]
    fn answers_that_do_not_come_out_even_are_refused() {
        for (amount, code) in [(501, "isk"), (1, "zzz"), (i64::MAX, "mga"), (1, "clf")] {
            assert_eq!(from_stripe(amount, code).unwrap_err().kind(), ErrorKind::InvalidResponse, "{code}");
        }
        assert_eq!(from_stripe(-300, "usd").unwrap(), money(-300, "USD"));
    }
}
