//! What was settled: the batches of a period, and what is in them.

use chrono::{DateTime, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Lifecycle, PaymentRef, SettlementEntry, SettlementKind, SettlementPage, TransactionQuery,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::answer::transaction_ref;
use super::{AuthorizeNetGateway, details};
use crate::client::PROVIDER;
use crate::wire::is_numeric;
use crate::{Batch, Page, TransactionSummary};

/// Where a page ended: the batch, the number of its next page, and how many of its entries were read.
struct Place {
    batch: String,
    page: u32,
    seen: usize,
}

impl AuthorizeNetGateway {
    /// One page of what was settled. A page ends with its batch or after a thousand entries; pages are stable as long as
    /// the vendor adds no batch to the period. Amounts are in the account's currency.
    pub(super) async fn settled(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        let place = query.page.as_deref().map(Place::read).transpose()?;
        let currency = self.currency().await?;
        match &query.batch {
            Some(id) => self.of_batch(id, place, currency).await,
            None => self.of_period(query, place, currency).await,
        }
    }

    async fn of_batch(&self, id: &str, place: Option<Place>, currency: Currency) -> Result<SettlementPage> {
        if !is_numeric(id) {
            return Err(Error::invalid_field("batch", "is not the id of a batch"));
        }
        let batch = self.client.reports().batch(id).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "Authorize.Net has no such batch")
                .or_context(&PROVIDER, "transactions")
        })?;
        let place = place.unwrap_or_else(|| Place::first(id));
        let (entries, more) = self.entries(&batch, &place, currency).await?;
        Ok(SettlementPage::new(entries, more.map(|more| more.write())))
    }

    async fn of_period(
        &self,
        query: &TransactionQuery,
        place: Option<Place>,
        currency: Currency,
    ) -> Result<SettlementPage> {
        let (mut batches, complete) = self.batches(query.from, query.until).await?;
        if !complete {
            return Err(Error::invalid_field(
                "until",
                "is more than a year after `from`: ask for shorter periods",
            ));
        }
        let settled = |batch: &Batch| batch.settlement_time;
        batches.retain(|batch| {
            batch.batch_id.is_some() && settled(batch).is_some_and(|at| query.from <= at && at < query.until)
        });
        let position = match &place {
            None => 0,
            Some(place) => batches
                .iter()
                .position(|batch| batch.batch_id.as_ref() == Some(&place.batch))
                .ok_or_else(|| Error::invalid_field("page", "names a batch that is not in the period"))?,
        };
        let Some(batch) = batches.get(position) else { return Ok(SettlementPage::default()) };
        let place = place.unwrap_or_else(|| Place::first(batch.batch_id.as_deref().unwrap_or_default()));
        let (entries, more) = self.entries(batch, &place, currency).await?;
        let following = batches.get(position + 1).and_then(|batch| batch.batch_id.as_deref());
        let next = more.or_else(|| following.map(Place::first));
        Ok(SettlementPage::new(entries, next.map(|next| next.write())))
    }

    /// The entries of a page, and where the next one of the same batch begins.
    async fn entries(
        &self,
        batch: &Batch,
        place: &Place,
        currency: Currency,
    ) -> Result<(Vec<SettlementEntry>, Option<Place>)> {
        let id = place.batch.as_str();
        let at = batch.settlement_time.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "a batch does not say when it was settled")
                .or_context(&PROVIDER, "transactions")
        })?;
        let list = self.client.reports().of_batch(id, Page::new(place.page)).await?;
        let seen = place.seen.saturating_add(list.transactions.len());
        let more = (!list.is_last(seen)).then(|| Place {
            batch: id.to_owned(),
            page: place.page.saturating_add(1),
            seen,
        });
        let found = list.transactions.iter().map(|found| entry(found, id, at, currency));
        let entries = found.collect::<Result<Vec<_>>>()?;
        Ok((entries.into_iter().flatten().collect(), more))
    }
}

/// What moved with a transaction of a batch; `None` for what moved nothing, such as a decline.
fn entry(
    found: &TransactionSummary,
    batch: &str,
    at: DateTime<Utc>,
    currency: Currency,
) -> Result<Option<SettlementEntry>> {
    let wrong = |what: &'static str| {
        Error::new(ErrorKind::InvalidResponse, what).or_context(&PROVIDER, "transactions")
    };
    let id = found.trans_id.as_deref().ok_or_else(|| wrong("a settled transaction has no id"))?;
    let status = found.transaction_status.as_deref().unwrap_or_default();
    let (kind, leaves) = match (details::lifecycle(status), status) {
        (_, "chargebackReversal") => (SettlementKind::Dispute, false),
        (Lifecycle::Settled, _) => (SettlementKind::Payment, false),
        (Lifecycle::Refunded, _) => (SettlementKind::Refund, true),
        (Lifecycle::Returned, _) => (SettlementKind::Return, true),
        (Lifecycle::Disputed, _) => (SettlementKind::Dispute, true),
        _ => return Ok(None),
    };
    let amount = details::amount(found.settle_amount.as_ref(), currency)?;
    let size = amount.minor().checked_abs().ok_or_else(|| wrong("a settled amount does not fit"))?;
    let gross = Money::new(if leaves { -size } else { size }, currency);
    let mut entry = SettlementEntry::new(id, kind, gross, at);
    entry.batch = Some(batch.to_owned());
    entry.payment = Some(reference(found, id, amount));
    Ok(Some(entry))
}

fn reference(found: &TransactionSummary, id: &str, amount: Money) -> PaymentRef {
    let is_bank = found.account_type.as_deref() == Some("eCheck");
    let last4 = found.account_number.as_deref().and_then(crate::transactions::last4);
    transaction_ref(id, amount, last4, is_bank)
}

impl Place {
    fn first(batch: &str) -> Self {
        Self { batch: batch.to_owned(), page: 1, seen: 0 }
    }

    fn write(&self) -> String {
        format!("{}:{}:{}", self.batch, self.page, self.seen)
    }

    fn read(text: &str) -> Result<Self> {
        let mut parts = text.split(':');
        let place = (|| {
            let batch = parts.next().filter(|batch| is_numeric(batch))?.to_owned();
            let page = parts.next()?.parse().ok().filter(|page| *page > 0)?;
            let seen = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { batch, page, seen })
        })();
        place.ok_or_else(|| Error::invalid_field("page", "is not where a page of this gateway ended"))
    }
}
