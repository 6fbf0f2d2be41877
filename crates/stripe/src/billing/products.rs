//! Products: what prices are for.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::null_default;
use crate::{
    CallOptions, CreateProduct, Expandable, ListProducts, ListRequest, Object, Price, Stripe, UpdateProduct,
};

/// A feature in a price table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MarketingFeature {
    /// The feature, up to 80 characters.
    pub name: Option<String>,
}

impl MarketingFeature {
    /// A feature by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()) }
    }
}

/// What prices are for.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// Id, `prod_...` or the host's own.
    pub id: String,
    /// Whether it is for sale.
    #[serde(default, deserialize_with = "null_default")]
    pub active: bool,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Its default price.
    pub default_price: Option<Expandable<Price>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Addresses of pictures.
    #[serde(default, deserialize_with = "null_default")]
    pub images: Vec<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// Features for a price table.
    #[serde(default, deserialize_with = "null_default")]
    pub marketing_features: Vec<MarketingFeature>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What the payer reads.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// Whether it is a thing that is sent.
    pub shippable: Option<bool>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// What one unit is called on receipts.
    pub unit_label: Option<String>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub updated: Option<DateTime<Utc>>,
    /// A public page about it.
    pub url: Option<String>,
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Product")
            .field("id", &self.id)
            .field("active", &self.active)
            .field("created", &self.created)
            .field("default_price", &self.default_price)
            .field("deleted", &self.deleted)
            .field("livemode", &self.livemode)
            .field("shippable", &self.shippable)
            .field("updated", &self.updated)
            .finish_non_exhaustive()
    }
}

impl Object for Product {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("products.create");
const RETRIEVE: Operation = get("products.retrieve");
const UPDATE: Operation = post("products.update");
const DELETE: Operation = delete("products.delete");
static LIST: Operation = get("products.list");

/// Calls for products: [`Stripe::products`].
#[derive(Debug, Clone, Copy)]
pub struct Products<'a> {
    stripe: &'a Stripe,
}

impl<'a> Products<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a product: `POST /v1/products`.
    pub async fn create(self, params: &CreateProduct, options: &CallOptions) -> Result<Product> {
        self.stripe.post(&CREATE, "/v1/products", params, options).await
    }

    /// One product: `GET /v1/products/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Product> {
        let path = format!("/v1/products/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes a product: `POST /v1/products/{id}`.
    pub async fn update(self, id: &str, params: &UpdateProduct, options: &CallOptions) -> Result<Product> {
        let path = format!("/v1/products/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes a product that has no prices: `DELETE /v1/products/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already, which after a lost answer means that
    /// the first attempt did it.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<Product> {
        let path = format!("/v1/products/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Products, newest first: `GET /v1/products`.
    pub fn list(self, params: &ListProducts) -> ListRequest<Product> {
        ListRequest::list(self.stripe, &LIST, "/v1/products", params)
    }
}
