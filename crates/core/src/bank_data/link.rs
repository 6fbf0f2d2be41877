//! Links to people's banks: asked for in the person's browser, exchanged for access, repaired when the bank asks again.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BankProduct {
    /// Transactions.
    Transactions,
    /// Account and routing numbers.
    Numbers,
    /// Who owns the accounts.
    Identity,
    /// Loans and cards: terms and what is due.
    Liabilities,
    /// Holdings and trades.
    Investments,
}

/// Asks for a session in which a person links a bank.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LinkRequest {
    /// The host's stable id of the person. Never an email address or a name: vendors show it in clear.
    pub user_id: String,
    /// What the link is for. At least one.
    pub products: Vec<BankProduct>,
    /// Asked for where the bank has it, and no reason to refuse the bank.
    pub optional_products: Vec<BankProduct>,
    /// Countries of the banks, ISO 3166-1 alpha-2. At least one.
    pub countries: Vec<String>,
    /// The language of the session, ISO 639-1.
    pub language: String,
    /// How many days of transactions to fetch at first; `None` is the vendor's default. It cannot be raised later.
    pub days_requested: Option<u16>,
    /// Where the vendor pushes news of this link.
    pub webhook: Option<Url>,
    /// Where a bank's own page sends the person back to.
    pub redirect_uri: Option<Url>,
}

impl LinkRequest {
    /// A session in English for banks of one country.
    pub fn new(user_id: impl Into<String>, products: Vec<BankProduct>, country: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            products,
            optional_products: Vec::new(),
            countries: vec![country.into()],
            language: "en".to_owned(),
            days_requested: None,
            webhook: None,
            redirect_uri: None,
        }
    }

    /// Sets how many days of transactions to fetch at first.
    pub fn with_days_requested(mut self, days: u16) -> Self {
        self.days_requested = Some(days);
        self
    }

    /// Sets where the vendor pushes news of this link.
    pub fn with_webhook(mut self, url: Url) -> Self {
        self.webhook = Some(url);
        self
    }

    /// Sets where a bank's own page sends the person back to.
    pub fn with_redirect_uri(mut self, url: Url) -> Self {
        self.redirect_uri = Some(url);
        self
    }
}

/// Asks for a session in which a person signs in again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RepairRequest {
    /// The host's stable id of the person.
    pub user_id: String,
    /// The language of the session, ISO 639-1.
    pub language: String,
    /// Countries of the bank.
    pub countries: Vec<String>,
    /// Where a bank's own page sends the person back to.
    pub redirect_uri: Option<Url>,
    /// Whether the person may choose other accounts.
    pub choose_accounts: bool,
}

impl RepairRequest {
    /// A session in English.
    pub fn new(user_id: impl Into<String>, country: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            language: "en".to_owned(),
            countries: vec![country.into()],
            redirect_uri: None,
            choose_accounts: false,
        }
    }
}

/// A session for the person's browser.
#[derive(Clone)]
#[non_exhaustive]
pub struct LinkSession {
    /// What the vendor's browser code takes. It belongs to this person alone.
    pub token: SecretString,
    /// When it ends, as the vendor said. Vendors change how long sessions live: never assume it.
    pub expires_at: DateTime<Utc>,
    /// The vendor's own page for it, where one was made.
    pub hosted_url: Option<Url>,
}

impl LinkSession {
    /// A session.
    pub fn new(token: SecretString, expires_at: DateTime<Utc>) -> Self {
        Self { token, expires_at, hosted_url: None }
    }

    /// Whether it has ended, so that a new one must be made.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }
}

impl fmt::Debug for LinkSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSession").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What came back from the person's browser.
#[derive(Clone)]
#[non_exhaustive]
pub struct LinkReturn {
    /// What is exchanged for access, once, within minutes.
    pub public_token: SecretString,
    /// The bank that was linked, where the browser code told.
    pub institution_id: Option<String>,
    /// The accounts that were linked, where the browser code told.
    pub accounts: Vec<LinkedAccount>,
}

impl LinkReturn {
    /// What is exchanged.
    pub fn new(public_token: SecretString) -> Self {
        Self { public_token, institution_id: None, accounts: Vec::new() }
    }
}

