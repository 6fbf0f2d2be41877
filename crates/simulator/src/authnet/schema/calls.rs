//! Every call and its body.

use super::customers::{
    PAYMENT_PROFILE, PAYMENT_PROFILE_UPDATE, PROFILE, PROFILE_BASE, PROFILE_UPDATE, SUBSCRIPTION,
};
use super::parts::{ADDRESS, ADDRESS_WITH_ID, BANK_ACCOUNT, CARD_CODE, EXPIRY, PAGING, SETTINGS};
use super::payment::TRANSACTION;
use super::{ANY, DIGITS, Kind, Part, Shape, field, may, must, upto};

const IMPERSONATION: Shape = &[&[must("partnerLoginId", upto(25)), must("partnerTransactionKey", upto(16))]];

const FINGER_PRINT: Shape = &[&[
    must("hashValue", ANY),
    may("sequence", ANY),
    must("timestamp", ANY),
    may("currencyCode", ANY),
    may("amount", ANY),
]];

const AUTHENTICATION: Shape = &[&[
    may("name", upto(25)),
    Part::Choice(&[
        field("transactionKey", upto(16)),
        field("sessionToken", ANY),
        field("password", upto(40)),
        field("impersonationAuthentication", Kind::Inside(IMPERSONATION)),
        field("fingerPrint", Kind::Inside(FINGER_PRINT)),
        field("clientKey", ANY),
        field("accessToken", ANY),
    ]),
    may("mobileDeviceId", upto(60)),
]];

const HEAD: &[Part] = &[
    must("merchantAuthentication", Kind::Inside(AUTHENTICATION)),
    may("clientId", upto(30)),
    may("refId", upto(20)),
];

const PROFILE_ID: Part = must("customerProfileId", DIGITS);
const PAYMENT_PROFILE_ID: Part = must("customerPaymentProfileId", DIGITS);
const ADDRESS_ID: Part = must("customerAddressId", DIGITS);
const SUBSCRIPTION_ID: Part = must("subscriptionId", DIGITS);
const TRANS_ID: Part = must("transId", DIGITS);
const BATCH_ID: Part = must("batchId", DIGITS);
const UNMASK: Part = may("unmaskExpirationDate", Kind::Flag);
const ISSUER: Part = may("includeIssuerInfo", Kind::Flag);
const DEFAULT_ADDRESS: Part = may("defaultShippingAddress", Kind::Flag);
const MODE: Kind = Kind::OneOf(&["none", "testMode", "liveMode", "oldLiveMode"]);
const VALIDATION: Part = may("validationMode", MODE);
const PAGES: Part = may("paging", Kind::Inside(PAGING));
const MONTH: Part = must("month", EXPIRY);

const SORTING: Part = may(
    "sorting",
    Kind::Inside(&[&[
        must("orderBy", Kind::OneOf(&["id", "submitTimeUTC"])),
        must("orderDescending", Kind::Flag),
    ]]),
);

const PAYMENT_PROFILE_SORTING: Part = may(
    "sorting",
    Kind::Inside(&[&[must("orderBy", Kind::OneOf(&["id"])), must("orderDescending", Kind::Flag)]]),
);

const SUBSCRIPTION_SORTING: Part = may(
    "sorting",
    Kind::Inside(&[&[
        must(
            "orderBy",
            Kind::OneOf(&[
                "id",
                "name",
                "status",
                "createTimeStampUTC",
                "lastName",
                "firstName",
                "accountNumber",
                "amount",
                "pastOccurrences",
            ]),
        ),
        must("orderDescending", Kind::Flag),
    ]]),
);

const SUBSCRIPTION_SEARCH: Kind = Kind::OneOf(&[
    "cardExpiringThisMonth",
    "subscriptionActive",
    "subscriptionExpiringThisMonth",
    "subscriptionInactive",
]);

const HELD: Shape = &[&[must("action", Kind::OneOf(&["approve", "decline"])), must("refTransId", ANY)]];

const CONTAINER: Shape = &[&[
    must("type", Kind::OneOf(&["PAN", "TOKEN"])),
    must("id", Kind::Text(1, 64)),
    may(
        "token",
        Kind::Inside(&[&[
            must("cardNumber", Kind::Text(4, 16)),
            must("expirationDate", EXPIRY),
            may("cardCode", CARD_CODE),
            may("zip", Kind::Text(1, 20)),
            may("fullName", Kind::Text(1, 64)),
        ]]),
    ),
    may("bankToken", Kind::Inside(BANK_ACCOUNT)),
]];

