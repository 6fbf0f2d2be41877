//! Bank data of the reference vendor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::bank_data::{
    AccountBalance, AccountHolderData, AccountKind, AccountNumbers, AccountOwner, BalanceQuery,
    BankAccountData, BankAmount, BankCurrency, BankData, BankFeature, BankFeatures, BankLink,
    BankTransaction, Flow, Institution, InstitutionQuery, InstitutionStatus, ItemState, LinkRequest,
    LinkReturn, LinkSession, LinkedAccount, RemovedTransaction, RepairRequest, SyncCursor, SyncHistory,
    SyncPage,
};
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

use super::bank_books::{BANK, Login, Net};
use super::provider::{ID, Line, OWN_ID};
use super::{Bug, ReferenceVendor};
use crate::conformance::{BankAccountLine, BankLine, BankTrouble};

#[derive(Debug)]
pub(super) struct ReferenceBankData {
    pub(super) line: Arc<Line>,
    pub(super) features: &'static [BankFeature],
    pub(super) page_size: usize,
    /// Whether a page is being read. Only a defect asks.
    pub(super) under_way: AtomicBool,
}

impl ReferenceBankData {
    fn has(&self, bug: Bug) -> bool {
        self.line.vendor.has(bug)
    }

    fn need(&self, feature: BankFeature) -> Result<()> {
        if (self.features.contains(&feature) || self.has(Bug::SendsUndeclared))
            && !(feature == BankFeature::Numbers && self.has(Bug::DeclaresTooMuch))
        {
            return Ok(());
        }
        let words = format!("`{}` is not declared", feature.as_str());
        Err(Error::unsupported(words).or_context(&ID, "bank_data"))
    }

    /// Reads something of a login whose data flows.
    async fn read<T: Send>(
        &self,
        name: &'static str,
        link: &BankLink,
        work: impl FnOnce(&Login) -> Result<T> + Send,
    ) -> Result<T> {
        if self.has(Bug::LogsBankToken) {
            tracing::debug!(token = link.token().expose_secret(), "reading");
        }
        let token = link.token().expose_secret();
        self.line.call(name, false, String::new(), |books| work(books.bank.working(token)?)).await
    }

    /// The accounts as they are told.
    fn lines(&self, login: &Login) -> Vec<BankAccountLine> {
        let mut lines = login.accounts();
        if self.has(Bug::ConfusesAccounts) {
            let ids: Vec<String> = lines.iter().rev().map(|line| line.id.clone()).collect();
            for (line, id) in lines.iter_mut().zip(ids) {
                line.id = id;
                line.mask = Some("9999".to_owned());
            }
        }
        lines
    }

    fn transaction(&self, line: &BankLine) -> BankTransaction {
        let code = line.currency.as_deref();
        let amount = BankAmount::new(-line.change, BankCurrency::from_codes(code, code));
        let mut flow = Flow::positive_is_outflow(amount);
        if self.has(Bug::FlipsSigns) {
            flow = match flow {
                Flow::Outflow(amount) => Flow::Inflow(amount),
                Flow::Inflow(amount) => Flow::Outflow(amount),
            };
        }
        if self.has(Bug::RoundsAmounts) {
            match &mut flow {
                Flow::Outflow(amount) | Flow::Inflow(amount) => amount.value = amount.value.round_dp(2),
            }
        }
        let mut told = BankTransaction::new(&line.id, &line.account, flow, line.date, &line.name);
        told.pending = line.pending;
        if !self.has(Bug::ForgetsReplaced) {
            told.replaces.clone_from(&line.replaces);
        }
        told
    }
}

fn account(line: &BankAccountLine) -> BankAccountData {
    let points = line.number.is_none();
    let kind = if points { AccountKind::Other("points".to_owned()) } else { AccountKind::Depository };
    let mut data = BankAccountData::new(&line.id, kind, &line.name);
    data.subtype = Some(if points { "bonus" } else { "current" }.to_owned());
    data.mask.clone_from(&line.mask);
    data.balance = balance(line);
    data
}

