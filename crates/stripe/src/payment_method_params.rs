//! What a payment is made with: card data, bank accounts, options, mandates.

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;
use std::collections::BTreeMap;

use crate::form::{expose, expose_option};
use crate::{BillingDetails, CardToken, MitExemption, ThreeDSecureData};

/// A raw card. Stripe takes one only from accounts that may send them, and it puts the host into PCI scope.
///
/// `Serialize` writes the secrets: it is meant for the form that goes to Stripe.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CardData {
    /// Card number, digits only.
    #[serde(serialize_with = "expose")]
    pub number: SecretString,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// Card code.
    #[serde(serialize_with = "expose_option")]
    pub cvc: Option<SecretString>,
    /// Whether the number is a network token.
    pub network_token: Option<bool>,
}

impl CardData {
    /// The required fields; nothing else is sent.
    pub fn new(number: impl Into<SecretString>, exp_month: u8, exp_year: u16) -> Self {
        Self { number: number.into(), exp_month, exp_year, cvc: None, network_token: None }
    }

    /// Sets [`cvc`](Self::cvc).
    pub fn with_cvc(mut self, cvc: impl Into<SecretString>) -> Self {
        self.cvc = Some(cvc.into());
        self
    }

    /// Sets [`network_token`](Self::network_token).
    pub fn with_network_token(mut self, network_token: bool) -> Self {
        self.network_token = Some(network_token);
        self
    }
}

impl fmt::Debug for CardData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardData").finish_non_exhaustive()
    }
}

/// A bank account in the United States.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct UsBankAccountData {
    /// Account number.
    #[serde(serialize_with = "expose")]
    pub account_number: SecretString,
    /// Routing number, nine digits.
    pub routing_number: String,
    /// `individual` or `company`.
    pub account_holder_type: String,
    /// `checking` (Stripe's default) or `savings`.
    pub account_type: Option<String>,
}

impl UsBankAccountData {
    /// The required fields; nothing else is sent.
    pub fn new(
        account_number: impl Into<SecretString>,
        routing_number: impl Into<String>,
        account_holder_type: impl Into<String>,
    ) -> Self {
        Self {
            account_number: account_number.into(),
            routing_number: routing_number.into(),
            account_holder_type: account_holder_type.into(),
            account_type: None,
        }
    }

    /// Sets [`account_type`](Self::account_type).
    pub fn with_account_type(mut self, account_type: impl Into<String>) -> Self {
        self.account_type = Some(account_type.into());
        self
    }
}

impl fmt::Debug for UsBankAccountData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsBankAccountData").field("account_type", &self.account_type).finish_non_exhaustive()
    }
}

/// A new payment method: for a payment at once, or on its own.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PaymentMethodData {
    /// `card`, `us_bank_account`, or another kind that needs no data of its own.
    #[serde(rename = "type")]
    pub method_type: String,
    /// The card.
    pub card: Option<CardData>,
    /// Instead of the card: a token of Stripe's browser code.
    #[serde(rename = "card")]
    pub card_token: Option<CardToken>,
    /// The bank account.
    pub us_bank_account: Option<UsBankAccountData>,
    /// Who pays.
    pub billing_details: Option<BillingDetails>,
    /// `always`, `limited` or `unspecified`.
    pub allow_redisplay: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl PaymentMethodData {
    /// The required fields; nothing else is sent.
    pub fn new(method_type: impl Into<String>) -> Self {
        Self {
            method_type: method_type.into(),
            card: None,
            card_token: None,
            us_bank_account: None,
            billing_details: None,
            allow_redisplay: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`card`](Self::card).
    pub fn with_card(mut self, card: CardData) -> Self {
        self.card = Some(card);
        self
    }

    /// Sets [`us_bank_account`](Self::us_bank_account).
    pub fn with_us_bank_account(mut self, us_bank_account: UsBankAccountData) -> Self {
        self.us_bank_account = Some(us_bank_account);
        self
    }

    /// Sets [`billing_details`](Self::billing_details).
    pub fn with_billing_details(mut self, billing_details: BillingDetails) -> Self {
        self.billing_details = Some(billing_details);
        self
    }

    /// Sets [`allow_redisplay`](Self::allow_redisplay).
    pub fn with_allow_redisplay(mut self, allow_redisplay: impl Into<String>) -> Self {
        self.allow_redisplay = Some(allow_redisplay.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for PaymentMethodData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentMethodData")
            .field("method_type", &self.method_type)
            .field("allow_redisplay", &self.allow_redisplay)
            .finish_non_exhaustive()
    }
}

/// Lets the account's settings choose the kinds of payment method.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AutomaticPaymentMethods {
    /// Whether they do.
    pub enabled: bool,
    /// `always` (Stripe's default) or `never`.
    pub allow_redirects: Option<String>,
}

impl AutomaticPaymentMethods {
    /// The required fields; nothing else is sent.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, allow_redirects: None }
    }

    /// Sets [`allow_redirects`](Self::allow_redirects).
    pub fn with_allow_redirects(mut self, allow_redirects: impl Into<String>) -> Self {
        self.allow_redirects = Some(allow_redirects.into());
        self
    }
}

