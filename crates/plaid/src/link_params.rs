//! What a link session is asked for with.

use std::fmt;

use serde::Serialize;
use turnbuckle_core::{Environment, Error, ErrorKind, FieldError, Result};
use url::Url;

use crate::Product;

/// Longest life of a hosted page, in seconds: 21 days.
const MAX_URL_LIFETIME: u32 = 21 * 24 * 60 * 60;

/// A session to make.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateLinkToken {
    /// The name under which the person sees the host, 1 to 30 characters.
    pub client_name: String,
    /// The language of the session, for example `en`.
    pub language: String,
    /// Countries of the banks, ISO 3166-1 alpha-2. At least one.
    pub country_codes: Vec<String>,
    /// Whose session it is.
    pub user: LinkUser,
    /// What every linked bank must have. `balance` is not asked for: it comes with every other product.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Product>,
    /// What is required of banks that have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_if_supported_products: Vec<Product>,
    /// What is taken where it works, and no reason to fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional_products: Vec<Product>,
    /// What the person consents to, to be used later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_consented_products: Vec<Product>,
    /// Where Plaid pushes news of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// A look that was made at Plaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_customization_name: Option<String>,
    /// Where a bank's own page sends the person back to: without a query, and https outside sandbox. It must be
    /// allowed at Plaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The Android app that the person comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android_package_name: Option<String>,
    /// Which accounts the person may choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_filters: Option<AccountFilters>,
    /// The bank to open at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution_id: Option<String>,
    /// How far back transactions are fetched at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactions: Option<LinkTransactions>,
    /// What update mode may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<LinkUpdate>,
    /// Makes a page at Plaid for the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted_link: Option<HostedLink>,
}

impl fmt::Debug for CreateLinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateLinkToken")
            .field("user", &self.user)
            .field("products", &self.products)
            .field("country_codes", &self.country_codes)
            .field("language", &self.language)
            .field("transactions", &self.transactions)
            .finish_non_exhaustive()
    }
}

impl CreateLinkToken {
    /// A session that the person sees under `client_name`, at most 30 characters: Link shows a placeholder for a
    /// longer one.
    pub fn new(
        client_name: impl Into<String>,
        language: impl Into<String>,
        country_codes: impl IntoIterator<Item = impl Into<String>>,
        user: LinkUser,
    ) -> Self {
        Self {
            client_name: client_name.into(),
            language: language.into(),
            country_codes: country_codes.into_iter().map(Into::into).collect(),
            user,
            products: Vec::new(),
            required_if_supported_products: Vec::new(),
            optional_products: Vec::new(),
            additional_consented_products: Vec::new(),
            webhook: None,
            link_customization_name: None,
            redirect_uri: None,
            android_package_name: None,
            account_filters: None,
            institution_id: None,
            transactions: None,
            update: None,
            hosted_link: None,
        }
    }

    /// Sets `products`.
    pub fn with_products(mut self, products: impl IntoIterator<Item = Product>) -> Self {
        self.products = products.into_iter().collect();
        self
    }

    /// Sets `required_if_supported_products`.
    pub fn with_required_if_supported_products(
        mut self,
        required_if_supported_products: impl IntoIterator<Item = Product>,
    ) -> Self {
        self.required_if_supported_products = required_if_supported_products.into_iter().collect();
        self
    }

    /// Sets `optional_products`.
    pub fn with_optional_products(mut self, optional_products: impl IntoIterator<Item = Product>) -> Self {
        self.optional_products = optional_products.into_iter().collect();
        self
    }

    /// Sets `additional_consented_products`.
    pub fn with_additional_consented_products(
        mut self,
        additional_consented_products: impl IntoIterator<Item = Product>,
    ) -> Self {
        self.additional_consented_products = additional_consented_products.into_iter().collect();
        self
    }

    /// Sets `webhook`.
    pub fn with_webhook(mut self, webhook: impl Into<String>) -> Self {
        self.webhook = Some(webhook.into());
        self
    }

