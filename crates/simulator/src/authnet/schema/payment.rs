//! `createTransactionRequest`: the longest type.

use super::parts::{
    ADDRESS, CARD_CODE, CUSTOMER, EXTENDED_AMOUNT, LINE_ITEMS, ORDER, PAYMENT, PLACE, PROCESSING, SETTINGS,
    SUBSEQUENT,
};
use super::{ANY, DECIMAL, DIGITS, Kind, Shape, Sign, many, may, must, upto};

const STORED: Shape = &[&[
    may("createProfile", Kind::Flag),
    may("customerProfileId", DIGITS),
    may("paymentProfile", Kind::Inside(&[&[must("paymentProfileId", DIGITS), may("cardCode", CARD_CODE)]])),
    may("shippingProfileId", DIGITS),
]];

const SUB_MERCHANT: Shape = &[&[
    must("identifier", upto(40)),
    may("doingBusinessAs", upto(50)),
    may("paymentServiceProviderName", upto(40)),
    may("paymentServiceFacilitator", upto(20)),
    may("streetAddress", upto(40)),
    may("phone", upto(20)),
    may("email", upto(40)),
    may("postalCode", upto(20)),
    may("city", upto(30)),
    may("regionCode", upto(10)),
    may("countryCode", upto(10)),
]];

const OTHER_TAX: Shape = &[&[
    may("nationalTaxAmount", DECIMAL),
    may("localTaxAmount", DECIMAL),
    may("alternateTaxAmount", DECIMAL),
    may("alternateTaxId", upto(15)),
    may("vatTaxRate", Kind::Decimal(Sign::Any, 5)),
    may("vatTaxAmount", DECIMAL),
]];

const USER_FIELDS: Shape =
    &[&[many("userField", Kind::Inside(&[&[may("name", ANY), may("value", ANY)]]), 20)]];

/// `transactionRequestType`
pub(super) const TRANSACTION: Shape = &[&[
    must("transactionType", ANY),
    may("amount", DECIMAL),
    may("currencyCode", ANY),
    may("payment", Kind::Inside(PAYMENT)),
    may("profile", Kind::Inside(STORED)),
    may("solution", Kind::Inside(&[&[must("id", ANY), may("name", ANY), may("vendorName", ANY)]])),
    may("callId", ANY),
    may("terminalNumber", ANY),
    may("authCode", ANY),
    may("refTransId", ANY),
    may("splitTenderId", ANY),
    may("order", Kind::Inside(ORDER)),
    may("lineItems", Kind::Inside(LINE_ITEMS)),
    may("tax", Kind::Inside(EXTENDED_AMOUNT)),
    may("duty", Kind::Inside(EXTENDED_AMOUNT)),
    may("shipping", Kind::Inside(EXTENDED_AMOUNT)),
    may("taxExempt", Kind::Flag),
    may("poNumber", ANY),
    may("customer", Kind::Inside(CUSTOMER)),
    may("billTo", Kind::Inside(ADDRESS)),
    may("shipTo", Kind::Inside(PLACE)),
    may("customerIP", ANY),
    may(
        "cardholderAuthentication",
        Kind::Inside(&[&[must("authenticationIndicator", ANY), must("cardholderAuthenticationValue", ANY)]]),
    ),
    may(
        "retail",
        Kind::Inside(&[&[
            may("marketType", ANY),
            may("deviceType", ANY),
            may("customerSignature", ANY),
            may("terminalNumber", ANY),
        ]]),
    ),
    may("employeeId", ANY),
    may("transactionSettings", Kind::Inside(SETTINGS)),
    may("userFields", Kind::Inside(USER_FIELDS)),
    may("surcharge", Kind::Inside(EXTENDED_AMOUNT)),
    may("merchantDescriptor", ANY),
    may("subMerchant", Kind::Inside(SUB_MERCHANT)),
    may("tip", Kind::Inside(EXTENDED_AMOUNT)),
    may("processingOptions", Kind::Inside(PROCESSING)),
    may("subsequentAuthInformation", Kind::Inside(SUBSEQUENT)),
    may("otherTax", Kind::Inside(OTHER_TAX)),
    may("shipFrom", Kind::Inside(PLACE)),
    may(
        "authorizationIndicatorType",
        Kind::Inside(&[&[may("authorizationIndicator", Kind::OneOf(&["pre", "final"]))]]),
    ),
]];
