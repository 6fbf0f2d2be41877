//! Plaid behind the shape that providers of bank data share.

mod convert;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use turnbuckle_core::bank_data::{
    AccountBalance, AccountHolderData, AccountNumbers, BalanceQuery, BankAccountData, BankData, BankFeature,
    BankFeatures, BankLink, Institution, InstitutionQuery, ItemState, LinkRequest, LinkReturn, LinkSession,
    RepairRequest, SyncCursor, SyncPage,
};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

use crate::client::PROVIDER;
use crate::event::state_of;
use crate::items::is_removed;
use crate::{
    AccountFilter, ErrorClass, GetBalance, GetInstitution, GetInstitutionOptions, Item, Plaid, PlaidError,
    RemoveItem, SearchInstitutions, SyncOptions, SyncTransactions,
};

static ID: ProviderId = PROVIDER;

const FEATURES: BankFeatures = BankFeatures::new(BankFeature::ALL);

/// How long before its end a consent counts as ending. Plaid's own warning comes about a week ahead.
const CONSENT_WARNING: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// Plaid as a provider of bank data.
///
/// Rotating access tokens is left to [`Items::invalidate_access_token`](crate::Items::invalidate_access_token): a lost
/// answer there loses the item.
#[derive(Debug, Clone)]
pub struct PlaidBankData {
    client: Plaid,
    options: Arc<BankDataOptions>,
}

/// What a connection sets for all its links.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BankDataOptions {
    /// The name under which persons see the host in Link, 1 to 30 characters. Without it there are no sessions.
    pub client_name: Option<String>,
    /// Where Plaid pushes news of links that name no address of their own.
    pub webhook: Option<String>,
    /// Where banks send the person back to, of sessions that name no address of their own.
    pub redirect_uri: Option<String>,
    /// A look that was made at Plaid.
    pub link_customization_name: Option<String>,
    /// Whose words categories are in. Plaid's older accounts would get `v1` if nothing was asked for.
    pub category_version: String,
    /// How many changes a page holds at most, 1 to 500.
    pub page_size: u16,
    /// Whether to ask for the bank's own text of each transaction.
    pub original_descriptions: bool,
}

impl Default for BankDataOptions {
    fn default() -> Self {
        Self {
            client_name: None,
            webhook: None,
            redirect_uri: None,
            link_customization_name: None,
            category_version: "v2".to_owned(),
            page_size: 500,
            original_descriptions: false,
        }
    }
}

impl BankDataOptions {
    /// Pages of 500 and categories of the second version; no name, and so no sessions.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the settings say.
    pub(crate) fn from_config(config: &ConnectionConfig) -> Self {
        let settings = config.settings();
        let text = |name| settings.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let default = Self::default();
        let page_size = settings.integer("transactionsPageSize").and_then(|size| u16::try_from(size).ok());
        Self {
            client_name: text("clientName"),
            webhook: text("webhookUrl"),
            redirect_uri: text("redirectUri"),
            link_customization_name: text("linkCustomization"),
            category_version: text("categoryVersion").unwrap_or(default.category_version),
            page_size: page_size.unwrap_or(default.page_size),
            original_descriptions: settings.boolean("originalDescriptions").unwrap_or_default(),
        }
    }

    /// Sets the name under which persons see the host.
    pub fn with_client_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = Some(name.into());
        self
    }

    /// Sets how many changes a page holds at most.
    pub fn with_page_size(mut self, size: u16) -> Self {
        self.page_size = size;
        self
    }
}

impl PlaidBankData {
    /// Bank data through a client.
    pub fn new(client: Plaid, options: BankDataOptions) -> Self {
        Self { client, options: Arc::new(options) }
    }
}

#[async_trait]
impl BankData for PlaidBankData {
    fn provider(&self) -> &ProviderId {
        &ID
    }

    fn features(&self) -> BankFeatures {
        FEATURES
    }

    async fn link(&self, request: &LinkRequest) -> Result<LinkSession> {
        let params = request::link(request, &self.options).map_err(|error| named(error, "link"))?;
        let token = self.client.link().create(&params).await.map_err(|error| named(error, "link"))?;
        convert::session(token).map_err(|error| named(error, "link"))
    }

    async fn repair(&self, link: &BankLink, request: &RepairRequest) -> Result<LinkSession> {
        let params = request::repair(request, &self.options).map_err(|error| named(error, "repair"))?;
        let token = self.client.link().create_update(link.token(), &params).await;
        convert::session(token.map_err(|error| named(error, "repair"))?)
            .map_err(|error| named(error, "repair"))
    }

    async fn exchange(&self, returned: &LinkReturn) -> Result<BankLink> {
        let items = self.client.items();
        let exchanged =
            items.exchange(&returned.public_token).await.map_err(|error| named(error, "exchange"))?;
        let link = BankLink::new(exchanged.item_id, exchanged.access_token);
        Ok(match &returned.institution_id {
            Some(institution) => link.with_institution(institution.clone()),
            None => link,
        })
    }

    async fn accounts(&self, link: &BankLink) -> Result<Vec<BankAccountData>> {
        let list = self.client.accounts().get(link.token(), &AccountFilter::all()).await;
        let list = list.map_err(|error| named(error, "accounts"))?;
        same_item(link, list.item.as_ref(), "accounts")?;
        Ok(list.accounts.into_iter().map(convert::account).collect())
    }

    async fn numbers(&self, link: &BankLink) -> Result<Vec<AccountNumbers>> {
        let answer = self.client.auth().get(link.token(), &AccountFilter::all()).await;
        let answer = answer.map_err(|error| named(error, "numbers"))?;
        same_item(link, answer.item.as_ref(), "numbers")?;
        Ok(convert::numbers(answer.numbers))
    }

