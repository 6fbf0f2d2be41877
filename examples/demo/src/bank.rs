//! A bank linked, read, kept in step, broken, mended and let go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use turnbuckle_core::bank_data::{
    BankData, BankLink, BankProduct, ItemHealth, ItemState, LinkRequest, LinkReturn, Repair, RepairRequest,
    SyncCursor, SyncEvent, TransactionSync,
};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::provider::{Connection, ConnectionConfig};
use turnbuckle_core::webhook::{RawWebhook, WebhookReceiver};
use turnbuckle_core::{Clock, ErrorKind, SystemClock};
use turnbuckle_plaid::{CreateSandboxToken, Plaid, PlaidProvider, Product, SandboxTokenOptions};
use turnbuckle_simulator::{SimClock, Simulator};

use crate::payments::{self, Orders};
use crate::place::Place;
use crate::providers::Known;
use crate::report::{Failure, Report, ensure};
use crate::vault::Vault;

/// The vendor's usual sandbox bank.
const BANK: &str = "ins_109508";
const PUBLIC_URL: &str = "https://shop.example/webhooks/plaid";
const DAY: Duration = Duration::from_secs(86_400);
/// As long as the simulated bank takes for the whole history.
const HISTORY: Duration = Duration::from_secs(90);

/// The machine's clock, moved ahead together with the simulator's.
#[derive(Debug, Default)]
struct Ahead {
    system: SystemClock,
    seconds: AtomicU64,
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        self.system.now() + Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }

    async fn sleep(&self, time: Duration) {
        self.system.sleep(time).await;
    }
}

/// A host's table of transactions, and the cursor that belongs to it.
#[derive(Default)]
struct Ledger {
    lines: BTreeMap<String, (chrono::NaiveDate, bool)>,
    cursor: Option<SyncCursor>,
}

/// What the tour stands on while it goes through this part.
struct Stand {
    simulator: Option<Simulator>,
    clock: Arc<Ahead>,
    connection: Connection,
    bank: Arc<dyn BankData>,
    link: BankLink,
}

