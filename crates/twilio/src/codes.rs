//! Twilio's error codes as one table: what each means, which field it is about, and what helps.
//!
//! The same numbers come with a refused request, on a message that failed (`error_code`), and in callbacks
//! (`ErrorCode`). Twilio splits codes over time, so a number that is not here is judged by its HTTP status.
//! See <https://www.twilio.com/docs/api/errors>.

use turnbuckle_core::ErrorKind;
use turnbuckle_core::messaging::DeliveryReason;

use CodeAdvice::{FixAccount, FixRequest, Never, RetryLater};
use DeliveryReason as Reason;
use ErrorKind::{
    ActionRequired, Conflict, Forbidden, InvalidRequest, NotFound, RateLimited, Unauthorized, Unavailable,
};

/// What helps after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeAdvice {
    /// Nothing: this message must not go to this recipient.
    Never,
    /// Correct the request.
    FixRequest,
    /// Somebody must change something at Twilio: pay, register, verify, permit.
    FixAccount,
    /// The same may be tried again later.
    RetryLater,
}

/// One code: what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TwilioCode {
    /// Twilio's number.
    pub code: u32,
    /// What kind of error it is where it refuses a request.
    pub kind: ErrorKind,
    /// The parameter at fault, in Twilio's spelling.
    pub field: Option<&'static str>,
    /// Why a message with this code was not sent or did not arrive.
    pub reason: Option<DeliveryReason>,
    /// What helps.
    pub advice: CodeAdvice,
}

impl TwilioCode {
    const fn new(code: u32, kind: ErrorKind, advice: CodeAdvice) -> Self {
        Self { code, kind, field: None, reason: None, advice }
    }

    const fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    const fn reason(mut self, reason: DeliveryReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Whether the request was refused because of who it was for, so that it is the message that ended and not the call
    /// that failed.
    pub fn is_about_the_recipient(&self) -> bool {
        self.field == Some("To")
            && matches!(self.reason, Some(Reason::Unsubscribed | Reason::InvalidRecipient))
    }
}

/// What a code means; `None` for one that is not in the table.
pub fn find(code: u32) -> Option<&'static TwilioCode> {
    TABLE.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| TABLE.get(at))
}

/// Why a message with this code did not arrive.
pub fn reason(code: u32) -> DeliveryReason {
    find(code).and_then(|row| row.reason).unwrap_or(Reason::Unknown)
}

/// Every code that this version of the crate knows, in the order of their numbers.
pub fn all() -> &'static [TwilioCode] {
    TABLE
}

const fn row(code: u32, kind: ErrorKind, advice: CodeAdvice) -> TwilioCode {
    TwilioCode::new(code, kind, advice)
}

/// A parameter that is wrong.
const fn wrong(code: u32, field: &'static str) -> TwilioCode {
    row(code, InvalidRequest, FixRequest).field(field)
}

/// A recipient who cannot get such a message.
const fn recipient(code: u32) -> TwilioCode {
    row(code, InvalidRequest, Never).field("To").reason(Reason::InvalidRecipient)
}

/// A sender that cannot send it.
const fn sender(code: u32) -> TwilioCode {
    wrong(code, "From").reason(Reason::SenderNotAllowed)
}

/// A message that did not arrive; no request is refused with it.
const fn undelivered(code: u32, reason: DeliveryReason, advice: CodeAdvice) -> TwilioCode {
    row(code, InvalidRequest, advice).reason(reason)
}

/// Somebody must act at Twilio first.
const fn unfit(code: u32, reason: DeliveryReason) -> TwilioCode {
    row(code, ActionRequired, FixAccount).reason(reason)
}

