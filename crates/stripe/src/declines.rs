//! Stripe's decline codes as one table, and how an issuer's own advice changes it.
//!
//! Stripe's lists are open: a code that is not here is [`DeclineReason::Other`], and stands in
//! [`Decline::code`](turnbuckle_core::payment::Decline::code) as it came.
//! See <https://docs.stripe.com/declines/codes> and <https://docs.stripe.com/error-codes>.

use std::time::Duration;

use turnbuckle_core::payment::{DeclineAdvice, DeclineReason, RetryCaps};

use DeclineAdvice::{AskBank, Authenticate, CorrectAndRetry, FixSetup, NeverAgain, OtherMethod};
use DeclineReason as Reason;

const LATER: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::BRAND);
/// A fault of the moment, not a verdict on the card: it may be gone in an hour.
const SOON: DeclineAdvice = DeclineAdvice::RetryLater(RetryCaps::after(Duration::from_secs(3600)));

/// One code of Stripe's: what it means, and what to do unless the issuer says otherwise.
type Row = (&'static str, DeclineReason, DeclineAdvice);

/// Codes of `decline_code`, of `code` where there is no `decline_code`, and of failed bank debits.
static TABLE: &[Row] = &[
    // Money and limits.
    ("insufficient_funds", Reason::InsufficientFunds, LATER),
    ("withdrawal_count_limit_exceeded", Reason::LimitExceeded, LATER),
    ("card_velocity_exceeded", Reason::LimitExceeded, LATER),
    // The issuer says no.
    ("generic_decline", Reason::DoNotHonor, AskBank),
    ("card_declined", Reason::DoNotHonor, AskBank),
    ("do_not_honor", Reason::DoNotHonor, AskBank),
    ("call_issuer", Reason::DoNotHonor, AskBank),
    ("no_action_taken", Reason::DoNotHonor, AskBank),
    ("not_permitted", Reason::DoNotHonor, AskBank),
    ("transaction_not_allowed", Reason::DoNotHonor, AskBank),
    ("service_not_allowed", Reason::DoNotHonor, AskBank),
    ("security_violation", Reason::DoNotHonor, AskBank),
    ("approve_with_id", Reason::DoNotHonor, SOON),
    ("restricted_card", Reason::DoNotHonor, OtherMethod),
    ("new_account_information_available", Reason::DoNotHonor, CorrectAndRetry),
    ("do_not_try_again", Reason::DoNotHonor, NeverAgain),
    // The payer took the consent back.
    ("stop_payment_order", Reason::ConsentRevoked, NeverAgain),
    ("revocation_of_authorization", Reason::ConsentRevoked, NeverAgain),
    ("revocation_of_all_authorizations", Reason::ConsentRevoked, NeverAgain),
    ("debit_not_authorized", Reason::ConsentRevoked, NeverAgain),
    // Lost, stolen, fraud.
    ("lost_card", Reason::LostOrStolen, NeverAgain),
    ("stolen_card", Reason::LostOrStolen, NeverAgain),
    ("pickup_card", Reason::LostOrStolen, NeverAgain),
    ("fraudulent", Reason::Fraud, OtherMethod),
    ("merchant_blacklist", Reason::Fraud, OtherMethod),
    // What was typed.
    ("expired_card", Reason::ExpiredCard, OtherMethod),
    ("incorrect_number", Reason::InvalidNumber, CorrectAndRetry),
    ("invalid_number", Reason::InvalidNumber, CorrectAndRetry),
    ("invalid_account", Reason::InvalidNumber, OtherMethod),
    ("invalid_expiry_month", Reason::InvalidExpiry, CorrectAndRetry),
    ("invalid_expiry_year", Reason::InvalidExpiry, CorrectAndRetry),
    ("incorrect_cvc", Reason::IncorrectCvv, CorrectAndRetry),
    ("invalid_cvc", Reason::IncorrectCvv, CorrectAndRetry),
    ("incorrect_zip", Reason::AddressMismatch, CorrectAndRetry),
    ("incorrect_address", Reason::AddressMismatch, CorrectAndRetry),
    // The card cannot.
    ("card_not_supported", Reason::NotSupported, OtherMethod),
    ("currency_not_supported", Reason::NotSupported, OtherMethod),
    ("testmode_decline", Reason::NotSupported, FixSetup),
    ("test_mode_live_card", Reason::NotSupported, FixSetup),
    ("live_mode_test_card", Reason::NotSupported, FixSetup),
    ("incorrect_pin", Reason::Pin, CorrectAndRetry),
    ("invalid_pin", Reason::Pin, CorrectAndRetry),
    ("pin_try_exceeded", Reason::Pin, OtherMethod),
    ("offline_pin_required", Reason::Pin, OtherMethod),
    ("online_or_offline_pin_required", Reason::Pin, OtherMethod),
    ("duplicate_transaction", Reason::Duplicate, NeverAgain),
    // A fault of the moment.
    ("processing_error", Reason::ProcessingError, SOON),
    ("issuer_not_available", Reason::ProcessingError, SOON),
    ("reenter_transaction", Reason::ProcessingError, SOON),
    ("try_again_later", Reason::ProcessingError, SOON),
    // The payer must authenticate.
    ("authentication_required", Reason::AuthenticationRequired, Authenticate),
    ("authentication_not_handled", Reason::AuthenticationRequired, Authenticate),
    ("payment_intent_authentication_failure", Reason::AuthenticationRequired, Authenticate),
    ("setup_intent_authentication_failure", Reason::AuthenticationRequired, Authenticate),
    ("mobile_device_authentication_required", Reason::AuthenticationRequired, Authenticate),
    // Too many declines: Stripe stops asking the issuer for a day.
    ("card_decline_rate_limit_exceeded", Reason::LimitExceeded, LATER),
    // Bank debits.
    ("account_closed", Reason::AccountClosed, OtherMethod),
    ("bank_account_restricted", Reason::AccountClosed, OtherMethod),
    ("bank_account_unusable", Reason::AccountClosed, OtherMethod),
    ("no_account", Reason::InvalidNumber, CorrectAndRetry),
    ("bank_account_exists", Reason::Duplicate, OtherMethod),
    ("bank_account_declined", Reason::DoNotHonor, OtherMethod),
    ("bank_account_unverified", Reason::AuthenticationRequired, Authenticate),
    // The merchant's side.
    ("balance_insufficient", Reason::MerchantSetup, FixSetup),
    ("insufficient_balance", Reason::MerchantSetup, FixSetup),
];

/// What a refusal means: `decline_code` decides where there is one, else `code`.
pub fn reason(decline_code: Option<&str>, code: Option<&str>) -> DeclineReason {
    row(decline_code, code).map_or(Reason::Other, |(_, reason, _)| *reason)
}

/// What the merchant may do. The issuer's or network's own advice counts for more than the table, with two exceptions: it
/// cannot take back "never again", and it cannot do away with an authentication.
///
/// - `advice_code` is Stripe's reading of the issuer: `confirm_card_data`, `do_not_try_again`, `try_again_later`.
/// - `network_advice_code` is the network's two digits. Mastercard's are read: 03 and 21 forbid, 01 asks for new card
///   data, 02 and 24 to 30 name how long to wait.
pub fn advice(
    decline_code: Option<&str>,
    code: Option<&str>,
    advice_code: Option<&str>,
    network_advice_code: Option<&str>,
) -> DeclineAdvice {
    let table = row(decline_code, code).map_or(AskBank, |(_, _, advice)| *advice);
    if advice_code == Some("do_not_try_again") || matches!(network_advice_code, Some("03" | "21")) {
        return NeverAgain;
    }
    if matches!(table, NeverAgain | Authenticate) {
        return table;
    }
    if let Some(wait) = network_advice_code.and_then(wait_of) {
        return DeclineAdvice::RetryLater(RetryCaps::after(wait));
    }
    match advice_code {
        Some("confirm_card_data") => CorrectAndRetry,
        Some("try_again_later") if !matches!(table, DeclineAdvice::RetryLater(_)) => LATER,
        _ if network_advice_code == Some("01") => CorrectAndRetry,
        _ => table,
    }
}

fn row(decline_code: Option<&str>, code: Option<&str>) -> Option<&'static Row> {
    let wanted = decline_code.or(code)?;
    TABLE.iter().find(|(known, ..)| *known == wanted)
}

