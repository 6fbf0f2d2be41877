//! The vault: customers and their stored methods.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::account::Nothing;
use crate::client::{AuthorizeNet, Call, PROVIDER};
use crate::payment_data::expose_some;
use crate::reports::PaymentDetails;
use crate::wire::{list, text, words};
use crate::{Address, PaymentData, error};

/// Customers and stored methods: see [`AuthorizeNet::customer_profiles`].
///
/// <https://developer.authorize.net/api/reference/index.html#customer-profiles>
#[derive(Debug, Clone, Copy)]
pub struct CustomerProfiles<'a>(&'a AuthorizeNet);

impl AuthorizeNet {
    /// Customers and their stored methods.
    pub fn customer_profiles(&self) -> CustomerProfiles<'_> {
        CustomerProfiles(self)
    }
}

/// How a stored method is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ValidationMode {
    /// Not at all.
    None,
    /// Fields only.
    TestMode,
    /// With a real authorization of a small amount or nothing.
    LiveMode,
}

impl CustomerProfiles<'_> {
    /// Makes a customer, once.
    ///
    /// # Errors
    /// [`DuplicateBlocked`](turnbuckle_core::ErrorKind::DuplicateBlocked) when one with the same id, description and
    /// email exists.
    pub async fn create(&self, profile: &NewCustomer, validation: ValidationMode) -> Result<CreatedCustomer> {
        const OPERATION: Operation = Operation::once("customer_profiles.create");
        let call = CreateCustomerProfile { profile, validation_mode: validation };
        self.0.call(&OPERATION, &call).await
    }

    /// A customer by the vendor's id.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none.
    pub async fn get(&self, id: &str) -> Result<CustomerProfile> {
        let call = GetCustomerProfile { customer_profile_id: Some(id), ..GetCustomerProfile::default() };
        self.find(&call).await
    }

    /// A customer by the merchant's id, at most 20 characters.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none.
    pub async fn get_by_merchant_id(&self, id: &str) -> Result<CustomerProfile> {
        let call = GetCustomerProfile { merchant_customer_id: Some(id), ..GetCustomerProfile::default() };
        self.find(&call).await
    }

    async fn find(&self, call: &GetCustomerProfile<'_>) -> Result<CustomerProfile> {
        const OPERATION: Operation = Operation::read("customer_profiles.get");
        Ok(self.0.call(&OPERATION, call).await?.profile)
    }

    /// Deletes a customer with all methods. Again is a success or [`NotFound`](turnbuckle_core::ErrorKind::NotFound), so
    /// it is sent again when its answer is lost.
    ///
    /// # Errors
    /// [`Conflict`](turnbuckle_core::ErrorKind::Conflict) while a subscription is paid by it.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const OPERATION: Operation = Operation::idempotent("customer_profiles.delete");
        self.0.call(&OPERATION, &DeleteCustomerProfile { customer_profile_id: id }).await.map(drop)
    }

    /// Adds a method to a customer. One that the customer has already is found, not made again.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) for an unknown customer.
    pub async fn create_payment_profile(
        &self,
        customer_id: &str,
        profile: &NewPaymentProfile,
        validation: ValidationMode,
    ) -> Result<CreatedPaymentProfile> {
        const OPERATION: Operation = Operation::once("payment_profiles.create");
        let call = CreateCustomerPaymentProfile {
            customer_profile_id: customer_id,
            payment_profile: profile,
            validation_mode: validation,
        };
        let answered = self.0.exchange(&OPERATION, &call, None).await?;
        let mut created = answered.body;
        created.duplicate = answered.head.messages.has("E00039");
        // The ids of the existing method stand in fields of the refusal; its text differs from resource to resource.
        if answered.head.messages.is_ok()
            || (created.duplicate && created.customer_payment_profile_id.is_some())
        {
            return Ok(created);
        }
        let error = error::of_messages(&OPERATION, &answered.head.messages, &answered.reply);
        Err(error.or_context(&PROVIDER, OPERATION.name))
    }

    /// One method of a customer, masked.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none.
    pub async fn get_payment_profile(&self, customer_id: &str, id: &str) -> Result<PaymentProfile> {
        const OPERATION: Operation = Operation::read("payment_profiles.get");
        let call =
            GetCustomerPaymentProfile { customer_profile_id: customer_id, customer_payment_profile_id: id };
        Ok(self.0.call(&OPERATION, &call).await?.payment_profile)
    }

    /// Replaces a method, once. That the masked number may be sent back to keep the card is not proven: send it whole.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is none.
    pub async fn update_payment_profile(
        &self,
        customer_id: &str,
        id: &str,
        profile: &NewPaymentProfile,
        validation: ValidationMode,
    ) -> Result<()> {
        const OPERATION: Operation = Operation::once("payment_profiles.update");
        let call = UpdateCustomerPaymentProfile {
            customer_profile_id: customer_id,
            payment_profile: WithId { profile, customer_payment_profile_id: id },
            validation_mode: validation,
        };
        self.0.call(&OPERATION, &call).await.map(drop)
    }

    /// Deletes a method. Again is a success or [`NotFound`](turnbuckle_core::ErrorKind::NotFound), so it is sent again
    /// when its answer is lost.
    ///
    /// # Errors
    /// [`Conflict`](turnbuckle_core::ErrorKind::Conflict) while a subscription is paid by it.
    pub async fn delete_payment_profile(&self, customer_id: &str, id: &str) -> Result<()> {
        const OPERATION: Operation = Operation::idempotent("payment_profiles.delete");
        let call = DeleteCustomerPaymentProfile {
            customer_profile_id: customer_id,
            customer_payment_profile_id: id,
        };
        self.0.call(&OPERATION, &call).await.map(drop)
    }

    /// Checks a stored method, once: [`LiveMode`](ValidationMode::LiveMode) authorizes for real.
    ///
    /// # Errors
    /// A method that was refused is an error with the vendor's code.
    pub async fn validate_payment_profile(
        &self,
        customer_id: &str,
        id: &str,
        card_code: Option<SecretString>,
        validation: ValidationMode,
    ) -> Result<()> {
        const OPERATION: Operation = Operation::once("payment_profiles.validate");
        let call = ValidateCustomerPaymentProfile {
            customer_profile_id: customer_id,
            customer_payment_profile_id: id,
            card_code,
            validation_mode: validation,
        };
        self.0.call(&OPERATION, &call).await.map(drop)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateCustomerProfile<'a> {
    profile: &'a NewCustomer,
    validation_mode: ValidationMode,
}

