//! Stripe's documented test cards and bank accounts, and how each behaves.

/// What stands behind a payment method.
#[derive(Clone, Debug)]
pub(super) enum Instrument {
    Card {
        card: &'static TestCard,
        cvc_given: bool,
    },
    /// A US bank account: `None` pays, else the failure code.
    Bank {
        failure: Option<&'static BankFailure>,
    },
}

#[derive(Debug)]
pub(super) struct TestCard {
    pub(super) number: &'static str,
    /// What follows `pm_card_` and `tok_`.
    pub(super) names: &'static [&'static str],
    pub(super) brand: &'static str,
    pub(super) funding: &'static str,
    pub(super) country: &'static str,
    pub(super) rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Approve,
    /// Approved, and the funds are available at once.
    BypassPending,
    Decline(Decline),
    /// Can be attached; every charge is declined.
    DeclineCharges,
    /// Radar stops it; the network never sees it.
    Block,
    /// Approved with elevated risk, and held for a manual review.
    Review,
    /// 3D Secure first; then a decline, perhaps.
    Authenticate(When, Option<Decline>),
    /// Approved; refunds turn out to fail.
    RefundFails,
    /// Approved; refunds are pending at first.
    RefundPending,
    /// Approved; then the card holder disputes it, for this reason. `true` is an inquiry, which moves no money.
    Dispute(&'static str, bool),
    /// Approved, with these results of the address (line 1, postal code) and security-code checks.
    Checks(&'static str, &'static str, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// Not off-session once it was set up.
    UnlessSetUp,
    /// Behaves as already set up: only on-session payments ask.
    OnSession,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "Stripe's own name of the field")]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
    pub(super) param: Option<&'static str>,
}

const fn issuer(decline_code: &'static str, message: &'static str) -> Decline {
    Decline { code: "card_declined", decline_code: Some(decline_code), message, param: None }
}

const fn own_code(code: &'static str, message: &'static str, param: Option<&'static str>) -> Decline {
    Decline { code, decline_code: None, message, param }
}

pub(super) const GENERIC: Decline = issuer("generic_decline", "Your card was declined.");
pub(super) const FRAUDULENT: Decline = issuer("fraudulent", "Your card was declined.");
pub(super) const NOT_A_TEST_CARD: Decline = issuer(
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test \
     cards, visit: https://stripe.com/docs/testing.",
);
const FUNDS: Decline = issuer("insufficient_funds", "Your card has insufficient funds.");
pub(super) const AUTHENTICATION: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
    param: None,
};

const fn card(
    number: &'static str,
    names: &'static [&'static str],
    brand: &'static str,
    funding: &'static str,
    rule: Rule,
) -> TestCard {
    TestCard { number, names, brand, funding, country: "US", rule }
}