    /// Sets `link_customization_name`.
    pub fn with_link_customization_name(mut self, link_customization_name: impl Into<String>) -> Self {
        self.link_customization_name = Some(link_customization_name.into());
        self
    }

    /// Sets `redirect_uri`.
    pub fn with_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// Sets `android_package_name`.
    pub fn with_android_package_name(mut self, android_package_name: impl Into<String>) -> Self {
        self.android_package_name = Some(android_package_name.into());
        self
    }

    /// Sets `account_filters`.
    pub fn with_account_filters(mut self, account_filters: AccountFilters) -> Self {
        self.account_filters = Some(account_filters);
        self
    }

    /// Sets `institution_id`.
    pub fn with_institution_id(mut self, institution_id: impl Into<String>) -> Self {
        self.institution_id = Some(institution_id.into());
        self
    }

    /// Sets `transactions`.
    pub fn with_transactions(mut self, transactions: LinkTransactions) -> Self {
        self.transactions = Some(transactions);
        self
    }

    /// Sets `update`.
    pub fn with_update(mut self, update: LinkUpdate) -> Self {
        self.update = Some(update);
        self
    }

    /// Sets `hosted_link`.
    pub fn with_hosted_link(mut self, hosted_link: HostedLink) -> Self {
        self.hosted_link = Some(hosted_link);
        self
    }
}

impl CreateLinkToken {
    /// Every field that Plaid would refuse or silently replace.
    pub(crate) fn check(&self, environment: Environment) -> Result<()> {
        let name = self.client_name.chars().count();
        let days = self.transactions.as_ref().map(|transactions| transactions.days_requested);
        let lifetime = self.hosted_link.as_ref().and_then(|hosted| hosted.url_lifetime_seconds);
        let lists = [
            &self.products,
            &self.required_if_supported_products,
            &self.optional_products,
            &self.additional_consented_products,
        ];
        let redirect = self.redirect_uri.as_deref().is_some_and(|uri| !is_redirect(uri, environment));
        let problems = [
            (!(1..=30).contains(&name), "client_name", "must be 1 to 30 characters"),
            (self.language.is_empty(), "language", "is empty"),
            (self.country_codes.is_empty(), "country_codes", "is empty"),
            (self.user.client_user_id.is_empty(), "user.client_user_id", "is empty"),
            (
                lists.iter().any(|list| list.contains(&Product::Balance)),
                "products",
                "holds `balance`, which comes with every other product and is not asked for",
            ),
            (redirect, "redirect_uri", "must have no query, and be https outside sandbox"),
            (
                days.is_some_and(|days| !(1..=730).contains(&days)),
                "transactions.days_requested",
                "must be 1 to 730",
            ),
            (
                lifetime.is_some_and(|seconds| seconds == 0 || seconds > MAX_URL_LIFETIME),
                "hosted_link.url_lifetime_seconds",
                "must be at most 21 days",
            ),
        ];
        let fields: Vec<_> = problems
            .into_iter()
            .filter(|(wrong, ..)| *wrong)
            .map(|(_, field, problem)| FieldError::new(field, problem))
            .collect();
        if fields.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the session cannot be asked for like this")
            .with_fields(fields))
    }
}

fn is_redirect(uri: &str, environment: Environment) -> bool {
    // An app's own scheme is a redirect too; it has no query either.
    let Ok(url) = Url::parse(uri) else { return false };
    let secure = url.scheme() != "http" || environment == Environment::Sandbox;
    url.query().is_none() && secure
}

/// Whose session it is. Personal data: `Debug` shows the id.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct LinkUser {
    /// The host's own stable id.
    pub client_user_id: String,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// The telephone number, in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
}

impl fmt::Debug for LinkUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkUser").field("client_user_id", &self.client_user_id).finish_non_exhaustive()
    }
}

impl LinkUser {
    /// A person by the host's own stable id. Never an email address or a name: Plaid shows it in its dashboard.
    pub fn new(client_user_id: impl Into<String>) -> Self {
        Self {
            client_user_id: client_user_id.into(),
            legal_name: None,
            phone_number: None,
            email_address: None,
        }
    }

