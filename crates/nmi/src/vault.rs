//! The customer vault: customers, and several methods of one customer.

use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{Nmi, check_id, once};
use crate::contact::Contact;
use crate::form::Form;
use crate::reply::Reply;
use crate::source::Source;

const ADD_CUSTOMER: Operation = once("add_customer");
const UPDATE_CUSTOMER: Operation = once("update_customer");
const DELETE_CUSTOMER: Operation = once("delete_customer");
const ADD_BILLING: Operation = once("add_billing");
const UPDATE_BILLING: Operation = once("update_billing");
const DELETE_BILLING: Operation = once("delete_billing");

impl Nmi {
    /// The customer vault.
    pub fn vault(&self) -> Vault<'_> {
        Vault { client: self }
    }
}

/// Calls about the customer vault. See <https://docs.nmi.com/reference/customer-vault>.
#[derive(Debug, Clone, Copy)]
pub struct Vault<'a> {
    client: &'a Nmi,
}

impl Vault<'_> {
    /// Adds a customer with a first method. `customer_vault_id` is our choice: an id that exists already is refused, so a
    /// customer is never added twice.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn add_customer(
        &self,
        customer_vault_id: &str,
        source: &Source,
        details: &VaultDetails,
    ) -> Result<Reply> {
        let form = form("add_customer", customer_vault_id, None, Some(source), details)?;
        self.client.transact(&ADD_CUSTOMER, form).await
    }

    /// Replaces a customer's first method or details.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn update_customer(
        &self,
        customer_vault_id: &str,
        source: Option<&Source>,
        details: &VaultDetails,
    ) -> Result<Reply> {
        let form = form("update_customer", customer_vault_id, None, source, details)?;
        self.client.transact(&UPDATE_CUSTOMER, form).await
    }

    /// Removes a customer with every method.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is no such customer (any more).
    pub async fn delete_customer(&self, customer_vault_id: &str) -> Result<Reply> {
        let form = form("delete_customer", customer_vault_id, None, None, &VaultDetails::new())?;
        self.client.transact(&DELETE_CUSTOMER, form).await
    }

    /// Adds one more method to a customer, under an id of our choice.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn add_billing(
        &self,
        customer_vault_id: &str,
        billing_id: &str,
        source: &Source,
        details: &VaultDetails,
    ) -> Result<Reply> {
        let form = form("add_billing", customer_vault_id, Some(billing_id), Some(source), details)?;
        self.client.transact(&ADD_BILLING, form).await
    }

    /// Replaces one of a customer's methods.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn update_billing(
        &self,
        customer_vault_id: &str,
        billing_id: &str,
        source: Option<&Source>,
        details: &VaultDetails,
    ) -> Result<Reply> {
        let form = form("update_billing", customer_vault_id, Some(billing_id), source, details)?;
        self.client.transact(&UPDATE_BILLING, form).await
    }

    /// Removes one of a customer's methods.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is no such method (any more).
    pub async fn delete_billing(&self, customer_vault_id: &str, billing_id: &str) -> Result<Reply> {
        let details = VaultDetails::new();
        let form = form("delete_billing", customer_vault_id, Some(billing_id), None, &details)?;
        self.client.transact(&DELETE_BILLING, form).await
    }
}

fn form(
    action: &'static str,
    customer_vault_id: &str,
    billing_id: Option<&str>,
    source: Option<&Source>,
    details: &VaultDetails,
) -> Result<Form> {
    let mut form = Form::new();
    form.set("customer_vault", action);
    form.set("customer_vault_id", check_id("customer_vault_id", customer_vault_id)?);
    if let Some(id) = billing_id {
        form.set("billing_id", check_id("billing_id", id)?);
    }
    if let Some(source) = source {
        source.write(&mut form)?;
    }
    form.maybe("currency", details.currency.as_ref());
    form.maybe("processor_id", details.processor_id.as_ref());
    details.billing.write_billing(&mut form);
    crate::transactions::defined_fields(&mut form, &details.defined_fields);
    Ok(form)
}

/// What is kept with a method.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct VaultDetails {
    /// Whose it is.
    pub billing: Contact,
    /// The currency that its charges default to.
    pub currency: Option<String>,
    /// The processor that its charges default to.
    pub processor_id: Option<String>,
    /// Merchant-defined fields, 1 to 20.
    pub defined_fields: std::collections::BTreeMap<u8, String>,
}

impl VaultDetails {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whose it is.
    pub fn with_billing(mut self, contact: Contact) -> Self {
        self.billing = contact;
        self
    }
}
