//! Customers.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::form::Field;
use crate::object::null_default;
use crate::{Address, CallOptions, Created, ListRequest, Object, Shipping, Stripe};

/// A new customer.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateCustomer {
    /// Address.
    pub address: Option<Address>,
    /// Free text.
    pub description: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// A payment method to attach.
    pub payment_method: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where goods go.
    pub shipping: Option<Shipping>,
    /// The test clock whose time the customer and its subscriptions live in; only with a test key, and for good.
    pub test_clock: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateCustomer {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`address`](Self::address).
    pub fn with_address(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`phone`](Self::phone).
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Sets [`shipping`](Self::shipping).
    pub fn with_shipping(mut self, shipping: Shipping) -> Self {
        self.shipping = Some(shipping);
        self
    }

    /// Sets [`test_clock`](Self::test_clock).
    pub fn with_test_clock(mut self, test_clock: impl Into<String>) -> Self {
        self.test_clock = Some(test_clock.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCustomer").field("payment_method", &self.payment_method).finish_non_exhaustive()
    }
}

/// Changes of a customer.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateCustomer {
    /// Address.
    pub address: Field<Address>,
    /// Free text.
    pub description: Field<String>,
    /// Email address.
    pub email: Field<String>,
    /// Full name.
    pub name: Field<String>,
    /// Telephone number.
    pub phone: Field<String>,
    /// Where goods go.
    pub shipping: Field<Shipping>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateCustomer {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`address`](Self::address).
    pub fn with_address(mut self, address: Address) -> Self {
        self.address = Field::Set(address);
        self
    }

    /// Clears [`address`](Self::address) at Stripe.
    pub fn without_address(mut self) -> Self {
        self.address = Field::Clear;
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Field::Set(description.into());
        self
    }

    /// Clears [`description`](Self::description) at Stripe.
    pub fn without_description(mut self) -> Self {
        self.description = Field::Clear;
        self
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Field::Set(email.into());
        self
    }

    /// Clears [`email`](Self::email) at Stripe.
    pub fn without_email(mut self) -> Self {
        self.email = Field::Clear;
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Field::Set(name.into());
        self
    }

    /// Clears [`name`](Self::name) at Stripe.
    pub fn without_name(mut self) -> Self {
        self.name = Field::Clear;
        self
    }

    /// Sets [`phone`](Self::phone).
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Field::Set(phone.into());
        self
    }

    /// Clears [`phone`](Self::phone) at Stripe.
    pub fn without_phone(mut self) -> Self {
        self.phone = Field::Clear;
        self
    }

    /// Sets [`shipping`](Self::shipping).
    pub fn with_shipping(mut self, shipping: Shipping) -> Self {
        self.shipping = Field::Set(shipping);
        self
    }

    /// Clears [`shipping`](Self::shipping) at Stripe.
    pub fn without_shipping(mut self) -> Self {
        self.shipping = Field::Clear;
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateCustomer").finish_non_exhaustive()
    }
}

/// Which customers to list, newest first.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ListCustomers {
    /// With exactly this email address.
    pub email: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListCustomers {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`email`](Self::email).
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
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

impl fmt::Debug for ListCustomers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListCustomers")
            .field("created", &self.created)
            .field("limit", &self.limit)
            .field("starting_after", &self.starting_after)
            .finish_non_exhaustive()
    }
}

/// A customer. Name, address and the like are in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Customer {
    /// Id, `cus_...`.
    pub id: String,
    /// Address.
    pub address: Option<Address>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Free text.
    pub description: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// Full name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where goods go.
    pub shipping: Option<Shipping>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("deleted", &self.deleted)
            .field("livemode", &self.livemode)
            .finish_non_exhaustive()
    }
}

impl Object for Customer {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("customers.create");
const UPDATE: Operation = post("customers.update");
const RETRIEVE: Operation = get("customers.retrieve");
const DELETE: Operation = delete("customers.delete");
static LIST: Operation = get("customers.list");

/// Calls for customers: [`Stripe::customers`].
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a> {
    stripe: &'a Stripe,
}

impl<'a> Customers<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a customer: `POST /v1/customers`.
    pub async fn create(self, params: &CreateCustomer, options: &CallOptions) -> Result<Customer> {
        self.stripe.post(&CREATE, "/v1/customers", params, options).await
    }

    /// One customer, perhaps deleted: `GET /v1/customers/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Customer> {
        let path = format!("/v1/customers/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a customer: `POST /v1/customers/{id}`.
    pub async fn update(self, id: &str, params: &UpdateCustomer, options: &CallOptions) -> Result<Customer> {
        let path = format!("/v1/customers/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes a customer, together with its payment methods and subscriptions: `DELETE /v1/customers/{id}`.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already, which after a lost answer means that
    /// the first attempt did it.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<Customer> {
        let path = format!("/v1/customers/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Customers, newest first: `GET /v1/customers`.
    pub fn list(self, params: &ListCustomers) -> ListRequest<Customer> {
        ListRequest::list(self.stripe, &LIST, "/v1/customers", params)
    }
}
