//! NMI's response codes, and the texts behind its overloaded ones, as two tables.
//!
//! `response` says 1 (approved), 2 (declined) or 3 (error); `response_code` says more. Code 300 means only that the gateway
//! refused, for a bad login as for a duplicate, so its text decides. The list of codes is NMI's
//! (<https://docs.nmi.dev/reference/response-codes>); the texts are those seen in published replies, and a text that is
//! not in the table is an ordinary refusal of the request.

use std::time::Duration;

use turnbuckle_core::payment::{DeclineAdvice, DeclineReason, RetryCaps};
use turnbuckle_core::{Effect, ErrorKind};

use DeclineAdvice::{AskBank, CorrectAndRetry, FixSetup, NeverAgain, OtherMethod};
use DeclineReason as Reason;

const LATER: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::BRAND);
/// "In a few days" of code 264.
const IN_DAYS: DeclineAdvice =
    DeclineAdvice::RetryLater(RetryCaps::after(Duration::from_secs(3 * 24 * 3600)));
/// A fault of the moment, not a verdict on the card.
const SOON: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::after(Duration::from_secs(3600)));

/// What a reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Done.
    Approved,
    /// The payment method was refused; nothing moved.
    Declined(DeclineReason, DeclineAdvice),
    /// The request was refused, and what may have happened all the same.
    Refused(ErrorKind, Effect),
    /// A duplicate check stopped it. Only a query for the order id tells whether the first one is ours.
    Duplicate,
}

/// One code of NMI's and what it means.
type Row = (u16, Meaning);

use Meaning::{Approved, Declined, Duplicate, Refused};

/// Every code that NMI lists but 300, which [`TEXTS`] reads.
static CODES: &[Row] = &[
    (100, Approved),
    // Declined by the issuer.
    (200, Declined(Reason::DoNotHonor, AskBank)),
    (201, Declined(Reason::DoNotHonor, AskBank)),
    (202, Declined(Reason::InsufficientFunds, LATER)),
    (203, Declined(Reason::InsufficientFunds, LATER)),
    (204, Declined(Reason::NotSupported, OtherMethod)),
    // What was typed.
    (220, Declined(Reason::Other, CorrectAndRetry)),
    (221, Declined(Reason::InvalidNumber, CorrectAndRetry)),
    (222, Declined(Reason::InvalidNumber, CorrectAndRetry)),
    (223, Declined(Reason::ExpiredCard, OtherMethod)),
    (224, Declined(Reason::ExpiredCard, CorrectAndRetry)),
    (225, Declined(Reason::IncorrectCvv, CorrectAndRetry)),
    (226, Declined(Reason::Pin, CorrectAndRetry)),
    // The issuer wants something else.
    (240, Declined(Reason::DoNotHonor, AskBank)),
    (250, Declined(Reason::LostOrStolen, NeverAgain)),
    (251, Declined(Reason::LostOrStolen, NeverAgain)),
    (252, Declined(Reason::LostOrStolen, NeverAgain)),
    (253, Declined(Reason::Fraud, NeverAgain)),
    (260, Declined(Reason::DoNotHonor, AskBank)),
    (261, Declined(Reason::ConsentRevoked, NeverAgain)),
    (262, Declined(Reason::ConsentRevoked, NeverAgain)),
    (263, Declined(Reason::DoNotHonor, CorrectAndRetry)),
    (264, Declined(Reason::DoNotHonor, IN_DAYS)),
    // The gateway's own limit; it was not processed.
    (301, Refused(ErrorKind::RateLimited, Effect::None)),
    // The processor.
    (400, Declined(Reason::ProcessingError, SOON)),
    (410, Declined(Reason::MerchantSetup, FixSetup)),
    (411, Declined(Reason::MerchantSetup, FixSetup)),
    // A communication error, or the issuer's: nobody says how far it got.
    (420, Refused(ErrorKind::Unavailable, Effect::Unknown)),
    (421, Refused(ErrorKind::Unavailable, Effect::Unknown)),
    (430, Duplicate),
    (440, Declined(Reason::ProcessingError, FixSetup)),
    (441, Refused(ErrorKind::InvalidRequest, Effect::None)),
    (460, Refused(ErrorKind::InvalidRequest, Effect::None)),
    (461, Declined(Reason::NotSupported, OtherMethod)),
];

