//! Authorize.Net's codes in one table: what each means for the caller.
//!
//! Two families share it: response reason codes of transactions (`2`, `252`), and codes of requests (`E00003`,
//! `I00004`). The vendor's list is at <https://developer.authorize.net/api/reference/responseCodes.html>.

use turnbuckle_core::ErrorKind;
use turnbuckle_core::payment::DeclineAdvice::{
    AskBank, CorrectAndRetry, FixSetup, NeverAgain, OtherMethod, RetryLater,
};
use turnbuckle_core::payment::{DeclineAdvice, DeclineReason as Reason, RetryCaps};

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// The request did what it should.
    Success,
    /// Nothing matched a search: also a success.
    NothingFound,
    /// It had been done before: void, capture, cancel, delete. A success only if the amount agrees.
    AlreadyDone,
    /// Held for the merchant's review.
    Held,
    /// A smaller amount was approved.
    Partial,
    /// Refused; nothing was charged.
    Declined(Reason, DeclineAdvice),
    /// Refused, and a reservation may remain at the issuer.
    DeclinedOpen(Reason, DeclineAdvice),
    /// The vendor's duplicate check stopped it. Never an approval: look at the first one.
    Duplicate,
    /// The request cannot be carried out; nothing happened.
    Refused(ErrorKind),
    /// Nobody knows whether it happened: look it up.
    Unknown(ErrorKind),
    /// The transaction's own errors say more.
    LookInside,
}

/// One code of Authorize.Net's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The code as it stands in answers.
    pub code: &'static str,
    /// What it means for the caller.
    pub meaning: Meaning,
    /// What it means, in our own words; safe to log.
    pub what: &'static str,
}

const fn code(code: &'static str, meaning: Meaning, what: &'static str) -> Code {
    Code { code, meaning, what }
}

const fn declined(code: &'static str, reason: Reason, advice: DeclineAdvice, what: &'static str) -> Code {
    Code { code, meaning: Meaning::Declined(reason, advice), what }
}

const fn open(code: &'static str, what: &'static str) -> Code {
    Code { code, meaning: Meaning::DeclinedOpen(Reason::ProcessingError, RetryLater(RetryCaps::BRAND)), what }
}

const fn refused(code: &'static str, kind: ErrorKind, what: &'static str) -> Code {
    Code { code, meaning: Meaning::Refused(kind), what }
}

const fn unknown(code: &'static str, what: &'static str) -> Code {
    Code { code, meaning: Meaning::Unknown(ErrorKind::Unavailable), what }
}

const CARD_NUMBER: &str = "the card number is wrong";
const EXPIRY: &str = "the expiry date is wrong";
const EXPIRED: &str = "the card has expired";
const CVV: &str = "the security code does not match";
const ADDRESS: &str = "the billing address does not match";
const FRAUD: &str = "a fraud filter or the processor's own check refused it";
const SETUP: &str = "the merchant's account is not set up for this at the processor";
const TENDER: &str = "the merchant does not take this kind of card or account";
const CREDENTIALS: &str = "Authorize.Net does not accept the API login id and transaction key";
const PERMISSION: &str = "the account may not do this";
const PROCESSOR: &str = "the processor failed while it worked on the transaction: the outcome is unknown";
const BUSY: &str = "Authorize.Net is too busy, in maintenance, or failed";
const FIELD: &str = "a field is missing, too long or malformed";
const AMOUNT: &str = "the amount is wrong, or larger than what is left";
const HOLD_LEFT: &str = "approved by the issuer and then broken off: a reservation may remain";

