//! Calls for disputes, and the evidence that answers them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::{CallOptions, Created, Dispute, ListRequest, Stripe};

/// Evidence, kept as a draft until it is submitted.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateDispute {
    /// The evidence. Up to 150,000 characters of text in all.
    pub evidence: Option<DisputeEvidence>,
    /// Sends it to the bank, which is done once for good. Stripe's default is true: set false to keep a draft.
    pub submit: Option<bool>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateDispute {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`evidence`](Self::evidence).
    pub fn with_evidence(mut self, evidence: DisputeEvidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// Sets [`submit`](Self::submit).
    pub fn with_submit(mut self, submit: bool) -> Self {
        self.submit = Some(submit);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateDispute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateDispute").field("submit", &self.submit).finish_non_exhaustive()
    }
}

/// What speaks for the merchant. Fields for files take a file's id: see [`Files`](crate::Files). All of it is
/// personal, and in no `Debug` output.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct DisputeEvidence {
    /// Times and addresses at which the customer used what was bought.
    pub access_activity_log: Option<String>,
    /// Postal address of the card.
    pub billing_address: Option<String>,
    /// File: the rules about cancelling.
    pub cancellation_policy: Option<String>,
    /// How the customer was shown them.
    pub cancellation_policy_disclosure: Option<String>,
    /// Why the subscription was not cancelled.
    pub cancellation_rebuttal: Option<String>,
    /// File: what was written to and fro.
    pub customer_communication: Option<String>,
    /// Email address of the customer.
    pub customer_email_address: Option<String>,
    /// Name of the customer.
    pub customer_name: Option<String>,
    /// Network address that the customer bought from.
    pub customer_purchase_ip: Option<String>,
    /// File: a signed document.
    pub customer_signature: Option<String>,
    /// File: that the other charge is for something else.
    pub duplicate_charge_documentation: Option<String>,
    /// Why the other charge is for something else.
    pub duplicate_charge_explanation: Option<String>,
    /// The other charge.
    pub duplicate_charge_id: Option<String>,
    /// What was sold.
    pub product_description: Option<String>,
    /// File: the receipt.
    pub receipt: Option<String>,
    /// File: the rules about refunds.
    pub refund_policy: Option<String>,
    /// How the customer was shown them.
    pub refund_policy_disclosure: Option<String>,
    /// Why there is no refund.
    pub refund_refusal_explanation: Option<String>,
    /// When the service was given, in plain text.
    pub service_date: Option<String>,
    /// File: that the service was given.
    pub service_documentation: Option<String>,
    /// Where the goods went.
    pub shipping_address: Option<String>,
    /// Carriers, separated by commas.
    pub shipping_carrier: Option<String>,
    /// When the goods left, in plain text.
    pub shipping_date: Option<String>,
    /// File: that the goods went to the customer.
    pub shipping_documentation: Option<String>,
    /// Tracking numbers, separated by commas.
    pub shipping_tracking_number: Option<String>,
    /// File: anything else.
    pub uncategorized_file: Option<String>,
    /// Anything else.
    pub uncategorized_text: Option<String>,
}