/// What code 300 means, by a part of its text in lower case, the first that fits. Anything else is a bad request.
static TEXTS: &[(&str, Meaning)] = &[
    ("duplicate transaction", Duplicate),
    ("authentication failed", Refused(ErrorKind::Unauthorized, Effect::None)),
    ("api key not found", Refused(ErrorKind::Unauthorized, Effect::None)),
    ("invalid username", Refused(ErrorKind::Unauthorized, Effect::None)),
    ("invalid security key", Refused(ErrorKind::Unauthorized, Effect::None)),
    ("rate limit exceeded", Refused(ErrorKind::RateLimited, Effect::None)),
    ("invalid credit card number", Declined(Reason::InvalidNumber, CorrectAndRetry)),
    ("activity limit exceeded", Declined(Reason::LimitExceeded, LATER)),
    ("invalid transaction id", Refused(ErrorKind::NotFound, Effect::None)),
    ("invalid customer vault id", Refused(ErrorKind::NotFound, Effect::None)),
    ("invalid billing id", Refused(ErrorKind::NotFound, Effect::None)),
    ("invalid subscription id", Refused(ErrorKind::NotFound, Effect::None)),
    ("a capture requires", Refused(ErrorKind::Conflict, Effect::None)),
    ("only transactions pending settlement can be voided", Refused(ErrorKind::Conflict, Effect::None)),
    ("refund amount may not exceed", Refused(ErrorKind::Conflict, Effect::None)),
];

/// The code that means many things.
pub(crate) const OVERLOADED: u16 = 300;

/// What a reply means. Approved takes both `response=1` and code 100: a reply that says one without the other, or a code
/// that this release does not know in an error, leaves open what happened.
pub fn meaning(response: &str, code: Option<&str>, text: &str) -> Meaning {
    let code = code.and_then(|code| code.parse::<u16>().ok());
    let unclear = Refused(ErrorKind::InvalidResponse, Effect::Unknown);
    let listed = match code {
        Some(OVERLOADED) => Some(of_text(text)),
        Some(code) => CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning),
        None => None,
    };
    match (response, listed) {
        ("1", Some(Approved)) => Approved,
        // Neither a decline nor an error can be an approval, and an approval is nothing else.
        ("1", _) | (_, Some(Approved)) => unclear,
        ("2" | "3", Some(meaning)) => meaning,
        ("2", None) => Declined(Reason::Other, AskBank),
        _ => unclear,
    }
}

/// What the text of code 300 says.
fn of_text(text: &str) -> Meaning {
    let text = strip_refid(text).to_ascii_lowercase();
    let found = TEXTS.iter().find(|(part, _)| text.contains(part));
    found.map_or(Refused(ErrorKind::InvalidRequest, Effect::None), |(_, meaning)| *meaning)
}