fn wait_of(network_advice_code: &str) -> Option<Duration> {
    const HOUR: u64 = 3600;
    let hours = match network_advice_code {
        "24" => 1,
        "02" | "25" => 24,
        "26" => 2 * 24,
        "27" => 4 * 24,
        "28" => 6 * 24,
        "29" => 8 * 24,
        "30" => 10 * 24,
        _ => return None,
    };
    Some(Duration::from_secs(hours * HOUR))
}

#[cfg(test)]
mod tests {
    use super::{AskBank, Authenticate, CorrectAndRetry, LATER, NeverAgain, Reason, TABLE, advice, reason};
    use turnbuckle_core::payment::DeclineAdvice;

    #[test]
    fn every_code_stands_once() {
        for (index, (code, ..)) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(index + 1).all(|(other, ..)| other != code), "{code} stands twice");
        }
    }

    #[test]
    fn the_decline_code_decides_before_the_code() {
        assert_eq!(reason(Some("insufficient_funds"), Some("card_declined")), Reason::InsufficientFunds);
        assert_eq!(reason(None, Some("expired_card")), Reason::ExpiredCard);
        assert_eq!(reason(Some("of_next_year"), Some("card_declined")), Reason::Other);
        assert_eq!(reason(None, None), Reason::Other);
    }

    #[test]
    fn the_issuer_s_advice_counts_for_more_than_the_table_but_never_lifts_a_ban() {
        let of = |code, issuer, network| advice(Some(code), Some("card_declined"), issuer, network);
        assert_eq!(of("generic_decline", None, None), AskBank);
        assert_eq!(of("generic_decline", Some("try_again_later"), None), LATER);
        assert_eq!(of("generic_decline", Some("do_not_try_again"), None), NeverAgain);
        assert_eq!(of("generic_decline", None, Some("03")), NeverAgain);
        assert_eq!(of("insufficient_funds", Some("confirm_card_data"), None), CorrectAndRetry);
        assert_eq!(of("stolen_card", Some("try_again_later"), Some("24")), NeverAgain);
        assert_eq!(of("authentication_required", Some("try_again_later"), None), Authenticate);
        assert_eq!(of("generic_decline", None, Some("01")), CorrectAndRetry);
        let DeclineAdvice::RetryLater(caps) = of("generic_decline", None, Some("27")) else { panic!() };
        assert_eq!(caps.wait.as_secs(), 4 * 24 * 3600);
    }
}