fn balance(line: &BankAccountLine) -> AccountBalance {
    let code = line.currency.as_deref();
    let currency = BankCurrency::from_codes(code, code);
    let mut balance = AccountBalance::default();
    balance.available = line.available.map(|value| BankAmount::new(value, currency.clone()));
    balance.current = line.current.map(|value| BankAmount::new(value, currency.clone()));
    balance.currency = currency;
    balance
}

fn linked(lines: &[BankAccountLine]) -> Vec<LinkedAccount> {
    let linked = |line| {
        let data = account(line);
        LinkedAccount::new(data.name, data.mask, data.subtype)
    };
    lines.iter().map(linked).collect()
}

fn bank() -> Institution {
    let mut bank = Institution::new(BANK.0, BANK.1);
    bank.countries = vec!["US".to_owned()];
    bank.status = Some(InstitutionStatus::Healthy);
    bank
}

#[async_trait]
impl BankData for ReferenceBankData {
    fn provider(&self) -> &ProviderId {
        &OWN_ID
    }

    fn features(&self) -> BankFeatures {
        BankFeatures::new(self.features)
    }

    async fn link(&self, request: &LinkRequest) -> Result<LinkSession> {
        if request.products.is_empty() && !self.has(Bug::LinksForNothing) {
            return Err(Error::invalid_field("products", "is empty"));
        }
        let now = self.line.vendor.now();
        let says = if self.has(Bug::AnonymousSessions) { String::new() } else { request.user_id.clone() };
        let work = |books: &mut super::books::Books| books.bank.session(None, now);
        let (token, ends_at) = self.line.call("link", false, says, work).await?;
        Ok(LinkSession::new(SecretString::from(token), ends_at))
    }

    async fn repair(&self, link: &BankLink, request: &RepairRequest) -> Result<LinkSession> {
        self.need(BankFeature::Repair)?;
        let now = self.line.vendor.now();
        let mends = Some(link.token().expose_secret()).filter(|_| !self.has(Bug::RepairsByLinking));
        let says = request.user_id.clone();
        let (token, ends_at) =
            self.line.call("repair", false, says, |books| books.bank.session(mends, now)).await?;
        Ok(LinkSession::new(SecretString::from(token), ends_at))
    }

    async fn exchange(&self, returned: &LinkReturn) -> Result<BankLink> {
        let now = self.line.vendor.now();
        let public = returned.public_token.expose_secret();
        let repeats = self.has(Bug::ExchangesTwice);
        let once = || {
            self.line.call("exchange", true, String::new(), |books| books.bank.exchange(public, now, repeats))
        };
        let mut result = once().await;
        if self.has(Bug::RepeatsExchange) && matches!(&result, Err(e) if e.effect() == Effect::Unknown) {
            result = once().await;
        }
        let (token, id) = result?;
        if self.has(Bug::WakesSick) {
            self.line.vendor.books().bank.with_login(&token, |login| login.state = ItemState::LoginRequired);
        }
        let token = if self.has(Bug::LinksWithoutToken) { String::new() } else { token };
        let link = BankLink::new(id, SecretString::from(token));
        Ok(match &returned.institution_id {
            Some(institution) => link.with_institution(institution),
            None => link,
        })
    }

    async fn accounts(&self, link: &BankLink) -> Result<Vec<BankAccountData>> {
        self.read("accounts", link, |login| Ok(self.lines(login).iter().map(account).collect())).await
    }

    async fn numbers(&self, link: &BankLink) -> Result<Vec<AccountNumbers>> {
        self.need(BankFeature::Numbers)?;
        let numbers = |line: BankAccountLine| {
            let account = SecretString::from(line.number?);
            let (routing, wire_routing) = ("011401533".to_owned(), None);
            let account_id = line.id;
            Some(AccountNumbers::Ach { account_id, account, routing, wire_routing, tokenized: false })
        };
        let list: Vec<AccountNumbers> = self
            .read("numbers", link, |login| Ok(self.lines(login).into_iter().filter_map(numbers).collect()))
            .await?;
        if self.has(Bug::LogsAccountNumber)
            && let Some(AccountNumbers::Ach { account, .. }) = list.first()
        {
            tracing::debug!(number = account.expose_secret(), "read");
        }
        Ok(list)
    }

