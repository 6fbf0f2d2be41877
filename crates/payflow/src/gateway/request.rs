//! From requests to Payflow's parameters.

use std::net::IpAddr;

use secrecy::ExposeSecret;
use turnbuckle_core::payment::{
    AccountType, Address, BankAccount, Card, Customer, Initiator, MerchantReference, MethodSummary,
    PaymentMethod, PaymentOperation, PaymentRef, PaymentRequest, Preflight, RequestOptions, SecCode,
    StoredCredential, StoredCredentialReason, TextChange, ThreeDSecure,
};
use turnbuckle_core::{Error, Result};

use super::texts::Texts;
use super::{detail, kind};
use crate::params::{Tender, decimal};
use crate::{Authentication, BankAccountData, CardData, CardOnFile, ChargeDetails, Contact, Instrument};

/// A request's method and texts as they go out.
pub(super) struct Parts {
    pub(super) instrument: Instrument,
    pub(super) details: ChargeDetails,
    pub(super) changes: Vec<TextChange>,
}

/// What a request says besides its amount.
pub(super) struct Wish<'a> {
    pub(super) method: &'a PaymentMethod,
    pub(super) reference: &'a MerchantReference,
    pub(super) description: Option<&'a str>,
    pub(super) customer: Option<&'a Customer>,
    pub(super) billing: Option<&'a Address>,
    pub(super) shipping: Option<&'a Address>,
    pub(super) stored_credential: Option<&'a StoredCredential>,
    pub(super) three_d_secure: Option<&'a ThreeDSecure>,
    pub(super) options: &'a RequestOptions,
}

impl<'a> Wish<'a> {
    pub(super) fn new(
        method: &'a PaymentMethod,
        reference: &'a MerchantReference,
        options: &'a RequestOptions,
    ) -> Self {
        Self {
            method,
            reference,
            description: None,
            customer: None,
            billing: None,
            shipping: None,
            stored_credential: None,
            three_d_secure: None,
            options,
        }
    }

    pub(super) fn of(request: &'a PaymentRequest) -> Self {
        Self {
            description: request.description.as_deref(),
            customer: request.customer.as_ref(),
            billing: request.billing.as_ref(),
            shipping: request.shipping.as_ref(),
            stored_credential: request.stored_credential.as_ref(),
            three_d_secure: request.three_d_secure.as_ref(),
            ..Self::new(&request.method, &request.reference, &request.options)
        }
    }
}

/// What goes out for a request.
///
/// # Errors
/// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming every field that Payflow would refuse,
/// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) for a method that the operation does not take.
pub(super) fn parts(wish: &Wish<'_>, operation: PaymentOperation) -> Result<Parts> {
    let mut texts = Texts::new(wish.options.text);
    let made = collect(wish, operation, &mut texts)?;
    let changes = texts.finish()?;
    let Some((instrument, details)) = made else {
        return Err(Error::invalid_field("method", "cannot be sent to Payflow"));
    };
    Ok(Parts { instrument, details, changes })
}

/// What Payflow would refuse or change, found by making the request and not sending it.
pub(super) fn preflight(request: &PaymentRequest) -> Preflight {
    let mut texts = Texts::new(request.options.text);
    let amount = decimal("amount", request.amount);
    let made =
        texts.keep(amount).and_then(|_| collect(&Wish::of(request), PaymentOperation::Purchase, &mut texts));
    let mut preflight = texts.preflight();
    if let Err(error) = made {
        preflight.refuse("request", error.message().to_owned());
    }
    preflight
}

fn collect(
    wish: &Wish<'_>,
    operation: PaymentOperation,
    texts: &mut Texts,
) -> Result<Option<(Instrument, ChargeDetails)>> {
    let mut details = ChargeDetails::new();
    details.comment1 = texts.fit("reference", Some(wish.reference.as_str()));
    details.comment2 = texts.fit("description", wish.description);
    details.billing = Some(payer(wish, texts));
    if let Some(IpAddr::V4(ip)) = wish.customer.and_then(|customer| customer.ip) {
        details.ip = Some(ip);
    }
    details.shipping = wish.shipping.map(|address| contact("shipping", address, texts));
    if let Some(level2) = &wish.options.level2 {
        details.purchase_order = texts.fit("level2.purchase_order", level2.purchase_order.as_deref());
        if let Some(tax) = level2.tax {
            texts.keep(decimal("level2.tax", tax))?;
            details.tax = Some(tax);
        }
    }
    if let Some(credential) = wish.stored_credential {
        details.card_on_file = Some(card_on_file(credential));
        details.network_id = credential.original.as_ref().and_then(|original| original.network_id.clone());
        check_word("stored_credential.original.network_id", details.network_id.as_deref(), 32, texts);
    }
    if let Some(result) = wish.three_d_secure {
        check_word("three_d_secure.transaction_id", Some(&result.transaction_id), 64, texts);
        check_word("three_d_secure.version", Some(&result.version), 16, texts);
        check_word("three_d_secure.eci", Some(&result.eci), 2, texts);
        check_word("three_d_secure.cavv", Some(result.cavv.expose_secret()), 64, texts);
        details.authentication = Some(Authentication::new(
            &result.version,
            &result.eci,
            result.cavv.clone(),
            &result.transaction_id,
        ));
    }
    let instrument = instrument(wish.method, operation, texts)?;
    Ok(instrument.map(|instrument| (instrument, details)))
}

