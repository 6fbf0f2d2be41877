//! Stored methods: a customer profile for each, or a method of a customer that exists.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use turnbuckle_core::payment::{
    Attempt, Authority, Lookup, MethodSummary, PaymentMethod, PaymentOperation, PaymentRef, StoreRequest,
    StoredMethod,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::method;
use super::pay::is_bank;
use super::request::{Instrument, instrument, invoice};
use super::search::IN_FLIGHT;
use super::text::{SEPARATOR, Texts};
use super::{AuthorizeNetGateway, detail, kind};
use crate::client::PROVIDER;
use crate::wire::is_numeric;
use crate::{CustomerProfile, NewCustomer, NewPaymentProfile, PaymentProfile, ValidationMode};

/// A method that is to be kept.
struct Wanted {
    profile: NewPaymentProfile,
    description: Option<String>,
    email: Option<String>,
}

impl AuthorizeNetGateway {
    /// Keeps a method: with the customer that the request names, or with a new one whose id at the merchant is the
    /// attempt's mark. Nothing is charged or authorized for it, and the security code is not sent.
    pub(super) async fn store_method(&self, request: &StoreRequest) -> Result<StoredMethod> {
        let key = self.wire_key(PaymentOperation::Store, &request.key);
        let wanted = wanted(request)?;
        let profiles = self.client.customer_profiles();
        if let Some(customer) = request.customer.as_ref().and_then(|customer| customer.reference.as_ref()) {
            return self.add_method(&customer_id(customer)?, &wanted, request).await;
        }
        let mut customer = NewCustomer::new(invoice(&key));
        customer.description.clone_from(&wanted.description);
        customer.email.clone_from(&wanted.email);
        let customer = customer.with_payment_profile(wanted.profile.clone());
        let created = match profiles.create(&customer, ValidationMode::None).await {
            Ok(created) => created,
            Err(error) if error.code() == Some("E00039") && error.effect() == Effect::None => {
                return self.kept_before(invoice(&key), &wanted, request, error).await;
            }
            Err(error) => return Err(error),
        };
        let ids = (created.customer_profile_id, created.customer_payment_profile_id_list.into_iter().next());
        let (Some(customer), Some(method)) = ids else {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the method was kept, and the answer has no ids",
            )
            .with_effect(Effect::Unknown)
            .or_context(&PROVIDER, "store"));
        };
        Ok(of_request(&customer, &method, request))
    }

    async fn add_method(
        &self,
        customer: &str,
        wanted: &Wanted,
        request: &StoreRequest,
    ) -> Result<StoredMethod> {
        let profiles = self.client.customer_profiles();
        let created =
            profiles.create_payment_profile(customer, &wanted.profile, ValidationMode::None).await?;
        let Some(method) = created.customer_payment_profile_id else {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the method was kept, and the answer has no id",
            )
            .with_effect(Effect::Unknown)
            .or_context(&PROVIDER, "store"));
        };
        let customer = created.customer_profile_id.as_deref().unwrap_or(customer);
        Ok(of_request(customer, &method, request))
    }

    /// The customer of this very attempt exists: its method, or the same one again where that was removed since.
    async fn kept_before(
        &self,
        mark: &str,
        wanted: &Wanted,
        request: &StoreRequest,
        refusal: Error,
    ) -> Result<StoredMethod> {
        let unclear = |error: Error| error.with_effect(Effect::Unknown);
        let found = self.client.customer_profiles().get_by_merchant_id(mark).await.map_err(unclear)?;
        let Some(customer) = found.customer_profile_id.clone() else { return Err(refusal) };
        match found.payment_profiles.first() {
            Some(method) => of_profile(&customer, method).ok_or(refusal),
            None => self.add_method(&customer, wanted, request).await,
        }
    }

    /// Removes a method, and leaves its customer. What is gone already is gone.
    pub(super) async fn unstore_method(&self, method: &PaymentRef) -> Result<()> {
        let (customer, id) = super::request::stored_ids(method)?;
        match self.client.customer_profiles().delete_payment_profile(customer, id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Finds what a `store` kept, by the mark that its customer carries. A method that was added to an existing customer
    /// carries none, so an absence is never proof; the same request with the same key is safe, and settles it.
    pub(super) async fn stored_by_attempt(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        let found = self.client.customer_profiles().get_by_merchant_id(invoice(&attempt.wire_key)).await;
        let profile = match found {
            Ok(profile) => profile,
            Err(error) if error.kind() == ErrorKind::NotFound => CustomerProfile::default(),
            Err(error) => return Err(error),
        };
        let customer = profile.customer_profile_id.as_deref();
        let method = profile.payment_profiles.first();
        if let (Some(customer), Some(method)) = (customer, method)
            && let Some(stored) = of_profile(customer, method)
        {
            return Ok(Lookup::Found(vec![stored]));
        }
        let until = attempt.last_sent_at + TimeDelta::from_std(IN_FLIGHT).unwrap_or(TimeDelta::MAX);
        Ok(Lookup::Absent(if self.clock.now() < until {
            Authority::Lagging { until }
        } else {
            Authority::Partial
        }))
    }
}

fn wanted(request: &StoreRequest) -> Result<Wanted> {
    let mut texts = Texts::new(request.options.text);
    let holder = match &request.method {
        PaymentMethod::Card(card) => card.holder(),
        _ => None,
    };
    let customer = request.customer.as_ref();
    let payment = match instrument(&request.method, &mut texts) {
        Some(Instrument::Payment(mut payment)) => {
            // Only a validation would look at it, and none is asked for.
            if let crate::PaymentData::CreditCard(card) = &mut payment {
                card.card_code = None;
            }
            Some(payment)
        }
        Some(Instrument::Profile(_)) => {
            texts.problems.push(turnbuckle_core::FieldError::new("method", "is stored already"));
            None
        }
        None => None,
    };
    let billing = texts.billing(request.billing.as_ref(), holder, customer);
    let reference = texts.description(&request.reference, None);
    let id = texts.take("customer.id", customer.and_then(|customer| customer.id.as_deref()));
    let email = texts.take("customer.email", customer.and_then(|customer| customer.email.as_deref()));
    let (Some(payment), true) = (payment, texts.problems.is_empty()) else {
        return Err(Error::new(ErrorKind::InvalidRequest, "the request does not fit Authorize.Net")
            .with_fields(texts.problems));
    };
    let mut profile = NewPaymentProfile::new(payment);
    profile.bill_to = Some(billing).filter(|billing| !billing.is_empty());
    let description = match (reference, id) {
        (Some(reference), Some(id)) => Some(format!("{reference}{SEPARATOR}{id}")),
        (reference, id) => reference.or(id),
    };
    Ok(Wanted { profile, description, email })
}

/// The vendor's id of a customer, from the customer's own handle or that of one of their methods.
fn customer_id(reference: &PaymentRef) -> Result<String> {
    let id = match reference.kind() {
        kind::METHOD => reference.detail(detail::CUSTOMER).unwrap_or_default(),
        kind::CUSTOMER => reference.id(),
        _ => "",
    };
    if is_numeric(id) {
        return Ok(id.to_owned());
    }
    Err(Error::invalid_field("customer.reference", "is not a customer's handle"))
}

/// The customer that a stored method belongs to, as
/// [`Customer::reference`](turnbuckle_core::payment::Customer::reference) of the next one to be stored.
pub fn customer_of(stored: &PaymentRef) -> Option<PaymentRef> {
    let customer = stored.detail(detail::CUSTOMER)?;
    (stored.provider() == &PROVIDER && stored.kind() == kind::METHOD)
        .then(|| PaymentRef::new(PROVIDER, kind::CUSTOMER, customer))
}

fn reference(customer: &str, method: &str, summary: &MethodSummary) -> PaymentRef {
    let is_bank = summary.kind == "bank_account";
    let reference = PaymentRef::new(PROVIDER, kind::METHOD, method)
        .with_detail(detail::CUSTOMER, customer)
        .with_detail(detail::TENDER, if is_bank { detail::BANK } else { detail::CARD });
    match &summary.last4 {
        Some(last4) => reference.with_detail(detail::LAST4, last4),
        None => reference,
    }
}

fn of_request(customer: &str, id: &str, request: &StoreRequest) -> StoredMethod {
    let mut summary = MethodSummary::default();
    if is_bank(&request.method) { "bank_account" } else { "card" }.clone_into(&mut summary.kind);
    match &request.method {
        PaymentMethod::Card(card) => {
            summary.bin = card.bin();
            summary.last4 = Some(card.last4());
            summary.exp_month = Some(card.exp_month());
            summary.exp_year = Some(card.exp_year());
        }
        PaymentMethod::BankAccount(account) => {
            let number = account.account_number.expose_secret();
            summary.last4 = (number.len() > 4).then(|| account.last4());
        }
        _ => {}
    }
    StoredMethod::new(reference(customer, id, &summary), summary)
}

fn of_profile(customer: &str, profile: &PaymentProfile) -> Option<StoredMethod> {
    let id = profile.customer_payment_profile_id.as_deref()?;
    let bank = profile.payment.bank_account.as_ref();
    let card = profile.payment.credit_card.as_ref();
    let masked = bank
        .and_then(|bank| bank.account_number.as_deref())
        .or_else(|| card.and_then(|card| card.card_number.as_deref()));
    let last4 = masked.and_then(crate::transactions::last4);
    let brand = card.and_then(|card| card.card_type.as_deref());
    let summary = method(brand, last4, bank.is_some());
    Some(StoredMethod::new(reference(customer, id, &summary), summary))
}
