//! The reference provider as a subject of the suites.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::{BankFeature, BankLink, BankProduct, LinkReturn, LinkSession};
use turnbuckle_core::messaging::{
    Channel, DeliveryReason, DeliveryState, EmailFeature, Mailbox, PhoneNumber, SmsFeature, Template,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    BankAccount, Card, Feature, Interval, IntervalUnit, NextAction, Payment, PaymentMethod, PaymentRef, Plan,
    ReturnParams, VendorToken,
};
use turnbuckle_core::provider::{Connection, IntegrationProvider};

use super::bank_books::BANK;
use super::provider::ID;
use super::{Bug, ReferenceProvider, ReferenceVendor, TOKEN_KIND};
use crate::clock::FixedClock;
use crate::conformance::{
    BankAccountLine, BankDataCases, BankLine, BankTrouble, Bench, Case, EmailCases, EndedMessages, Fixture,
    LedgerEntry, MessageCases, MessageSearch, PaymentCases, Setup, SigningKey, SmsCases, SubscriptionCases,
    VendorMessage, WebhookCases,
};

const CURRENT: &str = "whsec_reference_current_4711";
const PREVIOUS: &str = "whsec_reference_previous_0815";

/// The reference provider as a subject of the [suites](crate::conformance): they pass over it, and fail over each
/// [`Bug`].
#[derive(Debug, Clone)]
pub struct ReferenceFixture {
    bugs: Vec<Bug>,
    features: &'static [Feature],
    bank_features: &'static [BankFeature],
    sms_features: &'static [SmsFeature],
    email_features: &'static [EmailFeature],
    search: MessageSearch,
    lag: Duration,
}

impl ReferenceFixture {
    /// Every feature, no defect.
    pub fn new() -> Self {
        Self {
            bugs: Vec::new(),
            features: Feature::ALL,
            bank_features: BankFeature::ALL,
            sms_features: SmsFeature::ALL,
            email_features: EmailFeature::ALL,
            search: MessageSearch::Proves,
            lag: Duration::ZERO,
        }
    }

    /// Adds a defect.
    pub fn with_bug(mut self, bug: Bug) -> Self {
        self.bugs.push(bug);
        self
    }

    /// Declares these features only.
    pub fn with_features(mut self, features: &'static [Feature]) -> Self {
        self.features = features;
        self
    }

    /// Declares these abilities of bank data only.
    pub fn with_bank_features(mut self, features: &'static [BankFeature]) -> Self {
        self.bank_features = features;
        self
    }

    /// Declares these abilities of text messages only.
    pub fn with_sms_features(mut self, features: &'static [SmsFeature]) -> Self {
        self.sms_features = features;
        self
    }

    /// Declares these abilities of email only.
    pub fn with_email_features(mut self, features: &'static [EmailFeature]) -> Self {
        self.email_features = features;
        self
    }

    /// Limits what the vendor's search for a message can do.
    pub fn with_message_search(mut self, search: MessageSearch) -> Self {
        self.search = search;
        self
    }