impl Call for CreateCustomerProfile<'_> {
    const NAME: &'static str = "createCustomerProfileRequest";
    type Answer = CreatedCustomer;
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct GetCustomerProfile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_profile_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_id: Option<&'a str>,
}

impl Call for GetCustomerProfile<'_> {
    const NAME: &'static str = "getCustomerProfileRequest";
    type Answer = CustomerBody;
}

#[derive(Deserialize)]
struct CustomerBody {
    #[serde(default)]
    profile: CustomerProfile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteCustomerProfile<'a> {
    customer_profile_id: &'a str,
}

impl Call for DeleteCustomerProfile<'_> {
    const NAME: &'static str = "deleteCustomerProfileRequest";
    type Answer = Nothing;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateCustomerPaymentProfile<'a> {
    customer_profile_id: &'a str,
    payment_profile: &'a NewPaymentProfile,
    validation_mode: ValidationMode,
}

impl Call for CreateCustomerPaymentProfile<'_> {
    const NAME: &'static str = "createCustomerPaymentProfileRequest";
    type Answer = CreatedPaymentProfile;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetCustomerPaymentProfile<'a> {
    customer_profile_id: &'a str,
    customer_payment_profile_id: &'a str,
}

impl Call for GetCustomerPaymentProfile<'_> {
    const NAME: &'static str = "getCustomerPaymentProfileRequest";
    type Answer = PaymentProfileBody;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentProfileBody {
    #[serde(default)]
    payment_profile: PaymentProfile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateCustomerPaymentProfile<'a> {
    customer_profile_id: &'a str,
    payment_profile: WithId<'a>,
    validation_mode: ValidationMode,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WithId<'a> {
    #[serde(flatten)]
    profile: &'a NewPaymentProfile,
    customer_payment_profile_id: &'a str,
}