/// Name, address, telephone number and email address of who pays.
pub(super) fn payer(wish: &Wish<'_>, texts: &mut Texts) -> Contact {
    let mut billing = wish.billing.map(|address| contact("billing", address, texts)).unwrap_or_default();
    name(wish, &mut billing, texts);
    if let Some(customer) = wish.customer {
        billing.email = texts.fit("customer.email", customer.email.as_deref());
        let phone = texts.fit("customer.phone", customer.phone.as_deref());
        billing.phone = billing.phone.or(phone);
    }
    billing
}

/// Values that must arrive as they are: nothing may be shortened or replaced.
fn check_word(field: &'static str, value: Option<&str>, max: usize, texts: &mut Texts) {
    let Some(value) = value else { return };
    if value.len() > max || !value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') {
        texts.refuse(field, "is too long or holds characters that Payflow does not take");
    }
}

fn instrument(
    method: &PaymentMethod,
    operation: PaymentOperation,
    texts: &mut Texts,
) -> Result<Option<Instrument>> {
    Ok(Some(match method {
        PaymentMethod::Card(card) => Instrument::Card(card_data(card)),
        PaymentMethod::BankAccount(account) => {
            if !matches!(operation, PaymentOperation::Purchase | PaymentOperation::Verify) {
                return Err(Error::unsupported(
                    "Payflow takes a bank account for sales and test entries only; credits to one need its sale",
                ));
            }
            match bank_data(account, texts) {
                Some(data) => Instrument::BankAccount(data),
                None => return Ok(None),
            }
        }
        PaymentMethod::Stored(stored) => {
            if matches!(operation, PaymentOperation::Store) {
                return Err(Error::unsupported("the method is stored already"));
            }
            match texts.keep(reference_of(stored))? {
                Some(reference) => Instrument::Reference(reference),
                None => return Ok(None),
            }
        }
        _ => return Err(Error::unsupported("Payflow does not take this kind of payment method here")),
    }))
}

/// The transaction whose card is charged again.
pub(super) fn reference_of(stored: &PaymentRef) -> Result<String> {
    let reusable = matches!(stored.kind(), kind::STORED | kind::SALE | kind::AUTHORIZATION | kind::CAPTURE);
    if reusable && stored.detail(detail::TENDER) != Some(Tender::Ach.as_str()) {
        return Ok(stored.id().to_owned());
    }
    Err(Error::invalid_field(
        "method.stored",
        "is not a handle of a stored card or of an earlier card payment",
    ))
}

pub(super) fn card_data(card: &Card) -> CardData {
    let data = CardData::new(card.number().clone(), card.exp_month(), card.exp_year());
    match card.cvv() {
        Some(cvv) => data.with_cvv(cvv.clone()),
        None => data,
    }
}

fn bank_data(account: &BankAccount, texts: &mut Texts) -> Option<BankAccountData> {
    let agreement = match account.sec_code {
        SecCode::Web => "WEB",
        SecCode::Ppd => "PPD",
        SecCode::Ccd => "CCD",
        SecCode::Tel => "TEL",
        _ => {
            texts.refuse("bank_account.sec_code", "is not one that Payflow has");
            return None;
        }
    };
    // Payflow needs the name; the whole of it stands in one field.
    let Some(holder) = texts.fit("method.holder", Some(&account.holder_name)) else {
        if account.holder_name.is_empty() {
            texts.refuse("method.holder", "is missing: Payflow needs it for a bank account");
        }
        return None;
    };
    let data =
        BankAccountData::new(&account.routing_number, account.account_number.clone(), holder, agreement);
    Some(if account.account_type == AccountType::Savings { data.with_savings() } else { data })
}

