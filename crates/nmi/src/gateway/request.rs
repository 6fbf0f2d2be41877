//! Requests of the shared shape as requests of NMI's.

use std::collections::BTreeMap;

use turnbuckle_core::FieldError;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Address, Customer, Level2, MerchantReference, PaymentMethod, PaymentRef, PaymentRequest, Preflight,
    RequestOptions, TextChange,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::texts::{BILLING, LONGEST, SHIPPING, Texts, part_name};
use super::{detail, kind, marks};
use crate::{Contact, NewTransaction, Rail, Source, TransactionType, VaultMethod};

/// A Collect.js token of a card.
pub(super) const CARD_TOKEN: &str = "payment_token";
/// A Collect.js token of a bank account.
pub(super) const CHECK_TOKEN: &str = "payment_token_check";

/// A transaction that is ready to go, and what was changed on the way.
pub(super) struct Prepared {
    pub(super) transaction: NewTransaction,
    pub(super) changes: Vec<TextChange>,
}

/// What NMI would be sent for a purchase or an authorization.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) naming every field that cannot go.
pub(super) fn payment(request: &PaymentRequest, kind: TransactionType) -> Result<Prepared> {
    let mut texts = Texts::new(request.options.text);
    let transaction = draft(request, kind, &mut texts);
    refuse_any(texts.problems)?;
    let transaction = transaction.ok_or_else(unusable)?;
    Ok(Prepared { transaction, changes: texts.changes })
}

/// What stands against a request and what would be changed: the very checks of [`payment`].
pub(super) fn preflight(request: &PaymentRequest) -> Preflight {
    let mut texts = Texts::new(request.options.text);
    draft(request, TransactionType::Sale, &mut texts);
    let mut preflight = Preflight::default();
    preflight.refusals = texts.problems;
    preflight.changes = texts.changes;
    preflight
}

fn unusable() -> Error {
    Error::invalid_field("method", "is not a method that this gateway can charge")
}

pub(super) fn refuse_any(problems: Vec<FieldError>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "the request has fields that NMI cannot take")
        .with_fields(problems))
}

fn draft(request: &PaymentRequest, kind: TransactionType, texts: &mut Texts) -> Option<NewTransaction> {
    check_amount(request.amount, texts);
    let source = source(&request.method, texts);
    let people = people(&request.method, request.customer.as_ref(), request.billing.as_ref(), texts);
    let shipping = texts.address(SHIPPING, request.shipping.as_ref());
    let description = texts.fit("description", request.description.as_deref());
    let series = request.stored_credential.clone();
    let mut transaction = NewTransaction::new(kind, request.amount, source?);
    transaction.order_description = description;
    transaction.billing = people.billing;
    transaction.shipping = shipping;
    transaction.ip_address = request.customer.as_ref().and_then(|customer| customer.ip);
    transaction.defined_fields = people.fields;
    transaction.defined_fields.insert(marks::REFERENCE, request.reference.as_str().to_owned());
    transaction.stored_credential = series;
    transaction.three_d_secure.clone_from(&request.three_d_secure);
    options(&mut transaction, request.amount, &request.options, texts);
    Some(transaction)
}

fn check_amount(amount: Money, texts: &mut Texts) {
    if amount.currency().exponent() != 2 {
        texts.refuse("amount", "is in a currency without two decimals, which is unproven at NMI");
    }
}

/// Descriptor, level 2, metadata, processor.
fn options(transaction: &mut NewTransaction, amount: Money, options: &RequestOptions, texts: &mut Texts) {
    transaction.descriptor = texts.fit("statement_descriptor", options.statement_descriptor.as_deref());
    if let Some(Level2 { tax, purchase_order, .. }) = &options.level2 {
        if tax.is_some_and(|tax| tax.currency() != amount.currency() || tax.minor() < 0) {
            texts.refuse("level2.tax", "is negative or in another currency than the amount");
        }
        transaction.tax = *tax;
        transaction.po_number = texts.fit("level2.purchase_order", purchase_order.as_deref());
    }
    if let Some(processor) = &options.sub_account {
        let plain = processor.bytes().all(|byte| byte.is_ascii_graphic());
        if !(1..=LONGEST).contains(&processor.len()) || !plain {
            texts.refuse("options.sub_account", "is not a processor id");
        }
    }
    transaction.processor_id.clone_from(&options.sub_account);
    metadata(&options.metadata, &mut transaction.defined_fields, texts);
}

/// The host's metadata, one merchant-defined field an entry.
pub(super) fn metadata(
    host: &BTreeMap<String, String>,
    fields: &mut BTreeMap<u8, String>,
    texts: &mut Texts,
) {
    if host.len() > usize::from(marks::LAST - marks::FIRST + 1) {
        texts.refuse("metadata", "has more than 16 entries: NMI has 20 fields, and four are ours");
    }
    for (number, (name, value)) in (marks::FIRST..=marks::LAST).zip(host) {
        let entry = format!("{name}={value}");
        if entry.chars().count() > LONGEST || entry.chars().any(char::is_control) {
            texts.refuse("metadata", "has an entry longer than 254 characters or with control characters");
        }
        fields.insert(number, entry);
    }
}

