//! A transaction, and how the vendor shows it.

use super::cards::Means;
use super::dates;
use super::json::Json;
use super::money::number;
use super::reasons;
use super::state::Gateway;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AuthOnly,
    AuthCapture,
    CaptureOnly,
    Refund,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AuthOnly => "authOnlyTransaction",
            Self::AuthCapture => "authCaptureTransaction",
            Self::CaptureOnly => "captureOnlyTransaction",
            Self::Refund => "refundTransaction",
        }
    }
}

/// A filter that held a transaction back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Held before it was authorized.
    Unauthorized,
    /// Authorized, then held.
    Authorized,
}

#[derive(Clone)]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) status: &'static str,
    pub(super) response_code: u8,
    pub(super) reason: u16,
    pub(super) auth_code: String,
    pub(super) avs: &'static str,
    pub(super) cvv: &'static str,
    pub(super) cavv: &'static str,
    /// All amounts in hundredths.
    pub(super) requested: i64,
    pub(super) authorized: i64,
    pub(super) settle: i64,
    pub(super) currency: String,
    pub(super) submitted: u64,
    pub(super) means: Means,
    /// The request without its payment, for what is shown again later.
    pub(super) request: Json,
    pub(super) bill_to: Option<Json>,
    pub(super) ship_to: Option<Json>,
    pub(super) ref_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) batch: Option<String>,
    pub(super) settled: Option<u64>,
    pub(super) hold: Option<Hold>,
    /// Subscription and number of the payment.
    pub(super) subscription: Option<(String, u32)>,
    /// Customer profile and payment profile.
    pub(super) profile: Option<(String, String)>,
    pub(super) network_id: Option<String>,
    pub(super) duplicate_key: String,
    pub(super) returned: Option<Json>,
}