/// The body of each call after the head that all share.
const CALLS: &[(&str, &[Part])] = &[
    ("authenticateTestRequest", &[]),
    ("logoutRequest", &[]),
    ("getMerchantDetailsRequest", &[]),
    ("updateMerchantDetailsRequest", &[must("isTestMode", Kind::Flag)]),
    ("createTransactionRequest", &[must("transactionRequest", Kind::Inside(TRANSACTION))]),
    ("updateHeldTransactionRequest", &[must("heldTransactionRequest", Kind::Inside(HELD))]),
    (
        "updateSplitTenderGroupRequest",
        &[
            must("splitTenderId", ANY),
            must("splitTenderStatus", Kind::OneOf(&["completed", "held", "voided"])),
        ],
    ),
    (
        "sendCustomerTransactionReceiptRequest",
        &[TRANS_ID, must("customerEmail", ANY), may("emailSettings", Kind::Inside(SETTINGS))],
    ),
    ("getTransactionDetailsRequest", &[TRANS_ID]),
    (
        "getUnsettledTransactionListRequest",
        &[may("status", Kind::OneOf(&["any", "pendingApproval"])), SORTING, PAGES],
    ),
    (
        "getSettledBatchListRequest",
        &[
            may("includeStatistics", Kind::Flag),
            may("firstSettlementDate", Kind::Moment),
            may("lastSettlementDate", Kind::Moment),
        ],
    ),
    ("getBatchStatisticsRequest", &[BATCH_ID]),
    ("getTransactionListRequest", &[may("batchId", DIGITS), SORTING, PAGES]),
    (
        "getTransactionListForCustomerRequest",
        &[PROFILE_ID, may("customerPaymentProfileId", DIGITS), SORTING, PAGES],
    ),
    ("getAUJobSummaryRequest", &[MONTH]),
    (
        "getAUJobDetailsRequest",
        &[MONTH, may("modifiedTypeFilter", Kind::OneOf(&["all", "updates", "deletes"])), PAGES],
    ),
    ("createCustomerProfileRequest", &[must("profile", Kind::Inside(PROFILE)), VALIDATION]),
    (
        "getCustomerProfileRequest",
        &[
            may("customerProfileId", DIGITS),
            may("merchantCustomerId", upto(20)),
            may("email", ANY),
            UNMASK,
            ISSUER,
        ],
    ),
    ("getCustomerProfileIdsRequest", &[]),
    ("updateCustomerProfileRequest", &[must("profile", Kind::Inside(PROFILE_UPDATE))]),
    ("deleteCustomerProfileRequest", &[PROFILE_ID]),
    (
        "createCustomerProfileFromTransactionRequest",
        &[
            TRANS_ID,
            may("customer", Kind::Inside(PROFILE_BASE)),
            may("customerProfileId", DIGITS),
            may("defaultPaymentProfile", Kind::Flag),
            DEFAULT_ADDRESS,
            may("profileType", Kind::OneOf(&["regular", "guest"])),
        ],
    ),
    (
        "createCustomerPaymentProfileRequest",
        &[PROFILE_ID, must("paymentProfile", Kind::Inside(PAYMENT_PROFILE)), VALIDATION],
    ),
    (
        "getCustomerPaymentProfileRequest",
        &[PROFILE_ID, may("customerPaymentProfileId", DIGITS), UNMASK, ISSUER],
    ),
    (
        "getCustomerPaymentProfileListRequest",
        &[must("searchType", Kind::OneOf(&["cardsExpiringInMonth"])), MONTH, PAYMENT_PROFILE_SORTING, PAGES],
    ),
    (
        "updateCustomerPaymentProfileRequest",
        &[PROFILE_ID, must("paymentProfile", Kind::Inside(PAYMENT_PROFILE_UPDATE)), VALIDATION],
    ),
    ("deleteCustomerPaymentProfileRequest", &[PROFILE_ID, PAYMENT_PROFILE_ID]),
    (
        "validateCustomerPaymentProfileRequest",
        &[
            PROFILE_ID,
            PAYMENT_PROFILE_ID,
            may("customerShippingAddressId", DIGITS),
            may("cardCode", CARD_CODE),
            must("validationMode", MODE),
        ],
    ),
    (
        "createCustomerShippingAddressRequest",
        &[PROFILE_ID, must("address", Kind::Inside(ADDRESS)), DEFAULT_ADDRESS],
    ),
    ("getCustomerShippingAddressRequest", &[PROFILE_ID, may("customerAddressId", DIGITS)]),
    (
        "updateCustomerShippingAddressRequest",
        &[PROFILE_ID, must("address", Kind::Inside(ADDRESS_WITH_ID)), DEFAULT_ADDRESS],
    ),
    ("deleteCustomerShippingAddressRequest", &[PROFILE_ID, ADDRESS_ID]),
    ("ARBCreateSubscriptionRequest", &[must("subscription", Kind::Inside(SUBSCRIPTION))]),
    ("ARBUpdateSubscriptionRequest", &[SUBSCRIPTION_ID, must("subscription", Kind::Inside(SUBSCRIPTION))]),
    ("ARBCancelSubscriptionRequest", &[SUBSCRIPTION_ID]),
    ("ARBGetSubscriptionStatusRequest", &[SUBSCRIPTION_ID]),
    ("ARBGetSubscriptionRequest", &[SUBSCRIPTION_ID, may("includeTransactions", Kind::Flag)]),
    (
        "ARBGetSubscriptionListRequest",
        &[must("searchType", SUBSCRIPTION_SEARCH), SUBSCRIPTION_SORTING, PAGES],
    ),
    ("securePaymentContainerRequest", &[must("data", Kind::Inside(CONTAINER))]),
    (
        "getHostedPaymentPageRequest",
        &[
            must("transactionRequest", Kind::Inside(TRANSACTION)),
            may("hostedPaymentSettings", Kind::Inside(SETTINGS)),
        ],
    ),
    ("getHostedProfilePageRequest", &[PROFILE_ID, may("hostedProfileSettings", Kind::Inside(SETTINGS))]),
];

/// Checks the body of a call; `None` when the vendor has no such call, or this stand-in does not carry it out.
pub(in super::super) fn shape_of(call: &str) -> Option<Vec<&'static [Part]>> {
    if call == "isAliveRequest" {
        return Some(vec![IS_ALIVE]);
    }
    let (_, body) = CALLS.iter().find(|(name, _)| *name == call)?;
    Some(vec![HEAD, body])
}

const IS_ALIVE: &[Part] = &[may("refId", upto(20))];