    async fn balances(&self, link: &BankLink, query: &BalanceQuery) -> Result<Vec<(String, AccountBalance)>> {
        self.need(BankFeature::LiveBalances)?;
        let all = query.account_ids.is_empty() || self.has(Bug::TellsAllBalances);
        let asked = |line: &BankAccountLine| all || query.account_ids.contains(&line.id);
        self.read("balances", link, |login| {
            let lines = self.lines(login).into_iter().filter(asked);
            Ok(lines.map(|line| (line.id.clone(), balance(&line))).collect())
        })
        .await
    }

    async fn identity(&self, link: &BankLink) -> Result<Vec<AccountHolderData>> {
        self.need(BankFeature::Identity)?;
        let holders = |line: BankAccountLine| {
            let mut owner = AccountOwner::default();
            owner.names = line.owners;
            AccountHolderData::new(line.id, if owner.names.is_empty() { Vec::new() } else { vec![owner] })
        };
        let list: Vec<AccountHolderData> = self
            .read("identity", link, |login| Ok(self.lines(login).into_iter().map(holders).collect()))
            .await?;
        if self.has(Bug::NamesOwners)
            && let Some(name) = list.first().and_then(|holder| holder.owners.first()?.names.first())
        {
            tracing::info!(owner = name, "read");
        }
        Ok(list)
    }

    async fn sync_page(&self, link: &BankLink, cursor: Option<&SyncCursor>) -> Result<SyncPage> {
        self.need(BankFeature::Transactions)?;
        let size = self.page_size;
        let given_up = self.under_way.swap(true, Ordering::SeqCst);
        let at = cursor.map(SyncCursor::as_str);
        let read = self
            .read("sync", link, |login| Ok((login.page(at, size, |bug| self.has(bug))?, self.lines(login))))
            .await;
        self.under_way.store(false, Ordering::SeqCst);
        let (mut changes, accounts) = match read {
            Err(error) if error.code().is_none() && self.has(Bug::CommitsLostPages) => {
                return Ok(SyncPage::new(cursor.cloned(), false, SyncHistory::Historical));
            }
            read => read?,
        };
        if given_up && self.has(Bug::SkipsAfterDrops) {
            changes.list.clear();
        }
        let next = changes.next.map(SyncCursor::new).transpose()?;
        let mut page = SyncPage::new(next, changes.more, changes.history);
        page.accounts = accounts.iter().map(account).collect();
        for change in changes.list {
            match change {
                Net::Added(line) => page.added.push(self.transaction(&line)),
                Net::Modified(line) => page.modified.push(self.transaction(&line)),
                Net::Removed(_) if self.has(Bug::DropsRemoved) => {}
                Net::Removed(line) => page.removed.push(RemovedTransaction::new(line.id, Some(line.account))),
            }
        }
        Ok(page)
    }

    async fn institutions(&self, query: &InstitutionQuery) -> Result<Vec<Institution>> {
        let name = query.name.to_lowercase();
        let bank = bank();
        let fits = bank.name.to_lowercase().contains(&name)
            && query.countries.iter().any(|country| bank.countries.contains(country));
        let found = if fits { vec![bank] } else { Vec::new() };
        self.line.call("institutions", false, String::new(), |_| Ok(found)).await
    }

    async fn institution(&self, id: &str, country: &str) -> Result<Option<Institution>> {
        let bank = Some(bank()).filter(|bank| {
            self.has(Bug::KnowsEveryBank) || (bank.id == id && bank.countries.iter().any(|c| c == country))
        });
        self.line.call("institution", false, String::new(), |_| Ok(bank)).await
    }

    async fn item_state(&self, link: &BankLink) -> Result<ItemState> {
        let token = link.token().expose_secret();
        let told =
            self.line.call("item_state", false, String::new(), |books| Ok(books.bank.login(token)?.state));
        match told.await {
            Ok(_) if self.has(Bug::FeelsHealthy) => Ok(ItemState::Healthy),
            Ok(state) => Ok(state),
            Err(error) if self.has(Bug::GuessesState) => {
                Ok(self.state_of(&error).unwrap_or(ItemState::Healthy))
            }
            Err(error) => Err(error),
        }
    }

