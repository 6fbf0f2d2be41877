//! Registrations that carriers in the United States demand: campaigns of applications, and toll-free numbers.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::http::Operation;

use crate::client::{check_sid, read};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{decimal, null_default, string_enum, time};
use crate::{ListRequest, Twilio};

string_enum! {
    /// How far the verification of a toll-free number has come.
    TollfreeStatus {
        /// It waits for somebody to look at it.
        PendingReview = "PENDING_REVIEW",
        /// Somebody looks at it.
        InReview = "IN_REVIEW",
        /// The number may send.
        Approved = "TWILIO_APPROVED",
        /// The number may not send.
        Rejected = "TWILIO_REJECTED",
    }
}

/// A campaign under which a messaging service sends to the United States (A2P 10DLC).
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Campaign {
    /// Id, `QE...`.
    pub sid: String,
    /// The messaging service.
    #[serde(default, deserialize_with = "null_default")]
    pub messaging_service_sid: String,
    /// The brand behind it, `BN...`.
    #[serde(default, deserialize_with = "null_default")]
    pub brand_registration_sid: String,
    /// The registry's own id.
    pub campaign_id: Option<String>,
    /// How far the registration has come; `VERIFIED` may send.
    #[serde(default, deserialize_with = "null_default")]
    pub campaign_status: String,
    /// What it is for, for example `2FA`.
    #[serde(default, deserialize_with = "null_default")]
    pub us_app_to_person_usecase: String,
    /// What it is for, in words.
    pub description: Option<String>,
    /// When it was begun.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Campaign")
            .field("sid", &self.sid)
            .field("messaging_service_sid", &self.messaging_service_sid)
            .field("brand_registration_sid", &self.brand_registration_sid)
            .field("campaign_id", &self.campaign_id)
            .field("campaign_status", &self.campaign_status)
            .field("us_app_to_person_usecase", &self.us_app_to_person_usecase)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

/// The verification of a toll-free number. Who asked for it is not read: name, address and telephone of a
/// person.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TollfreeVerification {
    /// Id, `HH...`.
    pub sid: String,
    /// The number, `PN...`.
    #[serde(default, deserialize_with = "null_default")]
    pub tollfree_phone_number_sid: String,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: TollfreeStatus,
    /// Why the number may not send.
    pub rejection_reason: Option<String>,
    /// Twilio's code for that.
    #[serde(default, deserialize_with = "decimal")]
    pub error_code: Option<String>,
    /// When it was begun.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for TollfreeVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TollfreeVerification")
            .field("sid", &self.sid)
            .field("tollfree_phone_number_sid", &self.tollfree_phone_number_sid)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

static CAMPAIGNS: Operation = read("compliance.campaigns");
static TOLLFREE: Operation = read("compliance.tollfree_verifications");

/// Calls for registrations: [`Twilio::compliance`].
#[derive(Debug, Clone, Copy)]
pub struct Compliance<'a> {
    twilio: &'a Twilio,
}

impl<'a> Compliance<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// The campaigns of a messaging service: `GET /v1/Services/{MessagingServiceSid}/Compliance/Usa2p`.
    pub fn campaigns(self, messaging_service_sid: &str) -> ListRequest<Campaign> {
        let path = check_sid("MessagingServiceSid", "MG", messaging_service_sid)
            .map(|sid| format!("/v1/Services/{sid}/Compliance/Usa2p"));
        ListRequest::new(self.twilio, &CAMPAIGNS, Product::Messaging, path, "compliance", Form::new(), None)
    }

    /// The verifications of a toll-free number of the account's, `PN...`: `GET /v1/Tollfree/Verifications`.
    pub fn tollfree_verifications(self, phone_number_sid: &str) -> ListRequest<TollfreeVerification> {
        let mut query = Form::new();
        let path = check_sid("TollfreePhoneNumberSid", "PN", phone_number_sid).map(|sid| {
            query.text("TollfreePhoneNumberSid", sid);
            "/v1/Tollfree/Verifications".to_owned()
        });
        ListRequest::new(self.twilio, &TOLLFREE, Product::Messaging, path, "verifications", query, None)
    }
}