/// Sorted by number.
static TABLE: &[TwilioCode] = &[
    unfit(10001, Reason::AccountInactive),
    // A trial account lacks the feature.
    unfit(10002, Reason::SenderNotAllowed),
    row(20001, InvalidRequest, FixRequest),
    // Also a suspended account, and credentials of another region.
    row(20003, Unauthorized, FixAccount),
    unfit(20005, Reason::AccountInactive),
    row(20006, Forbidden, FixAccount),
    // Test credentials, and a resource that they do not have.
    row(20008, Forbidden, FixAccount),
    row(20403, Forbidden, FixAccount),
    row(20404, NotFound, FixRequest),
    row(20409, Conflict, FixRequest),
    row(20422, InvalidRequest, FixRequest),
    row(20429, RateLimited, RetryLater),
    row(20500, Unavailable, RetryLater),
    row(20503, Unavailable, RetryLater),
    // A call from a number that is neither the account's nor verified.
    unfit(21210, Reason::SenderNotAllowed).field("From"),
    recipient(21211),
    sender(21212),
    recipient(21214),
    recipient(21217),
    // A trial account, and a recipient that it has not verified.
    unfit(21219, Reason::SenderNotAllowed).field("To"),
    // A short code.
    recipient(21265),
    // What these two mean could not be confirmed, so they name no field.
    row(21266, InvalidRequest, FixRequest),
    row(21267, InvalidRequest, FixRequest),
    recipient(21401),
    // The account may not write to this country.
    row(21408, Forbidden, FixAccount).field("To").reason(Reason::SenderNotAllowed),
    wrong(21422, "PhoneNumber"),
    wrong(21602, "Body"),
    sender(21603),
    wrong(21604, "To"),
    sender(21606),
    // A trial account, and a recipient that it has not verified.
    unfit(21608, Reason::SenderNotAllowed).field("To"),
    wrong(21609, "StatusCallback"),
    // The recipient answered STOP. Only their START opens it again.
    row(21610, InvalidRequest, Never).field("To").reason(Reason::Unsubscribed),
    // The sender's queue is full.
    row(21611, RateLimited, RetryLater).field("From").reason(Reason::Expired),
    // No way from this sender to this recipient.
    recipient(21612),
    recipient(21614),
    wrong(21617, "Body"),
    wrong(21620, "MediaUrl"),
    // The sender has no MMS.
    sender(21621),
    wrong(21623, "MediaUrl"),
    wrong(21624, "ValidityPeriod"),
    wrong(21626, "StatusCallback"),
    // A landline.
    recipient(21635),
    wrong(21654, "ContentSid"),
    wrong(21655, "ContentSid"),
    wrong(21656, "ContentVariables"),
    sender(21657),
    wrong(21658, "Body"),
    sender(21659),
    row(21660, Forbidden, FixAccount).field("From").reason(Reason::SenderNotAllowed),
    sender(21661),
    wrong(21701, "MessagingServiceSid"),
    wrong(21702, "MessagingServiceSid"),
    // The pool has no sender that can be used.
    wrong(21703, "MessagingServiceSid").reason(Reason::SenderNotAllowed),
    wrong(21704, "MessagingServiceSid").reason(Reason::SenderNotAllowed),
    wrong(21705, "MessagingServiceSid"),
    row(30001, RateLimited, RetryLater).reason(Reason::Expired),
    unfit(30002, Reason::AccountInactive),
    undelivered(30003, Reason::Unreachable, RetryLater),
    undelivered(30004, Reason::Blocked, Never),
    // No such recipient.
    undelivered(30005, Reason::InvalidRecipient, Never),
    // A landline, or a carrier that cannot be reached.
    undelivered(30006, Reason::InvalidRecipient, Never),
    undelivered(30007, Reason::Filtered, FixRequest),
    undelivered(30008, Reason::Unknown, RetryLater),
    row(30022, RateLimited, RetryLater).reason(Reason::Unknown),
    // Caps of a day.
    row(30023, RateLimited, RetryLater).reason(Reason::Unknown),
    row(30027, RateLimited, RetryLater).reason(Reason::Unknown),
    // Toll-free verification is missing.
    unfit(30032, Reason::SenderNotAllowed),
    // A2P registration is missing.
    unfit(30034, Reason::SenderNotAllowed),
    unfit(30035, Reason::SenderNotAllowed),
    // The validity period ran out in Twilio's queue.
    undelivered(30036, Reason::Expired, RetryLater),
    row(30400, InvalidRequest, FixRequest),
    // The message is no longer waiting for its time.
    row(30409, Conflict, Never),
    wrong(35111, "SendAt"),
    wrong(35114, "SendAt"),
    wrong(35115, "SendAt"),
    wrong(35117, "ScheduleType"),
    wrong(35118, "MessagingServiceSid"),
    // Too many messages wait for their time.
    row(35125, RateLimited, RetryLater),
    row(60200, InvalidRequest, FixRequest),
    // The attempts at one verification are used up: checks, then sends. They come back when it ends.
    row(60202, RateLimited, RetryLater),
    row(60203, RateLimited, RetryLater),
    recipient(60205),
    row(60207, RateLimited, RetryLater),
    row(60212, RateLimited, RetryLater),
    // The channel is switched off.
    row(60223, ActionRequired, FixAccount),
    // Twilio takes the attempt for fraud.
    row(60410, Forbidden, FixAccount),
    // Outside the window in which WhatsApp allows free text.
    undelivered(63016, Reason::SenderNotAllowed, FixRequest),
    row(63018, RateLimited, RetryLater).reason(Reason::Unknown),
    row(63038, RateLimited, RetryLater).reason(Reason::Unknown),
    row(70051, Forbidden, FixAccount),
    wrong(90007, "ValidityPeriod"),
    unfit(90010, Reason::AccountInactive),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_in_order() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
        for row in TABLE {
            assert_eq!(find(row.code), Some(row));
        }
        assert_eq!(find(1), None);
        assert_eq!(reason(1), Reason::Unknown);
    }

    /// The classes of the protocol sheet, number by number.
    #[test]
    fn every_documented_code_is_of_its_class() {
        let kinds: &[(ErrorKind, &[u32])] = &[
            (Unauthorized, &[20003]),
            (Forbidden, &[20006, 20403, 70051, 20008, 21408, 21660, 60410]),
            (NotFound, &[20404]),
            (Conflict, &[20409, 30409]),
            (
                RateLimited,
                &[20429, 63018, 60207, 60212, 60202, 60203, 63038, 30023, 30027, 30022, 21611, 30001, 35125],
            ),
            (Unavailable, &[20500, 20503]),
            (
                ActionRequired,
                &[10001, 20005, 30002, 90010, 21608, 21219, 21210, 10002, 30034, 30035, 30032, 60223],
            ),
        ];
        let elsewhere = kinds.iter().flat_map(|(_, codes)| codes.iter()).count();
        for (kind, codes) in kinds {
            for code in *codes {
                assert_eq!(find(*code).unwrap().kind, *kind, "{code}");
            }
        }
        let invalid = TABLE.iter().filter(|row| row.kind == InvalidRequest).count();
        assert_eq!(elsewhere + invalid, TABLE.len(), "every other code says that the request is wrong");
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        for (field, codes) in [
            ("To", &[21211, 21214, 21217, 21401, 21604, 21612, 21614, 21265, 21635, 60205, 21610][..]),
            ("From", &[21212, 21603, 21606, 21621, 21657, 21659, 21661]),
            ("Body", &[21602, 21617, 21658]),
            ("ContentSid", &[21654, 21655]),
            ("ContentVariables", &[21656]),
            ("MediaUrl", &[21620, 21623]),
            ("StatusCallback", &[21609, 21626]),
            ("MessagingServiceSid", &[21701, 21702, 21703, 21704, 21705, 35118]),
            ("SendAt", &[35111, 35114, 35115]),
        ] {
            for code in codes {
                assert_eq!(find(*code).unwrap().field, Some(field), "{code}");
            }
        }
    }

    #[test]
    fn an_unsubscribed_recipient_is_never_tried_again() {
        let stop = find(21610).unwrap();
        assert_eq!((stop.reason, stop.advice), (Some(Reason::Unsubscribed), Never));
        assert!(stop.is_about_the_recipient() && !Reason::Unsubscribed.may_retry());
        for row in TABLE.iter().filter(|row| row.advice == Never) {
            assert!(row.reason.is_none_or(|reason| !reason.may_retry()), "{}", row.code);
        }
        // What a person at Twilio or here can put right is no verdict on the recipient.
        assert!(TABLE.iter().filter(|row| row.advice != Never).all(|row| !row.is_about_the_recipient()));
    }

    #[test]
    fn what_became_of_a_message() {
        for (code, expected) in [
            (30003, Reason::Unreachable),
            (30004, Reason::Blocked),
            (30005, Reason::InvalidRecipient),
            (30006, Reason::InvalidRecipient),
            (30007, Reason::Filtered),
            (30008, Reason::Unknown),
            (30034, Reason::SenderNotAllowed),
            (30036, Reason::Expired),
            (21610, Reason::Unsubscribed),
        ] {
            assert_eq!(reason(code), expected, "{code}");
        }
    }
}