/// The table. A code that is not in it leaves open what happened.
pub const TABLE: &[Code] = &[
    code("I00001", Meaning::Success, "done"),
    code("I00002", Meaning::AlreadyDone, "the subscription was cancelled before"),
    code("I00003", Meaning::AlreadyDone, "the record was deleted before"),
    code("I00004", Meaning::NothingFound, "nothing was found"),
    code("1", Meaning::Success, "approved"),
    code("193", Meaning::Held, "held for review by risk management"),
    code("252", Meaning::Held, "authorized, and held for review"),
    code("253", Meaning::Held, "held for review"),
    code("295", Meaning::Partial, "a part of the amount was approved"),
    declined("2", Reason::DoNotHonor, AskBank, "declined"),
    declined("3", Reason::DoNotHonor, AskBank, "declined: the issuer wants to be called"),
    declined("4", Reason::LostOrStolen, NeverAgain, "declined"),
    declined("6", Reason::InvalidNumber, CorrectAndRetry, CARD_NUMBER),
    declined("37", Reason::InvalidNumber, CorrectAndRetry, CARD_NUMBER),
    declined("315", Reason::InvalidNumber, CorrectAndRetry, CARD_NUMBER),
    declined("7", Reason::InvalidExpiry, CorrectAndRetry, EXPIRY),
    declined("316", Reason::InvalidExpiry, CorrectAndRetry, EXPIRY),
    declined("8", Reason::ExpiredCard, OtherMethod, EXPIRED),
    declined("317", Reason::ExpiredCard, OtherMethod, EXPIRED),
    declined("27", Reason::AddressMismatch, CorrectAndRetry, ADDRESS),
    declined("127", Reason::AddressMismatch, CorrectAndRetry, ADDRESS),
    declined("44", Reason::IncorrectCvv, CorrectAndRetry, CVV),
    declined("45", Reason::IncorrectCvv, CorrectAndRetry, "security code and billing address do not match"),
    declined("65", Reason::IncorrectCvv, CorrectAndRetry, CVV),
    declined("78", Reason::IncorrectCvv, CorrectAndRetry, CVV),
    declined("165", Reason::IncorrectCvv, CorrectAndRetry, CVV),
    declined("312", Reason::IncorrectCvv, CorrectAndRetry, CVV),
    declined("17", Reason::NotSupported, OtherMethod, TENDER),
    declined("18", Reason::NotSupported, OtherMethod, TENDER),
    declined("28", Reason::NotSupported, OtherMethod, TENDER),
    declined("56", Reason::NotSupported, OtherMethod, TENDER),
    declined("41", Reason::Fraud, OtherMethod, FRAUD),
    declined("250", Reason::Fraud, OtherMethod, FRAUD),
    declined("251", Reason::Fraud, OtherMethod, FRAUD),
    declined("254", Reason::Fraud, OtherMethod, FRAUD),
    declined("24", Reason::MerchantSetup, FixSetup, SETUP),
    declined("30", Reason::MerchantSetup, FixSetup, SETUP),
    declined("31", Reason::MerchantSetup, FixSetup, SETUP),
    declined("34", Reason::MerchantSetup, FixSetup, SETUP),
    declined("35", Reason::MerchantSetup, FixSetup, SETUP),
    declined("38", Reason::MerchantSetup, FixSetup, SETUP),
    declined("43", Reason::MerchantSetup, FixSetup, SETUP),
    declined("289", Reason::MerchantSetup, FixSetup, "the processor takes no amount of zero"),
    declined("2007", Reason::MerchantSetup, FixSetup, "the processor takes no amount of zero"),
    declined("128", Reason::DoNotHonor, AskBank, "the bank refuses payments from this account"),
    declined("235", Reason::DoNotHonor, OtherMethod, "declined by the processor"),
    open("36", HOLD_LEFT),
    open("52", HOLD_LEFT),
    open("141", HOLD_LEFT),
    open("145", HOLD_LEFT),
    open("152", HOLD_LEFT),
    code("11", Meaning::Duplicate, "the same transaction was just submitted"),
    code("318", Meaning::Duplicate, "the same transaction was just submitted"),
    code("310", Meaning::AlreadyDone, "the transaction was voided before"),
    code("311", Meaning::AlreadyDone, "the transaction was captured before"),
    unknown("19", PROCESSOR),
    unknown("20", PROCESSOR),
    unknown("21", PROCESSOR),
    unknown("22", PROCESSOR),
    unknown("23", PROCESSOR),
    unknown("25", PROCESSOR),
    unknown("26", PROCESSOR),
    unknown("57", PROCESSOR),
    unknown("58", PROCESSOR),
    unknown("59", PROCESSOR),
    unknown("60", PROCESSOR),
    unknown("61", PROCESSOR),
    unknown("62", PROCESSOR),
    unknown("63", PROCESSOR),
    unknown("120", PROCESSOR),
    unknown("121", PROCESSOR),
    unknown("122", PROCESSOR),
    unknown("170", PROCESSOR),
    unknown("171", PROCESSOR),
    unknown("180", PROCESSOR),
    unknown("181", PROCESSOR),
    unknown("261", PROCESSOR),
    unknown("901", BUSY),
    refused("5", ErrorKind::InvalidRequest, AMOUNT),
    refused("9", ErrorKind::InvalidRequest, "the routing number is wrong"),
    refused("10", ErrorKind::InvalidRequest, "the account number is wrong"),
    refused("13", ErrorKind::Unauthorized, CREDENTIALS),
    refused("15", ErrorKind::InvalidRequest, "the transaction id is malformed"),
    refused("16", ErrorKind::NotFound, "Authorize.Net has no such transaction"),
    refused("33", ErrorKind::InvalidRequest, FIELD),
    refused("39", ErrorKind::InvalidRequest, "the account does not take this currency"),
    refused("47", ErrorKind::Conflict, AMOUNT),
    refused("48", ErrorKind::Conflict, AMOUNT),
    refused("49", ErrorKind::InvalidRequest, AMOUNT),
    refused("50", ErrorKind::Conflict, "the transaction is not settled yet"),
    refused("53", ErrorKind::InvalidRequest, "this kind of transaction does not go with bank accounts"),
    refused(
        "54",
        ErrorKind::Conflict,
        "the payment cannot be refunded: it is not settled yet, is older than 120 days, or is in another currency",
    ),
    refused("55", ErrorKind::Conflict, AMOUNT),
    refused("66", ErrorKind::InvalidRequest, "the request breaks a security rule of the account"),
    refused("319", ErrorKind::NotFound, "Authorize.Net has no such transaction"),
    refused("326", ErrorKind::Conflict, "the transaction cannot be approved or declined any more"),
    refused("327", ErrorKind::Conflict, "the transaction is settled, so it cannot be voided"),
    refused("E00003", ErrorKind::InvalidRequest, FIELD),
    refused("E00004", ErrorKind::InvalidRequest, "Authorize.Net does not know this request"),
    refused("E00005", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00006", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00007", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00008", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00009", ErrorKind::Forbidden, PERMISSION),
    refused("E00010", ErrorKind::Forbidden, PERMISSION),
    refused("E00011", ErrorKind::Forbidden, PERMISSION),
    code("E00012", Meaning::Duplicate, "the same subscription was just submitted"),
    refused("E00013", ErrorKind::InvalidRequest, FIELD),
    refused("E00014", ErrorKind::InvalidRequest, FIELD),
    refused("E00015", ErrorKind::InvalidRequest, FIELD),
    refused("E00016", ErrorKind::InvalidRequest, FIELD),
    refused("E00018", ErrorKind::InvalidRequest, "the card expires before the subscription starts"),
    refused("E00022", ErrorKind::InvalidRequest, "the interval is outside 7 to 365 days or 1 to 12 months"),
    refused("E00023", ErrorKind::InvalidRequest, "the subscription may not run that long"),
    code("E00027", Meaning::LookInside, "the transaction was refused"),
    code("E00039", Meaning::Duplicate, "the same record exists"),
    refused("E00040", ErrorKind::NotFound, "Authorize.Net has no such record, or does not see it yet"),
    refused("E00041", ErrorKind::InvalidRequest, "a customer needs an id, a description or an email"),
    refused("E00042", ErrorKind::Conflict, "the customer has as many payment methods as may be kept"),
    refused("E00044", ErrorKind::Forbidden, "the account does not keep customers"),
    refused("E00059", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00090", ErrorKind::InvalidRequest, "payment data cannot stand beside a stored method"),
    refused("E00091", ErrorKind::InvalidRequest, "a stored method is not named in full"),
    refused("E00092", ErrorKind::InvalidRequest, "a shipping address cannot stand beside a stored one"),
    refused("E00093", ErrorKind::InvalidRequest, "a billing address cannot stand beside a stored method"),
    refused("E00094", ErrorKind::InvalidRequest, "the page is behind the last one"),
    refused("E00105", ErrorKind::Conflict, "a running subscription is paid by this record"),
    refused("E00106", ErrorKind::Conflict, "a running subscription is paid by this record"),
    refused("E00107", ErrorKind::Conflict, "a running subscription is paid by this record"),
    refused("E00124", ErrorKind::Unauthorized, CREDENTIALS),
    refused("E00002", ErrorKind::InvalidRequest, "the content type is not one that Authorize.Net takes"),
    refused("E00020", ErrorKind::InvalidRequest, "the account takes no bank accounts for subscriptions"),
    refused("E00024", ErrorKind::InvalidRequest, FIELD),
    refused("E00026", ErrorKind::InvalidRequest, FIELD),
    refused("E00028", ErrorKind::InvalidRequest, FIELD),
    refused("E00029", ErrorKind::InvalidRequest, FIELD),
    refused("E00030", ErrorKind::InvalidRequest, FIELD),
    refused("E00031", ErrorKind::InvalidRequest, FIELD),
    refused("E00032", ErrorKind::InvalidRequest, FIELD),
    refused("E00033", ErrorKind::InvalidRequest, "the first day of a running subscription cannot be changed"),
    refused("E00045", ErrorKind::InvalidRequest, FIELD),
    refused("E00051", ErrorKind::InvalidRequest, FIELD),
    refused("E00052", ErrorKind::InvalidRequest, FIELD),
    refused("E00060", ErrorKind::InvalidRequest, FIELD),
    refused("E00088", ErrorKind::InvalidRequest, FIELD),
    refused("E00089", ErrorKind::InvalidRequest, FIELD),
    refused("E00098", ErrorKind::InvalidRequest, FIELD),
    refused("E00108", ErrorKind::InvalidRequest, FIELD),
    refused("E00110", ErrorKind::InvalidRequest, FIELD),
    refused("E00119", ErrorKind::InvalidRequest, FIELD),
    refused("E00121", ErrorKind::InvalidRequest, FIELD),
    refused("E00137", ErrorKind::InvalidRequest, FIELD),
    refused("E00017", ErrorKind::InvalidRequest, "the first payment would be in the past"),
    refused("E00025", ErrorKind::Forbidden, "the account has no recurring billing"),
    refused("E00034", ErrorKind::Conflict, "the interval of a running subscription cannot be changed"),
    refused("E00035", ErrorKind::NotFound, "Authorize.Net has no such subscription"),
    refused(
        "E00036",
        ErrorKind::Conflict,
        "a running subscription cannot change between card and bank account",
    ),
    refused("E00037", ErrorKind::Conflict, "the subscription is over, so it cannot be changed"),
    refused("E00038", ErrorKind::Conflict, "the subscription is over, so it cannot be cancelled"),
    refused("E00113", ErrorKind::InvalidRequest, "the token is malformed"),
    // An earlier request may have used it up, and gone through.
    code(
        "E00114",
        Meaning::Unknown(ErrorKind::InvalidRequest),
        "the token was used before, or never was one",
    ),
    refused("E00115", ErrorKind::InvalidRequest, "the token is older than 15 minutes"),
    unknown("E00000", BUSY),
    unknown("E00001", BUSY),
    unknown("E00049", BUSY),
    code("E00053", Meaning::Unknown(ErrorKind::RateLimited), BUSY),
    unknown("E00104", BUSY),
];

/// The row of a code.
pub fn find(code: &str) -> Option<&'static Code> {
    TABLE.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::{Meaning, TABLE, find};
    use turnbuckle_core::ErrorKind;

    /// Every code that the vendor's facts name, ranges written out.
    fn named() -> Vec<String> {
        let reasons = [
            1..=11,
            13..=13,
            15..=28,
            30..=31,
            33..=39,
            41..=41,
            43..=45,
            47..=50,
            52..=63,
            65..=66,
            78..=78,
            120..=122,
            127..=128,
            141..=141,
            145..=145,
            152..=152,
            165..=165,
            170..=171,
            180..=181,
            193..=193,
            235..=235,
            250..=254,
            261..=261,
            289..=289,
            295..=295,
            310..=312,
            315..=319,
            326..=327,
            901..=901,
            2007..=2007_u32,
        ];
        let requests = [
            1..=1,
            3..=16,
            18..=18,
            22..=23,
            27..=27,
            39..=42,
            44..=44,
            49..=49,
            53..=53,
            59..=59,
            90..=94,
            104..=107,
            124..=124_u32,
        ];
        let reasons = reasons.into_iter().flatten().map(|code| code.to_string());
        let requests = requests.into_iter().flatten().map(|code| format!("E{code:05}"));
        reasons.chain(requests).chain((1..=4).map(|code| format!("I{code:05}"))).collect()
    }

    /// From the vendor's own list, beyond what its facts were collected for.
    const MORE: [&str; 33] = [
        "E00000", "E00002", "E00017", "E00020", "E00024", "E00025", "E00026", "E00028", "E00029", "E00030",
        "E00031", "E00032", "E00033", "E00034", "E00035", "E00036", "E00037", "E00038", "E00045", "E00051",
        "E00052", "E00060", "E00088", "E00089", "E00098", "E00108", "E00110", "E00113", "E00114", "E00115",
        "E00119", "E00121", "E00137",
    ];

    #[test]
    fn every_named_code_stands_once_and_no_other() {
        let mut named = named();
        named.extend(MORE.map(str::to_owned));
        for code in &named {
            assert_eq!(TABLE.iter().filter(|row| row.code == code).count(), 1, "{code}");
        }
        assert_eq!(TABLE.len(), named.len());
    }

    #[test]
    fn what_leaves_the_outcome_open_is_unknown() {
        let open = [19..=23, 25..=26, 57..=63, 120..=122, 170..=171, 180..=181, 261..=261_u32];
        for code in open.into_iter().flatten() {
            let row = find(&code.to_string()).unwrap();
            assert_eq!(row.meaning, Meaning::Unknown(ErrorKind::Unavailable), "{code}");
        }
        let unknown = TABLE.iter().filter(|row| matches!(row.meaning, Meaning::Unknown(_))).count();
        assert_eq!(unknown, 22 + 5 + 2);
    }

    #[test]
    fn a_duplicate_is_neither_approved_nor_declined() {
        for code in ["11", "318", "E00012", "E00039"] {
            assert_eq!(find(code).unwrap().meaning, Meaning::Duplicate, "{code}");
        }
    }
}
