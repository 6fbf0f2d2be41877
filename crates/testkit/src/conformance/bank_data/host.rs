//! A host that keeps a ledger in step: it stages pages and applies them together with the cursor.

use std::collections::BTreeMap;

use turnbuckle_core::Result;
use turnbuckle_core::bank_data::{
    BankData, BankLink, BankTransaction, SyncCursor, SyncEvent, SyncPage, TransactionSync,
};

use super::super::Failed;
use super::super::report::ensure;
use super::{Done, Stage};

/// What the host has stored, and a count of what it was told.
#[derive(Default)]
pub(super) struct Host {
    pub(super) stored: Option<SyncCursor>,
    pub(super) ledger: BTreeMap<String, BankTransaction>,
    pub(super) told: Told,
}

/// How much was told, of which kind.
#[derive(Default)]
pub(super) struct Told {
    pub(super) loops: usize,
    pub(super) pages: usize,
    pub(super) restarts: usize,
    pub(super) added: usize,
    pub(super) modified: usize,
    pub(super) removed: usize,
}

/// How a loop ended.
#[derive(PartialEq, Eq)]
pub(super) enum End {
    Committed,
    /// The process died after some events; what was staged is lost.
    Died,
}

impl Host {
    /// One loop to its end.
    pub(super) async fn sync(&mut self, bank: &dyn BankData, link: &BankLink) -> Result<()> {
        self.drive(bank, link, |_| true, || false).await.map(|_| ())
    }

    /// One loop. `goes_on` is asked before each event, with how many there were; `again` after each error, whether to ask
    /// for the same page once more.
    pub(super) async fn drive(
        &mut self,
        bank: &dyn BankData,
        link: &BankLink,
        mut goes_on: impl FnMut(usize) -> bool,
        mut again: impl FnMut() -> bool,
    ) -> Result<End> {
        let mut sync = TransactionSync::new(bank, link, self.stored.clone());
        let mut staged: Vec<SyncPage> = Vec::new();
        let mut events = 0;
        loop {
            if !goes_on(events) {
                return Ok(End::Died);
            }
            match sync.next().await {
                None => return Ok(End::Committed),
                Some(Ok(event)) => {
                    events += 1;
                    match event {
                        SyncEvent::Page(page) => {
                            self.told.pages += 1;
                            staged.push(*page);
                        }
                        SyncEvent::Restart => {
                            self.told.restarts += 1;
                            staged.clear();
                        }
                        SyncEvent::Commit(cursor) => {
                            self.told.loops += 1;
                            for page in staged.drain(..) {
                                self.apply(page);
                            }
                            self.stored = cursor;
                        }
                        _ => {}
                    }
                }
                Some(Err(error)) => {
                    if !again() {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn apply(&mut self, page: SyncPage) {
        self.told.added += page.added.len();
        self.told.modified += page.modified.len();
        self.told.removed += page.removed.len();
        for transaction in page.added.into_iter().chain(page.modified) {
            self.ledger.insert(transaction.id.clone(), transaction);
        }
        for removed in page.removed {
            self.ledger.remove(&removed.id);
        }
    }

    /// What was folded is what the vendor has.
    pub(super) fn same(&self, stage: &Stage<'_>, link: &BankLink) -> Done {
        same_ledger(&self.ledger, stage, link)
    }
}

/// Whether a folded ledger is the vendor's own. Names ids and fields, never what is in them.
pub(super) fn same_ledger(
    folded: &BTreeMap<String, BankTransaction>,
    stage: &Stage<'_>,
    link: &BankLink,
) -> Done {
    let lines = stage.bench.bank_ledger(link);
    for line in &lines {
        let id = &line.id;
        let told =
            folded.get(id).ok_or_else(|| Failed::new(format!("`{id}` is not in the folded ledger")))?;
        let amount = told.flow.amount();
        let currency = amount.currency.as_ref().map(|currency| currency.code().to_owned());
        for (field, same) in [
            ("account", told.account_id == line.account),
            ("amount", told.flow.signed() == line.change && !amount.value.is_sign_negative()),
            ("currency", currency == line.currency),
            ("date", told.date == line.date),
            ("pending", told.pending == line.pending),
            ("replaced transaction", told.replaces == line.replaces),
            ("name", told.name == line.name),
        ] {
            ensure(same, format!("`{id}`: the {field} is not the vendor's"))?;
        }
    }
    let surplus = folded.keys().find(|id| !lines.iter().any(|line| line.id == **id));
    ensure(
        surplus.is_none(),
        format!(
            "`{}` is in the folded ledger, and the vendor has it not",
            surplus.map_or("", String::as_str)
        ),
    )
}