const fn visa(number: &'static str, names: &'static [&'static str], rule: Rule) -> TestCard {
    card(number, names, "visa", "credit", rule)
}

const fn declined(number: &'static str, names: &'static [&'static str], decline: Decline) -> TestCard {
    visa(number, names, Rule::Decline(decline))
}

static CARDS: &[TestCard] = &[
    visa("4242424242424242", &["visa", "us"], Rule::Approve),
    card("4000056655665556", &["visa_debit"], "visa", "debit", Rule::Approve),
    card("5555555555554444", &["mastercard"], "mastercard", "credit", Rule::Approve),
    card("2223003122003222", &[], "mastercard", "credit", Rule::Approve),
    card("5200828282828210", &["mastercard_debit"], "mastercard", "debit", Rule::Approve),
    card("5105105105105100", &["mastercard_prepaid"], "mastercard", "prepaid", Rule::Approve),
    card("378282246310005", &["amex"], "amex", "credit", Rule::Approve),
    card("371449635398431", &[], "amex", "credit", Rule::Approve),
    card("6011111111111117", &["discover"], "discover", "credit", Rule::Approve),
    card("6011000990139424", &[], "discover", "credit", Rule::Approve),
    card("6011981111111113", &["discover_debit"], "discover", "debit", Rule::Approve),
    card("3056930009020004", &["diners"], "diners", "credit", Rule::Approve),
    card("36227206271667", &[], "diners", "credit", Rule::Approve),
    card("3566002020360505", &["jcb"], "jcb", "credit", Rule::Approve),
    card("3530111333300000", &[], "jcb", "credit", Rule::Approve),
    card("6200000000000005", &["unionpay"], "unionpay", "credit", Rule::Approve),
    visa("4000000000000077", &["bypassPending"], Rule::BypassPending),
    visa("4000000000000093", &[], Rule::Approve),
    declined("4000000000000002", &["chargeDeclined"], GENERIC),
    declined("4000000000009995", &["chargeDeclinedInsufficientFunds"], FUNDS),
    declined("4000000000009987", &["chargeDeclinedLostCard"], issuer("lost_card", "Your card was declined.")),
    declined(
        "4000000000009979",
        &["chargeDeclinedStolenCard"],
        issuer("stolen_card", "Your card was declined."),
    ),
    declined(
        "4000000000000069",
        &["chargeDeclinedExpiredCard"],
        own_code("expired_card", "Your card has expired.", Some("exp_month")),
    ),
    declined(
        "4000000000000127",
        &["chargeDeclinedIncorrectCvc"],
        own_code("incorrect_cvc", "Your card's security code is incorrect.", Some("cvc")),
    ),
    declined(
        "4000000000000119",
        &["chargeDeclinedProcessingError"],
        own_code(
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
            None,
        ),
    ),
    declined(
        "4000000000006975",
        &["chargeDeclinedVelocityLimitExceeded"],
        issuer(
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        ),
    ),
    visa("4100000000000019", &["radarBlock", "chargeDeclinedFraudulent"], Rule::Block),
    visa("4000000000004954", &["riskLevelHighest"], Rule::Block),
    visa("4000000000000101", &["cvcCheckFail"], Rule::Checks("pass", "pass", "fail")),
    visa("4000000000000010", &["avsFail"], Rule::Checks("fail", "fail", "pass")),
    visa("4000000000000028", &["avsLine1Fail"], Rule::Checks("fail", "pass", "pass")),
    visa("4000000000000036", &["avsZipFail"], Rule::Checks("pass", "fail", "pass")),
    visa("4000000000000044", &["avsUnchecked"], Rule::Checks("unavailable", "unavailable", "pass")),
    visa("4000000000000341", &["chargeCustomerFail"], Rule::DeclineCharges),
    visa("4000000000009235", &["riskLevelElevated"], Rule::Review),
    visa("4000002500003155", &["authenticationRequiredOnSetup"], Rule::Authenticate(When::UnlessSetUp, None)),
    visa("4000002760003184", &["authenticationRequired"], Rule::Authenticate(When::Always, None)),
    visa(
        "4000003800000446",
        &["authenticationRequiredSetupForOffSession"],
        Rule::Authenticate(When::OnSession, None),
    ),
    visa(
        "4000008260003178",
        &["authenticationRequiredChargeDeclinedInsufficientFunds"],
        Rule::Authenticate(When::OnSession, Some(FUNDS)),
    ),
    visa(
        "4000000000003220",
        &["threeDSecure2Required", "threeDSecureRequired"],
        Rule::Authenticate(When::Always, None),
    ),
    visa(
        "4000008400001629",
        &["threeDSecureRequiredChargeDeclined"],
        Rule::Authenticate(When::Always, Some(GENERIC)),
    ),
    visa("4000000000003055", &["threeDSecureOptional"], Rule::Approve),
    visa("4000000000005126", &["refundFail"], Rule::RefundFails),
    visa("4000000000000259", &["createDispute"], Rule::Dispute("fraudulent", false)),
    visa(
        "4000000000002685",
        &["createDisputeProductNotReceived"],
        Rule::Dispute("product_not_received", false),
    ),
    visa("4000000000001976", &["createDisputeInquiry"], Rule::Dispute("fraudulent", true)),
    visa("4000000000007726", &["pendingRefund"], Rule::RefundPending),
];

pub(super) fn by_number(number: &str) -> Option<&'static TestCard> {
    CARDS.iter().find(|card| card.number == number)
}

/// `pm_card_visa`, `tok_visa`; declines are also spelled with the brand, `pm_card_visa_chargeDeclined`.
pub(super) fn by_name(name: &str) -> Option<&'static TestCard> {
    let plain = name.strip_prefix("visa_").filter(|rest| rest.starts_with("chargeDeclined")).unwrap_or(name);
    CARDS.iter().find(|card| card.names.contains(&plain))
}

/// The check digit that every real card number carries.
pub(super) fn passes_luhn(number: &str) -> bool {
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    (12..=19).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit()) && sum.is_multiple_of(10)
}

impl TestCard {
    pub(super) fn last4(&self) -> &'static str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// Results of the address line, postal code and security code checks.
    pub(super) fn checks(&self) -> (&'static str, &'static str, &'static str) {
        match self.rule {
            Rule::Checks(line1, postal_code, cvc) => (line1, postal_code, cvc),
            Rule::Decline(Decline { code: "incorrect_cvc", .. }) => ("pass", "pass", "fail"),
            _ => ("pass", "pass", "pass"),
        }
    }

    /// Why the card cannot be saved, if it cannot.
    pub(super) fn refuses_setup(&self) -> Option<Decline> {
        match self.rule {
            Rule::Decline(decline) => Some(decline),
            Rule::Block => Some(FRAUDULENT),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct BankFailure {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// Test account number, name after `pm_usBankAccount_`, and how a debit ends.
static BANK_ACCOUNTS: &[(&str, &str, Option<BankFailure>)] = &[
    ("000123456789", "success", None),
    (
        "000111111113",
        "accountClosed",
        Some(BankFailure { code: "account_closed", message: "The customer's bank account has been closed." }),
    ),
    (
        "000111111116",
        "noAccount",
        Some(BankFailure {
            code: "no_account",
            message: "The customer's bank account could not be located.",
        }),
    ),
    (
        "000222222227",
        "insufficientFunds",
        Some(BankFailure {
            code: "insufficient_funds",
            message: "The customer's account has insufficient funds to cover this payment.",
        }),
    ),
    (
        "000333333335",
        "debitNotAuthorized",
        Some(BankFailure {
            code: "debit_not_authorized",
            message: "The customer has notified their bank that this payment was unauthorized.",
        }),
    ),
];

/// The account's number and how its debits end.
pub(super) fn bank_account(number_or_name: &str) -> Option<(&'static str, Option<&'static BankFailure>)> {
    BANK_ACCOUNTS
        .iter()
        .find(|(number, name, _)| *number == number_or_name || *name == number_or_name)
        .map(|(number, _, failure)| (*number, failure.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::{CARDS, by_name, by_number, passes_luhn};

    #[test]
    fn every_test_number_has_a_check_digit_and_stands_once() {
        for card in CARDS {
            assert!(passes_luhn(card.number), "{}", card.number);
            assert!(std::ptr::eq(by_number(card.number).unwrap(), card), "{} stands twice", card.number);
            for name in card.names {
                assert!(std::ptr::eq(by_name(name).unwrap(), card), "{name} stands twice");
            }
        }
    }
}