/// One name reaches Payflow: that of the billing address, else the card holder's, else the customer's, whole in the field of
/// the given name. A card holder who differs from the billing name is refused, since one of them would be lost.
fn name(wish: &Wish<'_>, billing: &mut Contact, texts: &mut Texts) {
    let named = wish.billing.is_some_and(|address| {
        [&address.first_name, &address.last_name].into_iter().flatten().any(|name| !name.is_empty())
    });
    match wish.method {
        PaymentMethod::BankAccount(account) if named => {
            same_name(wish, &account.holder_name, texts);
            // The holder's name goes out with the account.
            (billing.first_name, billing.last_name) = (None, None);
        }
        PaymentMethod::BankAccount(_) => {}
        PaymentMethod::Card(card) => match card.holder().filter(|holder| !holder.is_empty()) {
            Some(holder) if named => same_name(wish, holder, texts),
            Some(holder) => billing.first_name = texts.fit("method.holder", Some(holder)),
            None if !named => billing.first_name = customer_name(wish, texts),
            None => {}
        },
        _ if !named => billing.first_name = customer_name(wish, texts),
        _ => {}
    }
}

fn customer_name(wish: &Wish<'_>, texts: &mut Texts) -> Option<String> {
    texts.fit("customer.name", wish.customer.and_then(|customer| customer.name.as_deref()))
}

fn same_name(wish: &Wish<'_>, holder: &str, texts: &mut Texts) {
    let billing = wish.billing.map(|address| {
        let parts = [address.first_name.as_deref(), address.last_name.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    });
    if billing.as_deref() != Some(holder) {
        texts.refuse("method.holder", "differs from the name in the billing address: Payflow takes one name");
    }
}

type AddressFields = [&'static str; 10];

const BILLING: AddressFields = [
    "billing.first_name",
    "billing.last_name",
    "billing.company",
    "billing.line1",
    "billing.line2",
    "billing.city",
    "billing.region",
    "billing.postal_code",
    "billing.country",
    "billing.phone",
];

const SHIPPING: AddressFields = [
    "shipping.first_name",
    "shipping.last_name",
    "shipping.company",
    "shipping.line1",
    "shipping.line2",
    "shipping.city",
    "shipping.region",
    "shipping.postal_code",
    "shipping.country",
    "shipping.phone",
];

fn contact(which: &str, address: &Address, texts: &mut Texts) -> Contact {
    let [first, last, company, line1, line2, city, region, postal, country, phone] =
        if which == "billing" { BILLING } else { SHIPPING };
    let mut contact = Contact::new();
    contact.first_name = texts.fit(first, address.first_name.as_deref());
    contact.last_name = texts.fit(last, address.last_name.as_deref());
    contact.company = texts.fit(company, address.company.as_deref());
    contact.street = texts.fit(line1, address.line1.as_deref());
    contact.street2 = texts.fit(line2, address.line2.as_deref());
    contact.city = texts.fit(city, address.city.as_deref());
    contact.region = texts.fit(region, address.region.as_deref());
    contact.postal_code = texts.fit(postal, address.postal_code.as_deref());
    contact.country = texts.fit(country, address.country.as_deref());
    contact.phone = texts.fit(phone, address.phone.as_deref());
    contact
}

/// Payflow has no word for instalments; they are a series at fixed times.
fn card_on_file(credential: &StoredCredential) -> CardOnFile {
    let unscheduled = credential.reason == StoredCredentialReason::Unscheduled;
    match (credential.initiator, unscheduled) {
        (Initiator::Customer, _) if credential.original.is_none() => CardOnFile::CardholderInitial,
        (Initiator::Customer, false) => CardOnFile::CardholderRecurring,
        (Initiator::Customer, true) => CardOnFile::CardholderUnscheduled,
        (Initiator::Merchant, false) => CardOnFile::MerchantRecurring,
        (Initiator::Merchant, true) => CardOnFile::MerchantUnscheduled,
    }
}

/// What may be shown of a method, as far as the request says it.
pub(super) fn summary(method: &PaymentMethod) -> MethodSummary {
    let mut summary = MethodSummary::default();
    Tender::Card.word().clone_into(&mut summary.kind);
    match method {
        PaymentMethod::Card(card) => {
            summary.bin = card.bin();
            summary.last4 = Some(card.last4());
            summary.exp_month = Some(card.exp_month());
            summary.exp_year = Some(card.exp_year());
        }
        PaymentMethod::BankAccount(account) => {
            Tender::Ach.word().clone_into(&mut summary.kind);
            summary.last4 = Some(account.last4());
        }
        PaymentMethod::Stored(stored) => {
            summary.last4 = stored.detail(detail::LAST4).map(str::to_owned);
        }
        _ => {}
    }
    summary
}