    /// Sets `legal_name`.
    pub fn with_legal_name(mut self, legal_name: impl Into<String>) -> Self {
        self.legal_name = Some(legal_name.into());
        self
    }

    /// Sets `phone_number`.
    pub fn with_phone_number(mut self, phone_number: impl Into<String>) -> Self {
        self.phone_number = Some(phone_number.into());
        self
    }

    /// Sets `email_address`.
    pub fn with_email_address(mut self, email_address: impl Into<String>) -> Self {
        self.email_address = Some(email_address.into());
        self
    }
}

/// How far back transactions are fetched at first.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct LinkTransactions {
    /// How many days.
    pub days_requested: u16,
}

impl LinkTransactions {
    /// So many days, 1 to 730. It cannot be raised later; Plaid's default is 90.
    pub fn new(days_requested: u16) -> Self {
        Self { days_requested }
    }
}

/// What update mode may change.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct LinkUpdate {
    /// Whether the person may choose other accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_selection_enabled: Option<bool>,
}

impl LinkUpdate {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `account_selection_enabled`.
    pub fn with_account_selection_enabled(mut self, account_selection_enabled: bool) -> Self {
        self.account_selection_enabled = Some(account_selection_enabled);
        self
    }
}

/// Makes a page at Plaid for the session; nothing need be set (<https://plaid.com/docs/link/hosted-link/>).
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct HostedLink {
    /// Sends the page to the person: `sms` or `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<String>,
    /// Where the page sends the person at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_redirect_uri: Option<String>,
    /// How long the page lives, at most 21 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_lifetime_seconds: Option<u32>,
    /// Whether it is opened within an app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_mobile_app: Option<bool>,
}

impl HostedLink {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `delivery_method`.
    pub fn with_delivery_method(mut self, delivery_method: impl Into<String>) -> Self {
        self.delivery_method = Some(delivery_method.into());
        self
    }

    /// Sets `completion_redirect_uri`.
    pub fn with_completion_redirect_uri(mut self, completion_redirect_uri: impl Into<String>) -> Self {
        self.completion_redirect_uri = Some(completion_redirect_uri.into());
        self
    }

    /// Sets `url_lifetime_seconds`.
    pub fn with_url_lifetime_seconds(mut self, url_lifetime_seconds: u32) -> Self {
        self.url_lifetime_seconds = Some(url_lifetime_seconds);
        self
    }

    /// Sets `is_mobile_app`.
    pub fn with_is_mobile_app(mut self, is_mobile_app: bool) -> Self {
        self.is_mobile_app = Some(is_mobile_app);
        self
    }
}

/// Which accounts the person may choose, by kind.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct AccountFilters {
    /// Checking, savings and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depository: Option<SubtypeFilter>,
    /// Cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<SubtypeFilter>,
    /// Loans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan: Option<SubtypeFilter>,
    /// Securities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investment: Option<SubtypeFilter>,
}

impl AccountFilters {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `depository`.
    pub fn with_depository(mut self, depository: SubtypeFilter) -> Self {
        self.depository = Some(depository);
        self
    }

    /// Sets `credit`.
    pub fn with_credit(mut self, credit: SubtypeFilter) -> Self {
        self.credit = Some(credit);
        self
    }

    /// Sets `loan`.
    pub fn with_loan(mut self, loan: SubtypeFilter) -> Self {
        self.loan = Some(loan);
        self
    }

    /// Sets `investment`.
    pub fn with_investment(mut self, investment: SubtypeFilter) -> Self {
        self.investment = Some(investment);
        self
    }
}

/// Accounts of these subtypes.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SubtypeFilter {
    /// The subtypes.
    pub account_subtypes: Vec<String>,
}

impl SubtypeFilter {
    /// Accounts of these subtypes, in Plaid's words; `all` for all.
    pub fn new(account_subtypes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { account_subtypes: account_subtypes.into_iter().map(Into::into).collect() }
    }
}
