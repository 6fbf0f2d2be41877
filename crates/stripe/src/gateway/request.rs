//! From a request to Stripe's parameters.

use secrecy::ExposeSecret;
use turnbuckle_core::payment::{
    AccountHolder, AccountType, Address, BankAccount, Card, Customer, Initiator, OnAction, PaymentMethod,
    PaymentOperation, PaymentRequest, Preflight, RequestOptions, StoredCredential, TextChange, ThreeDSecure,
    VendorToken, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use super::{TEXT, capture_method, detail, expect_kind, kind, marks};
use crate::{
    AutomaticPaymentMethods, BillingDetails, CardData, CardOptions, CreatePaymentIntent, MandateData,
    MitExemption, PaymentMethodData, PaymentMethodOptions, Shipping, ThreeDSecureData, UsBankAccountData,
    amount,
};

const THREE_D_SECURE_VERSIONS: &[&str] = &["1.0.2", "2.1.0", "2.2.0", "2.3.0", "2.3.1"];
const THREE_D_SECURE_ECI: &[&str] = &["01", "02", "05", "06", "07"];

/// What pays, in Stripe's terms.
#[derive(Default)]
pub(super) struct Instrument {
    pub(super) method: Option<String>,
    pub(super) data: Option<PaymentMethodData>,
    pub(super) confirmation_token: Option<String>,
    pub(super) customer: Option<String>,
    /// The kind, where it is known before Stripe is asked.
    pub(super) known_type: Option<String>,
    pub(super) mandate: Option<MandateData>,
}

impl Instrument {
    /// Which kinds the payment is open to: the one that is known, or whatever the account has switched on. Kinds that
    /// send the payer elsewhere are left out where the payer cannot be sent.
    pub(super) fn kinds(&self, on_action: &OnAction) -> (Vec<String>, Option<AutomaticPaymentMethods>) {
        if let Some(known) = &self.known_type {
            return (vec![known.clone()], None);
        }
        let redirects = if *on_action == OnAction::Refuse { "never" } else { "always" };
        (Vec::new(), Some(AutomaticPaymentMethods::new(true).with_allow_redirects(redirects)))
    }
}

/// Reads the method that pays, and whose it is.
pub(super) fn instrument(
    method: &PaymentMethod,
    customer: Option<&Customer>,
    billing: Option<&Address>,
) -> Result<Instrument> {
    let reference = customer.and_then(|customer| customer.reference.as_ref());
    if let Some(reference) = reference {
        expect_kind(reference, kind::CUSTOMER)?;
    }
    let mut found = Instrument {
        customer: reference.map(|reference| reference.id().to_owned()),
        ..Instrument::default()
    };
    match method {
        PaymentMethod::Card(card) => {
            found.known_type = Some("card".to_owned());
            found.data = Some(card_data(card, customer, billing));
        }
        PaymentMethod::BankAccount(account) => {
            found.known_type = Some("us_bank_account".to_owned());
            found.data = Some(bank_data(account, customer, billing));
            // An online acceptance needs the payer's browser, which the request does not carry.
            found.mandate = Some(MandateData::offline());
        }
        PaymentMethod::Token(token) => match token.kind() {
            "payment_method" => found.method = Some(exposed(token)),
            "token" => {
                found.known_type = Some("card".to_owned());
                found.data = Some(
                    PaymentMethodData::of_card_token(token.value().clone())
                        .with_billing_details(billing_details(customer, billing, None)),
                );
            }
            "confirmation_token" => found.confirmation_token = Some(exposed(token)),
            _ => return Err(Error::invalid_field("method.token", "is of a kind that Stripe does not take")),
        },
        PaymentMethod::Stored(stored) => {
            expect_kind(stored, kind::METHOD)?;
            let owner = stored.detail(detail::CUSTOMER);
            if let (Some(owner), Some(given)) = (owner, &found.customer)
                && owner != given
            {
                return Err(Error::invalid_field(
                    "customer.reference",
                    "is not the customer that the method belongs to",
                ));
            }
            found.customer = owner.map(str::to_owned).or(found.customer);
            found.known_type = stored.detail(detail::TYPE).map(str::to_owned);
            found.method = Some(stored.id().to_owned());
        }
        _ => return Err(Error::unsupported("Stripe does not take this kind of payment method here")),
    }
    Ok(found)
}

fn exposed(token: &VendorToken) -> String {
    token.value().expose_secret().to_owned()
}

fn card_data(card: &Card, customer: Option<&Customer>, billing: Option<&Address>) -> PaymentMethodData {
    let mut data = CardData::new(card.number().clone(), card.exp_month(), card.exp_year());
    if let Some(cvv) = card.cvv() {
        data = data.with_cvc(cvv.clone());
    }
    PaymentMethodData::of_card(data).with_billing_details(billing_details(customer, billing, card.holder()))
}

fn bank_data(
    account: &BankAccount,
    customer: Option<&Customer>,
    billing: Option<&Address>,
) -> PaymentMethodData {
    let holder = match account.holder {
        AccountHolder::Company => "company",
        _ => "individual",
    };
    let data = UsBankAccountData::new(account.account_number.clone(), account.routing_number.clone(), holder)
        .with_account_type(match account.account_type {
            AccountType::Savings => "savings",
            _ => "checking",
        });
    PaymentMethodData::of_us_bank_account(data).with_billing_details(billing_details(
        customer,
        billing,
        Some(&account.holder_name),
    ))
}

fn billing_details(
    customer: Option<&Customer>,
    billing: Option<&Address>,
    holder: Option<&str>,
) -> BillingDetails {
    let mut details = BillingDetails::new();
    details.name = holder
        .map(str::to_owned)
        .or_else(|| billing.and_then(name_of))
        .or_else(|| customer.and_then(|customer| customer.name.clone()));
    details.email = customer.and_then(|customer| customer.email.clone());
    details.phone = billing
        .and_then(|billing| billing.phone.clone())
        .or_else(|| customer.and_then(|customer| customer.phone.clone()));
    details.address = billing.map(address);
    details
}

fn name_of(address: &Address) -> Option<String> {
    let parts = [address.first_name.as_deref(), address.last_name.as_deref()];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() { address.company.clone() } else { Some(name) }
}

pub(super) fn address(from: &Address) -> crate::Address {
    let mut to = crate::Address::new();
    to.line1.clone_from(&from.line1);
    to.line2.clone_from(&from.line2);
    to.city.clone_from(&from.city);
    to.state.clone_from(&from.region);
    to.postal_code.clone_from(&from.postal_code);
    to.country.clone_from(&from.country);
    to
}

/// The parameters of a purchase or an authorization, and what was changed to fit.
pub(super) fn create(
    request: &PaymentRequest,
    operation: PaymentOperation,
    key: &WireKey,
) -> Result<(CreatePaymentIntent, Vec<TextChange>)> {
    let problems = problems(request);
    if !problems.is_empty() {
        return Err(
            Error::new(ErrorKind::InvalidRequest, "the request does not fit Stripe").with_fields(problems)
        );
    }
    let mut changes = Vec::new();
    let instrument = instrument(&request.method, request.customer.as_ref(), request.billing.as_ref())?;
    let mut params = CreatePaymentIntent::new(
        amount::to_stripe(request.amount)?,
        amount::currency_code(request.amount.currency()),
    );
    params.confirm = Some(true);
    params.capture_method = Some(capture_method(operation));
    (params.payment_method_types, params.automatic_payment_methods) = instrument.kinds(&request.on_action);
    let is_bank = instrument.known_type.as_deref() == Some("us_bank_account");
    if let Some(text) = descriptor(&request.options, &mut changes)? {
        if is_bank {
            params.statement_descriptor = Some(text);
        } else {
            params.statement_descriptor_suffix = Some(text);
        }
    }
    params.customer = instrument.customer;
    params.payment_method = instrument.method;
    params.payment_method_data = instrument.data;
    params.confirmation_token = instrument.confirmation_token;
    params.mandate_data = instrument.mandate;
    params.description = description(request, &mut changes)?;
    params.shipping = request.shipping.as_ref().map(|shipping| shipping_of(request, shipping));
    params.metadata = marks::metadata(&request.options.metadata, operation, key, Some(&request.reference))?;
    params.payment_method_options = card_options(request);
    let off_session = is_off_session(request.stored_credential.as_ref());
    if off_session {
        params.off_session = Some(true);
    }
    if request
        .stored_credential
        .as_ref()
        .is_some_and(|credential| credential.original.is_none() && !off_session)
    {
        params.setup_future_usage = Some("off_session".to_owned());
    }
    match &request.on_action {
        OnAction::Allow { return_url } => params.return_url = Some(return_url.to_string()),
        // Off session Stripe fails by itself where the payer would have to act.
        _ if off_session => {}
        _ => params.error_on_requires_action = Some(true),
    }
    Ok((params, changes))
}

fn is_off_session(credential: Option<&StoredCredential>) -> bool {
    credential.is_some_and(|credential| credential.initiator == Initiator::Merchant)
}

/// What a card payment carries from elsewhere: an authentication, and the first payment of a series.
fn card_options(request: &PaymentRequest) -> Option<PaymentMethodOptions> {
    let authenticated = request.three_d_secure.as_ref().map(three_d_secure);
    let earlier = earlier_payment(request).map(MitExemption::new);
    if authenticated.is_none() && earlier.is_none() {
        return None;
    }
    let mut card = CardOptions::new();
    card.three_d_secure = authenticated;
    card.mit_exemption = earlier;
    Some(PaymentMethodOptions::new().with_card(card))
}

/// The network's id of the first payment. Of a method that is stored at Stripe, Stripe knows the series itself.
fn earlier_payment(request: &PaymentRequest) -> Option<&str> {
    let credential = request.stored_credential.as_ref()?;
    if credential.initiator != Initiator::Merchant || matches!(request.method, PaymentMethod::Stored(_)) {
        return None;
    }
    credential.original.as_ref()?.network_id.as_deref()
}

fn three_d_secure(result: &ThreeDSecure) -> ThreeDSecureData {
    let data =
        ThreeDSecureData::new(result.cavv.clone(), result.transaction_id.clone(), result.version.clone());
    if result.eci.is_empty() { data } else { data.with_electronic_commerce_indicator(result.eci.clone()) }
}

fn shipping_of(request: &PaymentRequest, to: &Address) -> Shipping {
    let mut shipping = Shipping::new().with_address(address(to));
    shipping.name = recipient(request, to);
    shipping.phone.clone_from(&to.phone);
    shipping
}

fn recipient(request: &PaymentRequest, to: &Address) -> Option<String> {
    name_of(to).or_else(|| request.customer.as_ref().and_then(|customer| customer.name.clone()))
}

fn description(request: &PaymentRequest, changes: &mut Vec<TextChange>) -> Result<Option<String>> {
    fitted("description", request.description.as_deref(), &request.options, changes)
}

/// The statement descriptor as it may be sent.
pub(super) fn descriptor(options: &RequestOptions, changes: &mut Vec<TextChange>) -> Result<Option<String>> {
    let text = fitted("statement_descriptor", options.statement_descriptor.as_deref(), options, changes)?;
    match text {
        Some(text) if !has_letter(&text) => Err(Error::invalid_field("statement_descriptor", NO_LETTER)),
        text => Ok(text),
    }
}

const NO_LETTER: &str = "must have at least one letter";

fn has_letter(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphabetic())
}