impl DisputeEvidence {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`access_activity_log`](Self::access_activity_log).
    pub fn with_access_activity_log(mut self, access_activity_log: impl Into<String>) -> Self {
        self.access_activity_log = Some(access_activity_log.into());
        self
    }

    /// Sets [`billing_address`](Self::billing_address).
    pub fn with_billing_address(mut self, billing_address: impl Into<String>) -> Self {
        self.billing_address = Some(billing_address.into());
        self
    }

    /// Sets [`cancellation_policy`](Self::cancellation_policy).
    pub fn with_cancellation_policy(mut self, cancellation_policy: impl Into<String>) -> Self {
        self.cancellation_policy = Some(cancellation_policy.into());
        self
    }

    /// Sets [`cancellation_policy_disclosure`](Self::cancellation_policy_disclosure).
    pub fn with_cancellation_policy_disclosure(
        mut self,
        cancellation_policy_disclosure: impl Into<String>,
    ) -> Self {
        self.cancellation_policy_disclosure = Some(cancellation_policy_disclosure.into());
        self
    }

    /// Sets [`cancellation_rebuttal`](Self::cancellation_rebuttal).
    pub fn with_cancellation_rebuttal(mut self, cancellation_rebuttal: impl Into<String>) -> Self {
        self.cancellation_rebuttal = Some(cancellation_rebuttal.into());
        self
    }

    /// Sets [`customer_communication`](Self::customer_communication).
    pub fn with_customer_communication(mut self, customer_communication: impl Into<String>) -> Self {
        self.customer_communication = Some(customer_communication.into());
        self
    }

    /// Sets [`customer_email_address`](Self::customer_email_address).
    pub fn with_customer_email_address(mut self, customer_email_address: impl Into<String>) -> Self {
        self.customer_email_address = Some(customer_email_address.into());
        self
    }

    /// Sets [`customer_name`](Self::customer_name).
    pub fn with_customer_name(mut self, customer_name: impl Into<String>) -> Self {
        self.customer_name = Some(customer_name.into());
        self
    }

    /// Sets [`customer_purchase_ip`](Self::customer_purchase_ip).
    pub fn with_customer_purchase_ip(mut self, customer_purchase_ip: impl Into<String>) -> Self {
        self.customer_purchase_ip = Some(customer_purchase_ip.into());
        self
    }

    /// Sets [`customer_signature`](Self::customer_signature).
    pub fn with_customer_signature(mut self, customer_signature: impl Into<String>) -> Self {
        self.customer_signature = Some(customer_signature.into());
        self
    }

    /// Sets [`duplicate_charge_documentation`](Self::duplicate_charge_documentation).
    pub fn with_duplicate_charge_documentation(
        mut self,
        duplicate_charge_documentation: impl Into<String>,
    ) -> Self {
        self.duplicate_charge_documentation = Some(duplicate_charge_documentation.into());
        self
    }

    /// Sets [`duplicate_charge_explanation`](Self::duplicate_charge_explanation).
    pub fn with_duplicate_charge_explanation(
        mut self,
        duplicate_charge_explanation: impl Into<String>,
    ) -> Self {
        self.duplicate_charge_explanation = Some(duplicate_charge_explanation.into());
        self
    }

    /// Sets [`duplicate_charge_id`](Self::duplicate_charge_id).
    pub fn with_duplicate_charge_id(mut self, duplicate_charge_id: impl Into<String>) -> Self {
        self.duplicate_charge_id = Some(duplicate_charge_id.into());
        self
    }

    /// Sets [`product_description`](Self::product_description).
    pub fn with_product_description(mut self, product_description: impl Into<String>) -> Self {
        self.product_description = Some(product_description.into());
        self
    }

    /// Sets [`receipt`](Self::receipt).
    pub fn with_receipt(mut self, receipt: impl Into<String>) -> Self {
        self.receipt = Some(receipt.into());
        self
    }

    /// Sets [`refund_policy`](Self::refund_policy).
    pub fn with_refund_policy(mut self, refund_policy: impl Into<String>) -> Self {
        self.refund_policy = Some(refund_policy.into());
        self
    }

    /// Sets [`refund_policy_disclosure`](Self::refund_policy_disclosure).
    pub fn with_refund_policy_disclosure(mut self, refund_policy_disclosure: impl Into<String>) -> Self {
        self.refund_policy_disclosure = Some(refund_policy_disclosure.into());
        self
    }

    /// Sets [`refund_refusal_explanation`](Self::refund_refusal_explanation).
    pub fn with_refund_refusal_explanation(mut self, refund_refusal_explanation: impl Into<String>) -> Self {
        self.refund_refusal_explanation = Some(refund_refusal_explanation.into());
        self
    }

    /// Sets [`service_date`](Self::service_date).
    pub fn with_service_date(mut self, service_date: impl Into<String>) -> Self {
        self.service_date = Some(service_date.into());
        self
    }

    /// Sets [`service_documentation`](Self::service_documentation).
    pub fn with_service_documentation(mut self, service_documentation: impl Into<String>) -> Self {
        self.service_documentation = Some(service_documentation.into());
        self
    }

    /// Sets [`shipping_address`](Self::shipping_address).
    pub fn with_shipping_address(mut self, shipping_address: impl Into<String>) -> Self {
        self.shipping_address = Some(shipping_address.into());
        self
    }

    /// Sets [`shipping_carrier`](Self::shipping_carrier).
    pub fn with_shipping_carrier(mut self, shipping_carrier: impl Into<String>) -> Self {
        self.shipping_carrier = Some(shipping_carrier.into());
        self
    }

    /// Sets [`shipping_date`](Self::shipping_date).
    pub fn with_shipping_date(mut self, shipping_date: impl Into<String>) -> Self {
        self.shipping_date = Some(shipping_date.into());
        self
    }

    /// Sets [`shipping_documentation`](Self::shipping_documentation).
    pub fn with_shipping_documentation(mut self, shipping_documentation: impl Into<String>) -> Self {
        self.shipping_documentation = Some(shipping_documentation.into());
        self
    }

    /// Sets [`shipping_tracking_number`](Self::shipping_tracking_number).
    pub fn with_shipping_tracking_number(mut self, shipping_tracking_number: impl Into<String>) -> Self {
        self.shipping_tracking_number = Some(shipping_tracking_number.into());
        self
    }

    /// Sets [`uncategorized_file`](Self::uncategorized_file).
    pub fn with_uncategorized_file(mut self, uncategorized_file: impl Into<String>) -> Self {
        self.uncategorized_file = Some(uncategorized_file.into());
        self
    }

    /// Sets [`uncategorized_text`](Self::uncategorized_text).
    pub fn with_uncategorized_text(mut self, uncategorized_text: impl Into<String>) -> Self {
        self.uncategorized_text = Some(uncategorized_text.into());
        self
    }
}

