//! Reasons of a transaction's answer: its response code and the vendor's text.

/// Approved.
pub(super) const APPROVED: u16 = 1;

/// Reason, response code, text.
const REASONS: &[(u16, u8, &str)] = &[
    (1, 1, "This transaction has been approved."),
    (2, 2, "This transaction has been declined."),
    (3, 2, "This transaction has been declined."),
    (4, 2, "This transaction has been declined."),
    (5, 3, "A valid amount is required."),
    (6, 3, "The credit card number is invalid."),
    (7, 3, "Credit card expiration date is invalid."),
    (8, 3, "The credit card has expired."),
    (9, 3, "The ABA code is invalid"),
    (10, 3, "The account number is invalid"),
    (11, 3, "A duplicate transaction has been submitted."),
    (13, 3, "The merchant login ID or password is invalid or the account is inactive."),
    (15, 3, "The transaction ID is invalid or not present."),
    (16, 3, "The transaction cannot be found."),
    (17, 3, "The merchant does not accept this type of credit card."),
    (18, 3, "ACH transactions are not accepted by this merchant."),
    (19, 3, "An error occurred during processing.  Please try again."),
    (20, 3, "An error occurred during processing.  Please try again."),
    (21, 3, "An error occurred during processing.  Please try again."),
    (22, 3, "An error occurred during processing.  Please try again."),
    (23, 3, "An error occurred during processing.  Please try again."),
    (25, 3, "An error occurred during processing.  Please try again."),
    (26, 3, "An error occurred during processing.  Please try again."),
    (
        27,
        2,
        "The transaction has been declined because of an AVS mismatch. The address provided does not match billing address of cardholder.",
    ),
    (28, 3, "The merchant does not accept this type of credit card."),
    (36, 3, "The authorization was approved but settlement failed."),
    (37, 3, "The credit card number is invalid."),
    (
        39,
        3,
        "The supplied currency code is either invalid, not supported, not allowed for this merchant or doesnt have an exchange rate.",
    ),
    (41, 2, "This transaction has been declined."),
    (44, 2, "This transaction has been declined."),
    (45, 2, "This transaction has been declined."),
    (47, 3, "The amount requested for settlement cannot be greater than the original amount authorized."),
    (50, 3, "This transaction is awaiting settlement and cannot be refunded."),
    (52, 3, "The transaction was authorized but the client could not be notified; it will not be settled."),
    (54, 3, "The referenced transaction does not meet the criteria for issuing a credit."),
    (55, 3, "The sum of credits against the referenced transaction would exceed original debit amount."),
    (57, 3, "An error occurred during processing.  Please try again."),
    (58, 3, "An error occurred during processing.  Please try again."),
    (59, 3, "An error occurred during processing.  Please try again."),
    (60, 3, "An error occurred during processing.  Please try again."),
    (61, 3, "An error occurred during processing.  Please try again."),
    (62, 3, "An error occurred during processing.  Please try again."),
    (63, 3, "An error occurred during processing.  Please try again."),
    (65, 2, "This transaction has been declined."),
    (78, 3, "The card code is invalid."),
    (120, 3, "An error occurred during processing. Please try again."),
    (121, 3, "An error occurred during processing. Please try again."),
    (122, 3, "An error occurred during processing. Please try again."),
    (128, 3, "This transaction cannot be processed."),
    (165, 2, "This transaction has been declined."),
    (193, 4, "The transaction is currently under review."),
    (250, 2, "This transaction has been declined."),
    (251, 2, "This transaction has been declined."),
    (252, 4, "Your order has been received. Thank you for your business!"),
    (253, 4, "Your order has been received. Thank you for your business!"),
    (254, 2, "This transaction has been declined."),
    (289, 3, "This processor does not accept zero dollar authorization for this card type."),
    (
        295,
        4,
        "The amount of this request was only partially approved on the given prepaid card. An additional payment is required to fulfill the balance of this transaction.",
    ),
    (310, 1, "This transaction has already been voided."),
    (311, 1, "This transaction has already been captured."),
    (315, 3, "The credit card number is invalid."),
    (316, 3, "Credit card expiration date is invalid."),
    (317, 3, "The credit card has expired."),
    (318, 3, "A duplicate transaction has been submitted."),
    (319, 3, "The transaction cannot be found."),
    (
        327,
        3,
        "The void request failed. Either the original transaction type does not support void, or the transaction is in the process of being settled.",
    ),
    (2007, 3, "This processor does not accept zero dollar authorizations."),
];

/// 1 approved, 2 declined, 3 error, 4 held. A reason that is not in the table is an error.
pub(super) fn response_code(reason: u16) -> u8 {
    REASONS.iter().find(|(known, ..)| *known == reason).map_or(3, |(_, code, _)| *code)
}

pub(super) fn text(reason: u16) -> &'static str {
    let fallback = "An error occurred during processing.  Please try again.";
    REASONS.iter().find(|(known, ..)| *known == reason).map_or(fallback, |(.., text)| text)
}