    fn state_of(&self, error: &Error) -> Option<ItemState> {
        if self.has(Bug::BlamesTheLink) && error.code().is_none() {
            return Some(ItemState::LoginRequired);
        }
        match error.code()? {
            "sign_in" => Some(ItemState::LoginRequired),
            "revoked" | "no_such_token" => Some(ItemState::Revoked),
            "bank_down" => Some(ItemState::InstitutionDown),
            _ => None,
        }
    }

    async fn disconnect(&self, link: &BankLink) -> Result<()> {
        let token = link.token().expose_secret();
        let keeps = self.has(Bug::KeepsLinks);
        let work = |books: &mut super::books::Books| if keeps { Ok(()) } else { books.bank.end(token) };
        match self.line.call("disconnect", true, String::new(), work).await {
            Err(error) if error.kind() == ErrorKind::NotFound && !self.has(Bug::RefusesSecondDisconnect) => {
                Ok(())
            }
            result => result,
        }
    }
}

impl ReferenceVendor {
    /// A person signs in at the bank in a session to link: what comes back from the browser. Nothing, when the session is
    /// over or is one to mend.
    pub fn person_links(&self, session: &LinkSession) -> Option<LinkReturn> {
        let now = self.now();
        let token = self.books().bank.person_links(session.token.expose_secret(), now)?;
        let mut returned = LinkReturn::new(SecretString::from(token));
        returned.institution_id = Some(BANK.0.to_owned());
        returned.accounts = linked(&Login::new(String::new()).accounts());
        Some(returned)
    }

    /// A person signs in again in a session to mend.
    pub fn person_mends(&self, session: &LinkSession) {
        let now = self.now();
        self.books().bank.person_mends(session.token.expose_secret(), now);
    }

    /// A day passes at the bank of a link: transactions arrive, change and vanish.
    pub fn bank_day(&self, link: &BankLink) {
        let today = self.now().date_naive();
        self.with_login(link, |login| login.day(today));
    }

    /// Something happens to a link.
    pub fn bank_trouble(&self, link: &BankLink, trouble: BankTrouble) {
        let week = chrono::TimeDelta::days(7);
        let (state, news) = match trouble {
            BankTrouble::LoginRequired => (ItemState::LoginRequired, Some("item.login_required")),
            BankTrouble::ConsentEnds => (ItemState::ConsentEnds(self.now() + week), Some("item.ends")),
            BankTrouble::Disconnects => (ItemState::Disconnects(Some(self.now() + week)), Some("item.ends")),
            BankTrouble::Revoked => (ItemState::Revoked, Some("item.revoked")),
            BankTrouble::BankDown => (ItemState::InstitutionDown, None),
        };
        self.with_login(link, |login| {
            login.state = state;
            login.news.extend(news);
        });
    }

    /// The bank answers again.
    pub fn bank_recovers(&self, link: &BankLink) {
        self.with_login(link, |login| {
            if login.state == ItemState::InstitutionDown {
                login.state = ItemState::Healthy;
            }
        });
    }

    fn with_login(&self, link: &BankLink, change: impl FnOnce(&mut Login)) {
        self.books().bank.with_login(link.token().expose_secret(), change);
    }

    /// The bank's own ledger of a link; empty once the link was ended.
    pub fn bank_ledger(&self, link: &BankLink) -> Vec<BankLine> {
        let books = self.books();
        books.bank.login(link.token().expose_secret()).map(Login::ledger).unwrap_or_default()
    }

    /// The bank's own accounts of a link; none once the link was ended.
    pub fn bank_accounts(&self, link: &BankLink) -> Vec<BankAccountLine> {
        let books = self.books();
        books.bank.login(link.token().expose_secret()).map(Login::accounts).unwrap_or_default()
    }

    /// What the vendor has to push about a link so far, and the link's id as it pushes it.
    pub(super) fn bank_news(&self, link: &BankLink) -> (String, Vec<&'static str>) {
        let books = self.books();
        let found = books.bank.login(link.token().expose_secret());
        found.map(|login| (login.id.clone(), login.news.clone())).unwrap_or_default()
    }

    /// How many links are open.
    pub fn bank_links(&self) -> usize {
        self.books().bank.open()
    }
}
