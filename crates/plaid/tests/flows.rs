//! Whole stories against the simulated Plaid: link, read, sync, push, break, repair, rotate, end.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod sim_support;

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sim_support::{BANK, Break, HOOK, Line, Rig};
use turnbuckle_core::bank_data::*;
use turnbuckle_core::webhook::{EventKind, ItemEvent, TransactionsEvent, WebhookReceiver};
use turnbuckle_core::{Clock, Effect, ErrorKind};
use turnbuckle_plaid::*;
use turnbuckle_simulator::plaid::LinkLogin;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Folds everything since a cursor.
async fn sync(
    bank: &dyn BankData,
    link: &BankLink,
    cursor: &mut Option<SyncCursor>,
    ledger: &mut BTreeMap<String, Line>,
) -> (usize, SyncHistory) {
    let mut stream = TransactionSync::new(bank, link, cursor.clone());
    let mut staged = ledger.clone();
    let (mut pages, mut history) = (0, SyncHistory::Unknown);
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            SyncEvent::Page(page) => {
                pages += 1;
                history = page.history;
                for transaction in page.added.iter().chain(&page.modified) {
                    staged.insert(transaction.id.clone(), Line::of_host(transaction));
                }
                for removed in &page.removed {
                    staged.remove(&removed.id);
                }
            }
            SyncEvent::Restart => staged.clone_from(ledger),
            SyncEvent::Commit(next) => {
                *cursor = next.or(cursor.take());
                ledger.clone_from(&staged);
            }
            _ => panic!("another event"),
        }
    }
    (pages, history)
}

/// What the pushes say about this item, each of them checked.
async fn told(rig: &Rig, webhooks: &dyn WebhookReceiver, link: &BankLink) -> Vec<EventKind> {
    let mut told = Vec::new();
    for push in rig.pushes() {
        for event in webhooks.receive(push, rig.clock.now()).await.unwrap() {
            if event.get().account.as_deref() == Some(link.item_id.as_str()) {
                told.push(event.get().kind);
            }
        }
    }
    told
}