impl fmt::Debug for DisputeEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisputeEvidence").finish_non_exhaustive()
    }
}

/// Which disputes to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListDisputes {
    /// Of this charge.
    pub charge: Option<String>,
    /// Of this payment.
    pub payment_intent: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListDisputes {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`charge`](Self::charge).
    pub fn with_charge(mut self, charge: impl Into<String>) -> Self {
        self.charge = Some(charge.into());
        self
    }

    /// Sets [`payment_intent`](Self::payment_intent).
    pub fn with_payment_intent(mut self, payment_intent: impl Into<String>) -> Self {
        self.payment_intent = Some(payment_intent.into());
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

const RETRIEVE: Operation = get("disputes.retrieve");
const UPDATE: Operation = post("disputes.update");
const CLOSE: Operation = post("disputes.close");
static LIST: Operation = get("disputes.list");

/// Calls for disputes: [`Stripe::disputes`].
#[derive(Debug, Clone, Copy)]
pub struct Disputes<'a> {
    stripe: &'a Stripe,
}

impl<'a> Disputes<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// One dispute: `GET /v1/disputes/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Dispute> {
        let path = format!("/v1/disputes/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Adds evidence, and with `submit` sends it to the bank: `POST /v1/disputes/{id}`.
    pub async fn update(self, id: &str, params: &UpdateDispute, options: &CallOptions) -> Result<Dispute> {
        let path = format!("/v1/disputes/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Gives a dispute up, for good: the customer keeps the money: `POST /v1/disputes/{id}/close`.
    pub async fn close(self, id: &str, options: &CallOptions) -> Result<Dispute> {
        let path = format!("/v1/disputes/{}/close", check_id(id)?);
        self.stripe.post(&CLOSE, &path, &(), options).await
    }

    /// Disputes, newest first: `GET /v1/disputes`.
    pub fn list(self, params: &ListDisputes) -> ListRequest<Dispute> {
        ListRequest::list(self.stripe, &LIST, "/v1/disputes", params)
    }
}
