//! Methods kept at Stripe for later.

use turnbuckle_core::payment::{
    Attempt, Authority, Lookup, PaymentMethod as Method, PaymentOperation, PaymentRef, StoreRequest,
    StoredMethod,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::lookup::{Scan, window};
use super::{StripeGateway, answer, call, detail, expect_kind, kind, marks, request};
use crate::client::PROVIDER;
use crate::{
    AttachPaymentMethod, CreateCustomer, Customer, ListCustomers, ListPaymentMethods, PaymentMethod,
    StripeError,
};

impl StripeGateway {
    /// Keeps a method.
    ///
    /// With no customer at Stripe yet, the customer is made together with its method in one request, so that neither
    /// stays behind alone. A raw method is turned into a payment method first; should what follows fail, that payment
    /// method belongs to nobody and can be charged by nobody.
    pub(super) async fn store_method(&self, request: &StoreRequest) -> Result<StoredMethod> {
        let scope = request.options.sub_account.as_deref();
        let key = self.wire_key(PaymentOperation::Store, &request.key);
        let metadata = marks::metadata(
            &request.options.metadata,
            PaymentOperation::Store,
            &key,
            Some(&request.reference),
        )?;
        if matches!(request.method, Method::Stored(_)) {
            return Err(Error::invalid_field("method", "is stored already"));
        }
        let instrument =
            request::instrument(&request.method, request.customer.as_ref(), request.billing.as_ref())?;
        let method = match (instrument.method, instrument.data) {
            (Some(id), _) => id,
            (None, Some(data)) => {
                let mut data = data;
                data.metadata.clone_from(&metadata);
                let step = self.step_key("store/payment_method", &request.key);
                let options = call(scope).with_idempotency_key(step.as_str());
                let made = self.client.payment_methods().create(&data, &options).await;
                made?.id
            }
            (None, None) => {
                return Err(Error::unsupported(
                    "Stripe stores payment methods and tokens, not confirmation tokens",
                ));
            }
        };
        if let Some(customer) = &instrument.customer {
            let step = self.step_key("store/attach", &request.key);
            let options = call(scope).with_idempotency_key(step.as_str());
            let params = AttachPaymentMethod::new(customer);
            return stored(&self.client.payment_methods().attach(&method, &params, &options).await?, scope);
        }
        let params = new_customer(request, &method, metadata);
        let options = call(scope).with_idempotency_key(key.as_str());
        let customer = self.client.customers().create(&params, &options).await?;
        self.only_method(&customer, scope).await?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "Stripe made the customer without the method")
                .with_effect(Effect::Happened)
                .with_payment(customer_ref(&customer, scope))
        })
    }

    /// The newest method of a customer that a `store` made.
    async fn only_method(&self, customer: &Customer, scope: Option<&str>) -> Result<Option<StoredMethod>> {
        let request =
            self.client.payment_methods().list(&customer.id, &ListPaymentMethods::new().with_limit(1));
        let page = request.with_options(call(scope)).page().await.map_err(|error| {
            // The method is kept; only its description could not be read.
            error.with_effect(Effect::Unknown).with_payment(customer_ref(customer, scope))
        })?;
        page.data.first().map(|method| stored(method, scope)).transpose()
    }

    pub(super) async fn detach(&self, method: &PaymentRef) -> Result<()> {
        expect_kind(method, kind::METHOD)?;
        let scope = method.detail(detail::ACCOUNT);
        let detached = self.client.payment_methods().detach(method.id(), &call(scope)).await;
        let Err(error) = detached else { return Ok(()) };
        if StripeError::of(&error).is_none_or(|stripe| stripe.http_status != 400) {
            return Err(error);
        }
        // Refused: it is no error if the method belongs to nobody any more.
        match self.client.payment_methods().retrieve(method.id(), &call(scope)).await {
            Ok(found) if found.customer.is_none() => Ok(()),
            _ => Err(error),
        }
    }

    /// Finds what a `store` kept.
    ///
    /// A customer that was made for it carries its mark. A method that was attached to an existing customer carries
    /// none, so an absence is never proof; sending the same request again with the same key is safe and settles it.
    pub(super) async fn stored_by_attempt(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        let scope = attempt.sub_account.as_deref();
        let created = window(attempt);
        let scan = Scan::run(
            |after| {
                let mut params = ListCustomers::new().with_limit(Scan::PAGE).with_created(created.clone());
                params.starting_after = after;
                self.client.customers().list(&params).with_options(call(scope))
            },
            |customer| marks::carries(&customer.metadata, marks::WIRE_KEY, &attempt.wire_key),
        )
        .await?;
        for customer in &scan.found {
            if let Some(stored) = self.only_method(customer, scope).await? {
                return Ok(Lookup::Found(vec![stored]));
            }
        }
        Ok(Lookup::Absent(match self.absence(attempt, scan.complete) {
            Authority::Authoritative => Authority::Partial,
            weaker => weaker,
        }))
    }
}

fn new_customer(request: &StoreRequest, method: &str, metadata: marks::Metadata) -> CreateCustomer {
    let mut params = CreateCustomer::new();
    params.payment_method = Some(method.to_owned());
    params.metadata = metadata;
    params.address = request.billing.as_ref().map(request::address);
    if let Some(customer) = &request.customer {
        params.name.clone_from(&customer.name);
        params.email.clone_from(&customer.email);
        params.phone.clone_from(&customer.phone);
    }
    params
}

fn customer_ref(customer: &Customer, scope: Option<&str>) -> PaymentRef {
    answer::scoped(PaymentRef::new(PROVIDER, kind::CUSTOMER, &customer.id), scope)
}

fn stored(method: &PaymentMethod, scope: Option<&str>) -> Result<StoredMethod> {
    let customer = method.customer.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "Stripe kept the method without a customer")
            .with_effect(Effect::Happened)
    })?;
    let summary = answer::summary_of_method(method);
    let mut reference = answer::scoped(PaymentRef::new(PROVIDER, kind::METHOD, &method.id), scope)
        .with_detail(detail::CUSTOMER, customer.id())
        .with_detail(detail::TYPE, &method.method_type);
    if let Some(last4) = &summary.last4 {
        reference = reference.with_detail(detail::LAST4, last4);
    }
    Ok(StoredMethod::new(reference, summary))
}
