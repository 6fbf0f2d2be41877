//! Transactions that begin with a method: sales, authorizations, verifications, credits, uploads.

use std::net::Ipv4Addr;

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;
use turnbuckle_core::money::{Currency, Money};

use crate::client::change;
use crate::params::{Params, Tender, decimal};
use crate::{Contact, Instrument, Payflow, RequestId, Transaction};

const SALE: Operation = change("sale");
const AUTHORIZE: Operation = change("authorize");
const VERIFY: Operation = change("verify");
const CREDIT: Operation = change("credit");
const STORE: Operation = change("store");

/// A sale, an authorization or a credit: how much, what pays, and what goes along.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Charge {
    /// `AMT` and `CURRENCY`: at most ten digits.
    pub amount: Money,
    /// What pays.
    pub instrument: Instrument,
    /// What goes along.
    pub details: ChargeDetails,
}

impl Charge {
    /// A charge with nothing optional set.
    pub fn new(amount: Money, instrument: Instrument) -> Self {
        Self { amount, instrument, details: ChargeDetails::default() }
    }

    /// Sets what goes along.
    pub fn with_details(mut self, details: ChargeDetails) -> Self {
        self.details = details;
        self
    }
}

/// What goes along with a charge.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ChargeDetails {
    /// `CUSTREF`: 12 letters and digits by which an inquiry finds the transaction. Of several with the same one, an inquiry
    /// finds the last of cards and the first of bank accounts, so it should be used once.
    pub customer_reference: Option<String>,
    /// `INVNUM`: the invoice number. How long it may be is not proven.
    pub invoice_number: Option<String>,
    /// `COMMENT1`: at most 128 characters, shown and searched for in PayPal Manager.
    pub comment1: Option<String>,
    /// `COMMENT2`: at most 128 characters, shown and searched for in PayPal Manager.
    pub comment2: Option<String>,
    /// `PONUM`: the buyer's purchase order number, at most 15 characters.
    pub purchase_order: Option<String>,
    /// `TAXAMT`: the tax contained in the amount.
    pub tax: Option<Money>,
    /// The billing address.
    pub billing: Option<Contact>,
    /// Where the goods go.
    pub shipping: Option<Contact>,
    /// `CUSTIP`: the address that the payer's device connected from.
    pub ip: Option<Ipv4Addr>,
    /// `CARDONFILE`: who started a payment with a stored credential, and why.
    pub card_on_file: Option<CardOnFile>,
    /// `TXID`: the network's id of the first payment of the series.
    pub network_id: Option<String>,
    /// The result of a 3-D Secure step that was done elsewhere.
    pub authentication: Option<Authentication>,
}

/// Who started a payment with a stored credential, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardOnFile {
    /// `CITI`: the cardholder's first payment of a series.
    CardholderInitial,
    /// `CITR`: the cardholder's, one of a series at fixed times.
    CardholderRecurring,
    /// `CITU`: the cardholder's, at no fixed time.
    CardholderUnscheduled,
    /// `MITR`: the merchant's, one of a series at fixed times.
    MerchantRecurring,
    /// `MITU`: the merchant's, at no fixed time.
    MerchantUnscheduled,
}

impl CardOnFile {
    /// Payflow's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CardholderInitial => "CITI",
            Self::CardholderRecurring => "CITR",
            Self::CardholderUnscheduled => "CITU",
            Self::MerchantRecurring => "MITR",
            Self::MerchantUnscheduled => "MITU",
        }
    }
}

/// The result of a 3-D Secure authentication that was done elsewhere.
///
/// The names of the fields are those of PayPal's library; that the gateway takes them with every processor is not proven.
#[derive(Clone)]
#[non_exhaustive]
pub struct Authentication {
    /// `THREEDSVERSION`: the protocol's version.
    pub version: String,
    /// `ECI`: the electronic commerce indicator.
    pub eci: String,
    /// `CAVV`: the authentication value, base64.
    pub cavv: SecretString,
    /// `DSTRANSACTIONID` of version 2, `XID` of version 1.
    pub transaction_id: String,
}

impl Authentication {
    /// An authentication result.
    pub fn new(
        version: impl Into<String>,
        eci: impl Into<String>,
        cavv: impl Into<SecretString>,
        transaction_id: impl Into<String>,
    ) -> Self {
        Self {
            version: version.into(),
            eci: eci.into(),
            cavv: cavv.into(),
            transaction_id: transaction_id.into(),
        }
    }

    fn write(&self, params: &mut Params) {
        params.set_some("ECI", Some(&self.eci));
        params.set_secret("CAVV", &self.cavv);
        let id = if self.version.starts_with("1.") { "XID" } else { "DSTRANSACTIONID" };
        params.set_some(id, Some(&self.transaction_id));
        params.set_some("THREEDSVERSION", Some(&self.version));
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authentication")
            .field("version", &self.version)
            .field("eci", &self.eci)
            .finish_non_exhaustive()
    }
}

impl ChargeDetails {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `CUSTREF`.
    pub fn with_customer_reference(mut self, value: impl Into<String>) -> Self {
        self.customer_reference = Some(value.into());
        self
    }

    /// Sets `INVNUM`.
    pub fn with_invoice_number(mut self, value: impl Into<String>) -> Self {
        self.invoice_number = Some(value.into());
        self
    }