/// A text without the trace id that NMI puts at its end, ` REFID:<digits>`.
pub fn strip_refid(text: &str) -> &str {
    match text.rsplit_once("REFID:") {
        Some((before, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            before.trim_end()
        }
        _ => text.trim_end(),
    }
}

/// The trace id at the end of a text, for a support ticket.
pub(crate) fn refid(text: &str) -> Option<&str> {
    let (_, digits) = text.rsplit_once("REFID:")?;
    (!digits.is_empty() && digits.len() <= 32 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes that NMI lists.
    const LISTED: [u16; 34] = [
        100, 200, 201, 202, 203, 204, 220, 221, 222, 223, 224, 225, 226, 240, 250, 251, 252, 253, 260, 261,
        262, 263, 264, 300, 301, 400, 410, 411, 420, 421, 430, 440, 441, 460,
    ];

    #[test]
    fn the_table_is_complete_and_in_order() {
        let known: Vec<u16> = CODES.iter().map(|(code, _)| *code).collect();
        assert!(known.is_sorted_by(|a, b| a < b), "a code stands twice or out of order");
        let mut listed: Vec<u16> = LISTED.iter().copied().filter(|code| *code != OVERLOADED).collect();
        listed.push(461);
        assert_eq!(known, listed);
    }

    #[test]
    fn only_one_and_hundred_together_are_an_approval() {
        for code in LISTED.into_iter().chain([461, 0, 999]) {
            let code = code.to_string();
            for response in ["1", "2", "3", "", "01", "11", " 1"] {
                let approved = meaning(response, Some(&code), "SUCCESS") == Approved;
                assert_eq!(approved, response == "1" && code == "100", "{response} {code}");
            }
        }
        assert_eq!(meaning("1", None, "SUCCESS"), Refused(ErrorKind::InvalidResponse, Effect::Unknown));
        assert_eq!(meaning("2", Some("100"), "x"), Refused(ErrorKind::InvalidResponse, Effect::Unknown));
    }

    #[test]
    fn a_decline_stays_a_decline_and_an_unknown_error_stays_open() {
        assert_eq!(meaning("2", Some("299"), "x"), Declined(Reason::Other, AskBank));
        assert_eq!(meaning("2", None, "x"), Declined(Reason::Other, AskBank));
        for code in ["399", "499", "x", "-1", "70000"] {
            assert_eq!(meaning("3", Some(code), ""), Refused(ErrorKind::InvalidResponse, Effect::Unknown));
        }
        for code in ["420", "421"] {
            assert_eq!(meaning("3", Some(code), ""), Refused(ErrorKind::Unavailable, Effect::Unknown));
        }
    }

    #[test]
    fn the_text_of_300_decides_without_its_trace_id() {
        let of = |text| meaning("3", Some("300"), text);
        assert_eq!(of("Duplicate transaction REFID:3174971726"), Duplicate);
        for text in [
            "Authentication Failed",
            "Specified API key not found REFID:1",
            "Invalid Username/Password REFID:201239399",
        ] {
            assert_eq!(of(text), Refused(ErrorKind::Unauthorized, Effect::None));
        }
        for text in [
            "Invalid Transaction ID specified REFID:3161856100",
            "Invalid Customer Vault Id REFID:3150033421",
            "Invalid Subscription ID Specified REFID:1",
        ] {
            assert_eq!(of(text), Refused(ErrorKind::NotFound, Effect::None));
        }
        for text in [
            "A capture requires that the existing transaction be an AUTH REFID:143498124",
            "Only transactions pending settlement can be voided REFID:3161855545",
            "Refund amount may not exceed the transaction balance REFID:143498703",
        ] {
            assert_eq!(of(text), Refused(ErrorKind::Conflict, Effect::None));
        }
        assert_eq!(
            of("Invalid Credit Card Number REFID:1"),
            Declined(Reason::InvalidNumber, CorrectAndRetry)
        );
        assert_eq!(of("Activity limit exceeded REFID:1"), Declined(Reason::LimitExceeded, LATER));
        assert_eq!(
            of("Disabling Duplicate Check is not allowed for this processor REFID:92443930"),
            Refused(ErrorKind::InvalidRequest, Effect::None)
        );
    }

    #[test]
    fn strips_nothing_but_a_trace_id() {
        assert_eq!(strip_refid("Duplicate transaction REFID:3174971726"), "Duplicate transaction");
        assert_eq!(strip_refid("REFID:12a"), "REFID:12a");
        assert_eq!(strip_refid("odd REFID:"), "odd REFID:");
        assert_eq!(refid("x REFID:317"), Some("317"));
        assert_eq!(refid("x REFID:"), None);
    }
}