    async fn balances(&self, link: &BankLink, query: &BalanceQuery) -> Result<Vec<(String, AccountBalance)>> {
        let mut params = GetBalance::new().with_account_ids(query.account_ids.iter().cloned());
        params.min_last_updated_datetime = query.not_before;
        let list = self.client.accounts().balance(link.token(), &params).await;
        let list = list.map_err(|error| named(error, "balances"))?;
        same_item(link, list.item.as_ref(), "balances")?;
        let asked = |id: &String| query.account_ids.is_empty() || query.account_ids.contains(id);
        if !list.accounts.iter().all(|account| asked(&account.account_id)) {
            return Err(contradicts("balances"));
        }
        Ok(list.accounts.into_iter().map(convert::balance_by_id).collect())
    }

    async fn identity(&self, link: &BankLink) -> Result<Vec<AccountHolderData>> {
        let list = self.client.identity().get(link.token(), &AccountFilter::all()).await;
        let list = list.map_err(|error| named(error, "identity"))?;
        same_item(link, list.item.as_ref(), "identity")?;
        Ok(list.accounts.into_iter().map(convert::holders).collect())
    }

    async fn sync_page(&self, link: &BankLink, cursor: Option<&SyncCursor>) -> Result<SyncPage> {
        let options = &self.options;
        let mut more =
            SyncOptions::new().with_personal_finance_category_version(options.category_version.clone());
        if options.original_descriptions {
            more = more.with_include_original_description(true);
        }
        let mut params = SyncTransactions::new().with_count(options.page_size).with_options(more);
        params.cursor = cursor.map(|cursor| cursor.as_str().to_owned());
        let page = self.client.transactions().sync(link.token(), &params).await;
        let page = page.map_err(|error| named(error, "sync"))?;
        convert::page(page, &options.category_version).map_err(|error| named(error, "sync"))
    }

    async fn institutions(&self, query: &InstitutionQuery) -> Result<Vec<Institution>> {
        let params = SearchInstitutions::new(query.name.clone(), query.countries.iter().cloned());
        let found = self.client.institutions().search(&params).await;
        let found = found.map_err(|error| named(error, "institutions"))?;
        Ok(found.institutions.into_iter().map(convert::institution).collect())
    }

    async fn institution(&self, id: &str, country: &str) -> Result<Option<Institution>> {
        let more =
            GetInstitutionOptions::new().with_include_status(true).with_include_optional_metadata(true);
        let params = GetInstitution::new(id, [country]).with_options(more);
        match self.client.institutions().get_by_id(&params).await {
            Ok(info) if info.institution.institution_id == id => {
                Ok(Some(convert::institution(info.institution)))
            }
            Ok(_) => Err(contradicts("institution")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(error, "institution")),
        }
    }

    async fn item_state(&self, link: &BankLink) -> Result<ItemState> {
        match self.client.items().get(link.token()).await {
            Ok(info) => {
                same_item(link, Some(&info.item), "item_state")?;
                Ok(self.state(&info.item))
            }
            Err(error) => match BankData::state_of(self, &error) {
                Some(state) => Ok(state),
                None => Err(named(error, "item_state")),
            },
        }
    }

    /// A token that Plaid does not know opens nothing any more, so the link counts as revoked. After a rotation that is
    /// true of the old token alone: nobody may call with it meanwhile.
    fn state_of(&self, error: &Error) -> Option<ItemState> {
        if is_removed(error) { Some(ItemState::Revoked) } else { PlaidError::of(error).and_then(state_of) }
    }

    async fn disconnect(&self, link: &BankLink) -> Result<()> {
        match self.client.items().remove(link.token(), &RemoveItem::new()).await {
            // An item that Plaid no longer knows is one that was ended before.
            Err(error) if is_removed(&error) => Ok(()),
            Err(error) => Err(named(error, "disconnect")),
            Ok(()) => Ok(()),
        }
    }
}

impl PlaidBankData {
    fn state(&self, item: &Item) -> ItemState {
        if let Some(error) = &item.error {
            match (state_of(error), error.class()) {
                (Some(state), _) => return state,
                // Plaid's own trouble, which passes.
                (
                    None,
                    ErrorClass::NotReady
                    | ErrorClass::PlaidDown
                    | ErrorClass::ItemRateLimit
                    | ErrorClass::ClientRateLimit
                    | ErrorClass::Quota,
                ) => {}
                // What is not known is a reason to let the person look.
                (None, _) => return ItemState::LoginRequired,
            }
        }
        let now = self.client.http().clock().now();
        match item.consent_expiration_time {
            Some(end) if end <= now => ItemState::LoginRequired,
            Some(end) if end - now <= CONSENT_WARNING => ItemState::ConsentEnds(end),
            _ => ItemState::Healthy,
        }
    }
}

/// The name that hosts know an operation by takes the place of the client's.
fn named(error: Error, operation: &'static str) -> Error {
    error.with_provider(PROVIDER).with_operation(operation)
}

fn contradicts(operation: &'static str) -> Error {
    named(Error::new(ErrorKind::InvalidResponse, "the answer is about something else"), operation)
        .with_effect(Effect::None)
}

/// A token opens one item; an answer about another one must not be stored as this one's.
fn same_item(link: &BankLink, item: Option<&Item>, operation: &'static str) -> Result<()> {
    match item {
        Some(item) if item.item_id != link.item_id => Err(contradicts(operation)),
        _ => Ok(()),
    }
}
