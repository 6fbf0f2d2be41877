//! Bank data: signs as types, exact amounts, sealed links, and a sync that loses and doubles nothing.
#![cfg(feature = "bank-data")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::bank_data::*;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::webhook::ItemEvent;
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

const BANK: ProviderId = ProviderId::from_static("bank");

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

fn usd(text: &str) -> BankAmount {
    BankAmount::new(decimal(text), Some(BankCurrency::Iso(Currency::USD)))
}

#[test]
fn an_amount_above_zero_left_the_account() {
    assert_eq!(Flow::positive_is_outflow(usd("5.50")), Flow::Outflow(usd("5.50")));
    assert_eq!(Flow::positive_is_outflow(usd("-1200")), Flow::Inflow(usd("1200")));
    assert_eq!(Flow::positive_is_outflow(usd("5.50")).signed(), decimal("-5.50"));
    assert_eq!(Flow::positive_is_outflow(usd("-5.50")).signed(), decimal("5.50"));
    for zero in ["0", "-0", "0.00"] {
        assert!(
            matches!(Flow::positive_is_outflow(usd(zero)), Flow::Outflow(amount) if amount.value.is_zero())
        );
    }
}

#[test]
fn amounts_are_exact_and_say_what_they_are_counted_in() {
    assert_eq!(usd("23631.98").to_money().unwrap(), Money::new(2_363_198, Currency::USD));
    assert_eq!(usd("23631.9800").to_money().unwrap(), Money::new(2_363_198, Currency::USD));
    assert_eq!(usd("23631.9805").to_money().unwrap_err().kind(), ErrorKind::InvalidRequest);
    let coin = BankAmount::new(decimal("0.00000001"), BankCurrency::from_codes(None, Some("BTC")));
    assert_eq!(coin.to_string(), "0.00000001 BTC");
    assert!(coin.to_money().is_err());
    assert_eq!(BankCurrency::from_codes(Some("usd"), None), Some(BankCurrency::Iso(Currency::USD)));
    let gone = BankCurrency::from_codes(Some("DEM"), None);
    assert_eq!(gone, Some(BankCurrency::Unofficial("DEM".to_owned())));
    assert_eq!(BankCurrency::from_codes(None, None), None);
    let stored = serde_json::to_string(&usd("0.1")).unwrap();
    assert!(stored.contains("\"0.1\""), "a text, so that no reader makes a float of it: {stored}");
    assert_eq!(serde_json::from_str::<BankAmount>(&stored).unwrap(), usd("0.1"));
}

