//! From a request to a transaction.

use secrecy::ExposeSecret;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    AccountHolder, AccountType, Address, BankAccount, Card, Customer, Initiator, MerchantReference,
    PaymentMethod, PaymentOperation, PaymentRequest, RequestOptions, SecCode, StoredCredential,
    StoredCredentialReason, TextChange, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use super::text::{Side, Texts};
use super::{ACCEPT_JS, detail, expect_kind, kind};
use crate::{
    BankAccountData, CardholderAuthentication, CreditCard, CustomerData, ExtendedAmount, OpaqueData, Order,
    PaymentData, ProcessingOptions, ProfilePayment, Settings, SubsequentAuth, TransactionRequest,
    TransactionType,
};

/// Characters of an invoice number.
pub(super) const INVOICE: usize = 20;

/// The longest card number that the vendor's schema takes.
const LONGEST_CARD: usize = 16;

/// The invoice number of an attempt: what it is found again by.
pub(super) fn invoice(key: &WireKey) -> &str {
    key.short(INVOICE)
}

/// Whether an invoice number may be one of ours.
pub(super) fn is_invoice(text: &str) -> bool {
    text.len() == INVOICE && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'))
}

/// What pays, in the vendor's terms.
pub(super) enum Instrument {
    Payment(PaymentData),
    Profile(ProfilePayment),
}

/// A transaction, and what became of its texts.
pub(super) struct Built {
    pub(super) transaction: TransactionRequest,
    pub(super) texts: Texts,
}

impl Built {
    /// The transaction and the changes.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) naming every field that cannot be sent.
    pub(super) fn finish(self) -> Result<(TransactionRequest, Vec<TextChange>)> {
        if self.texts.problems.is_empty() {
            return Ok((self.transaction, self.texts.changes));
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the request does not fit Authorize.Net")
            .with_fields(self.texts.problems))
    }
}

/// The switches of every transaction: the longest duplicate window, and no partial approval unless asked for.
pub(super) fn settings(allow_partial: Option<bool>) -> Settings {
    let settings = Settings::new();
    let settings = match allow_partial {
        Some(allow) => settings.with_allow_partial_auth(allow),
        None => settings,
    };
    settings.with_duplicate_window(Settings::LONGEST_DUPLICATE_WINDOW)
}

/// A purchase or an authorization.
pub(super) fn payment(request: &PaymentRequest, operation: PaymentOperation, key: &WireKey) -> Built {
    let kind = match operation {
        PaymentOperation::Authorize => TransactionType::AuthOnly,
        _ => TransactionType::AuthCapture,
    };
    let who = Who {
        customer: request.customer.as_ref(),
        billing: request.billing.as_ref(),
        shipping: request.shipping.as_ref(),
    };
    let about = (&request.reference, request.description.as_deref());
    let mut built = basis(kind, request.amount, &request.method, who, about, &request.options, key);
    let Built { transaction, texts } = &mut built;
    if kind == TransactionType::AuthOnly && matches!(request.method, PaymentMethod::BankAccount(_)) {
        let problem = "a bank account cannot be authorized first: purchase with it";
        texts.problems.push(FieldError::new("method", problem));
    }
    transaction.transaction_settings = Some(settings(Some(request.allow_partial)));
    if let Some(result) = &request.three_d_secure {
        transaction.cardholder_authentication =
            Some(CardholderAuthentication::new(result.eci.clone(), result.cavv.clone()));
    }
    if let Some(credential) = &request.stored_credential {
        series(credential, transaction, texts);
    }
    built
}

/// Who pays, and where the goods go.
#[derive(Clone, Copy, Default)]
pub(super) struct Who<'a> {
    pub(super) customer: Option<&'a Customer>,
    pub(super) billing: Option<&'a Address>,
    pub(super) shipping: Option<&'a Address>,
}

/// What transactions that pay have in common. A stored method brings its own address and customer: the vendor refuses
/// an address beside it, and what it does with a customer there is not proven.
pub(super) fn basis(
    kind: TransactionType,
    amount: Money,
    method: &PaymentMethod,
    who: Who<'_>,
    (reference, description): (&MerchantReference, Option<&str>),
    options: &RequestOptions,
    key: &WireKey,
) -> Built {
    let mut texts = Texts::new(options.text);
    let mut transaction = TransactionRequest::new(kind);
    money(amount, &mut transaction, &mut texts);
    let mut order = Order::new(invoice(key));
    order.description = texts.description(reference, description);
    transaction.order = Some(order);
    match instrument(method, &mut texts) {
        Some(Instrument::Payment(payment)) => {
            transaction.payment = Some(payment);
            let holder = match method {
                PaymentMethod::Card(card) => card.holder(),
                _ => None,
            };
            let billing = texts.billing(who.billing, holder, who.customer);
            transaction.bill_to = Some(billing).filter(|billing| !billing.is_empty());
            transaction.customer = who.customer.and_then(|customer| customer_data(customer, &mut texts));
        }
        Some(Instrument::Profile(profile)) => transaction.profile = Some(profile),
        None => {}
    }
    transaction.customer_ip = who.customer.and_then(|customer| customer.ip).map(|ip| ip.to_string());
    let shipping = who.shipping.map(|address| texts.address(Side::Shipping, address));
    transaction.ship_to = shipping.filter(|address| !address.is_empty());
    level2(amount, options, &mut transaction, &mut texts);
    transaction.transaction_settings = Some(settings(None));
    Built { transaction, texts }
}