/// The story of one item, from the first session to its end.
#[tokio::test]
async fn from_link_to_disconnect() {
    let rig = Rig::new();
    let connection = rig.connect(500);
    let (bank, webhooks) = (connection.bank_data().unwrap(), connection.webhooks().unwrap());
    let mut health = ItemHealth::new(rig.clock.now());

    // The person links a bank.
    let request = LinkRequest::new("user-7", vec![BankProduct::Transactions, BankProduct::Numbers], "US")
        .with_days_requested(730);
    let session = bank.link(&request).await.unwrap();
    assert!(!session.is_over(rig.clock.now()));
    let returned = rig.person_links(&session, &LinkLogin::new(BANK));
    let link = bank.exchange(&returned).await.unwrap();
    // What is stored opens again.
    let link = BankLink::from_secret(&link.to_secret()).unwrap();

    // The same bank a second time is seen before it is exchanged.
    let accounts = bank.accounts(&link).await.unwrap();
    let known: Vec<_> = accounts
        .iter()
        .map(|account| {
            LinkedAccount::new(account.name.clone(), account.mask.clone(), account.subtype.clone())
        })
        .collect();
    let second = rig.person_links(&bank.link(&request).await.unwrap(), &LinkLogin::new(BANK));
    assert_eq!(find_duplicate(&second, [(1, BANK, known.as_slice())]), Some(1));

    // Nothing is there yet, and no cursor is stored for it.
    let (mut cursor, mut ledger) = (None, BTreeMap::new());
    let (_, history) = sync(&*bank, &link, &mut cursor, &mut ledger).await;
    assert_eq!((history, &cursor, ledger.len()), (SyncHistory::NotReady, &None, 0));
    assert!(PollPlan::new(health.state(), history).next(rig.clock.now()).unwrap() > rig.clock.now());

    // The last month, then two years: ten thousand transactions, in pages that are never all in memory.
    rig.clock.advance(Duration::from_secs(11));
    let (_, history) = sync(&*bank, &link, &mut cursor, &mut ledger).await;
    let month = ledger.len();
    assert_eq!(history, SyncHistory::Initial);
    assert!(month > 100);
    rig.clock.advance(Duration::from_secs(60));
    let (pages, history) = sync(&*bank, &link, &mut cursor, &mut ledger).await;
    assert_eq!(history, SyncHistory::Historical);
    assert!(ledger.len() > 10_000 && pages > 15, "{} in {pages} pages", ledger.len());
    assert_eq!(ledger, rig.ledger(&link.item_id));

    // Two days pass. A push tells of each, and the sync brings what came, changed and went.
    rig.pushes();
    for _ in 0..2 {
        rig.clock.advance(DAY);
        let told = told(&rig, &*webhooks, &link).await;
        assert!(told.contains(&EventKind::Transactions(TransactionsEvent::Available)), "{told:?}");
        let before = ledger.clone();
        sync(&*bank, &link, &mut cursor, &mut ledger).await;
        assert_ne!(ledger, before);
        assert_eq!(ledger, rig.ledger(&link.item_id));
    }
    // Nothing new is one empty page.
    let before = ledger.clone();
    let (pages, _) = sync(&*bank, &link, &mut cursor, &mut ledger).await;
    assert_eq!((pages, &ledger), (1, &before));

    // The login breaks: a push and every call say so, and nobody polls.
    assert!(rig.plaid().break_item(&link.item_id, "ITEM_LOGIN_REQUIRED"));
    assert_eq!(told(&rig, &*webhooks, &link).await, [EventKind::Item(ItemEvent::ActionRequired)]);
    let error = bank.accounts(&link).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ActionRequired);
    health.observe_failure(bank.state_of(&error), rig.clock.now());
    assert_eq!((health.state(), health.state().repair()), (ItemState::LoginRequired, Repair::PersonSignsIn));
    assert_eq!(bank.item_state(&link).await.unwrap(), ItemState::LoginRequired);
    assert_eq!(PollPlan::new(health.state(), SyncHistory::Historical).next(rig.clock.now()), None);

    // The person mends it. Token and cursor stay good, and nothing is exchanged.
    let repair = bank.repair(&link, &RepairRequest::new("user-7", "US")).await.unwrap();
    let handed = rig.plaid().complete_link(repair.token.expose_secret(), &LinkLogin::new(BANK)).unwrap();
    assert_eq!(handed["public_token"], Value::Null);
    assert_eq!(bank.item_state(&link).await.unwrap(), ItemState::Healthy);
    health.observe_success(rig.clock.now());
    assert_eq!(health.state(), ItemState::Healthy);
    sync(&*bank, &link, &mut cursor, &mut ledger).await;
    assert_eq!(ledger, rig.ledger(&link.item_id));

    // It ends, and ending it again is no error.
    bank.disconnect(&link).await.unwrap();
    bank.disconnect(&link).await.unwrap();
    assert_eq!(bank.item_state(&link).await.unwrap(), ItemState::Revoked);
    assert!(
        rig.plaid().items().iter().any(|item| item["item_id"] == link.item_id && item["removed"] == true)
    );
}

/// The bank is down: calls that need it fail and say so, and waiting mends it.
#[tokio::test]
async fn a_bank_that_is_down_is_not_plaid_that_is_down() {
    let rig = Rig::scripted();
    let bank = rig.bank(100);
    let link = rig.linked(&*bank).await;
    let mut health = ItemHealth::new(rig.clock.now());
    assert!(rig.plaid().set_institution_status(BANK, "DOWN"));
    let error = bank.balances(&link, &BalanceQuery::default()).await.unwrap_err();
    assert_eq!(
        (error.kind(), bank.state_of(&error)),
        (ErrorKind::Unavailable, Some(ItemState::InstitutionDown))
    );
    health.observe_failure(bank.state_of(&error), rig.clock.now());
    assert_eq!(health.state().repair(), Repair::Wait);
    let known = bank.institution(BANK, "US").await.unwrap().unwrap();
    assert_eq!(known.status, Some(InstitutionStatus::Down));

    assert!(rig.plaid().set_institution_status(BANK, "HEALTHY"));
    bank.balances(&link, &BalanceQuery::default()).await.unwrap();
    health.observe_success(rig.clock.now());
    assert_eq!(health.state(), ItemState::Healthy);

    // Plaid's own failure says nothing about the item.
    rig.break_next([Break::Internal]);
    let error = bank.balances(&link, &BalanceQuery::default()).await.unwrap_err();
    assert_eq!((error.kind(), bank.state_of(&error)), (ErrorKind::Unavailable, None));
}