impl Transaction {
    pub(super) fn is_refund(&self) -> bool {
        self.kind == Kind::Refund
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.status, "FDSPendingReview" | "FDSAuthorizedPendingReview")
    }

    pub(super) fn invoice(&self) -> Option<String> {
        self.request.text_at("order.invoiceNumber")
    }

    fn profile_ids(&self) -> Option<Json> {
        let (customer, payment) = self.profile.as_ref()?;
        Some(Json::object([
            ("customerProfileId", customer.as_str().into()),
            ("customerPaymentProfileId", payment.as_str().into()),
        ]))
    }

    fn subscription_payment(&self) -> Option<Json> {
        let (id, number) = self.subscription.as_ref()?;
        Some(Json::object([("id", Json::Number(id.clone())), ("payNum", (*number).into())]))
    }

    /// One row of a list.
    pub(super) fn summary(&self) -> Json {
        let mut row = Json::object([
            ("transId", self.id.as_str().into()),
            ("submitTimeUTC", dates::utc(self.submitted).into()),
            ("submitTimeLocal", dates::local(self.submitted).into()),
            ("transactionStatus", self.status.into()),
        ]);
        row.push_some("invoiceNumber", self.invoice());
        for name in ["firstName", "lastName"] {
            row.push_some(name, self.bill_to.as_ref().and_then(|address| address.text_at(name)));
        }
        row.push("accountType", self.means.kind());
        row.push("accountNumber", self.means.masked());
        row.push("settleAmount", number(self.settle));
        row.push("marketType", "eCommerce");
        row.push("product", "Card Not Present");
        row.push_some("subscription", self.subscription_payment());
        if self.returned.is_some() {
            row.push("hasReturnedItems", true);
        }
        row.push("hasReturnedItemsSpecified", self.returned.is_some());
        if self.is_held() {
            let filters = Json::texts([FILTER.to_owned()]);
            row.push(
                "fraudInformation",
                Json::object([("fraudFilterList", filters), ("fraudAction", "Review".into())]),
            );
        }
        row.push_some("profile", self.profile_ids());
        row
    }

    /// `getTransactionDetailsResponse.transaction`
    pub(super) fn details(&self, gateway: &Gateway) -> Json {
        let mut all = Json::object([("transId", self.id.as_str().into())]);
        all.push_some("refTransId", self.parent.clone());
        all.push("submitTimeUTC", dates::utc(self.submitted));
        all.push("submitTimeLocal", dates::local(self.submitted));
        all.push("transactionType", self.kind.name());
        all.push("transactionStatus", self.status);
        all.push("responseCode", u32::from(self.response_code));
        all.push("responseReasonCode", u32::from(self.reason));
        all.push_some("subscription", self.subscription_payment());
        let description =
            if self.reason == reasons::APPROVED { "Approval" } else { reasons::text(self.reason) };
        all.push("responseReasonDescription", description);
        if !self.auth_code.is_empty() {
            all.push("authCode", self.auth_code.as_str());
        }
        all.push("AVSResponse", self.avs);
        if !self.cvv.is_empty() {
            all.push("cardCodeResponse", self.cvv);
        }
        if !self.cavv.is_empty() {
            all.push("CAVVResponse", self.cavv);
        }
        if let Some(hold) = self.hold {
            let action = if hold == Hold::Authorized { "authAndHold" } else { "hold" };
            all.push("FDSFilterAction", action);
            let filter = Json::object([("name", FILTER.into()), ("action", action.into())]);
            all.push("FDSFilters", Json::List(vec![filter]));
        }
        let batch = gateway.batches.iter().find(|batch| Some(&batch.id) == self.batch.as_ref());
        all.push_some("batch", batch.map(super::settlement::Batch::brief));
        let mut order = self.request.get("order").cloned();
        if let Some(number) = self.request.text_at("poNumber") {
            order.get_or_insert_with(|| Json::object([])).push("purchaseOrderNumber", number);
        }
        all.push_some("order", order);
        all.push("requestedAmount", number(self.requested));
        all.push("authAmount", number(self.authorized));
        all.push("settleAmount", number(self.settle));
        for name in ["tax", "shipping", "duty"] {
            all.push_some(name, self.request.get(name).cloned());
        }
        let items: Vec<Json> = self.request.items_at("lineItems.lineItem").into_iter().cloned().collect();
        if !items.is_empty() {
            all.push("lineItems", items);
        }
        all.push("taxExempt", self.request.flag_at("taxExempt").unwrap_or_default());
        all.push("payment", self.means.shown(false, true));
        all.push_some("customer", self.request.get("customer").cloned());
        all.push_some("billTo", self.bill_to.clone());
        all.push_some("shipTo", self.ship_to.clone());
        all.push("recurringBilling", self.subscription.is_some());
        all.push_some("customerIP", self.request.text_at("customerIP"));
        all.push("product", "Card Not Present");
        all.push("marketType", "eCommerce");
        all.push_some("returnedItems", self.returned.clone().map(|item| Json::List(vec![item])));
        all.push_some("profile", self.profile_ids());
        for name in ["employeeId", "surcharge", "tip", "otherTax", "shipFrom"] {
            all.push_some(name, self.request.get(name).cloned());
        }
        all.push_some("networkTransId", self.network_id.clone());
        let original = self.request.text_at("subsequentAuthInformation.originalNetworkTransId");
        all.push_some("originalNetworkTransId", original);
        all
    }

    /// For a look from outside: all amounts in hundredths.
    pub(super) fn inside(&self, gateway: &Gateway) -> Json {
        let cents = |amount: i64| Json::Number(amount.to_string());
        let captured = match self.status {
            "capturedPendingSettlement"
            | "settledSuccessfully"
            | "returnedItem"
            | "refundPendingSettlement"
            | "refundSettledSuccessfully" => self.settle,
            _ => 0,
        };
        let mut all = Json::object([
            ("transId", self.id.as_str().into()),
            ("transactionType", self.kind.name().into()),
            ("transactionStatus", self.status.into()),
            ("responseCode", u32::from(self.response_code).into()),
            ("reason", u32::from(self.reason).into()),
            ("requested", cents(self.requested)),
            ("authorized", cents(self.authorized)),
            ("captured", cents(captured)),
            ("refunded", cents(gateway.refunded(&self.id))),
            ("currency", self.currency.as_str().into()),
            ("accountNumber", self.means.masked().into()),
            ("accountType", self.means.kind().into()),
            ("request", self.request.clone()),
        ]);
        all.push_some("invoiceNumber", self.invoice());
        all.push_some("refTransId", self.parent.clone());
        all.push_some("refId", self.ref_id.clone());
        all.push_some("batchId", self.batch.clone());
        all.push_some("subscriptionId", self.subscription.as_ref().map(|(id, _)| id.clone()));
        all.push_some("profile", self.profile_ids());
        all.push_some("billTo", self.bill_to.clone());
        all
    }
}

/// The name of the filter that every hold here comes from.
pub(super) const FILTER: &str = "Amount Filter";
