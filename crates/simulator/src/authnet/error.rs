//! Refusals of a whole request, in the vendor's words.

use super::json::Json;

/// A request that is refused: `messages.resultCode` is `Error`, and nothing happened.
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) text: String,
    /// What the reply holds beside the message: the ids of the record that is in the way.
    pub(super) beside: Vec<(&'static str, Json)>,
}

/// The vendor's own texts.
const TEXTS: &[(&str, &str)] = &[
    ("E00001", "An error occurred during processing. Please try again."),
    ("E00002", "The content-type specified is not supported."),
    ("E00003", "An error occurred while parsing the XML request."),
    ("E00004", "The name of the requested API method is invalid."),
    ("E00007", "User authentication failed due to invalid authentication values."),
    ("E00008", "User authentication failed. The account or API user is inactive."),
    ("E00009", "The payment gateway account is in Test Mode. The request cannot be processed."),
    ("E00010", "User authentication failed. You do not have the appropriate permissions."),
    ("E00011", "Access denied. You do not have the appropriate permissions."),
    ("E00012", "A duplicate subscription already exists."),
    ("E00013", "The field is invalid."),
    ("E00014", "A required field is not present."),
    ("E00015", "The field length is invalid."),
    ("E00017", "The start date cannot occur in the past."),
    ("E00018", "The credit card expires before the subscription start date."),
    ("E00020", "The payment gateway account is not enabled for eCheck.Net subscriptions."),
    ("E00022", "The interval length cannot exceed 365 days or 12 months."),
    ("E00023", "The subscription duration cannot exceed three years."),
    ("E00024", "Trial Occurrences is required when Trial Amount is specified."),
    ("E00025", "Automated Recurring Billing is not enabled."),
    ("E00026", "Both Trial Amount and Trial Occurrences are required."),
    ("E00027", "The transaction was unsuccessful."),
    ("E00028", "Trial Occurrences must be less than Total Occurrences."),
    ("E00029", "Payment information is required."),
    ("E00030", "The payment schedule is required."),
    ("E00031", "The amount is required."),
    ("E00032", "The start date is required."),
    ("E00033", "The start date cannot be changed."),
    ("E00034", "The interval information cannot be changed."),
    ("E00035", "The subscription cannot be found."),
    ("E00036", "The payment type cannot be changed."),
    ("E00037", "The subscription cannot be updated."),
    ("E00038", "The subscription cannot be canceled."),
    ("E00040", "The record cannot be found."),
    ("E00041", "One or more fields must contain a value."),
    ("E00044", "Customer Information Manager is not enabled."),
    ("E00053", "Server too busy"),
    ("E00059", "The authentication type is not allowed for this method call."),
    ("E00060", "The transaction type is invalid."),
    ("E00088", "ProfileIds cannot be sent when requesting CreateProfile."),
    ("E00089", "Payment data is required when requesting CreateProfile."),
    ("E00090", "PaymentProfile cannot be sent with payment data."),
    ("E00092", "ShippingProfileId cannot be sent with ShipTo data."),
    ("E00093", "PaymentProfile cannot be sent with billing data."),
    ("E00098", "Customer Profile ID or Shipping Profile ID not found."),
    ("E00099", "Customer profile creation failed. This transaction ID is invalid."),
    ("E00100", "Customer profile creation failed. This transaction type does not support profile creation."),
    ("E00102", "Customer Info is missing."),
    (
        "E00105",
        "The specified payment profile is associated with an active or suspended subscription and cannot be deleted.",
    ),
    (
        "E00106",
        "The specified customer profile is associated with an active or suspended subscription and cannot be deleted.",
    ),
    (
        "E00107",
        "The specified shipping profile is associated with an active or suspended subscription and cannot be deleted.",
    ),
    ("E00108", "CustomerProfileId cannot be sent with customer data."),
    ("E00112", "The specified month should not be in the future."),
    ("E00114", "Invalid OTS Token."),
    ("E00115", "Expired OTS Token."),
    ("E00121", "No default payment/shipping profile found."),
    ("E00137", "Multiple payment types are not allowed."),
];

impl Refusal {
    /// With the vendor's usual text.
    pub(super) fn new(code: &'static str) -> Self {
        let text = TEXTS.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| text);
        Self::saying(code, text)
    }

    pub(super) fn saying(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), beside: Vec::new() }
    }

    /// E00003: the schema does not allow it.
    pub(super) fn malformed(text: impl Into<String>) -> Self {
        Self::saying("E00003", text)
    }

    /// E00013 for a field by its name.
    pub(super) fn invalid(field: &str) -> Self {
        Self::saying("E00013", format!("{field} is invalid."))
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.beside.push((name, value.into()));
        self
    }
}