/// Options of a card payment.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CardOptions {
    /// `manual`: authorize only, where other kinds are captured at once.
    pub capture_method: Option<String>,
    /// The order came by mail or telephone.
    pub moto: Option<bool>,
    /// Network to use, where the card has several.
    pub network: Option<String>,
    /// `if_available` or `never`.
    pub request_extended_authorization: Option<String>,
    /// `if_available` or `never`.
    pub request_incremental_authorization: Option<String>,
    /// `if_available` or `never`.
    pub request_multicapture: Option<String>,
    /// `if_available` or `never`.
    pub request_overcapture: Option<String>,
    /// `any`, `automatic` or `challenge`.
    pub request_three_d_secure: Option<String>,
    /// The result of a 3-D Secure authentication that was done elsewhere.
    pub three_d_secure: Option<ThreeDSecureData>,
    /// An earlier payment of a series that was made elsewhere.
    pub mit_exemption: Option<MitExemption>,
    /// `on_session`, `off_session` or `none`.
    pub setup_future_usage: Option<String>,
}

impl CardOptions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`capture_method`](Self::capture_method).
    pub fn with_capture_method(mut self, capture_method: impl Into<String>) -> Self {
        self.capture_method = Some(capture_method.into());
        self
    }

    /// Sets [`moto`](Self::moto).
    pub fn with_moto(mut self, moto: bool) -> Self {
        self.moto = Some(moto);
        self
    }

    /// Sets [`network`](Self::network).
    pub fn with_network(mut self, network: impl Into<String>) -> Self {
        self.network = Some(network.into());
        self
    }

    /// Sets [`request_extended_authorization`](Self::request_extended_authorization).
    pub fn with_request_extended_authorization(
        mut self,
        request_extended_authorization: impl Into<String>,
    ) -> Self {
        self.request_extended_authorization = Some(request_extended_authorization.into());
        self
    }

    /// Sets [`request_incremental_authorization`](Self::request_incremental_authorization).
    pub fn with_request_incremental_authorization(
        mut self,
        request_incremental_authorization: impl Into<String>,
    ) -> Self {
        self.request_incremental_authorization = Some(request_incremental_authorization.into());
        self
    }

    /// Sets [`request_multicapture`](Self::request_multicapture).
    pub fn with_request_multicapture(mut self, request_multicapture: impl Into<String>) -> Self {
        self.request_multicapture = Some(request_multicapture.into());
        self
    }

    /// Sets [`request_overcapture`](Self::request_overcapture).
    pub fn with_request_overcapture(mut self, request_overcapture: impl Into<String>) -> Self {
        self.request_overcapture = Some(request_overcapture.into());
        self
    }

    /// Sets [`request_three_d_secure`](Self::request_three_d_secure).
    pub fn with_request_three_d_secure(mut self, request_three_d_secure: impl Into<String>) -> Self {
        self.request_three_d_secure = Some(request_three_d_secure.into());
        self
    }

    /// Sets [`mit_exemption`](Self::mit_exemption).
    pub fn with_mit_exemption(mut self, earlier: MitExemption) -> Self {
        self.mit_exemption = Some(earlier);
        self
    }

    /// Sets [`three_d_secure`](Self::three_d_secure).
    pub fn with_three_d_secure(mut self, result: ThreeDSecureData) -> Self {
        self.three_d_secure = Some(result);
        self
    }

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Some(setup_future_usage.into());
        self
    }
}

/// Options of a payment from a bank account.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct UsBankAccountOptions {
    /// `automatic`, `instant` or `microdeposits`.
    pub verification_method: Option<String>,
    /// `on_session`, `off_session` or `none`.
    pub setup_future_usage: Option<String>,
}