    /// Sets `COMMENT1`.
    pub fn with_comment1(mut self, value: impl Into<String>) -> Self {
        self.comment1 = Some(value.into());
        self
    }

    /// Sets `COMMENT2`.
    pub fn with_comment2(mut self, value: impl Into<String>) -> Self {
        self.comment2 = Some(value.into());
        self
    }

    /// Sets `PONUM`.
    pub fn with_purchase_order(mut self, value: impl Into<String>) -> Self {
        self.purchase_order = Some(value.into());
        self
    }

    /// Sets `TAXAMT`.
    pub fn with_tax(mut self, value: Money) -> Self {
        self.tax = Some(value);
        self
    }

    /// Sets the billing address.
    pub fn with_billing(mut self, value: Contact) -> Self {
        self.billing = Some(value);
        self
    }

    /// Sets where the goods go.
    pub fn with_shipping(mut self, value: Contact) -> Self {
        self.shipping = Some(value);
        self
    }

    /// Sets `CUSTIP`.
    pub fn with_ip(mut self, value: Ipv4Addr) -> Self {
        self.ip = Some(value);
        self
    }

    /// Sets `CARDONFILE`.
    pub fn with_card_on_file(mut self, value: CardOnFile) -> Self {
        self.card_on_file = Some(value);
        self
    }

    /// Sets `TXID`.
    pub fn with_network_id(mut self, value: impl Into<String>) -> Self {
        self.network_id = Some(value.into());
        self
    }

    /// Passes the result of a 3-D Secure step through.
    pub fn with_authentication(mut self, value: Authentication) -> Self {
        self.authentication = Some(value);
        self
    }

    pub(crate) fn write(&self, params: &mut Params) -> Result<()> {
        params.set_some("CUSTREF", self.customer_reference.as_deref());
        params.set_some("INVNUM", self.invoice_number.as_deref());
        params.set_some("COMMENT1", self.comment1.as_deref());
        params.set_some("COMMENT2", self.comment2.as_deref());
        params.set_some("PONUM", self.purchase_order.as_deref());
        if let Some(tax) = self.tax {
            params.set("TAXAMT", decimal("level2.tax", tax)?);
        }
        if let Some(billing) = &self.billing {
            billing.write_billing(params);
        }
        if let Some(shipping) = &self.shipping {
            shipping.write_shipping(params);
        }
        if let Some(ip) = self.ip {
            params.set("CUSTIP", ip.to_string());
        }
        if let Some(card_on_file) = self.card_on_file {
            params.set("CARDONFILE", card_on_file.as_str());
        }
        params.set_some("TXID", self.network_id.as_deref());
        if let Some(authentication) = &self.authentication {
            authentication.write(params);
        }
        Ok(())
    }
}

impl Payflow {
    /// Takes money (`TRXTYPE=S`).
    ///
    /// # Errors
    /// For every `RESULT` but 0, see [`PayflowError`](crate::PayflowError); and when no answer came.
    pub async fn sale(&self, charge: &Charge, id: &RequestId) -> Result<Transaction> {
        self.send(&SALE, charged("S", charge)?, id).await
    }

    /// Reserves money (`TRXTYPE=A`).
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn authorize(&self, charge: &Charge, id: &RequestId) -> Result<Transaction> {
        self.send(&AUTHORIZE, charged("A", charge)?, id).await
    }

    /// Sends money with no earlier payment (`TRXTYPE=C` with a card). Off for an account until PayPal's support switches it
    /// on: 117.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn credit(&self, charge: &Charge, id: &RequestId) -> Result<Transaction> {
        self.send(&CREDIT, charged("C", charge)?, id).await
    }

    /// Checks a card without reserving anything (`TRXTYPE=A`, amount zero). A processor that does not offer it answers 4.
    /// Of a bank account, Payflow sends a test entry of zero (`PRENOTE=Y`), which the bank may return days later.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn verify(
        &self,
        instrument: &Instrument,
        currency: Currency,
        details: &ChargeDetails,
        id: &RequestId,
    ) -> Result<Transaction> {
        let tender = instrument.tender();
        let mut params = Params::new(if tender == Tender::Ach { "S" } else { "A" }, tender);
        instrument.write(&mut params)?;
        params.set_money(Money::zero(currency))?;
        if tender == Tender::Ach {
            params.set("PRENOTE", "Y");
        }
        details.write(&mut params)?;
        self.send(&VERIFY, params, id).await
    }

    /// Keeps a card for reference transactions (`TRXTYPE=L`). Nobody checks it. There is no call that removes it.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn store(
        &self,
        instrument: &Instrument,
        details: &ChargeDetails,
        id: &RequestId,
    ) -> Result<Transaction> {
        let mut params = Params::new("L", instrument.tender());
        instrument.write(&mut params)?;
        details.write(&mut params)?;
        self.send(&STORE, params, id).await
    }
}

fn charged(transaction: &'static str, charge: &Charge) -> Result<Params> {
    let mut params = Params::new(transaction, charge.instrument.tender());
    charge.instrument.write(&mut params)?;
    params.set_money(charge.amount)?;
    charge.details.write(&mut params)?;
    Ok(params)
}
