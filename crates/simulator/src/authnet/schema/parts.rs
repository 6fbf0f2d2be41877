//! The types that several calls share.

use super::{AMOUNT, ANY, DECIMAL, DIGITS, Kind, Part, Shape, Sign, UNBOUNDED, field, many, may, must, upto};

const NAME_AND_ADDRESS: &[Part] = &[
    may("firstName", upto(50)),
    may("lastName", upto(50)),
    may("company", upto(50)),
    may("address", upto(60)),
    may("city", upto(40)),
    may("state", upto(40)),
    may("zip", upto(20)),
    may("country", upto(60)),
];
const CONTACT: &[Part] = &[may("phoneNumber", upto(25)), may("faxNumber", upto(25)), may("email", ANY)];

/// `nameAndAddressType`
pub(super) const PLACE: Shape = &[NAME_AND_ADDRESS];
/// `customerAddressType`
pub(super) const ADDRESS: Shape = &[NAME_AND_ADDRESS, CONTACT];
/// `customerAddressExType`
pub(super) const ADDRESS_WITH_ID: Shape = &[NAME_AND_ADDRESS, CONTACT, &[may("customerAddressId", DIGITS)]];

pub(super) const EXPIRY: Kind = Kind::Text(4, 7);
pub(super) const CARD_CODE: Kind = Kind::Digits(3, 4);
pub(super) const PERSON: Kind = Kind::OneOf(&["individual", "business"]);
pub(super) const NETWORK_ID: Kind = Kind::Words(255);

const CARD: Shape = &[&[
    must("cardNumber", Kind::Text(4, 16)),
    must("expirationDate", EXPIRY),
    may("cardCode", CARD_CODE),
    may("isPaymentToken", Kind::Flag),
    may("cryptogram", ANY),
    may("tokenRequestorName", ANY),
    may("tokenRequestorId", ANY),
    may("tokenRequestorEci", ANY),
]];

pub(super) const BANK_ACCOUNT: Shape = &[&[
    may("accountType", Kind::OneOf(&["checking", "savings", "businessChecking"])),
    must("routingNumber", upto(9)),
    must("accountNumber", upto(17)),
    must("nameOnAccount", upto(22)),
    may("echeckType", Kind::OneOf(&["PPD", "WEB", "CCD", "TEL", "ARC", "BOC"])),
    may("bankName", upto(50)),
    may("checkNumber", upto(15)),
]];

const TRACK: Shape = &[&[Part::Choice(&[field("track1", ANY), field("track2", ANY)])]];

const OPAQUE: Shape = &[&[
    must("dataDescriptor", ANY),
    must("dataValue", ANY),
    may("dataKey", ANY),
    may("expirationTimeStamp", Kind::Moment),
]];

const PAYPAL: Shape = &[&[
    may("successUrl", upto(2048)),
    may("cancelUrl", upto(2048)),
    may("paypalLc", upto(2)),
    may("paypalHdrImg", upto(127)),
    may("paypalPayflowcolor", upto(6)),
    may("payerID", upto(255)),
]];

/// `paymentType`, without encrypted track data and chip data, which this stand-in does not take.
pub(super) const PAYMENT: Shape = &[&[
    Part::Choice(&[
        field("creditCard", Kind::Inside(CARD)),
        field("bankAccount", Kind::Inside(BANK_ACCOUNT)),
        field("trackData", Kind::Inside(TRACK)),
        field("payPal", Kind::Inside(PAYPAL)),
        field("opaqueData", Kind::Inside(OPAQUE)),
    ]),
    may("dataSource", ANY),
]];

/// `orderType`
pub(super) const ORDER: Shape = &[&[
    may("invoiceNumber", upto(20)),
    may("description", upto(255)),
    may("discountAmount", DECIMAL),
    may("taxIsAfterDiscount", Kind::Flag),
    may("totalTaxTypeCode", upto(3)),
    may("purchaserVATRegistrationNumber", upto(21)),
    may("merchantVATRegistrationNumber", upto(21)),
    may("vatInvoiceReferenceNumber", upto(15)),
    may("purchaserCode", upto(17)),
    may("summaryCommodityCode", upto(4)),
    may("purchaseOrderDateUTC", Kind::Date),
    may("supplierOrderReference", upto(25)),
    may("authorizedContactName", upto(36)),
    may("cardAcceptorRefNumber", upto(25)),
    may("amexDataTAA1", upto(40)),
    may("amexDataTAA2", upto(40)),
    may("amexDataTAA3", upto(40)),
    may("amexDataTAA4", upto(40)),
]];