fn money(amount: Money, transaction: &mut TransactionRequest, texts: &mut Texts) {
    if let Err(problem) = two_decimals(amount) {
        texts.problems.push(problem);
        return;
    }
    transaction.amount = Some(amount.into());
    transaction.currency_code = Some(amount.currency().code().to_owned());
}

/// Amounts have two decimals; how the vendor counts other currencies is not proven.
pub(super) fn two_decimals(amount: Money) -> std::result::Result<(), FieldError> {
    if amount.currency().exponent() == 2 {
        return Ok(());
    }
    Err(FieldError::new("currency", "has not two decimals, and Authorize.Net counts in two"))
}

fn level2(amount: Money, options: &RequestOptions, transaction: &mut TransactionRequest, texts: &mut Texts) {
    let Some(level2) = &options.level2 else { return };
    transaction.po_number = texts.take("level2.purchase_order", level2.purchase_order.as_deref());
    match level2.tax {
        Some(tax) if tax.currency() != amount.currency() || tax.minor() < 0 => {
            texts.problems.push(FieldError::new("level2.tax", "is negative or in another currency"));
        }
        Some(tax) => transaction.tax = Some(ExtendedAmount::new(tax)),
        None => {}
    }
}

fn customer_data(customer: &Customer, texts: &mut Texts) -> Option<CustomerData> {
    let data = CustomerData {
        id: texts.take("customer.id", customer.id.as_deref()),
        email: texts.take("customer.email", customer.email.as_deref()),
        ..CustomerData::default()
    };
    (data.id.is_some() || data.email.is_some()).then_some(data)
}

/// What pays; `None` when it cannot be sent, which the texts then say.
pub(super) fn instrument(method: &PaymentMethod, texts: &mut Texts) -> Option<Instrument> {
    let found = match method {
        PaymentMethod::Card(card) => card_data(card).map(Instrument::Payment),
        PaymentMethod::BankAccount(account) => {
            let holder = texts.bank_holder(&account.holder_name);
            Ok(Instrument::Payment(PaymentData::BankAccount(bank_data(account, holder))))
        }
        PaymentMethod::Token(token) if token.kind() == ACCEPT_JS => Ok(Instrument::Payment(
            PaymentData::OpaqueData(OpaqueData::new(ACCEPT_JS, token.value().clone())),
        )),
        PaymentMethod::Stored(stored) => stored_ids(stored)
            .map(|(customer, method)| Instrument::Profile(ProfilePayment::new(customer, method))),
        _ => Err(Error::invalid_field("method", "is of a kind that Authorize.Net does not take")),
    };
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            texts.problems.extend(error.fields().iter().cloned());
            None
        }
    }
}

fn card_data(card: &Card) -> Result<PaymentData> {
    if card.number().expose_secret().len() > LONGEST_CARD {
        return Err(Error::invalid_field(
            "card.number",
            "has more than the 16 digits that Authorize.Net takes",
        ));
    }
    let data = CreditCard::new(card.number().clone(), card.exp_month(), card.exp_year());
    Ok(PaymentData::CreditCard(match card.cvv() {
        Some(cvv) => data.with_card_code(cvv.clone()),
        None => data,
    }))
}

fn bank_data(account: &BankAccount, holder: String) -> BankAccountData {
    let account_type = match (account.account_type, account.holder) {
        (AccountType::Savings, _) => "savings",
        (_, AccountHolder::Company) => "businessChecking",
        _ => "checking",
    };
    let echeck_type = match account.sec_code {
        SecCode::Ppd => "PPD",
        SecCode::Ccd => "CCD",
        SecCode::Tel => "TEL",
        _ => "WEB",
    };
    BankAccountData::new(account.routing_number.clone(), account.account_number.clone(), holder)
        .with_account_type(account_type)
        .with_echeck_type(echeck_type)
}

/// The customer and the method that a handle of a stored method names.
pub(super) fn stored_ids(stored: &turnbuckle_core::payment::PaymentRef) -> Result<(&str, &str)> {
    expect_kind(stored, kind::METHOD)?;
    match stored.detail(detail::CUSTOMER) {
        Some(customer) => Ok((customer, stored.id())),
        None => Err(Error::invalid_field("method", "does not say whose it is")),
    }
}

/// Where the payment stands in a series.
///
/// The vendor's schema names the four flags; which of them goes with which case follows its page on stored credentials
/// and is not proven by the authors of this crate. Its reasons (resubmission, delayed charge, ...) are not sent.
fn series(credential: &StoredCredential, transaction: &mut TransactionRequest, texts: &mut Texts) {
    let mut options = ProcessingOptions::default();
    let Some(original) = &credential.original else {
        match credential.reason {
            StoredCredentialReason::Unscheduled => options.is_first_subsequent_auth = Some(true),
            _ => options.is_first_recurring_payment = Some(true),
        }
        transaction.processing_options = Some(options);
        return;
    };
    match credential.initiator {
        Initiator::Customer => options.is_stored_credentials = Some(true),
        Initiator::Merchant => options.is_subsequent_auth = Some(true),
    }
    transaction.processing_options = Some(options);
    let mut first = SubsequentAuth::default();
    if let Some(id) = &original.network_id {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        if id.is_empty() || id.len() > 255 || !id.bytes().all(plain) {
            texts.problems.push(FieldError::new(
                "stored_credential.original.network_id",
                "is not 1 to 255 letters, digits and spaces",
            ));
            return;
        }
        first.original_network_trans_id = Some(id.clone());
    }
    first.original_auth_amount = original.amount.map(Into::into);
    if first.original_network_trans_id.is_some() || first.original_auth_amount.is_some() {
        transaction.subsequent_auth_information = Some(first);
    }
}