impl Call for UpdateCustomerPaymentProfile<'_> {
    const NAME: &'static str = "updateCustomerPaymentProfileRequest";
    type Answer = Nothing;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteCustomerPaymentProfile<'a> {
    customer_profile_id: &'a str,
    customer_payment_profile_id: &'a str,
}

impl Call for DeleteCustomerPaymentProfile<'_> {
    const NAME: &'static str = "deleteCustomerPaymentProfileRequest";
    type Answer = Nothing;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidateCustomerPaymentProfile<'a> {
    customer_profile_id: &'a str,
    customer_payment_profile_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    card_code: Option<SecretString>,
    validation_mode: ValidationMode,
}

impl Call for ValidateCustomerPaymentProfile<'_> {
    const NAME: &'static str = "validateCustomerPaymentProfileRequest";
    type Answer = Nothing;
}

/// A new customer: at least one of id, description and email. `Debug` shows the id.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewCustomer {
    /// The merchant's id, at most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_customer_id: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Methods kept from the start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_profiles: Vec<NewPaymentProfile>,
}

impl NewCustomer {
    /// A customer by the merchant's id.
    pub fn new(merchant_customer_id: impl Into<String>) -> Self {
        Self { merchant_customer_id: Some(merchant_customer_id.into()), ..Self::default() }
    }

    /// Adds a method.
    pub fn with_payment_profile(mut self, profile: NewPaymentProfile) -> Self {
        self.payment_profiles.push(profile);
        self
    }
}

impl fmt::Debug for NewCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCustomer")
            .field("merchant_customer_id", &self.merchant_customer_id)
            .field("payment_profiles", &self.payment_profiles.len())
            .finish_non_exhaustive()
    }
}

/// A method to keep.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewPaymentProfile {
    /// `individual` or `business`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<String>,
    /// The billing address kept with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<Address>,
    /// What pays.
    pub payment: PaymentData,
}

impl NewPaymentProfile {
    /// A method without a billing address.
    pub fn new(payment: PaymentData) -> Self {
        Self { customer_type: None, bill_to: None, payment }
    }

    /// Adds the billing address.
    pub fn with_bill_to(mut self, address: Address) -> Self {
        self.bill_to = Some(address);
        self
    }
}

/// A customer that was made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedCustomer {
    /// The vendor's id.
    #[serde(default, deserialize_with = "text")]
    pub customer_profile_id: Option<String>,
    /// The ids of the methods, in the order of the request.
    #[serde(default, deserialize_with = "words")]
    pub customer_payment_profile_id_list: Vec<String>,
}

/// A method that was kept, or found to be kept already.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedPaymentProfile {
    /// The customer.
    #[serde(default, deserialize_with = "text")]
    pub customer_profile_id: Option<String>,
    /// The method.
    #[serde(default, deserialize_with = "text")]
    pub customer_payment_profile_id: Option<String>,
    /// Whether the customer had it already.
    #[serde(skip)]
    pub duplicate: bool,
}

/// A customer. `Debug` shows ids.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerProfile {
    /// The vendor's id.
    #[serde(default, deserialize_with = "text")]
    pub customer_profile_id: Option<String>,
    /// The merchant's id.
    #[serde(default, deserialize_with = "text")]
    pub merchant_customer_id: Option<String>,
    /// The merchant's words about them.
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
    /// Their email address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// Their methods.
    #[serde(default, deserialize_with = "list")]
    pub payment_profiles: Vec<PaymentProfile>,
}

impl fmt::Debug for CustomerProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerProfile")
            .field("customer_profile_id", &self.customer_profile_id)
            .field("merchant_customer_id", &self.merchant_customer_id)
            .field("payment_profiles", &self.payment_profiles)
            .finish_non_exhaustive()
    }
}

/// A stored method, masked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentProfile {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub customer_payment_profile_id: Option<String>,
    /// What pays, masked.
    #[serde(default)]
    pub payment: PaymentDetails,
}