impl UsBankAccountOptions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`verification_method`](Self::verification_method).
    pub fn with_verification_method(mut self, verification_method: impl Into<String>) -> Self {
        self.verification_method = Some(verification_method.into());
        self
    }

    /// Sets [`setup_future_usage`](Self::setup_future_usage).
    pub fn with_setup_future_usage(mut self, setup_future_usage: impl Into<String>) -> Self {
        self.setup_future_usage = Some(setup_future_usage.into());
        self
    }
}

/// Options by kind of payment method.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PaymentMethodOptions {
    /// Of cards.
    pub card: Option<CardOptions>,
    /// Of bank accounts.
    pub us_bank_account: Option<UsBankAccountOptions>,
}

impl PaymentMethodOptions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`card`](Self::card).
    pub fn with_card(mut self, card: CardOptions) -> Self {
        self.card = Some(card);
        self
    }

    /// Sets [`us_bank_account`](Self::us_bank_account).
    pub fn with_us_bank_account(mut self, us_bank_account: UsBankAccountOptions) -> Self {
        self.us_bank_account = Some(us_bank_account);
        self
    }
}

/// Where the payer agreed. Personal: it is in no `Debug` output.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct OnlineAcceptance {
    /// The payer's IP address.
    pub ip_address: String,
    /// The payer's browser.
    pub user_agent: String,
}

impl OnlineAcceptance {
    /// The required fields; nothing else is sent.
    pub fn new(ip_address: impl Into<String>, user_agent: impl Into<String>) -> Self {
        Self { ip_address: ip_address.into(), user_agent: user_agent.into() }
    }
}

impl fmt::Debug for OnlineAcceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlineAcceptance").finish_non_exhaustive()
    }
}

/// How the payer agreed to a mandate.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CustomerAcceptance {
    /// `online` or `offline`.
    #[serde(rename = "type")]
    pub acceptance_type: String,
    /// When, in Unix seconds.
    pub accepted_at: Option<i64>,
    /// Where, when online.
    pub online: Option<OnlineAcceptance>,
}

impl CustomerAcceptance {
    /// The required fields; nothing else is sent.
    pub fn new(acceptance_type: impl Into<String>) -> Self {
        Self { acceptance_type: acceptance_type.into(), accepted_at: None, online: None }
    }

    /// Sets [`accepted_at`](Self::accepted_at).
    pub fn with_accepted_at(mut self, accepted_at: i64) -> Self {
        self.accepted_at = Some(accepted_at);
        self
    }

    /// Sets [`online`](Self::online).
    pub fn with_online(mut self, online: OnlineAcceptance) -> Self {
        self.online = Some(online);
        self
    }
}

impl fmt::Debug for CustomerAcceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerAcceptance")
            .field("acceptance_type", &self.acceptance_type)
            .field("accepted_at", &self.accepted_at)
            .finish_non_exhaustive()
    }
}

/// The payer's mandate for a debit.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MandateData {
    /// How the payer agreed.
    pub customer_acceptance: CustomerAcceptance,
}

impl MandateData {
    /// The required fields; nothing else is sent.
    pub fn new(customer_acceptance: CustomerAcceptance) -> Self {
        Self { customer_acceptance }
    }
}

/// Sends the money on to a connected account.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TransferData {
    /// The account.
    pub destination: String,
    /// How much of the payment, in minor units; all of it when absent.
    pub amount: Option<i64>,
}

impl TransferData {
    /// The required fields; nothing else is sent.
    pub fn new(destination: impl Into<String>) -> Self {
        Self { destination: destination.into(), amount: None }
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }
}

impl PaymentMethodData {
    /// A raw card.
    pub fn of_card(card: CardData) -> Self {
        Self::new("card").with_card(card)
    }

    /// A bank account in the United States.
    pub fn of_us_bank_account(account: UsBankAccountData) -> Self {
        Self::new("us_bank_account").with_us_bank_account(account)
    }
}

impl MandateData {
    /// The payer agreed in the host's own page.
    pub fn online(ip_address: impl Into<String>, user_agent: impl Into<String>) -> Self {
        Self::new(
            CustomerAcceptance::new("online").with_online(OnlineAcceptance::new(ip_address, user_agent)),
        )
    }

    /// The payer agreed on paper or by telephone.
    pub fn offline() -> Self {
        Self::new(CustomerAcceptance::new("offline"))
    }
}