/// Rotation: the old token is dead, the new one opens the same item, and the cursor stays good.
#[tokio::test]
async fn rotation_and_what_a_lost_answer_costs() {
    let rig = Rig::scripted();
    let connection = rig.connect(100);
    let (bank, plaid) = (connection.bank_data().unwrap(), connection.client::<Plaid>().unwrap());
    let link = rig.linked(&*bank).await;
    rig.plaid().add_transaction(&link.item_id, &json!({ "amount": "1.25" })).unwrap();
    let (mut cursor, mut ledger) = (None, BTreeMap::new());
    sync(&*bank, &link, &mut cursor, &mut ledger).await;

    let new = plaid.items().invalidate_access_token(link.token()).await.unwrap();
    let error = bank.accounts(&link).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("INVALID_ACCESS_TOKEN")));
    let rotated = BankLink::new(link.item_id.clone(), new.new_access_token);
    rig.plaid().add_transaction(&link.item_id, &json!({ "amount": "2.50" })).unwrap();
    sync(&*bank, &rotated, &mut cursor, &mut ledger).await;
    assert_eq!((ledger.len(), &ledger), (2, &rig.ledger(&link.item_id)));

    // The answer is lost after the effect: nobody has the new token, and the error says that it is open.
    rig.break_next([Break::After]);
    let error = plaid.items().invalidate_access_token(rotated.token()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(
        plaid.items().get(rotated.token()).await.is_err(),
        "the old token is dead: the person links again"
    );
    // Lost before the effect, the same error; the old token still works, which is how it is told.
    let other = rig.linked(&*bank).await;
    rig.break_next([Break::Before]);
    let error = plaid.items().invalidate_access_token(other.token()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(plaid.items().get(other.token()).await.is_ok());
}

/// An exchange whose answer is lost is not sent again, whatever happened to it.
#[tokio::test]
async fn an_exchange_is_never_sent_twice() {
    for what in [Break::Before, Break::After, Break::Truncated, Break::Internal, Break::Html] {
        let rig = Rig::scripted();
        let bank = rig.bank(100);
        let request = LinkRequest::new("user-7", vec![BankProduct::Transactions], "US");
        let session = bank.link(&request).await.unwrap();
        let returned = rig.person_links(&session, &LinkLogin::new(BANK));
        rig.break_next([what]);
        let error = bank.exchange(&returned).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{what:?}");
        let log = rig.plaid().request_log();
        let sent = log.iter().filter(|call| call.path == "/item/public_token/exchange").count();
        assert!(sent <= 1, "{what:?}");
        // The person links again, and that works.
        rig.linked(&*bank).await;
    }
}

/// A removal whose answer is lost is asked for again and is then done.
#[tokio::test]
async fn a_lost_removal_ends_the_item_once() {
    let rig = Rig::scripted();
    let config = rig.config();
    let plaid = Plaid::new(&config).unwrap();
    let link = rig.linked(&*rig.bank(100)).await;
    rig.break_next([Break::After]);
    plaid.items().remove(link.token(), &RemoveItem::new()).await.unwrap();
    let removals = rig.plaid().request_log().into_iter().filter(|call| call.path == "/item/remove");
    assert_eq!(removals.map(|call| call.status).collect::<Vec<_>>(), [200, 400]);
}

/// A hosted session: the token comes by asking, or by push.
#[tokio::test]
async fn a_hosted_session_hands_its_token_over() {
    let rig = Rig::scripted();
    let connection = rig.connect(100);
    let plaid = connection.client::<Plaid>().unwrap();
    let params = CreateLinkToken::new("Stand & Board", "en", ["US"], LinkUser::new("user-7"))
        .with_products([Product::Transactions])
        .with_webhook(HOOK)
        .with_hosted_link(HostedLink::new());
    let token = plaid.link().create(&params).await.unwrap();
    assert!(token.hosted_link_url.is_some());
    assert_eq!(plaid.link().get(&token.link_token).await.unwrap().item_adds().count(), 0);
    rig.plaid().complete_link(token.link_token.expose_secret(), &LinkLogin::new(BANK)).unwrap();
    let info = plaid.link().get(&token.link_token).await.unwrap();
    let public = info.item_adds().next().unwrap().public_token.clone();

    let webhooks = PlaidWebhooks::new((*plaid).clone());
    let mut pushed = Vec::new();
    for push in rig.pushes() {
        let event = webhooks.verify(&push, rig.clock.now()).await.unwrap();
        if let PlaidEventKind::LinkSessionFinished(session) = &event.get().kind {
            pushed.extend(session.public_tokens.iter().map(|token| token.expose_secret().to_owned()));
        }
    }
    assert_eq!(pushed, [public.expose_secret().to_owned()]);
    let exchanged = plaid.items().exchange(&public).await.unwrap();
    assert!(rig.plaid().items().iter().any(|item| item["item_id"] == exchanged.item_id));
}

/// Sandbox helpers, and a login that they break.
#[tokio::test]
async fn sandbox_helpers() {
    let rig = Rig::scripted();
    let connection = rig.connect(100);
    let plaid = connection.client::<Plaid>().unwrap();
    let sandbox = plaid.sandbox().unwrap();
    let options = SandboxTokenOptions::new().with_webhook(HOOK);
    let params = CreateSandboxToken::new(BANK, [Product::Transactions, Product::Auth]).with_options(options);
    let public = sandbox.create_public_token(&params).await.unwrap();
    let item = plaid.items().exchange(&public.public_token).await.unwrap();
    rig.plaid().finish_history(&item.item_id);
    rig.pushes();

    let fire = FireWebhook::new("SYNC_UPDATES_AVAILABLE").with_webhook_type("TRANSACTIONS");
    assert!(sandbox.fire_webhook(&item.access_token, &fire).await.unwrap().webhook_fired);
    let webhooks = connection.webhooks().unwrap();
    let events = webhooks.receive(rig.pushes().swap_remove(0), rig.clock.now()).await.unwrap();
    assert_eq!(events[0].get().kind, EventKind::Transactions(TransactionsEvent::Available));

    assert!(sandbox.reset_login(&item.access_token).await.unwrap().reset_login);
    let error = plaid.accounts().get(&item.access_token, &AccountFilter::all()).await.unwrap_err();
    assert_eq!(error.code(), Some("ITEM_LOGIN_REQUIRED"));
}

/// Keys of pushes roll over: both are accepted, and an ended one is not, once it is looked at again.
#[tokio::test]
async fn keys_of_pushes_roll_over() {
    let rig = Rig::scripted();
    let webhooks = rig.connect(100).webhooks().unwrap();
    let link = rig.linked(&*rig.bank(100)).await;
    rig.pushes();
    let push = || {
        rig.plaid().notify(&link.item_id, "ITEM", "NEW_ACCOUNTS_AVAILABLE", json!({}));
        rig.pushes().swap_remove(0)
    };
    webhooks.receive(push(), rig.clock.now()).await.unwrap();
    let old = rig.plaid().webhook_key_ids().pop().unwrap();
    let before = push();
    rig.plaid().roll_webhook_key();
    webhooks.receive(push(), rig.clock.now()).await.unwrap();
    webhooks.receive(before, rig.clock.now()).await.unwrap();

    assert!(rig.plaid().expire_webhook_key(&old));
    rig.clock.advance(Duration::from_secs(3600));
    let at = u64::try_from(rig.clock.now().timestamp()).unwrap();
    let body = json!({ "webhook_type": "ITEM", "webhook_code": "LOGIN_REPAIRED", "item_id": link.item_id });
    let late = sim_support::raw(rig.plaid().sign_with(&old, body.to_string(), at).unwrap());
    let error = webhooks.receive(late, rig.clock.now()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::SignatureInvalid, Some("unknown_key")));
}

/// A cursor of one item is refused for another, which must not begin the loop anew.
#[tokio::test]
async fn a_cursor_belongs_to_one_item() {
    let rig = Rig::scripted();
    let bank = rig.bank(100);
    let (one, other) = (rig.linked(&*bank).await, rig.linked(&*bank).await);
    rig.plaid().add_transaction(&one.item_id, &json!({})).unwrap();
    let (mut cursor, mut ledger) = (None, BTreeMap::new());
    sync(&*bank, &one, &mut cursor, &mut ledger).await;
    let error = bank.sync_page(&other, cursor.as_ref()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}
