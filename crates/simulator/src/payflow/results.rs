//! RESULT codes and the texts that come with them.

/// A refusal: RESULT and RESPMSG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) result: i32,
    pub(super) message: String,
}

impl Refusal {
    /// With the code's usual text.
    pub(super) fn of(result: i32) -> Self {
        Self { result, message: text(result).unwrap_or("Unknown error").to_owned() }
    }

    pub(super) fn saying(result: i32, message: impl Into<String>) -> Self {
        Self { result, message: message.into() }
    }

    /// RESULT 7, with the field's name.
    pub(super) fn field(name: &str) -> Self {
        Self::saying(7, format!("Field format error: {name}"))
    }
}

/// The usual text of a code that a processor or the gateway can answer; `None` for codes that are never one.
pub(super) fn text(result: i32) -> Option<&'static str> {
    Some(match result {
        0 => "Approved",
        1 => "User authentication failed",
        2 => "Invalid tender",
        3 => "Invalid transaction type",
        4 => "Invalid amount",
        5 => "Invalid merchant information",
        6 => "Invalid or unsupported currency code",
        7 => "Field format error",
        9 => "Too many parameters or invalid stream",
        10 => "Too many line items",
        11 => "Client time-out waiting for response",
        12 => "Declined",
        13 => "Referral",
        19 => "Original transaction ID not found",
        20 => "Cannot find the customer reference number",
        22 => "Invalid ABA number",
        23 => "Invalid account number",
        24 => "Invalid expiration date",
        25 => "Invalid Host Mapping",
        26 => "Invalid vendor account",
        27 => "Insufficient partner permissions",
        28 => "Insufficient user permissions",
        29 => "Invalid XML document",
        30 => "Duplicate transaction",
        31 => "Error in adding the recurring profile",
        32 => "Error in modifying the recurring profile",
        33 => "Error in canceling the recurring profile",
        34 => "Error in forcing the recurring profile",
        35 => "Error in reactivating the recurring profile",
        36 => "OLTP Transaction failed",
        37 => "Invalid recurring profile ID",
        50 => "Insufficient funds available in account",
        51 => "Exceeds per transaction limit",
        52 => "Permission issue",
        99 => "General error",
        100 => "Transaction type not supported by host",
        101 => "Time-out value too small",
        102 => "Processor not available",
        103 => "Error reading response from host",
        104 => "Timeout waiting for processor response",
        105 => "Credit error",
        106 => "Host not available",
        107 => "Duplicate suppression time-out",
        108 => "Void error",
        109 => "Time-out waiting for host response",
        110 => "Referenced auth (against order) Error",
        111 => "Capture error",
        112 => "Failed AVS check",
        113 => "Merchant sale total will exceed the sales cap with current transaction",
        114 => "Card Security Code (CSC) Mismatch",
        115 => "System busy, try again later",
        116 => "VPS Internal error. Failed to lock terminal number",
        117 => "Failed merchant rule check",
        118 => "Invalid keywords found in string fields",
        120 => "Attempt to reference a failed transaction",
        121 => "Not enabled for feature",
        122 => "Merchant sale total will exceed the credit cap with current transaction",
        125 => "Declined by Fraud Service",
        126 => "Under review by Fraud Service",
        127 => "Not processed by Fraud Service",
        128 => "Declined by merchant after being flagged for review by filters",
        133 => "Data mismatch in HTTP retry request",
        150 => "Issuing bank timed out",
        151 => "Issuing bank unavailable",
        170 => "Fraudulent activity detected: Excessive use of card authorizations",
        1000 => "Generic host error",
        -41 => "Required Request ID not found in request",
        _ => return None,
    })
}
