//! Walks over the vendor's lists: what is not settled yet, then the batches.
//!
//! There is no search by reference: lists show the invoice number, and everything else takes a read of its own.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::Result;

use super::AuthorizeNetGateway;
use super::request::is_invoice;
use crate::{Batch, Page, TransactionSummary};

/// How long after it was sent a request may still take effect, and stay out of the lists. The client gives up after a
/// minute; how far the vendor's lists lag is not proven.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(5 * 60);

/// How far the clocks of the host and of Authorize.Net may be apart.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The longest period that the vendor lists batches of is 31 days.
const PERIOD: TimeDelta = TimeDelta::days(30);

/// Pages and batches of one walk. Whoever has more gets an answer that says so.
const MOST_PAGES: u32 = 20;
const MOST_BATCHES: usize = 100;
const MOST_PERIODS: usize = 13;

/// What a walk keeps.
pub(super) enum Wanted<'a> {
    /// The transactions of one attempt.
    Invoice(&'a str),
    /// Every transaction that may be one of ours.
    Ours,
    /// Refunds to the same card or account.
    RefundsTo(Option<&'a str>),
}

impl Wanted<'_> {
    fn takes(&self, found: &TransactionSummary) -> bool {
        let invoice = found.invoice_number.as_deref();
        match self {
            Self::Invoice(wanted) => invoice == Some(wanted),
            Self::Ours => invoice.is_some_and(is_invoice),
            Self::RefundsTo(last4) => {
                let status = found.transaction_status.as_deref().unwrap_or_default();
                let account = found.account_number.as_deref().unwrap_or_default();
                status.starts_with("refund") && last4.is_none_or(|last4| account.ends_with(last4))
            }
        }
    }

    /// Whether one is all that there is to find.
    fn is_single(&self) -> bool {
        matches!(self, Self::Invoice(_))
    }
}

/// What a walk found.
pub(super) struct Scan {
    pub(super) found: Vec<TransactionSummary>,
    /// Whether everything was looked at.
    pub(super) complete: bool,
}

impl AuthorizeNetGateway {
    /// Everything since then that is wanted, unsettled first, then by batch.
    pub(super) async fn scan(&self, since: DateTime<Utc>, wanted: &Wanted<'_>) -> Result<Scan> {
        let mut scan = self.scan_unsettled(since, wanted).await?;
        if wanted.is_single() && !scan.found.is_empty() {
            return Ok(scan);
        }
        let (batches, complete) = self.batches(since, self.clock.now() + TimeDelta::minutes(1)).await?;
        scan.complete &= complete && batches.len() <= MOST_BATCHES;
        for batch in batches.iter().take(MOST_BATCHES) {
            let Some(id) = &batch.batch_id else { continue };
            self.scan_batch(id, wanted, &mut scan).await?;
            if wanted.is_single() && !scan.found.is_empty() {
                break;
            }
        }
        Ok(scan)
    }

    pub(super) async fn scan_unsettled(&self, since: DateTime<Utc>, wanted: &Wanted<'_>) -> Result<Scan> {
        let mut scan = Scan { found: Vec::new(), complete: false };
        let mut seen = 0;
        for number in 1..=MOST_PAGES {
            let list = self.client.reports().unsettled(Page::new(number)).await?;
            seen += list.transactions.len();
            let is_last = list.is_last(seen);
            let page = list.transactions;
            // Newest first.
            let is_past = page.last().and_then(|last| last.submit_time).is_some_and(|time| time < since);
            scan.found.extend(page.into_iter().filter(|found| wanted.takes(found)));
            if is_last || is_past || (wanted.is_single() && !scan.found.is_empty()) {
                scan.complete = true;
                break;
            }
        }
        Ok(scan)
    }

    async fn scan_batch(&self, batch: &str, wanted: &Wanted<'_>, scan: &mut Scan) -> Result<()> {
        let mut seen = 0;
        for number in 1..=MOST_PAGES {
            let list = self.client.reports().of_batch(batch, Page::new(number)).await?;
            seen += list.transactions.len();
            let is_last = list.is_last(seen);
            let page = list.transactions;
            scan.found.extend(page.into_iter().filter(|found| wanted.takes(found)));
            if is_last {
                return Ok(());
            }
        }
        scan.complete = false;
        Ok(())
    }

    /// The batches settled in a period of any length, oldest first, and whether all of it was asked about.
    pub(super) async fn batches(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(Vec<Batch>, bool)> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut first = since;
        for _ in 0..MOST_PERIODS {
            if first >= until {
                return Ok((batches, true));
            }
            let last = (first + PERIOD).min(until);
            let mut part = self.client.reports().settled_batches(first, last).await?;
            part.sort_by(|one, other| {
                (one.settlement_time, &one.batch_id).cmp(&(other.settlement_time, &other.batch_id))
            });
            // A batch on the border is in both periods.
            part.retain(|batch| !batches.iter().any(|known| known.batch_id == batch.batch_id));
            batches.extend(part);
            first = last;
        }
        Ok((batches, first >= until))
    }
}