pub(super) const LICENSE: Shape = &[&[
    must("number", Kind::Text(5, 20)),
    must("state", Kind::Text(2, 2)),
    must("dateOfBirth", Kind::Text(8, 10)),
]];

/// `customerType`, of subscriptions.
pub(super) const SUBSCRIBER: Shape = &[&[
    may("type", PERSON),
    may("id", upto(20)),
    may("email", upto(255)),
    may("phoneNumber", upto(25)),
    may("faxNumber", upto(25)),
    may("driversLicense", Kind::Inside(LICENSE)),
    may("taxId", Kind::Digits(9, 9)),
]];

/// `customerDataType`, of transactions.
pub(super) const CUSTOMER: Shape = &[&[
    may("type", PERSON),
    may("id", upto(20)),
    may("email", upto(255)),
    may("driversLicense", Kind::Inside(LICENSE)),
    may("taxId", Kind::Text(8, 9)),
]];

/// `extendedAmountType`
pub(super) const EXTENDED_AMOUNT: Shape =
    &[&[must("amount", AMOUNT), may("name", upto(31)), may("description", upto(255))]];

const RATE: Kind = Kind::Decimal(Sign::Any, 5);

const LINE_ITEM: Shape = &[&[
    must("itemId", Kind::Text(1, 31)),
    must("name", Kind::Text(1, 31)),
    may("description", upto(255)),
    must("quantity", AMOUNT),
    must("unitPrice", AMOUNT),
    may("taxable", Kind::Flag),
    may("unitOfMeasure", upto(12)),
    may("typeOfSupply", upto(2)),
    may("taxRate", RATE),
    may("taxAmount", DECIMAL),
    may("nationalTax", DECIMAL),
    may("localTax", DECIMAL),
    may("vatRate", RATE),
    may("alternateTaxId", upto(20)),
    may("alternateTaxType", upto(4)),
    may("alternateTaxTypeApplied", upto(4)),
    may("alternateTaxRate", RATE),
    may("alternateTaxAmount", DECIMAL),
    may("totalAmount", DECIMAL),
    may("commodityCode", upto(15)),
    may("productCode", upto(30)),
    may("productSKU", upto(30)),
    may("discountRate", RATE),
    may("discountAmount", DECIMAL),
    may("taxIncludedInTotal", Kind::Flag),
    may("taxIsAfterDiscount", Kind::Flag),
]];

pub(super) const LINE_ITEMS: Shape = &[&[many("lineItem", Kind::Inside(LINE_ITEM), UNBOUNDED)]];

pub(super) const SETTINGS: Shape =
    &[&[many("setting", Kind::Inside(&[&[may("settingName", ANY), may("settingValue", ANY)]]), UNBOUNDED)]];

pub(super) const PROCESSING: Shape = &[&[
    may("isFirstRecurringPayment", Kind::Flag),
    may("isFirstSubsequentAuth", Kind::Flag),
    may("isSubsequentAuth", Kind::Flag),
    may("isStoredCredentials", Kind::Flag),
]];

pub(super) const SUBSEQUENT: Shape = &[&[
    may("originalNetworkTransId", NETWORK_ID),
    may("originalAuthAmount", AMOUNT),
    may("reason", Kind::OneOf(&["resubmission", "delayedCharge", "reauthorization", "noShow"])),
]];

/// `customerProfileIdType`
pub(super) const PROFILE_IDS: Shape = &[&[
    must("customerProfileId", DIGITS),
    may("customerPaymentProfileId", DIGITS),
    may("customerAddressId", DIGITS),
]];

pub(super) const PAGING: Shape =
    &[&[must("limit", Kind::Whole(1, 1000)), must("offset", Kind::Whole(1, 100_000))]];