fn fitted(
    field: &str,
    text: Option<&str>,
    options: &RequestOptions,
    changes: &mut Vec<TextChange>,
) -> Result<Option<String>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let Some(rule) = TEXT.iter().find(|rule| rule.field == field) else { return Ok(Some(text.to_owned())) };
    let (text, change) = rule.apply(text, options.text)?;
    changes.extend(change);
    Ok(Some(text))
}

/// What stands against a request, apart from its texts.
fn problems(request: &PaymentRequest) -> Vec<FieldError> {
    let mut problems = marks::problems(&request.options.metadata);
    if let Err(error) = amount::to_stripe(request.amount) {
        problems.extend(error.fields().iter().cloned());
    }
    if let Err(error) = instrument(&request.method, request.customer.as_ref(), request.billing.as_ref()) {
        match error.fields() {
            [] => problems.push(FieldError::new("method", error.message().to_owned())),
            fields => problems.extend(fields.iter().cloned()),
        }
    }
    let off_session = is_off_session(request.stored_credential.as_ref());
    if off_session && request.on_action != OnAction::Refuse {
        problems
            .push(FieldError::new("on_action", "cannot be allowed where the merchant starts the payment"));
    }
    let is_raw = matches!(request.method, PaymentMethod::Card(_) | PaymentMethod::BankAccount(_));
    if off_session && is_raw && earlier_payment(request).is_none() {
        let problem = "must be stored at Stripe, or come with the network's id of the first payment, where the merchant \
                       starts the payment";
        problems.push(FieldError::new("method", problem));
    }
    if let Some(result) = &request.three_d_secure {
        if !THREE_D_SECURE_VERSIONS.contains(&result.version.as_str()) {
            problems.push(FieldError::new(
                "three_d_secure.version",
                format!("is none of {}", THREE_D_SECURE_VERSIONS.join(", ")),
            ));
        }
        if !result.eci.is_empty() && !THREE_D_SECURE_ECI.contains(&result.eci.as_str()) {
            problems.push(FieldError::new(
                "three_d_secure.eci",
                format!("is none of {}", THREE_D_SECURE_ECI.join(", ")),
            ));
        }
    }
    if let Some(to) = &request.shipping
        && recipient(request, to).is_none()
    {
        problems.push(FieldError::new("shipping.last_name", "is missing: Stripe wants a recipient"));
    }
    problems
}

/// What Stripe would refuse or what would be changed to fit.
pub(super) fn preflight(request: &PaymentRequest) -> Preflight {
    let mut preflight = Preflight::default();
    preflight.refusals.extend(problems(request));
    preflight.texts(TEXT, request);
    if request
        .options
        .statement_descriptor
        .as_deref()
        .is_some_and(|text| !text.is_empty() && !has_letter(text))
    {
        preflight.refuse("statement_descriptor", NO_LETTER);
    }
    preflight
}
