//! The Query API: transactions, the vault, subscriptions, plans, the account itself.

use chrono::{DateTime, Utc};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::{Nmi, check_id, read};
use crate::form::Form;
use crate::records::{Plan, Profile, SubscriptionRecord, Transaction, VaultCustomer};

const TRANSACTIONS: Operation = read("query_transactions");
const CUSTOMERS: Operation = read("query_customer_vault");
const SUBSCRIPTIONS: Operation = read("query_recurring");
const PLANS: Operation = read("query_recurring_plans");
const PROFILE: Operation = read("query_profile");
const TEST_MODE: Operation = read("query_test_mode_status");

/// The version of the vault's report that lists every method of a customer, not only the first.
const EVERY_METHOD: &str = "2";

impl Nmi {
    /// Queries.
    pub fn query(&self) -> Query<'_> {
        Query { client: self }
    }
}

/// Calls of the Query API. They change nothing. Times are UTC. See <https://docs.nmi.com/reference/query-1>.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    client: &'a Nmi,
}

impl Query<'_> {
    /// One page of transactions; an empty page is past the last. How soon a new transaction is found is not published:
    /// an empty answer shortly after a request proves nothing.
    ///
    /// # Errors
    /// [`Unauthorized`](ErrorKind::Unauthorized) and [`Forbidden`](ErrorKind::Forbidden) for the key;
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) for an answer that cannot be read.
    pub async fn transactions(&self, search: &TransactionSearch) -> Result<Vec<Transaction>> {
        let root = self.client.ask(&TRANSACTIONS, search.form()?).await?;
        root.records("transaction").map(Transaction::read).collect()
    }

    /// One customer of the vault; `None` when there is none.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn customer(&self, customer_vault_id: &str) -> Result<Option<VaultCustomer>> {
        let id = check_id("customer_vault_id", customer_vault_id)?;
        let mut form = Form::new();
        form.set("report_type", "customer_vault").set("customer_vault_id", id).set("ver", EVERY_METHOD);
        let root = match self.client.ask(&CUSTOMERS, form).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            root => root?,
        };
        Ok(root
            .records("customer")
            .map(VaultCustomer::read)
            .find(|customer| customer.customer_vault_id == id))
    }

    /// One page of the vault's customers.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn customers(&self, page: Page) -> Result<Vec<VaultCustomer>> {
        let mut form = Form::new();
        form.set("report_type", "customer_vault").set("ver", EVERY_METHOD);
        page.write(&mut form);
        Ok(self.client.ask(&CUSTOMERS, form).await?.records("customer").map(VaultCustomer::read).collect())
    }

    /// One subscription; `None` when there is none (any more).
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn subscription(&self, subscription_id: &str) -> Result<Option<SubscriptionRecord>> {
        let id = check_id("subscription_id", subscription_id)?;
        let mut form = Form::new();
        form.set("report_type", "recurring").set("subscription_id", id);
        let root = match self.client.ask(&SUBSCRIPTIONS, form).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            root => root?,
        };
        let mut records = root.records("subscription").map(SubscriptionRecord::read);
        Ok(records.find(|record| record.subscription_id == id))
    }

    /// One page of subscriptions.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn subscriptions(&self, page: Page) -> Result<Vec<SubscriptionRecord>> {
        let mut form = Form::new();
        form.set("report_type", "recurring");
        page.write(&mut form);
        let root = self.client.ask(&SUBSCRIPTIONS, form).await?;
        Ok(root.records("subscription").map(SubscriptionRecord::read).collect())
    }

    /// One page of plans.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn plans(&self, page: Page) -> Result<Vec<Plan>> {
        let mut form = Form::new();
        form.set("report_type", "recurring_plans");
        page.write(&mut form);
        Ok(self.client.ask(&PLANS, form).await?.records("plan").map(Plan::read).collect())
    }

    /// The merchant's profile. The shape of the answer is not published, so only what is found of it is told.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions).
    pub async fn profile(&self) -> Result<Profile> {
        let mut form = Form::new();
        form.set("report_type", "profile");
        Ok(Profile::read(&self.client.ask(&PROFILE, form).await?))
    }

    /// Whether the account is in test mode, in which approvals are simulated and never settle.
    ///
    /// # Errors
    /// As [`transactions`](Self::transactions); also when the answer is neither yes nor no.
    pub async fn test_mode(&self) -> Result<bool> {
        let mut form = Form::new();
        form.set("report_type", "test_mode_status");
        let root = self.client.ask(&TEST_MODE, form).await?;
        let told = root.anywhere("test_mode_enabled").or_else(|| root.anywhere("test_mode_status"));
        match told.map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "active" | "enabled" | "yes") => Ok(true),
            Some("false" | "0" | "inactive" | "disabled" | "no") => Ok(false),
            _ => Err(Error::new(
                ErrorKind::InvalidResponse,
                "the answer does not say whether the account is in test mode",
            )),
        }
    }
}

