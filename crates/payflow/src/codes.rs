//! Payflow's `RESULT` codes as one table: what they mean, what may have happened, and what to do.
//!
//! `RESULT` 0 is the one success. A code that is not in the table may mean anything, so what happened is unknown.
//! See <https://developer.paypal.com/api/nvp-soap/payflow/integration-guide/transaction-responses/>.

use std::time::Duration;

use turnbuckle_core::payment::{DeclineAdvice, DeclineReason, RetryCaps};
use turnbuckle_core::{Effect, ErrorKind};

use DeclineAdvice::{AskBank, CorrectAndRetry, FixSetup, OtherMethod};
use DeclineReason as Reason;
use ErrorKind::{Conflict, DuplicateBlocked, Forbidden, InvalidRequest, NotFound, Unauthorized, Unavailable};

const LATER: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::BRAND);
/// A fault of the moment, not a verdict on the card: it may be gone in an hour.
const SOON: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::after(Duration::from_secs(3600)));

/// What a `RESULT` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Done.
    Approved,
    /// Done, and held by a fraud filter until the merchant accepts or rejects it.
    Held,
    /// The method was refused.
    Declined(DeclineReason, DeclineAdvice),
    /// The request was not carried out, or nobody knows: the kind of error, and what may have happened.
    Refused(ErrorKind, Effect),
}

/// One `RESULT` of Payflow's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultCode {
    /// The code.
    pub code: i32,
    /// What it means.
    pub meaning: Meaning,
    /// The same in words of ours, safe to log.
    pub text: &'static str,
}

const fn row(code: i32, meaning: Meaning, text: &'static str) -> ResultCode {
    ResultCode { code, meaning, text }
}

const fn declined(code: i32, reason: Reason, advice: DeclineAdvice, text: &'static str) -> ResultCode {
    row(code, Meaning::Declined(reason, advice), text)
}

const fn refused(code: i32, kind: ErrorKind, text: &'static str) -> ResultCode {
    row(code, Meaning::Refused(kind, Effect::None), text)
}

const fn unknown(code: i32, text: &'static str) -> ResultCode {
    row(code, Meaning::Refused(Unavailable, Effect::Unknown), text)
}

