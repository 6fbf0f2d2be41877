//! What a provider supplies to be tested.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::Value;
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::{BankLink, LinkReturn, LinkSession};
use turnbuckle_core::messaging::Channel;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{Feature, NextAction, Payment, PaymentMethod, Plan, ReturnParams};
use turnbuckle_core::provider::{Connection, IntegrationProvider};

use super::{
    BankAccountLine, BankDataCases, BankLine, BankTrouble, EmailCases, Setup, SmsCases, VendorMessage,
};
use crate::clock::FixedClock;

/// One provider as a subject of the suites.
pub trait Fixture {
    /// The provider.
    fn provider(&self) -> Arc<dyn IntegrationProvider>;

    /// Credentials for the sandbox that the vendor accepts, every field of the schema filled in.
    fn credentials(&self) -> Value;

    /// Credentials for the sandbox that fit the schema and that the vendor refuses. `None` only where the vendor has no
    /// way to refuse any.
    fn refused_credentials(&self) -> Option<Value>;

    /// A fresh vendor with empty books.
    fn bench(&self) -> Box<dyn Bench>;

    /// What the payment suite needs; `None` for a provider without payments.
    fn payments(&self) -> Option<PaymentCases> {
        None
    }

    /// What the subscription suite needs; `None` for a provider without subscriptions.
    fn subscriptions(&self) -> Option<SubscriptionCases> {
        None
    }

    /// What the bank data suite needs; `None` for a provider without bank data.
    fn bank_data(&self) -> Option<BankDataCases> {
        None
    }

    /// What the suite of text messages needs; `None` for a provider without them.
    fn sms(&self) -> Option<SmsCases> {
        None
    }

    /// What the suite of email needs; `None` for a provider without it.
    fn email(&self) -> Option<EmailCases> {
        None
    }

    /// What the webhook suite needs; `None` for a provider without webhooks.
    fn webhooks(&self) -> Option<WebhookCases> {
        None
    }
}

/// A fresh vendor, for one case.
pub trait Bench: Send + Sync {
    /// Connects to it. Everything that the connection sends goes through the setup's faults.
    ///
    /// # Errors
    /// What `connect` of the provider answers.
    fn connect(&self, setup: &Setup) -> Result<Connection>;

    /// The clock that the vendor goes by. Connections get it too.
    fn clock(&self) -> Arc<FixedClock> {
        Arc::new(FixedClock::new())
    }

    /// The clock was moved. For a vendor with a clock of its own, which must follow.
    fn clock_moved(&self, _clock: &FixedClock) {}

    /// The money in the vendor's own books: one entry a payment or unlinked credit that was not declined.
    fn ledger(&self) -> Vec<LedgerEntry> {
        Vec::new()
    }

    /// How many subscriptions the vendor ever started.
    fn subscriptions(&self) -> usize {
        0
    }

    /// Settles everything as one batch, and returns the batch's id as the gateway's `transactions` knows it.
    fn settle(&self) -> Option<String> {
        None
    }

    /// Does at the vendor what the payer must do, or fails at it, and returns what comes back with the payer.
    fn payer_acts(&self, _payment: &Payment, _action: &NextAction, _succeeds: bool) -> ReturnParams {
        ReturnParams::default()
    }

    /// A person links the test bank in this session: what comes back from the browser.
    fn person_links(&self, _session: &LinkSession) -> Option<LinkReturn> {
        None
    }

    /// A person signs in again in this session, which was made to mend this link.
    fn person_mends(&self, _link: &BankLink, _session: &LinkSession) {}

    /// A day passes at the bank of this link: transactions arrive, change and vanish, so that money left and came in, and
    /// at the latest on the third day one that was pending is replaced and one is taken back. The vendor has them at
    /// once. The suite also lets days pass between two pages.
    fn bank_day(&self, _link: &BankLink) {}

    /// Something happens to this link: only what [`BankDataCases::troubles`] names.
    fn bank_trouble(&self, _link: &BankLink, _trouble: BankTrouble) {}

    /// The bank of this link answers again.
    fn bank_recovers(&self, _link: &BankLink) {}

    /// What the vendor has to push about this link so far, oldest first, signed now with [`SigningKey::Current`].
    fn bank_pushes(&self, _link: &BankLink) -> Vec<http::Request<Bytes>> {
        Vec::new()
    }