impl Stand {
    /// Lets time pass at the simulated bank and for the host alike.
    fn pass(&self, simulator: &Simulator, time: Duration) {
        simulator.clock().advance(time);
        self.clock.seconds.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

/// Goes through the whole part.
pub(crate) async fn part(report: &mut Report, entry: &Known, place: &Place) {
    let name = entry.provider.definition().name;
    report.column(name);
    report.part(&format!("Bank data through {name} at {}", place.name));
    // Days pass here, so it is a simulator of its own: the others' clock stays where it is.
    let simulator = place.is_simulated.then(|| Simulator::builder().with_clock(SimClock::real()).build());
    let began = begin(report, entry, place, simulator).await;
    if let Some(stand) = began {
        days(report, &stand).await;
        trouble(report, &stand).await;
    } else {
        report.skip("everything else", "without a link nothing can be shown");
    }
}

async fn begin(
    report: &mut Report,
    entry: &Known,
    place: &Place,
    simulator: Option<Simulator>,
) -> Option<Stand> {
    let clock = Arc::new(Ahead::default());
    let connected = async {
        let settings = PlaidProvider::settings(&serde_json::json!({ "clientName": "Turnbuckle tour" }))?;
        let config: ConnectionConfig = payments::config(place, place.credentials.clone());
        let config = config.with_settings(settings).with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let config = match simulator.clone() {
            // In process: a served simulator would deliver its pushes by itself.
            Some(simulator) => {
                config.with_transport(Arc::new(transport_fn(move |request| simulator.handle(request))))
            }
            None => config,
        };
        let connection = entry.provider.connect(config)?;
        let bank = connection.bank_data().ok_or_else(|| Failure::new("no bank data"))?;
        let able = connection.capabilities().len();
        Ok(((connection, bank), format!("{able} capabilities, nothing sent")))
    };
    let (connection, bank) =
        report.step("connect", "checked against the schema before anything leaves", connected).await?;
    let tested = payments::test(&connection);
    report.step("test the connection", "cheap, harmless, real", tested).await;

    let opened = async {
        let person = Orders::new()?.reference("person")?;
        let products = vec![BankProduct::Transactions, BankProduct::Numbers];
        let session = bank.link(&LinkRequest::new(person.as_str(), products, "US")).await?;
        let minutes = (session.expires_at - clock.now()).num_minutes();
        Ok(((), format!("ends in {minutes} min, as the provider said")))
    };
    report.step("open a link session", "its end is told, never assumed", opened).await;
    let linked = async {
        // In a browser the person does this; sandboxes have a call for it.
        let client = connection.client::<Plaid>().ok_or_else(|| Failure::new("no typed client"))?;
        let pushes = SandboxTokenOptions::new().with_webhook(PUBLIC_URL);
        let token =
            CreateSandboxToken::new(BANK, [Product::Transactions, Product::Auth]).with_options(pushes);
        let token = client.sandbox()?.create_public_token(&token).await?;
        let link = bank.exchange(&LinkReturn::new(token.public_token)).await?;
        let result = format!("item {}", link.item_id);
        Ok((link, result))
    };
    let link =
        report.step("link a bank, exchange", "once; a lost answer means linking again", linked).await?;
    let kept = async {
        let vault = Vault::new()?;
        let (bytes, opened) = vault.keep_link(entry.provider.definition(), &link).await?;
        ensure(opened.item_id == link.item_id, "another link came out")?;
        Ok((opened, format!("{bytes} bytes sealed; opened to call")))
    };
    let link = report.step("seal the access token", "it never expires, so it is a credential", kept).await?;
    let listed = async {
        let accounts = bank.accounts(&link).await?;
        ensure(!accounts.is_empty(), "no accounts")?;
        let kinds: Vec<_> = accounts.iter().filter_map(|account| account.subtype.as_deref()).collect();
        Ok(((), format!("{}: {}", accounts.len(), kinds.join(", "))))
    };
    report.step("list the accounts", "ids and kinds; names and balances are not for logs", listed).await;
    Some(Stand { simulator, clock, connection, bank, link })
}

/// Syncs once: pages are staged, and the commit applies them together with the cursor.
async fn sync(bank: &dyn BankData, link: &BankLink, ledger: &mut Ledger) -> Result<(usize, usize), Failure> {
    let mut staged = ledger.lines.clone();
    let (mut pages, mut changes) = (0, 0);
    let mut events = TransactionSync::new(bank, link, ledger.cursor.clone());
    while let Some(event) = events.next().await {
        match event? {
            SyncEvent::Page(page) => {
                pages += 1;
                changes += page.added.len() + page.modified.len() + page.removed.len();
                for line in page.added.iter().chain(&page.modified) {
                    staged.insert(line.id.clone(), (line.date, line.pending));
                }
                for line in &page.removed {
                    staged.remove(&line.id);
                }
            }
            SyncEvent::Restart => {
                staged.clone_from(&ledger.lines);
                changes = 0;
            }
            SyncEvent::Commit(cursor) => {
                ledger.cursor = cursor;
                ledger.lines = std::mem::take(&mut staged);
            }
            _ => return Err(Failure::new("an event that this tour does not know")),
        }
    }
    Ok((pages, changes))
}

async fn days(report: &mut Report, stand: &Stand) {
    let mut ledger = Ledger::default();
    let first = async {
        if let Some(simulator) = &stand.simulator {
            stand.pass(simulator, HISTORY);
        }
        let (pages, _) = sync(stand.bank.as_ref(), &stand.link, &mut ledger).await?;
        let result = format!("{} transactions in {pages} pages, one commit", ledger.lines.len());
        Ok(((), result))
    };
    report.step("sync the ledger", "pages and cursor are stored together", first).await;
    let Some(simulator) = &stand.simulator else {
        report.say(
            "     a sandbox's days cannot be moved from here, so the two days and the push are left out",
        );
        return;
    };
    simulator.take_webhooks();
    let more = async {
        let mut changed = Vec::new();
        for _ in 0..2 {
            stand.pass(simulator, DAY);
            let (_, changes) = sync(stand.bank.as_ref(), &stand.link, &mut ledger).await?;
            changed.push(changes.to_string());
        }
        let at_the_bank = simulator.plaid().transactions(&stand.link.item_id).len();
        let ours = ledger.lines.len();
        ensure(ours == at_the_bank, format!("{ours} transactions here, {at_the_bank} at the bank"))?;
        Ok(((), format!("{} changes; {ours} here and at the bank", changed.join(" and "))))
    };
    report.step("sync two more days", "added, changed, gone: the ledger equals the bank's", more).await;
    let pushed = async {
        let receiver = stand.connection.webhooks().ok_or_else(|| Failure::new("no webhooks"))?;
        let push = take(simulator, receiver.as_ref(), stand).await?;
        Ok(((), format!("{push} for our item")))
    };
    report
        .step("receive a signed webhook", "an ES256 token over the body's hash; the key is asked for", pushed)
        .await;
}

async fn take(
    simulator: &Simulator,
    receiver: &dyn WebhookReceiver,
    stand: &Stand,
) -> Result<String, Failure> {
    let push = simulator.take_webhooks().into_iter().next_back();
    let push = push.ok_or_else(|| Failure::new("the simulator sent nothing"))?;
    let mut request = http::Request::post("/webhooks").body(push.body).map_err(Failure::new)?;
    *request.headers_mut() = push.headers;
    let events = receiver.receive(RawWebhook::new(request, PUBLIC_URL)?, stand.clock.now()).await?;
    let event = events.first().ok_or_else(|| Failure::new("no event in the push"))?.get();
    ensure(event.account.as_deref() == Some(&stand.link.item_id), "the push is about another item")?;
    Ok(event.vendor_type.clone())
}

async fn trouble(report: &mut Report, stand: &Stand) {
    let mut health = ItemHealth::new(stand.clock.now());
    let broken = async {
        let client = stand.connection.client::<Plaid>().ok_or_else(|| Failure::new("no typed client"))?;
        client.sandbox()?.reset_login(stand.link.token()).await?;
        let Err(error) = stand.bank.accounts(&stand.link).await else {
            return Err(Failure::new("the accounts were read all the same"));
        };
        ensure(error.kind() == ErrorKind::ActionRequired, format!("another error: {error}"))?;
        health.observe_failure(stand.bank.state_of(&error), stand.clock.now());
        ensure(health.state() == ItemState::LoginRequired, format!("the state is {:?}", health.state()))?;
        ensure(health.state().repair() == Repair::PersonSignsIn, "nobody is told to sign in")?;
        Ok(((), format!("{}: the person must sign in again", error.code().unwrap_or("no code"))))
    };
    report.step("lose the login", "not an outage: somebody has to act, and who is said", broken).await;
    let mended = async {
        let session = stand.bank.repair(&stand.link, &RepairRequest::new("person-1", "US")).await?;
        ensure(!session.is_over(stand.clock.now()), "the session is over already")?;
        let Some(simulator) = &stand.simulator else {
            return Ok(((), "a session was opened; only a person can go through it".to_owned()));
        };
        simulator.plaid().mend_item(&stand.link.item_id);
        let accounts = stand.bank.accounts(&stand.link).await?.len();
        Ok(((), format!("{accounts} accounts again; token and cursor stay good")))
    };
    report
        .step("repair the link", "a session in which the person signs in; nothing is exchanged", mended)
        .await;
    let ended = async {
        stand.bank.disconnect(&stand.link).await?;
        stand.bank.disconnect(&stand.link).await?;
        let gone = stand.bank.accounts(&stand.link).await.is_err();
        ensure(gone, "the accounts can still be read")?;
        Ok(((), "gone; twice is no error".to_owned()))
    };
    report.step("disconnect", "the access ends at the provider", ended).await;
}