    /// Makes the vendor's search lag.
    pub fn with_search_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

impl Default for ReferenceFixture {
    fn default() -> Self {
        Self::new()
    }
}

fn token(value: &str) -> PaymentMethod {
    PaymentMethod::Token(VendorToken::new(TOKEN_KIND, value))
}

fn card(number: &str) -> Option<PaymentMethod> {
    let card = Card::new(number, 12, 2034).and_then(|card| card.with_cvv("7391")).ok()?;
    Some(PaymentMethod::Card(card.with_holder("Robin Doe")))
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

impl Fixture for ReferenceFixture {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(ReferenceProvider::new())
    }

    fn credentials(&self) -> Value {
        json!({
            "apiKey": "ref_test_51HxSentinelKey",
            "merchantName": "Reference Store",
            "webhookSecret": CURRENT,
            "previousWebhookSecret": PREVIOUS,
        })
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({ "apiKey": "ref_test_revoked_99" }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        let mut vendor = ReferenceVendor::with_clock(Arc::clone(&clock) as _).with_search_lag(self.lag);
        for bug in &self.bugs {
            vendor = vendor.with_bug(*bug);
        }
        Box::new(ReferenceBench { clock, vendor, fixture: self.clone() })
    }

    fn payments(&self) -> Option<PaymentCases> {
        let by_token = self.has(Feature::VendorToken);
        let method =
            |of_token: &str, number: &str| if by_token { Some(token(of_token)) } else { card(number) };
        let case = |of_token: &str, number: &str, minor: i64| {
            method(of_token, number).map(|method| Case::new(method, dollars(minor)))
        };
        let approved = case("tok_approve", "4242424242424242", 2010)?;
        let declined = case("tok_decline", "4000000000000002", 2010)?;
        let mut cases = PaymentCases::new(approved, declined);
        if self.has(Feature::RawCard) {
            cases.raw_card = card("4242424242424242").map(|card| Case::new(card, dollars(1999)));
        }
        if by_token {
            cases.token = Some(Case::new(token("tok_approve"), dollars(1500)));
        }
        if self.has(Feature::BankAccount) {
            let account = BankAccount::new("110000000", "000123456789", "Robin Doe").ok()?;
            cases.bank_account = Some(Case::new(PaymentMethod::BankAccount(account), dollars(5000)));
        }
        if self.has(Feature::PartialApproval) {
            cases.partial = case("tok_partial", "4000000000009995", 3000);
        }
        if self.has(Feature::PayerAction) {
            cases.action = case("tok_action", "4000002500003155", 2500);
        }
        if self.has(Feature::Review) {
            cases.held = case("tok_held", "4000000000009235", 2600);
        }
        if self.has(Feature::Store) {
            cases.storable = method("tok_approve", "4242424242424242");
        }
        if self.has(Feature::StoredCredential) {
            cases = cases.with_word(Feature::StoredCredential, "MCC123456");
        }
        if self.has(Feature::SubAccount) {
            cases.sub_account = Some("branch0042".to_owned());
        }
        Some(cases)
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        let plan =
            |minor| Plan::Inline { amount: dollars(minor), every: Interval::new(1, IntervalUnit::Month) };
        Some(
            SubscriptionCases::new(token("tok_approve"), plan(1200))
                .with_other_plan(plan(1500))
                .with_declined(token("tok_decline")),
        )
    }

    fn bank_data(&self) -> Option<BankDataCases> {
        let products = vec![BankProduct::Transactions, BankProduct::Numbers, BankProduct::Identity];
        let mut cases = BankDataCases::new(products, "US", BANK.0, "First Reference")
            .with_late_history()
            .with_pushes()
            .with_private("account name", "Everyday Sentinel 4711")
            .with_private("text of a transaction", "Sentinel Purchase");
        cases.troubles = vec![
            BankTrouble::LoginRequired,
            BankTrouble::ConsentEnds,
            BankTrouble::Disconnects,
            BankTrouble::Revoked,
            BankTrouble::BankDown,
        ];
        Some(cases)
    }

    fn sms(&self) -> Option<SmsCases> {
        let number = |last: &str| PhoneNumber::new(&format!("+120255501{last}")).ok();
        let has = |feature| self.sms_features.contains(&feature);
        let mut messages = MessageCases::new()
            .with_refused("+12025550110", DeliveryReason::Unsubscribed)
            .with_refused("+12025550111", DeliveryReason::InvalidRecipient)
            .with_fate("+12025550112", DeliveryState::Undelivered)
            .with_search(self.search)
            .with_ended(EndedMessages::Refused);
        messages.template = has(SmsFeature::Templates).then(|| Template::new("template4711"));
        let mut cases = SmsCases::new(number("00")?, number("01")?, messages);
        cases.sender_name = has(SmsFeature::SenderName).then(|| "REFERENCE".to_owned());
        cases.sender_pool = has(SmsFeature::SenderPool).then(|| "pool4711".to_owned());
        Some(cases)
    }

    fn email(&self) -> Option<EmailCases> {
        let mailbox = |name: &str| Mailbox::new(format!("{name}@mail.test")).ok();
        let has = |feature| self.email_features.contains(&feature);
        let mut messages = MessageCases::new()
            .with_refused("refused@mail.test", DeliveryReason::InvalidRecipient)
            .with_fate("bounce@mail.test", DeliveryState::Bounced)
            .with_fate("unreachable@mail.test", DeliveryState::Undelivered)
            .with_fate("defer@mail.test", DeliveryState::Delivered)
            .with_fate("suppressed@mail.test", DeliveryState::Failed)
            .with_search(self.search)
            .with_ended(EndedMessages::Dropped);
        messages.template = has(EmailFeature::Templates).then(|| Template::new("template4711"));
        let to = mailbox("robin.sentinel")?.with_name("Robin Doe");
        let mut cases = EmailCases::new(mailbox("shop.sentinel")?, to, mailbox("other.sentinel")?, messages);
        cases.group = has(EmailFeature::UnsubscribeGroups).then(|| "group4711".to_owned());
        Some(cases)
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        let fields: &[&str] = &["webhookSecret", "previousWebhookSecret"];
        Some(
            WebhookCases::new("https://shop.test/hooks/reference", &["reference-signature"], fields)
                .with_previous(),
        )
    }
}

struct ReferenceBench {
    clock: Arc<FixedClock>,
    vendor: ReferenceVendor,
    fixture: ReferenceFixture,
}

impl Bench for ReferenceBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = ReferenceProvider::with_vendor(self.vendor.clone())
            .with_faults(setup.faults().clone())
            .with_features(self.fixture.features)
            .with_bank_features(self.fixture.bank_features)
            .with_sms_features(self.fixture.sms_features)
            .with_email_features(self.fixture.email_features)
            .with_message_search(self.fixture.search)
            .with_bank_page(setup.page_size().unwrap_or(100));
        let config = setup.config_without_transport(&provider)?;
        provider.connect(config)
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn ledger(&self) -> Vec<LedgerEntry> {
        self.vendor.ledger()
    }

    fn subscriptions(&self) -> usize {
        self.vendor.subscriptions()
    }

    fn settle(&self) -> Option<String> {
        Some(self.vendor.settle())
    }

    fn payer_acts(&self, _: &Payment, _: &NextAction, succeeds: bool) -> ReturnParams {
        let result = if succeeds { "ok" } else { "failed" };
        let mut returned = ReturnParams::default();
        returned.parameters.insert("result".to_owned(), SecretString::from(result));
        returned
    }

    fn person_links(&self, session: &LinkSession) -> Option<LinkReturn> {
        self.vendor.person_links(session)
    }

    fn person_mends(&self, _: &BankLink, session: &LinkSession) {
        self.vendor.person_mends(session);
    }

    fn bank_day(&self, link: &BankLink) {
        self.vendor.bank_day(link);
    }

    fn bank_trouble(&self, link: &BankLink, trouble: BankTrouble) {
        self.vendor.bank_trouble(link, trouble);
    }

    fn bank_recovers(&self, link: &BankLink) {
        self.vendor.bank_recovers(link);
    }

    fn bank_pushes(&self, link: &BankLink) -> Vec<http::Request<Bytes>> {
        self.vendor.bank_pushes(&SecretString::from(CURRENT), link)
    }

    fn bank_ledger(&self, link: &BankLink) -> Vec<BankLine> {
        self.vendor.bank_ledger(link)
    }

    fn bank_accounts(&self, link: &BankLink) -> Vec<BankAccountLine> {
        self.vendor.bank_accounts(link)
    }

    fn bank_links(&self) -> usize {
        self.vendor.bank_links()
    }

    fn messages(&self, channel: Channel) -> Vec<VendorMessage> {
        self.vendor.messages(channel)
    }

    fn message_pushes(&self, channel: Channel) -> Vec<http::Request<Bytes>> {
        self.vendor.message_pushes(&SecretString::from(CURRENT), channel, "conformance")
    }

    fn ends_messages(&self, channel: Channel, recipient: &str) {
        self.vendor.ends_messages(channel, recipient);
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        let secret = match key {
            SigningKey::Current => CURRENT,
            SigningKey::Previous => PREVIOUS,
            SigningKey::Unknown => "whsec_reference_unknown_0000",
        };
        let payment = PaymentRef::new(ID, "payment", "pay_000001");
        Some(self.vendor.push(&SecretString::from(secret), "payment.succeeded", &payment, "conformance", at))
    }
}