/// Which part of a list, counted from page 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The page.
    pub number: u32,
    /// Most records on it.
    pub limit: u32,
    /// Newest first.
    pub newest_first: bool,
}

impl Page {
    /// The page of this number, of at most so many records, oldest first.
    pub const fn new(number: u32, limit: u32) -> Self {
        Self { number, limit, newest_first: false }
    }

    /// Newest first.
    pub const fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    fn write(self, form: &mut Form) {
        form.set("result_limit", self.limit.to_string()).set("page_number", self.number.to_string());
        form.set("result_order", if self.newest_first { "reverse" } else { "standard" });
    }
}

/// Which transactions to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionSearch {
    /// The ids; NMI takes ids of subscriptions too.
    pub transaction_ids: Vec<String>,
    /// The order id.
    pub order_id: Option<String>,
    /// The subscription.
    pub subscription_id: Option<String>,
    /// The customer of the vault.
    pub customer_vault_id: Option<String>,
    /// Kinds of actions, for example `refund`.
    pub action_types: Vec<String>,
    /// Conditions, for example `complete`.
    pub conditions: Vec<String>,
    /// The value of one merchant-defined field.
    pub defined_field: Option<(u8, String)>,
    /// Modified at this time or later.
    pub modified_since: Option<DateTime<Utc>>,
    /// Modified at this time or earlier.
    pub modified_until: Option<DateTime<Utc>>,
    /// Which page; `None` leaves it to NMI.
    pub page: Option<Page>,
}

impl TransactionSearch {
    /// Everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// One transaction.
    pub fn by_id(id: impl Into<String>) -> Self {
        Self { transaction_ids: vec![id.into()], ..Self::default() }
    }

    /// Those with an order id.
    pub fn by_order_id(id: impl Into<String>) -> Self {
        Self { order_id: Some(id.into()), ..Self::default() }
    }

    /// Those modified since then.
    pub fn modified_since(mut self, since: DateTime<Utc>) -> Self {
        self.modified_since = Some(since);
        self
    }

    /// One page of them.
    pub fn with_page(mut self, page: Page) -> Self {
        self.page = Some(page);
        self
    }

    fn form(&self) -> Result<Form> {
        let mut form = Form::new();
        if !self.transaction_ids.is_empty() {
            for id in &self.transaction_ids {
                check_id("transaction_id", id)?;
            }
            form.set("transaction_id", self.transaction_ids.join(","));
        }
        for (name, id) in [
            ("order_id", &self.order_id),
            ("subscription_id", &self.subscription_id),
            ("customer_vault_id", &self.customer_vault_id),
        ] {
            if let Some(id) = id {
                form.set(name, check_id(name, id)?);
            }
        }
        for (name, words) in [("action_type", &self.action_types), ("condition", &self.conditions)] {
            if !words.is_empty() {
                form.set(name, words.join(","));
            }
        }
        if let Some((number, value)) = &self.defined_field {
            form.set(format!("merchant_defined_field_{number}"), value);
        }
        let stamp = |time: DateTime<Utc>| time.format("%Y%m%d%H%M%S").to_string();
        form.maybe("start_date", self.modified_since.map(stamp));
        form.maybe("end_date", self.modified_until.map(stamp));
        if let Some(page) = self.page {
            page.write(&mut form);
        }
        Ok(form)
    }
}
