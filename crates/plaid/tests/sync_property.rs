//! Whatever happens in a ledger, and whatever happens to the calls and the process meanwhile: the folded stream is the
//! vendor's ledger.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod sim_support;

use proptest::prelude::*;
use serde_json::json;
use sim_support::{Break, Host, Line, Rig};
use turnbuckle_core::bank_data::{BankLink, SyncEvent, SyncPage, TransactionSync};

/// Something that happens in the vendor's ledger.
#[derive(Debug, Clone)]
enum Change {
    Add { cents: i64, digits: u8, account: usize, pending: bool },
    Alter { which: usize, cents: i64 },
    Rename { which: usize },
    Remove { which: usize },
    Post { which: usize },
    Day,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        5 => (-500_000_i64..500_000, 0_u8..9, 0_usize..3, any::<bool>())
            .prop_map(|(cents, digits, account, pending)| Change::Add { cents, digits, account, pending }),
        2 => (any::<usize>(), -500_000_i64..500_000).prop_map(|(which, cents)| Change::Alter { which, cents }),
        1 => any::<usize>().prop_map(|which| Change::Rename { which }),
        2 => any::<usize>().prop_map(|which| Change::Remove { which }),
        2 => any::<usize>().prop_map(|which| Change::Post { which }),
        1 => Just(Change::Day),
    ]
}

/// What befalls the host between two events of a sync.
#[derive(Debug, Clone)]
enum Blow {
    None,
    /// The ledger changes under the pages.
    Change(Change),
    /// The process dies: what was staged is gone, what was stored is not.
    Crash,
}

fn blow() -> impl Strategy<Value = Blow> {
    prop_oneof![6 => Just(Blow::None), 1 => change().prop_map(Blow::Change), 1 => Just(Blow::Crash)]
}

fn breaks() -> impl Strategy<Value = Break> {
    prop_oneof![4 => Just(Break::Not), 3 => (0..Break::ALL.len()).prop_map(|which| Break::ALL[which])]
}

/// One sync of the host, and what befalls it.
#[derive(Debug, Clone)]
struct Round {
    before: Vec<Change>,
    blows: Vec<Blow>,
    breaks: Vec<Break>,
}

fn round() -> impl Strategy<Value = Round> {
    let parts = (
        prop::collection::vec(change(), 0..12),
        prop::collection::vec(blow(), 0..10),
        prop::collection::vec(breaks(), 0..10),
    );
    parts.prop_map(|(before, blows, breaks)| Round { before, blows, breaks })
}

fn apply(rig: &Rig, link: &BankLink, change: &Change) {
    let plaid = rig.plaid();
    let item = link.item_id.as_str();
    let pick = |which: usize, pending: bool| {
        let rows = plaid.transactions(item);
        let rows: Vec<_> =
            rows.into_iter().filter(|row| !pending || row["pending"].as_bool().unwrap()).collect();
        let chosen = which.checked_rem(rows.len())?;
        rows[chosen]["transaction_id"].as_str().map(str::to_owned)
    };
    match change {
        Change::Add { cents, digits, account, pending } => {
            // More decimals than any float keeps beside so many digits before the point.
            let tail = "123456789".get(..usize::from(*digits)).unwrap();
            let amount = format!(
                "{}{}.{:02}{tail}",
                if *cents < 0 { "-" } else { "" },
                cents.abs() / 100,
                cents.abs() % 100
            );
            let accounts = plaid.accounts(item);
            let account = &accounts[account % accounts.len()]["account_id"];
            let fields = json!({ "amount": amount, "account_id": account, "pending": pending, "name": format!("n{amount}") });
            plaid.add_transaction(item, &fields).unwrap();
        }
        Change::Alter { which, cents } => {
            let Some(id) = pick(*which, false) else { return };
            let amount = format!("{}.{:02}", cents / 100, (cents % 100).abs());
            assert!(plaid.change_transaction(item, &id, &json!({ "amount": amount })));
        }
        Change::Rename { which } => {
            let Some(id) = pick(*which, false) else { return };
            assert!(plaid.change_transaction(
                item,
                &id,
                &json!({ "merchant_name": "A shop", "name": "Known" })
            ));
        }
        Change::Remove { which } => {
            let Some(id) = pick(*which, false) else { return };
            assert!(plaid.remove_transaction(item, &id));
        }
        Change::Post { which } => {
            let Some(id) = pick(*which, true) else { return };
            plaid.post_transaction(item, &id).unwrap();
        }
        Change::Day => rig.clock.advance(std::time::Duration::from_secs(24 * 3600)),
    }
}

fn stage(staged: &mut Host, page: &SyncPage) {
    for transaction in page.added.iter().chain(&page.modified) {
        staged.ledger.insert(transaction.id.clone(), Line::of_host(transaction));
    }
    for removed in &page.removed {
        staged.ledger.remove(&removed.id);
    }
}

/// What a run met: a test that meets nothing shows nothing.
#[derive(Debug, Default)]
struct Met {
    pages: usize,
    restarts: usize,
    failures: usize,
    crashes: usize,
    rows: usize,
}