    /// The vendor's own ledger of this link, all accounts, in any order.
    fn bank_ledger(&self, _link: &BankLink) -> Vec<BankLine> {
        Vec::new()
    }

    /// The vendor's own accounts of this link.
    fn bank_accounts(&self, _link: &BankLink) -> Vec<BankAccountLine> {
        Vec::new()
    }

    /// How many links were exchanged and not ended.
    fn bank_links(&self) -> usize {
        0
    }

    /// Every message that the vendor took on this channel, one entry a recipient, as it stands now.
    fn messages(&self, _channel: Channel) -> Vec<VendorMessage> {
        Vec::new()
    }

    /// What the vendor has to push about the messages of this channel so far, oldest first, signed now with
    /// [`SigningKey::Current`].
    fn message_pushes(&self, _channel: Channel) -> Vec<http::Request<Bytes>> {
        Vec::new()
    }

    /// A recipient ends messages on this channel: answers STOP, or follows the link.
    fn ends_messages(&self, _channel: Channel, _recipient: &str) {}

    /// A push as the vendor would send it at this time, signed with this key.
    fn push(&self, _key: SigningKey, _at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        None
    }
}

/// One line of the vendor's own books.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// What the vendor keeps of the wire key.
    pub wire_key: Option<String>,
    /// What is or was reserved; nothing once it was voided.
    pub authorized: Money,
    /// What was taken, or will be by a bank debit under way; nothing once it was voided.
    pub captured: Money,
    /// What was returned, or sent by an unlinked credit.
    pub refunded: Money,
}

impl LedgerEntry {
    /// An entry.
    pub fn new(authorized: Money, captured: Money, refunded: Money) -> Self {
        Self { wire_key: None, authorized, captured, refunded }
    }

    /// Adds what the vendor keeps of the wire key.
    pub fn with_wire_key(mut self, key: impl Into<String>) -> Self {
        self.wire_key = Some(key.into());
        self
    }
}

/// A method and an amount with which a vendor does one particular thing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Case {
    /// What pays.
    pub method: PaymentMethod,
    /// How much; at least 100 minor units, so that parts of it can be taken.
    pub amount: Money,
}

impl Case {
    /// A case.
    pub fn new(method: PaymentMethod, amount: Money) -> Self {
        Self { method, amount }
    }
}

/// What the payment suite needs. Each optional part belongs to a feature: a gateway that declares the feature must have
/// it, and one that does not must not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PaymentCases {
    /// Approved in full.
    pub approved: Case,
    /// Declined.
    pub declined: Case,
    /// Of `RawCard`: approved, paid with a card in the clear that has a security code.
    pub raw_card: Option<Case>,
    /// Of `VendorToken`: approved, paid with a token.
    pub token: Option<Case>,
    /// Of `BankAccount`: accepted, paid from a bank account.
    pub bank_account: Option<Case>,
    /// Of `PartialApproval`: a part is approved where that is allowed.
    pub partial: Option<Case>,
    /// Of `PayerAction`: the payer must act. See [`Bench::payer_acts`].
    pub action: Option<Case>,
    /// Of `Review`: held for review.
    pub held: Option<Case>,
    /// Of `Store`: a method that can be stored.
    pub storable: Option<PaymentMethod>,
    /// Of `SubAccount`: a sub-account that exists, of plain letters and digits.
    pub sub_account: Option<String>,
    /// What must reach the vendor when a feature of requests is used, where that is not what was passed in.
    pub words: Vec<(Feature, &'static str)>,
    /// Whether a search can find and never disprove, so that some attempts stay unknown for ever.
    pub never_disproves: bool,
}

impl PaymentCases {
    /// The two cases that every gateway has.
    pub fn new(approved: Case, declined: Case) -> Self {
        Self {
            approved,
            declined,
            raw_card: None,
            token: None,
            bank_account: None,
            partial: None,
            action: None,
            held: None,
            storable: None,
            sub_account: None,
            words: Vec::new(),
            never_disproves: false,
        }
    }

    /// Adds the case of `RawCard`.
    pub fn with_raw_card(mut self, case: Case) -> Self {
        self.raw_card = Some(case);
        self
    }

    /// Adds the case of `VendorToken`.
    pub fn with_token(mut self, case: Case) -> Self {
        self.token = Some(case);
        self
    }