/// What pays.
pub(super) fn source(method: &PaymentMethod, texts: &mut Texts) -> Option<Source> {
    match method {
        PaymentMethod::Card(card) => Some(Source::Card(card.clone())),
        PaymentMethod::Token(token) => Some(Source::PaymentToken(token.value().clone())),
        PaymentMethod::Stored(stored) => match vault_method(stored) {
            Ok(method) => Some(Source::Vault(method)),
            Err(error) => {
                texts.problems.extend(error.fields().iter().cloned());
                None
            }
        },
        PaymentMethod::BankAccount(account) => {
            let mut account = account.clone();
            if let Some(holder) = texts.fit("method.holder", Some(&account.holder_name)) {
                account.holder_name = holder;
            } else if account.holder_name.is_empty() {
                texts.refuse("method.holder", "is missing, and NMI asks for it");
            }
            Some(Source::Check(account))
        }
        _ => {
            texts.refuse("method", "is of a kind that this gateway cannot charge");
            None
        }
    }
}

/// The customer of the vault, and which of its methods.
pub(super) fn vault_method(stored: &PaymentRef) -> Result<VaultMethod> {
    match (stored.kind(), stored.detail(detail::CUSTOMER)) {
        (kind::CUSTOMER, _) => Ok(VaultMethod::new(stored.id())),
        (kind::BILLING, Some(customer)) => Ok(VaultMethod::new(customer).with_billing_id(stored.id())),
        _ => Err(Error::invalid_field("method", "is not a handle of a stored method")),
    }
}

/// Which network a method runs on, as far as it says.
pub(super) fn rail(method: &PaymentMethod) -> Rail {
    let check = match method {
        PaymentMethod::BankAccount(_) => true,
        PaymentMethod::Token(token) => token.kind() == CHECK_TOKEN,
        PaymentMethod::Stored(stored) => stored.detail(detail::RAIL) == Some("check"),
        _ => false,
    };
    if check { Rail::Check } else { Rail::Card }
}

/// Names, contact and the fields for what has no place among them.
pub(super) struct People {
    pub(super) billing: Contact,
    pub(super) fields: BTreeMap<u8, String>,
}

/// NMI has one name for a payment. It is that of the billing address, else of the card, else of the customer; a name that
/// is not used so, and differs, is kept in a field of its own, since nothing may be lost.
pub(super) fn people(
    method: &PaymentMethod,
    customer: Option<&Customer>,
    address: Option<&Address>,
    texts: &mut Texts,
) -> People {
    let mut billing = texts.address(BILLING, address);
    let mut fields = BTreeMap::new();
    let holder = match method {
        PaymentMethod::Card(card) => texts.fit("method.holder", card.holder()),
        _ => None,
    };
    let name = texts.fit("customer.name", customer.and_then(|customer| customer.name.as_deref()));
    let in_use = |billing: &Contact| {
        let parts = [billing.first_name.as_deref(), billing.last_name.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    for (mark, name) in [(marks::HOLDER, holder), (marks::CUSTOMER_NAME, name)] {
        let Some(name) = name else { continue };
        let used = in_use(&billing);
        if used.is_empty() {
            (billing.first_name, billing.last_name) = part_name(name);
        } else if used != name {
            fields.insert(mark, name);
        }
    }
    if let Some(customer) = customer {
        if let Some(id) = texts.fit("customer.id", customer.id.as_deref()) {
            fields.insert(marks::CUSTOMER, id);
        }
        billing.email = texts.fit("customer.email", customer.email.as_deref());
        let is_address = |email: &String| {
            email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        };
        if billing.email.as_ref().is_some_and(|email| !is_address(email)) {
            texts.refuse("customer.email", "is not an email address");
        }
        let phone = texts.fit("customer.phone", customer.phone.as_deref());
        match (&billing.phone, phone) {
            (Some(known), Some(other)) if *known != other => {
                texts.refuse("customer.phone", "differs from `billing.phone`, and NMI keeps one of them");
            }
            (None, phone) => billing.phone = phone,
            _ => {}
        }
    }
    People { billing, fields }
}

/// What stands beside a stored method, a credit or a verification.
pub(super) fn reference_field(reference: &MerchantReference) -> BTreeMap<u8, String> {
    BTreeMap::from([(marks::REFERENCE, reference.as_str().to_owned())])
}

/// A transaction without a payment request behind it: a credit or a verification.
pub(super) fn plain(
    mut transaction: NewTransaction,
    reference: &MerchantReference,
    request_options: &RequestOptions,
    people: People,
    texts: &mut Texts,
) -> NewTransaction {
    let amount = transaction.amount.unwrap_or(Money::zero(transaction.currency));
    check_amount(amount, texts);
    transaction.billing = people.billing;
    transaction.defined_fields = people.fields;
    transaction.defined_fields.extend(reference_field(reference));
    options(&mut transaction, amount, request_options, texts);
    transaction
}
