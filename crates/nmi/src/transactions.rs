//! Transactions: sale, auth, credit, validate, offline, capture, void, refund, update.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{Initiator, StoredCredential, StoredCredentialReason, ThreeDSecure};

use crate::client::{Nmi, check_id, once};
use crate::contact::Contact;
use crate::form::Form;
use crate::reply::Reply;
use crate::source::Source;

const SALE: Operation = once("sale");
const AUTH: Operation = once("auth");
const CREDIT: Operation = once("credit");
const VALIDATE: Operation = once("validate");
const OFFLINE: Operation = once("offline");
const CAPTURE: Operation = once("capture");
const VOID: Operation = once("void");
const REFUND: Operation = once("refund");
const UPDATE: Operation = once("update");

impl Nmi {
    /// Transactions.
    pub fn transactions(&self) -> Transactions<'_> {
        Transactions { client: self }
    }
}

/// Calls about transactions. See <https://docs.nmi.com/reference/payment-api>.
#[derive(Debug, Clone, Copy)]
pub struct Transactions<'a> {
    client: &'a Nmi,
}

impl Transactions<'_> {
    /// Makes a transaction.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) with an [`NmiRefusal`](crate::NmiRefusal) for a
    /// decline; what NMI refuses; [`Effect::Unknown`](turnbuckle_core::Effect::Unknown) when nobody knows.
    pub async fn create(&self, new: &NewTransaction) -> Result<Reply> {
        self.client.transact(new.kind.operation(), new.form()?).await
    }

    /// Takes all of an authorization, or a part of it: the rest is released. NMI answers with the same transaction id.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn capture(&self, transaction_id: &str, amount: Option<Money>) -> Result<Reply> {
        let mut form = Form::new();
        form.set("type", "capture").set("transactionid", check_id("transaction_id", transaction_id)?);
        form.maybe("amount", amount.map(Money::to_decimal));
        self.client.transact(&CAPTURE, form).await
    }

    /// Releases an authorization, or stops a transaction before it settles.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn void(&self, transaction_id: &str, rail: Rail) -> Result<Reply> {
        let mut form = Form::new();
        form.set("type", "void").set("transactionid", check_id("transaction_id", transaction_id)?);
        form.maybe("payment", rail.word());
        self.client.transact(&VOID, form).await
    }

    /// Returns money of a transaction. NMI answers with a transaction id of the refund's own.
    ///
    /// `order_id` is the refund's own as well. That NMI keeps it is what published integrations rely on; its
    /// documentation does not say so.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn refund(
        &self,
        transaction_id: &str,
        amount: Money,
        order_id: &str,
        rail: Rail,
    ) -> Result<Reply> {
        let mut form = Form::new();
        form.set("type", "refund").set("transactionid", check_id("transaction_id", transaction_id)?);
        form.amount("amount", amount).set("orderid", check_id("order_id", order_id)?);
        form.maybe("payment", rail.word());
        self.client.transact(&REFUND, form).await
    }

    /// Changes what stands beside a transaction. Which fields NMI takes here is not published in full.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update(&self, transaction_id: &str, change: &TransactionUpdate) -> Result<Reply> {
        let mut form = Form::new();
        form.set("type", "update").set("transactionid", check_id("transaction_id", transaction_id)?);
        form.maybe("orderdescription", change.order_description.as_ref());
        form.maybe("ponumber", change.po_number.as_ref());
        defined_fields(&mut form, &change.defined_fields);
        self.client.transact(&UPDATE, form).await
    }
}

/// Which network a transaction runs on: some calls must name the other than cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rail {
    /// Cards.
    #[default]
    Card,
    /// Bank debits.
    Check,
}

impl Rail {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Card => None,
            Self::Check => Some("check"),
        }
    }
}

/// What kind of transaction to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionType {
    /// Authorizes and captures.
    Sale,
    /// Reserves.
    Auth,
    /// Sends money with no earlier transaction. Usually off; NMI enables it on request.
    Credit,
    /// Checks the method without moving money.
    Validate,
    /// Books a payment that was authorized elsewhere, by telephone for example.
    Offline,
}