/// Syncs until a commit, through whatever comes. Each start is a new connection, as a new process has.
async fn sync(rig: &Rig, link: &BankLink, page_size: usize, host: &mut Host, blows: &[Blow], met: &mut Met) {
    let mut blows = blows.iter();
    // Each blow is taken once and each break is met once, so this many starts are enough.
    for _ in 0..60 {
        let bank = rig.bank(page_size);
        let mut stream = TransactionSync::new(&*bank, link, host.cursor.clone());
        let mut staged = host.clone();
        let mut failures = 0;
        while let Some(event) = stream.next().await {
            match blows.next() {
                Some(Blow::Crash) => {
                    met.crashes += 1;
                    break;
                }
                Some(Blow::Change(change)) => apply(rig, link, change),
                Some(Blow::None) | None => {}
            }
            match event {
                Ok(SyncEvent::Page(page)) => {
                    assert!(page.added.len() + page.modified.len() + page.removed.len() <= page_size);
                    met.pages += 1;
                    stage(&mut staged, &page);
                }
                Ok(SyncEvent::Restart) => {
                    met.restarts += 1;
                    staged = host.clone();
                }
                Ok(SyncEvent::Commit(cursor)) => {
                    staged.cursor = cursor.or(staged.cursor);
                    *host = staged;
                    return;
                }
                Ok(other) => panic!("another event: {other:?}"),
                Err(error) => {
                    assert_eq!(error.effect(), turnbuckle_core::Effect::None, "a read changes nothing");
                    failures += 1;
                    met.failures += 1;
                    // Now and then the page is asked for again, now and then all is dropped.
                    if failures % 3 == 0 {
                        break;
                    }
                }
            }
        }
    }
    panic!("no commit after sixty starts");
}

fn run(page_size: usize, rounds: &[Round]) -> Met {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let rig = Rig::scripted();
        let link = rig.linked(&*rig.bank(page_size)).await;
        let (mut host, mut met) = (Host::default(), Met::default());
        for round in rounds {
            round.before.iter().for_each(|change| apply(&rig, &link, change));
            rig.break_next(round.breaks.iter().copied());
            sync(&rig, &link, page_size, &mut host, &round.blows, &mut met).await;
            rig.heal();
        }
        // What changed under the last commit comes with the next one.
        sync(&rig, &link, page_size, &mut host, &[], &mut met).await;
        assert_eq!(host.ledger, rig.ledger(&link.item_id));
        met.rows = host.ledger.len();
        met
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    /// Additions, changes and removals, in pages of any size.
    #[test]
    fn the_folded_stream_is_the_ledger(
        page_size in 1_usize..12,
        changes in prop::collection::vec(prop::collection::vec(change(), 0..25), 1..5),
    ) {
        let rounds: Vec<_> = changes
            .into_iter()
            .map(|before| Round { before, blows: Vec::new(), breaks: Vec::new() })
            .collect();
        run(page_size, &rounds);
    }

    /// The same while calls fail, the ledger changes under the pages, and the process dies.
    #[test]
    fn also_when_everything_fails(page_size in 1_usize..8, rounds in prop::collection::vec(round(), 1..5)) {
        run(page_size, &rounds);
    }
}

/// Every kind of failure at every call, once and twice in a row.
#[test]
fn every_call_can_fail() {
    let add = |cents| Change::Add { cents, digits: 2, account: 0, pending: true };
    let first: Vec<_> = (1..=5).map(add).collect();
    let second = vec![
        Change::Post { which: 0 },
        Change::Remove { which: 1 },
        add(-77),
        Change::Alter { which: 1, cents: 9 },
    ];
    for what in Break::ALL {
        let mut failures = 0;
        for place in 0..5 {
            for times in 1..=2 {
                let breaks: Vec<_> =
                    std::iter::repeat_n(Break::Not, place).chain(std::iter::repeat_n(what, times)).collect();
                let round = |before: &Vec<Change>| Round {
                    before: before.clone(),
                    blows: Vec::new(),
                    breaks: breaks.clone(),
                };
                let met = run(2, &[round(&first), round(&second)]);
                assert!(met.rows == 5 && met.pages >= 5, "{met:?}");
                failures += met.failures;
            }
        }
        assert_eq!(failures > 0, what != Break::Not, "{what:?}");
    }
}

/// The process dies after every event, the commit's own included, and starts again from what is stored.
#[test]
fn the_process_can_die_anywhere() {
    let add = |cents| Change::Add { cents, digits: 0, account: 1, pending: true };
    let first: Vec<_> = (1..=5).map(add).collect();
    let second = vec![Change::Post { which: 2 }, Change::Remove { which: 0 }, add(-77)];
    // Three pages and the commit.
    for place in 0..4 {
        for again in 0..3 {
            let mut blows = vec![Blow::None; place];
            blows.push(Blow::Crash);
            blows.extend(std::iter::repeat_n(Blow::None, again));
            blows.push(Blow::Crash);
            let round = |before: &Vec<Change>| Round {
                before: before.clone(),
                blows: blows.clone(),
                breaks: Vec::new(),
            };
            let met = run(2, &[round(&first), round(&second)]);
            assert!(met.crashes >= 1 && met.rows == 5, "{met:?}");
        }
    }
}

/// The ledger changes under every page, and the loop begins anew each time.
#[test]
fn the_ledger_can_change_under_any_page() {
    let add = |cents| Change::Add { cents, digits: 0, account: 0, pending: false };
    let first: Vec<_> = (1..=7).map(add).collect();
    let mut restarts = 0;
    for place in 0..6 {
        for change in [add(8), Change::Remove { which: 0 }, Change::Alter { which: 3, cents: 5 }] {
            let mut blows = vec![Blow::None; place];
            blows.push(Blow::Change(change));
            let round = Round { before: first.clone(), blows, breaks: Vec::new() };
            restarts += run(2, &[round]).restarts;
        }
    }
    // Four pages: what changes before the last of them is met by one of the next three.
    assert_eq!(restarts, 9);
}
