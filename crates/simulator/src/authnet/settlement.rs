//! Settlement: what is captured goes into batches, one for cards and one for bank accounts.

use super::dates;
use super::json::Json;
use super::money::number;
use super::state::Gateway;
use super::transaction::Transaction;

/// How long an authorization can be captured.
const AUTHORIZATION_LASTS: u64 = 30 * 86_400;

pub(super) struct Batch {
    pub(super) id: String,
    pub(super) settled: u64,
    bank: bool,
}

impl Batch {
    /// As a transaction shows it.
    pub(super) fn brief(&self) -> Json {
        Json::object([
            ("batchId", self.id.as_str().into()),
            ("settlementTimeUTC", dates::utc(self.settled).into()),
            ("settlementTimeUTCSpecified", true.into()),
            ("settlementTimeLocal", dates::local(self.settled).into()),
            ("settlementTimeLocalSpecified", true.into()),
            ("settlementState", "settledSuccessfully".into()),
        ])
    }

    pub(super) fn shown(&self, gateway: &Gateway, with_statistics: bool) -> Json {
        let mut all = self.brief();
        all.push("paymentMethod", if self.bank { "eCheck" } else { "creditCard" });
        all.push("marketType", "eCommerce");
        all.push("product", if self.bank { "eCheck.Net" } else { "Card Not Present" });
        if with_statistics {
            all.push("statistics", statistics(&gateway.in_batch(&self.id)));
        }
        all
    }
}

fn statistics(inside: &[&Transaction]) -> Json {
    let mut kinds: Vec<&str> = inside.iter().map(|one| one.means.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let rows = kinds.into_iter().map(|kind| {
        let own = |status: &[&str]| -> (i64, usize) {
            let found = inside.iter().filter(|one| one.means.kind() == kind && status.contains(&one.status));
            found.fold((0, 0), |(sum, count), one| (sum + one.settle, count + 1))
        };
        let (charged, charges) = own(&["settledSuccessfully", "returnedItem"]);
        let (refunded, refunds) = own(&["refundSettledSuccessfully"]);
        Json::object([
            ("accountType", kind.into()),
            ("chargeAmount", number(charged)),
            ("chargeCount", charges.into()),
            ("refundAmount", number(refunded)),
            ("refundCount", refunds.into()),
            ("voidCount", own(&["voided"]).1.into()),
            ("declineCount", own(&["declined", "expired"]).1.into()),
            ("errorCount", 0_usize.into()),
        ])
    });
    Json::List(rows.collect())
}

impl Gateway {
    /// The transactions of a batch, oldest first.
    pub(super) fn in_batch(&self, id: &str) -> Vec<&Transaction> {
        self.transactions.iter().filter(|one| one.batch.as_deref() == Some(id)).collect()
    }

    /// Settles whatever is captured. Gives the ids of the batches, cards before bank accounts.
    pub(super) fn settle(&mut self) -> Vec<String> {
        let mut made = Vec::new();
        for bank in [false, true] {
            let ready = |one: &Transaction| {
                let open = one.status == "authorizedPendingCapture" || one.is_held();
                one.batch.is_none() && !open && one.means.is_bank() == bank
            };
            // What was declined or voided joins a batch, and makes none.
            let moves = ["capturedPendingSettlement", "refundPendingSettlement"];
            if !self.transactions.iter().any(|one| ready(one) && moves.contains(&one.status)) {
                continue;
            }
            let (id, now) = (self.serial(), self.now);
            for one in self.transactions.iter_mut().filter(|one| ready(one)) {
                one.batch = Some(id.clone());
                one.status = match one.status {
                    "capturedPendingSettlement" => "settledSuccessfully",
                    "refundPendingSettlement" => "refundSettledSuccessfully",
                    ended => ended,
                };
                one.settled = Some(now);
            }
            self.batches.push(Batch { id: id.clone(), settled: now, bank });
            made.push(id);
        }
        made
    }

    /// Authorizations that nobody captured.
    pub(super) fn expire(&mut self) {
        let now = self.now;
        for one in &mut self.transactions {
            if one.status == "authorizedPendingCapture"
                && now.saturating_sub(one.submitted) > AUTHORIZATION_LASTS
            {
                one.status = "expired";
            }
        }
    }
}