impl TransactionType {
    /// NMI's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Auth => "auth",
            Self::Credit => "credit",
            Self::Validate => "validate",
            Self::Offline => "offline",
        }
    }

    fn operation(self) -> &'static Operation {
        match self {
            Self::Sale => &SALE,
            Self::Auth => &AUTH,
            Self::Credit => &CREDIT,
            Self::Validate => &VALIDATE,
            Self::Offline => &OFFLINE,
        }
    }
}

/// A new transaction. Only what is set is sent; the order id should be new with every attempt, since it is what finds the
/// transaction again when its answer is lost.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewTransaction {
    /// The kind.
    pub kind: TransactionType,
    /// How much; `None` for a validation.
    pub amount: Option<Money>,
    /// The currency; always sent.
    pub currency: Currency,
    /// What pays.
    pub source: Source,
    /// The order id.
    pub order_id: Option<String>,
    /// What is bought, in words.
    pub order_description: Option<String>,
    /// The buyer's purchase order number.
    pub po_number: Option<String>,
    /// The tax contained in the amount.
    pub tax: Option<Money>,
    /// Which processor of a multi-MID account.
    pub processor_id: Option<String>,
    /// What the payer reads on the statement, where the processor takes it.
    pub descriptor: Option<String>,
    /// The address that the payer's device connected from.
    pub ip_address: Option<IpAddr>,
    /// Who pays.
    pub billing: Contact,
    /// Where the goods go.
    pub shipping: Contact,
    /// Merchant-defined fields, 1 to 20.
    pub defined_fields: BTreeMap<u8, String>,
    /// Where this stands in a series.
    pub stored_credential: Option<StoredCredential>,
    /// The result of a 3-D Secure step.
    pub three_d_secure: Option<ThreeDSecure>,
    /// The window of the duplicate check in seconds, at most 7862400; 0 turns it off where the account allows it. `None`
    /// leaves it to the account. It is no idempotency: it compares card and amount, nothing of ours.
    pub dup_seconds: Option<u32>,
    /// The code of an offline authorization.
    pub authorization_code: Option<String>,
    /// Adds the method to the customer vault under this id as well.
    pub add_customer: Option<String>,
}

impl NewTransaction {
    /// A transaction of this amount.
    pub fn new(kind: TransactionType, amount: Money, source: Source) -> Self {
        Self { amount: Some(amount), ..Self::without_amount(kind, amount.currency(), source) }
    }

    /// A validation, which has no amount.
    pub fn validation(currency: Currency, source: Source) -> Self {
        Self::without_amount(TransactionType::Validate, currency, source)
    }

    fn without_amount(kind: TransactionType, currency: Currency, source: Source) -> Self {
        Self {
            kind,
            amount: None,
            currency,
            source,
            order_id: None,
            order_description: None,
            po_number: None,
            tax: None,
            processor_id: None,
            descriptor: None,
            ip_address: None,
            billing: Contact::default(),
            shipping: Contact::default(),
            defined_fields: BTreeMap::new(),
            stored_credential: None,
            three_d_secure: None,
            dup_seconds: None,
            authorization_code: None,
            add_customer: None,
        }
    }