#[test]
fn a_link_is_a_secret_that_opens_whole_or_not_at_all() {
    let link =
        BankLink::new("item-1", SecretString::from("access-sandbox-sentinel")).with_institution("ins_1");
    let secret = link.to_secret();
    let opened = BankLink::from_secret(&secret).unwrap();
    assert_eq!((opened.item_id.as_str(), opened.institution_id.as_deref()), ("item-1", Some("ins_1")));
    assert_eq!(opened.token().expose_secret(), "access-sandbox-sentinel");
    assert!(!format!("{link:?} {opened:#?} {secret:?}").contains("sentinel"));
    for bad in
        ["", "{}", r#"{"v":2,"item":"i","token":"sentinel"}"#, r#"{"v":1,"item":"","token":"sentinel"}"#]
    {
        let error = BankLink::from_secret(&SecretString::from(bad)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(!format!("{error} {error:?}").contains("sentinel"));
    }
}

#[test]
fn the_same_bank_linked_twice_is_seen_before_the_exchange() {
    let account = |name: &str, mask: Option<&str>| LinkedAccount::new(name, mask.map(str::to_owned), None);
    let mut returned = LinkReturn::new(SecretString::from("public"));
    returned.institution_id = Some("ins_1".to_owned());
    returned.accounts = vec![account("Checking", Some("0000")), account("Savings", None)];
    let same = [account("Checking", Some("0000"))];
    let other = [account("Checking", Some("1111"))];
    let unmasked = [account("Savings", None)];
    let known = |bank: &'static str, accounts| vec![(7, bank, accounts)];
    assert_eq!(find_duplicate(&returned, known("ins_1", &same[..])), Some(7));
    assert_eq!(find_duplicate(&returned, known("ins_2", &same[..])), None);
    assert_eq!(find_duplicate(&returned, known("ins_1", &other[..])), None);
    assert_eq!(find_duplicate(&returned, known("ins_1", &unmasked[..])), None, "no digits prove nothing");
}

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

#[test]
fn health_is_the_newest_word_whatever_order_it_arrives_in() {
    let mut health = ItemHealth::new(at(0));
    assert!(!health.observe_failure(None, at(1)) && health.state() == ItemState::Healthy);
    assert!(
        health.observe_failure(Some(ItemState::InstitutionDown), at(2))
            && health.state().repair() == Repair::Wait
    );
    assert!(health.observe_success(at(3)));
    assert!(health.observe_event(ItemEvent::Expiring, Some(at(100)), at(4)));
    assert!(!health.observe_success(at(5)) && health.state() == ItemState::ConsentEnds(at(100)));
    assert!(health.state().works() && health.state().repair() == Repair::PersonSignsIn);
    assert!(health.observe_success(at(101)), "it goes on past the announced end");
    assert!(health.observe_failure(Some(ItemState::LoginRequired), at(110)));
    assert!(!health.observe_event(ItemEvent::Repaired, None, at(109)), "an old push changes nothing");
    assert!(health.observe_event(ItemEvent::Repaired, None, at(111)) && health.since() == at(111));
    assert!(
        health.observe_failure(Some(ItemState::Revoked), at(112))
            && health.state().repair() == Repair::NewLink
    );
    assert!(!health.observe_success(at(113)) && health.state() == ItemState::Revoked);
}

/// A ledger that changes by script, served in pages; `breaks` pages fail because the data changed under them.
#[derive(Debug)]
struct Bank {
    pages: Mutex<VecDeque<Result<SyncPage>>>,
    asked: Mutex<Vec<Option<String>>>,
}

impl Bank {
    fn new(pages: impl IntoIterator<Item = Result<SyncPage>>) -> Self {
        Self { pages: Mutex::new(pages.into_iter().collect()), asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<Option<String>> {
        self.asked.lock().unwrap().clone()
    }
}

fn no<T>() -> Result<T> {
    Err(Error::unsupported("not here"))
}

#[async_trait]
impl BankData for Bank {
    fn provider(&self) -> &ProviderId {
        const { &BANK }
    }

    fn features(&self) -> BankFeatures {
        BankFeatures::new(&[BankFeature::Transactions])
    }

    async fn link(&self, _: &LinkRequest) -> Result<LinkSession> {
        no()
    }

    async fn repair(&self, _: &BankLink, _: &RepairRequest) -> Result<LinkSession> {
        no()
    }

    async fn exchange(&self, _: &LinkReturn) -> Result<BankLink> {
        no()
    }

    async fn accounts(&self, _: &BankLink) -> Result<Vec<BankAccountData>> {
        no()
    }

    async fn numbers(&self, _: &BankLink) -> Result<Vec<AccountNumbers>> {
        no()
    }

    async fn balances(&self, _: &BankLink, _: &BalanceQuery) -> Result<Vec<(String, AccountBalance)>> {
        no()
    }

    async fn identity(&self, _: &BankLink) -> Result<Vec<AccountHolderData>> {
        no()
    }

    async fn sync_page(&self, _: &BankLink, cursor: Option<&SyncCursor>) -> Result<SyncPage> {
        self.asked.lock().unwrap().push(cursor.map(|cursor| cursor.as_str().to_owned()));
        self.pages.lock().unwrap().pop_front().unwrap()
    }

    async fn institutions(&self, _: &InstitutionQuery) -> Result<Vec<Institution>> {
        no()
    }

    async fn institution(&self, _: &str, _: &str) -> Result<Option<Institution>> {
        no()
    }

    async fn item_state(&self, _: &BankLink) -> Result<ItemState> {
        no()
    }

    fn state_of(&self, _: &Error) -> Option<ItemState> {
        None
    }

    async fn disconnect(&self, _: &BankLink) -> Result<()> {
        no()
    }
}

fn link() -> BankLink {
    BankLink::new("item-1", SecretString::from("access"))
}

fn cursor(text: &str) -> SyncCursor {
    SyncCursor::new(text).unwrap()
}

fn line(id: &str, amount: &str) -> BankTransaction {
    let date = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
    BankTransaction::new(id, "acc", Flow::positive_is_outflow(usd(amount)), date, "words")
}

fn page(next: &str, has_more: bool, added: &[&str]) -> SyncPage {
    let mut page = SyncPage::new(Some(cursor(next)), has_more, SyncHistory::Historical);
    page.added = added.iter().map(|id| line(id, "1")).collect();
    page
}

fn mutated() -> Error {
    Error::new(ErrorKind::Conflict, "the data changed")
}

/// `P` a page, `R` a restart, `C` a commit, with what each carries.
async fn told(bank: &Bank, from: Option<SyncCursor>) -> Vec<String> {
    let link = link();
    let mut sync = TransactionSync::new(bank, &link, from);
    let mut told = Vec::new();
    while let Some(event) = sync.next().await {
        told.push(match event {
            Ok(SyncEvent::Page(page)) => format!("P{}", page.added.len()),
            Ok(SyncEvent::Restart) => "R".to_owned(),
            Ok(SyncEvent::Commit(cursor)) => format!("C{}", cursor.map_or(String::new(), String::from)),
            Ok(_) => "?".to_owned(),
            Err(error) => {
                told.push(format!("E {}", error.kind()));
                break;
            }
        });
    }
    told
}

#[tokio::test]
async fn a_loop_is_pages_and_one_commit() {
    let bank = Bank::new([Ok(page("a", true, &["1", "2"])), Ok(page("b", false, &["3"]))]);
    assert_eq!(told(&bank, None).await, ["P2", "P1", "Cb"]);
    assert_eq!(bank.asked(), [None, Some("a".to_owned())]);
}

#[tokio::test]
async fn a_change_while_paging_begins_anew_from_where_the_loop_began() {
    let bank = Bank::new([
        Ok(page("a", true, &["1"])),
        Err(mutated()),
        Ok(page("c", true, &["1", "2"])),
        Ok(page("d", false, &[])),
    ]);
    assert_eq!(told(&bank, Some(cursor("start"))).await, ["P1", "R", "P2", "P0", "Cd"]);
    let asked: Vec<_> = bank.asked().into_iter().flatten().collect();
    assert_eq!(asked, ["start", "a", "start", "c"]);
}

#[tokio::test]
async fn a_bank_that_changes_for_ever_is_given_up() {
    let bank = Bank::new((0..=TransactionSync::MOST_RESTARTS).map(|_| Err(mutated())));
    let told = told(&bank, None).await;
    assert_eq!(told.iter().filter(|event| *event == "R").count(), TransactionSync::MOST_RESTARTS as usize);
    assert_eq!(told.last().map(String::as_str), Some("E conflict"));
}

#[tokio::test]
async fn nothing_ready_is_no_cursor_and_an_old_one_stays() {
    let empty = || Ok(SyncPage::new(None, false, SyncHistory::NotReady));
    assert_eq!(told(&Bank::new([empty()]), None).await, ["P0", "C"]);
    assert_eq!(told(&Bank::new([empty()]), Some(cursor("kept"))).await, ["P0", "Ckept"]);
    assert!(SyncCursor::new("").is_err() && SyncCursor::new("x".repeat(257)).is_err());
    let endless = SyncPage::new(None, true, SyncHistory::Unknown);
    assert_eq!(told(&Bank::new([Ok(endless)]), None).await, ["E invalid_response"]);
}

#[tokio::test]
async fn after_an_error_the_same_page_is_asked_for_again() {
    let lost = || Err(Error::new(ErrorKind::Timeout, "lost").with_effect(Effect::None));
    let bank = Bank::new([Ok(page("a", true, &["1"])), lost(), Ok(page("b", false, &["2"]))]);
    let link = link();
    let mut sync = TransactionSync::new(&bank, &link, None);
    assert!(matches!(sync.next().await, Some(Ok(SyncEvent::Page(_)))));
    assert!(matches!(sync.next().await, Some(Err(_))));
    assert!(matches!(sync.next().await, Some(Ok(SyncEvent::Page(_)))));
    assert!(matches!(sync.next().await, Some(Ok(SyncEvent::Commit(Some(_))))));
    assert!(sync.next().await.is_none());
    assert_eq!(bank.asked(), [None, Some("a".to_owned()), Some("a".to_owned())]);
}

#[tokio::test]
async fn a_small_link_is_gathered_whole_and_a_large_one_refused() {
    let mut second = page("b", false, &["3"]);
    second.modified = vec![line("1", "9")];
    second.removed = vec![RemovedTransaction::new("2", None), RemovedTransaction::new("old", None)];
    let bank = Bank::new([Ok(page("a", true, &["1", "2"])), Ok(second)]);
    let (all, next) = collect(&bank, &link(), None, 10).await.unwrap();
    let ids = |list: &[BankTransaction]| list.iter().map(|line| line.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&all.added), ["1", "3"]);
    assert_eq!(
        all.added.first().unwrap().flow.amount().value,
        decimal("9"),
        "a change of a new one is folded"
    );
    assert_eq!((all.modified.len(), all.removed.len()), (0, 2));
    assert_eq!(next, Some(cursor("b")));
    let bank = Bank::new([Ok(page("a", true, &["1", "2"])), Ok(page("b", false, &["3"]))]);
    let error = collect(&bank, &link(), None, 2).await.unwrap_err();
    assert!(error.fields().iter().any(|field| field.field == "limit"));
}

#[test]
fn a_sync_can_be_spawned() {
    fn can<T: Send>(_: &T) {}
    let (bank, link) = (Bank::new([]), link());
    let mut sync = TransactionSync::new(&bank, &link, None);
    can(&sync.next());
    can(&collect(&bank, &link, None, 1));
}

/// What happens to a ledger between two pages of a script.
#[derive(Debug, Clone)]
enum Step {
    Add(u8, i64),
    Change(u8, i64),
    Remove(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..12_u8, -500..500_i64).prop_map(|(id, cents)| Step::Add(id, cents)),
        (0..12_u8, -500..500_i64).prop_map(|(id, cents)| Step::Change(id, cents)),
        (0..12_u8).prop_map(Step::Remove),
    ]
}

proptest! {
    /// Whatever happened, in pages of any size, gathering it equals the ledger.
    #[test]
    fn gathering_equals_the_ledger(script in proptest::collection::vec(step(), 0..60), size in 1..9_usize) {
        let mut ledger: BTreeMap<String, BankTransaction> = BTreeMap::new();
        let mut pages = Vec::new();
        let mut chunks = script.chunks(size).peekable();
        let mut number = 0;
        while let Some(chunk) = chunks.next() {
            number += 1;
            let mut page = SyncPage::new(Some(cursor(&format!("c{number}"))), chunks.peek().is_some(), SyncHistory::Historical);
            for step in chunk {
                match step {
                    Step::Add(id, cents) | Step::Change(id, cents) => {
                        let mut text = line(&id.to_string(), "0");
                        text.flow = Flow::positive_is_outflow(BankAmount::new(Decimal::new(*cents, 2), None));
                        // A vendor lists one transaction once a page: the newest word of it.
                        page.added.retain(|other| other.id != text.id);
                        page.modified.retain(|other| other.id != text.id);
                        page.removed.retain(|other| other.id != text.id);
                        let known = ledger.insert(text.id.clone(), text.clone()).is_some();
                        if known { page.modified.push(text) } else { page.added.push(text) }
                    }
                    Step::Remove(id) => {
                        let id = id.to_string();
                        page.added.retain(|other| other.id != id);
                        page.modified.retain(|other| other.id != id);
                        if ledger.remove(&id).is_some() {
                            page.removed.push(RemovedTransaction::new(id, None));
                        }
                    }
                }
            }
            pages.push(Ok(page));
        }
        if pages.is_empty() {
            pages.push(Ok(SyncPage::new(None, false, SyncHistory::NotReady)));
        }
        let bank = Bank::new(pages);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (all, _) = runtime.block_on(collect(&bank, &link(), None, 1000)).unwrap();
        let mut folded: BTreeMap<String, BankTransaction> = BTreeMap::new();
        for transaction in all.added.into_iter().chain(all.modified) {
            prop_assert!(folded.insert(transaction.id.clone(), transaction).is_none(), "listed twice");
        }
        for removed in all.removed {
            prop_assert!(!folded.contains_key(&removed.id), "removed and there");
        }
        prop_assert_eq!(folded, ledger);
    }
}