    /// Adds the case of `BankAccount`.
    pub fn with_bank_account(mut self, case: Case) -> Self {
        self.bank_account = Some(case);
        self
    }

    /// Adds the case of `PartialApproval`.
    pub fn with_partial(mut self, case: Case) -> Self {
        self.partial = Some(case);
        self
    }

    /// Adds the case of `PayerAction`.
    pub fn with_action(mut self, case: Case) -> Self {
        self.action = Some(case);
        self
    }

    /// Adds the case of `Review`.
    pub fn with_held(mut self, case: Case) -> Self {
        self.held = Some(case);
        self
    }

    /// Adds the method of `Store`.
    pub fn with_storable(mut self, method: PaymentMethod) -> Self {
        self.storable = Some(method);
        self
    }

    /// Adds the sub-account of `SubAccount`.
    pub fn with_sub_account(mut self, account: impl Into<String>) -> Self {
        self.sub_account = Some(account.into());
        self
    }

    /// Names what reaches the vendor when a feature of requests is used: plain letters, digits and underscores, such as
    /// a parameter's name. The suite knows what to look for by itself where the vendor takes the very text that was
    /// passed in (metadata, statement descriptor, purchase order, 3-D Secure transaction, sub-account). For stored
    /// credentials it does not: the network's id of the first payment is `MCC123456`, and not every vendor takes it.
    pub fn with_word(mut self, feature: Feature, word: &'static str) -> Self {
        self.words.push((feature, word));
        self
    }

    /// Says that the vendor's search can find and never disprove.
    pub fn with_search_that_never_disproves(mut self) -> Self {
        self.never_disproves = true;
        self
    }
}

/// What the subscription suite needs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscriptionCases {
    /// A method that pays.
    pub method: PaymentMethod,
    /// A plan that the vendor takes.
    pub plan: Plan,
    /// Another one, to change to; `None` where the vendor cannot change a plan.
    pub other_plan: Option<Plan>,
    /// A method whose first payment is declined; `None` where the first payment is not made at once.
    pub declined: Option<PaymentMethod>,
}

impl SubscriptionCases {
    /// The parts that every provider has.
    pub fn new(method: PaymentMethod, plan: Plan) -> Self {
        Self { method, plan, other_plan: None, declined: None }
    }

    /// Adds a plan to change to.
    pub fn with_other_plan(mut self, plan: Plan) -> Self {
        self.other_plan = Some(plan);
        self
    }

    /// Adds a method whose first payment is declined.
    pub fn with_declined(mut self, method: PaymentMethod) -> Self {
        self.declined = Some(method);
        self
    }
}

/// Which secret a push is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKey {
    /// The one in [`Fixture::credentials`].
    Current,
    /// The one before it, also in the credentials, where the schema has a field for it.
    Previous,
    /// One that the credentials do not hold.
    Unknown,
}

/// What the webhook suite needs.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookCases {
    /// The address that the vendor was told to push to.
    pub public_url: String,
    /// The headers that the signature is in or covers, in lower case.
    pub headers: &'static [&'static str],
    /// The credential fields that hold webhook keys. Without them there is no receiver.
    pub key_fields: &'static [&'static str],
    /// Whether the credentials hold a previous key as well.
    pub has_previous: bool,
    /// Whether keys are asked of the vendor by the id that a push names, and none stands in the credentials. So many
    /// unknown ids may then be put off as [`Unavailable`](turnbuckle_core::ErrorKind::Unavailable).
    pub fetches_keys: bool,
}

impl WebhookCases {
    /// What every provider with webhooks has.
    pub fn new(
        public_url: impl Into<String>,
        headers: &'static [&'static str],
        key_fields: &'static [&'static str],
    ) -> Self {
        Self { public_url: public_url.into(), headers, key_fields, has_previous: false, fetches_keys: false }
    }

    /// Says that the credentials hold a previous key as well.
    pub fn with_previous(mut self) -> Self {
        self.has_previous = true;
        self
    }

    /// Says that keys are asked of the vendor by the id that a push names.
    pub fn with_fetched_keys(mut self) -> Self {
        self.fetches_keys = true;
        self
    }
}

impl fmt::Debug for WebhookCases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookCases")
            .field("headers", &self.headers)
            .field("key_fields", &self.key_fields)
            .field("has_previous", &self.has_previous)
            .field("fetches_keys", &self.fetches_keys)
            .finish_non_exhaustive()
    }
}