    /// Sets the order id.
    pub fn with_order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = Some(id.into());
        self
    }

    /// Sets what is bought.
    pub fn with_order_description(mut self, text: impl Into<String>) -> Self {
        self.order_description = Some(text.into());
        self
    }

    /// Sets who pays.
    pub fn with_billing(mut self, contact: Contact) -> Self {
        self.billing = contact;
        self
    }

    /// Sets where the goods go.
    pub fn with_shipping(mut self, contact: Contact) -> Self {
        self.shipping = contact;
        self
    }

    /// Sets the window of the duplicate check.
    pub fn with_dup_seconds(mut self, seconds: u32) -> Self {
        self.dup_seconds = Some(seconds);
        self
    }

    /// Sets one merchant-defined field.
    pub fn with_defined_field(mut self, number: u8, value: impl Into<String>) -> Self {
        self.defined_fields.insert(number, value.into());
        self
    }

    fn form(&self) -> Result<Form> {
        let mut form = Form::new();
        form.set("type", self.kind.as_str());
        form.maybe("amount", self.amount.map(Money::to_decimal)).set("currency", self.currency.code());
        self.source.write(&mut form)?;
        if let Some(id) = &self.order_id {
            form.set("orderid", check_id("order_id", id)?);
        }
        form.maybe("orderdescription", self.order_description.as_ref());
        form.maybe("ponumber", self.po_number.as_ref());
        form.maybe("tax", self.tax.map(Money::to_decimal));
        form.maybe("processor_id", self.processor_id.as_ref());
        form.maybe("descriptor", self.descriptor.as_ref());
        form.maybe("ipaddress", self.ip_address.map(|ip| ip.to_string()));
        form.maybe("dup_seconds", self.dup_seconds.map(|seconds| seconds.to_string()));
        form.maybe("authorization_code", self.authorization_code.as_ref());
        if let Some(id) = &self.add_customer {
            form.set("customer_vault", "add_customer");
            form.set("customer_vault_id", check_id("customer_vault_id", id)?);
        }
        self.billing.write_billing(&mut form);
        self.shipping.write_shipping(&mut form);
        defined_fields(&mut form, &self.defined_fields);
        if let Some(credential) = &self.stored_credential {
            series(credential, &mut form);
        }
        if let Some(result) = &self.three_d_secure {
            authentication(result, &mut form);
        }
        Ok(form)
    }
}

/// The method and numbers only.
impl fmt::Debug for NewTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTransaction")
            .field("kind", &self.kind)
            .field("amount", &self.amount)
            .field("source", &self.source)
            .field("order_id", &self.order_id)
            .finish_non_exhaustive()
    }
}

/// A change to what stands beside a transaction.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct TransactionUpdate {
    /// Another description.
    pub order_description: Option<String>,
    /// Another purchase order number.
    pub po_number: Option<String>,
    /// Other merchant-defined fields.
    pub defined_fields: BTreeMap<u8, String>,
}

impl TransactionUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets another description.
    pub fn with_order_description(mut self, text: impl Into<String>) -> Self {
        self.order_description = Some(text.into());
        self
    }
}

impl fmt::Debug for TransactionUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionUpdate").finish_non_exhaustive()
    }
}

pub(crate) fn defined_fields(form: &mut Form, fields: &BTreeMap<u8, String>) {
    for (number, value) in fields {
        form.set(format!("merchant_defined_field_{number}"), value);
    }
}

/// NMI has a word for recurring and for installments; anything else goes without.
fn series(credential: &StoredCredential, form: &mut Form) {
    let initiator = match credential.initiator {
        Initiator::Customer => "customer",
        Initiator::Merchant => "merchant",
    };
    form.set("initiated_by", initiator);
    let indicator = if credential.original.is_some() { "used" } else { "stored" };
    form.set("stored_credential_indicator", indicator);
    let original = credential.original.as_ref();
    form.maybe("initial_transaction_id", original.and_then(|original| original.network_id.as_ref()));
    match credential.reason {
        StoredCredentialReason::Recurring => form.set("billing_method", "recurring"),
        StoredCredentialReason::Installment => form.set("billing_method", "installment"),
        _ => form,
    };
}

/// Whether the payer was authenticated, or the bank took no part, follows from the indicator: 05 and 02 are the first, 06
/// and 01 the second, each of one family of brands.
fn authentication(result: &ThreeDSecure, form: &mut Form) {
    match result.eci.as_str() {
        "05" | "02" | "5" | "2" => form.set("cardholder_auth", "verified"),
        "06" | "01" | "6" | "1" => form.set("cardholder_auth", "attempted"),
        _ => form,
    };
    form.secret("cavv", &result.cavv).set("eci", &result.eci).set("three_ds_version", &result.version);
    let name = if result.version.starts_with('1') { "xid" } else { "directory_server_id" };
    form.set(name, &result.transaction_id);
}