impl fmt::Debug for LinkReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkReturn")
            .field("institution_id", &self.institution_id)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

/// An account as the browser code and the host's store name it, for finding the same bank linked twice.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkedAccount {
    /// The name that the person knows.
    pub name: String,
    /// The last digits of the number.
    pub mask: Option<String>,
    /// The vendor's finer word for the kind.
    pub subtype: Option<String>,
}

impl LinkedAccount {
    /// An account.
    pub fn new(name: impl Into<String>, mask: Option<String>, subtype: Option<String>) -> Self {
        Self { name: name.into(), mask, subtype }
    }
}

impl fmt::Debug for LinkedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedAccount").field("subtype", &self.subtype).finish_non_exhaustive()
    }
}

/// The link among those that the host has which this return would make a second time: the same bank, and an account of
/// the same name, last digits and kind. Ask before [`exchange`](super::BankData::exchange): an exchanged link is billed.
///
/// Vendors make new ids for everything that is linked anew, so ids cannot tell.
pub fn find_duplicate<'a, K>(
    returned: &LinkReturn,
    known: impl IntoIterator<Item = (K, &'a str, &'a [LinkedAccount])>,
) -> Option<K> {
    let bank = returned.institution_id.as_deref()?;
    known.into_iter().find_map(|(link, institution, accounts)| {
        let same = |account: &LinkedAccount| account.mask.is_some() && accounts.contains(account);
        (institution == bank && returned.accounts.iter().any(same)).then_some(link)
    })
}

/// The host's access to one login at one bank.
///
/// The token never expires by itself and reads everything that the person shared: it is a credential. Store the whole of
/// it sealed ([`to_secret`](Self::to_secret)), open it only to call. `Debug` shows the ids.
#[derive(Clone)]
#[non_exhaustive]
pub struct BankLink {
    /// The vendor's id of the login. Pushes name it.
    pub item_id: String,
    /// The bank.
    pub institution_id: Option<String>,
    token: SecretString,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    v: u8,
    item: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank: Option<std::borrow::Cow<'a, str>>,
    token: std::borrow::Cow<'a, str>,
}

impl BankLink {
    /// Access to one login.
    pub fn new(item_id: impl Into<String>, token: SecretString) -> Self {
        Self { item_id: item_id.into(), institution_id: None, token }
    }

    /// Names the bank.
    pub fn with_institution(mut self, id: impl Into<String>) -> Self {
        self.institution_id = Some(id.into());
        self
    }

    /// The token.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Everything in one secret text, to be sealed and stored.
    pub fn to_secret(&self) -> SecretString {
        let stored = Stored {
            v: 1,
            item: self.item_id.as_str().into(),
            bank: self.institution_id.as_deref().map(Into::into),
            token: self.token.expose_secret().into(),
        };
        // A struct of texts always serializes; an empty text would not open, so nothing is lost silently.
        SecretString::from(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// Reads what [`to_secret`](Self::to_secret) wrote.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig), repeating nothing of it.
    pub fn from_secret(secret: &SecretString) -> Result<Self> {
        let refused = || Error::new(ErrorKind::InvalidConfig, "the stored bank link cannot be read");
        let stored: Stored<'_> = serde_json::from_str(secret.expose_secret()).map_err(|_| refused())?;
        if stored.v != 1 || stored.item.is_empty() || stored.token.is_empty() {
            return Err(refused());
        }
        let mut link = Self::new(stored.item.into_owned(), SecretString::from(stored.token.into_owned()));
        link.institution_id = stored.bank.map(std::borrow::Cow::into_owned);
        Ok(link)
    }
}

impl fmt::Debug for BankLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankLink")
            .field("item_id", &self.item_id)
            .field("institution_id", &self.institution_id)
            .finish_non_exhaustive()
    }
}

/// Which balances to read, and how fresh they must be.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BalanceQuery {
    /// These accounts; empty is all.
    pub account_ids: Vec<String>,
    /// Not older than this, for banks that answer with what they have stored.
    pub not_before: Option<DateTime<Utc>>,
}