/// Every code that this release knows.
pub static TABLE: &[ResultCode] = &[
    row(0, Meaning::Approved, "approved"),
    row(126, Meaning::Held, "a fraud filter holds the transaction for review"),
    row(127, Meaning::Held, "the fraud filters did not screen the transaction; it waits for review"),
    // Fraud.
    declined(125, Reason::Fraud, OtherMethod, "a fraud filter declined the transaction"),
    declined(128, Reason::Fraud, OtherMethod, "the merchant declined the transaction after its review"),
    declined(170, Reason::Fraud, FixSetup, "the account is suspended on suspicion of carding"),
    // The issuer says no. Many processors hide failed address and security code checks behind 12.
    declined(12, Reason::DoNotHonor, AskBank, "declined"),
    declined(13, Reason::DoNotHonor, AskBank, "the bank wants to be called"),
    declined(50, Reason::InsufficientFunds, LATER, "not enough funds"),
    declined(51, Reason::LimitExceeded, LATER, "a limit of the account is exceeded"),
    declined(113, Reason::LimitExceeded, FixSetup, "the merchant's cap on ACH sales is exceeded"),
    declined(122, Reason::LimitExceeded, FixSetup, "the merchant's cap on ACH credits is exceeded"),
    // What was typed.
    declined(22, Reason::InvalidNumber, CorrectAndRetry, "the ABA number is not valid"),
    declined(23, Reason::InvalidNumber, CorrectAndRetry, "the account number is not valid"),
    declined(24, Reason::InvalidExpiry, CorrectAndRetry, "the expiry date is past or not valid"),
    declined(112, Reason::AddressMismatch, CorrectAndRetry, "the address check failed"),
    declined(114, Reason::IncorrectCvv, CorrectAndRetry, "the security code check failed"),
    // The method cannot.
    declined(2, Reason::NotSupported, OtherMethod, "the merchant's bank does not take this tender"),
    declined(25, Reason::NotSupported, OtherMethod, "the account is not set up for this tender"),
    declined(
        117,
        Reason::MerchantSetup,
        FixSetup,
        "a rule of the merchant's declined it, or the feature is off",
    ),
    // The issuer, the network or the processor failed.
    declined(36, Reason::ProcessingError, SOON, "the processor failed"),
    declined(150, Reason::ProcessingError, SOON, "the issuing bank did not answer in time"),
    declined(151, Reason::ProcessingError, SOON, "the issuing bank is not available"),
    declined(1000, Reason::ProcessingError, SOON, "the processor failed"),
    // Credentials and permissions.
    refused(1, Unauthorized, "Payflow does not accept the credentials, or a service is off for the account"),
    refused(26, Unauthorized, "Payflow does not know the vendor or the user"),
    refused(5, Forbidden, "the merchant's account is not set up for it"),
    refused(27, Forbidden, "the account's setup does not allow it"),
    refused(28, Forbidden, "the account's setup does not allow it"),
    refused(52, Forbidden, "the user lacks the permission"),
    refused(121, Forbidden, "a feature is off for the account"),
    // What the request got wrong.
    refused(3, InvalidRequest, "the transaction type is not valid, or not for this transaction"),
    refused(4, InvalidRequest, "the amount is not valid, or the processor does not offer the operation"),
    refused(6, InvalidRequest, "the currency is not valid, or not supported"),
    refused(7, InvalidRequest, "a field has the wrong format"),
    refused(8, InvalidRequest, "the server takes no transactions"),
    refused(9, InvalidRequest, "the request has too many fields or cannot be read"),
    refused(10, InvalidRequest, "the request has too many line items"),
    refused(14, InvalidRequest, "the client's certification is not valid"),
    refused(19, NotFound, "Payflow has no such transaction"),
    refused(20, NotFound, "Payflow has no transaction with this reference"),
    refused(29, InvalidRequest, "the request cannot be read"),
    refused(31, InvalidRequest, "the profile was not added"),
    refused(32, InvalidRequest, "the profile was not changed"),
    refused(33, InvalidRequest, "the profile was not cancelled"),
    refused(34, InvalidRequest, "the profile's payment was not made"),
    refused(35, InvalidRequest, "the profile was not reactivated"),
    refused(37, NotFound, "Payflow has no such profile"),
    refused(100, InvalidRequest, "the processor does not offer this transaction type"),
    refused(101, InvalidRequest, "the timeout is too short"),
    refused(105, Conflict, "the transaction cannot be credited, or not by this much"),
    refused(108, Conflict, "the transaction cannot be voided any more"),
    refused(110, Conflict, "the order cannot be authorized"),
    refused(111, Conflict, "the authorization cannot be captured any more, or not by this much"),
    refused(118, InvalidRequest, "a text holds words that Payflow does not allow"),
    refused(120, Conflict, "the transaction that is referred to failed"),
    refused(131, InvalidRequest, "the client's version is no longer supported"),
    refused(132, InvalidRequest, "the card was not submitted for an update"),
    refused(200, Conflict, "the authorization was not renewed"),
    refused(201, Conflict, "the order failed"),
    // Duplicates.
    refused(30, DuplicateBlocked, "the processor's duplicate check stopped the request"),
    row(107, Meaning::Refused(Conflict, Effect::Unknown), "an equal request is still running"),
    row(133, Meaning::Refused(Conflict, Effect::Unknown), "the request id was used before for other data"),
    // Payflow was not able to; 102 and 106 are documented as never having reached the processor.
    refused(102, Unavailable, "the processor is not available"),
    refused(106, Unavailable, "the host is not available"),
    refused(402, Unavailable, "Payflow's adapter is not available"),
    refused(115, Unavailable, "Payflow is busy"),
    refused(116, Unavailable, "Payflow failed before the processor was asked"),
    // It may have been authorized or settled all the same.
    unknown(11, "Payflow gave the transaction up; it may have gone through"),
    unknown(103, "Payflow lost the processor's answer; the transaction may have gone through"),
    unknown(104, "the processor did not answer in time; the transaction may have gone through"),
    unknown(109, "the processor did not answer in time; the transaction may have gone through"),
    unknown(99, "Payflow failed and does not say how far it came"),
    unknown(119, "Payflow's adapter failed and does not say how far it came"),
    unknown(403, "Payflow's adapter failed and does not say how far it came"),
    unknown(404, "Payflow's adapter did not answer in time; the transaction may have gone through"),
    unknown(600, "a batch failed"),
    // Codes of PayPal's client library, should a proxy built with it stand in between.
    refused(-1, Unavailable, "a client in between found no connection"),
    refused(-2, Unavailable, "a client in between did not find the host"),
    refused(-6, InvalidRequest, "a name holds `&`"),
    refused(-7, InvalidRequest, "a length is not valid"),
    unknown(-12, "a client in between got no answer in time"),
    unknown(-23, "a client in between failed"),
    unknown(-30, "a client in between failed"),
    unknown(-32, "a client in between failed"),
    refused(-41, InvalidRequest, "the request id is missing"),
    unknown(-100, "a client in between failed"),
    unknown(-103, "a client in between failed"),
    unknown(-104, "a client in between failed"),
    unknown(-105, "a client in between failed"),
    unknown(-106, "a client in between could not read the answer"),
    unknown(-107, "a client in between failed"),
    unknown(-109, "a client in between failed"),
    unknown(-110, "a client in between failed"),
    unknown(-111, "a client in between failed"),
    unknown(-113, "a client in between failed"),
];

