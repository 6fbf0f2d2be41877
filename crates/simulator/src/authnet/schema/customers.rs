//! Profiles and subscriptions.

use super::parts::{ADDRESS, LICENSE, ORDER, PAYMENT, PERSON, PLACE, PROFILE_IDS, SUBSCRIBER, SUBSEQUENT};
use super::{DIGITS, Kind, Part, Shape, Sign, UNBOUNDED, many, may, must, upto};

const BASE: &[Part] =
    &[may("merchantCustomerId", upto(20)), may("description", upto(255)), may("email", upto(255))];

const PROFILE_TYPE: Part = may("profileType", Kind::OneOf(&["regular", "guest"]));

const PAYMENT_PROFILE_PARTS: &[Part] = &[
    may("customerType", PERSON),
    may("billTo", Kind::Inside(ADDRESS)),
    may("payment", Kind::Inside(PAYMENT)),
    may("driversLicense", Kind::Inside(LICENSE)),
    may("taxId", Kind::Text(8, 9)),
    may("defaultPaymentProfile", Kind::Flag),
    may("subsequentAuthInformation", Kind::Inside(SUBSEQUENT)),
    may("excludeFromAccountUpdater", Kind::Flag),
];

/// `customerProfileBaseType`
pub(super) const PROFILE_BASE: Shape = &[BASE];
/// `customerProfileType`
pub(super) const PROFILE: Shape = &[
    BASE,
    &[
        many("paymentProfiles", Kind::Inside(PAYMENT_PROFILE), UNBOUNDED),
        many("shipToList", Kind::Inside(ADDRESS), UNBOUNDED),
        PROFILE_TYPE,
    ],
];
/// `customerProfileInfoExType`
pub(super) const PROFILE_UPDATE: Shape = &[BASE, &[may("customerProfileId", DIGITS), PROFILE_TYPE]];
/// `customerPaymentProfileType`
pub(super) const PAYMENT_PROFILE: Shape = &[PAYMENT_PROFILE_PARTS];
/// `customerPaymentProfileExType`
pub(super) const PAYMENT_PROFILE_UPDATE: Shape =
    &[PAYMENT_PROFILE_PARTS, &[may("customerPaymentProfileId", DIGITS)]];

const INTERVAL: Shape =
    &[&[must("length", Kind::Whole(1, 32_000)), must("unit", Kind::OneOf(&["days", "months"]))]];

const SCHEDULE: Shape = &[&[
    may("interval", Kind::Inside(INTERVAL)),
    may("startDate", Kind::Date),
    may("totalOccurrences", Kind::Whole(1, 32_000)),
    may("trialOccurrences", Kind::Whole(0, 32_000)),
]];

/// `ARBSubscriptionType`
pub(super) const SUBSCRIPTION: Shape = &[&[
    may("name", upto(50)),
    may("paymentSchedule", Kind::Inside(SCHEDULE)),
    may("amount", Kind::Decimal(Sign::Positive, 4)),
    may("trialAmount", Kind::Decimal(Sign::NotNegative, 4)),
    may("payment", Kind::Inside(PAYMENT)),
    may("order", Kind::Inside(ORDER)),
    may("customer", Kind::Inside(SUBSCRIBER)),
    may("billTo", Kind::Inside(PLACE)),
    may("shipTo", Kind::Inside(PLACE)),
    may("profile", Kind::Inside(PROFILE_IDS)),
]];