/// What a code means. One that is not in the table leaves open what happened.
pub fn lookup(code: i32) -> ResultCode {
    TABLE
        .iter()
        .find(|row| row.code == code)
        .copied()
        .unwrap_or(unknown(code, "Payflow answered with a result that this release does not know"))
}

/// Whether an authorization may remain although the transaction was declined: a check failed after the bank had said yes.
/// Void it.
pub fn leaves_authorization(code: i32) -> bool {
    matches!(code, 112 | 114)
}

/// Whether a `RESULT` 1 says that a service is off rather than that the login is wrong: its text then names the service
/// after a colon.
pub(crate) fn names_a_service(message: &str) -> bool {
    message.split_once(':').is_some_and(|(_, service)| !service.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        for (index, row) in TABLE.iter().enumerate() {
            let earlier = TABLE.iter().take(index).any(|other| other.code == row.code);
            assert!(!earlier, "{} stands twice", row.code);
        }
    }

    #[test]
    fn every_documented_code_is_there() {
        let documented =
            [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 19, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30]
                .into_iter()
                .chain(31..=37)
                .chain([50, 51, 52, 99, 100, 101])
                .chain(102..=118)
                .chain([120, 121, 122, 125, 126, 127, 128, 133, 150, 151, 170, 1000])
                .chain([-1, -2, -6, -7, -12, -23, -30, -32, -41]);
        for code in documented {
            assert!(TABLE.iter().any(|row| row.code == code), "{code} is missing");
        }
    }

    #[test]
    fn what_may_have_happened() {
        for code in [11, 103, 104, 109, -12, 99, 107, 133, 4711, -4711] {
            let Meaning::Refused(_, effect) = lookup(code).meaning else { panic!("{code} is no refusal") };
            assert_eq!(effect, Effect::Unknown, "{code}");
        }
        for code in [102, 106, 4, 26, 108] {
            let Meaning::Refused(_, effect) = lookup(code).meaning else { panic!("{code} is no refusal") };
            assert_eq!(effect, Effect::None, "{code}");
        }
        assert_eq!(TABLE.iter().filter(|row| row.meaning == Meaning::Approved).count(), 1);
        let open: Vec<_> = TABLE.iter().filter(|row| leaves_authorization(row.code)).collect();
        assert!(open.len() == 2 && open.iter().all(|row| matches!(row.meaning, Meaning::Declined(..))));
    }
}
