//! How much mail was sent, and what became of it.

use chrono::NaiveDate;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::SendGrid;
use crate::client::read;
use crate::object::null_default;

const FETCH: Operation = read("stats_fetch");

/// Over which time numbers are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatsPeriod {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl StatsPeriod {
    fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// Which numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatsRange {
    /// The first day.
    pub start: NaiveDate,
    /// The last day; today where it is absent.
    pub end: Option<NaiveDate>,
    /// Over which time they are added up; a day where it is absent.
    pub period: Option<StatsPeriod>,
}

impl StatsRange {
    /// From this day until today, day by day.
    pub fn since(start: NaiveDate) -> Self {
        Self { start, end: None, period: None }
    }

    /// Sets the last day.
    pub fn with_end(mut self, end: NaiveDate) -> Self {
        self.end = Some(end);
        self
    }

    /// Sets over which time they are added up.
    pub fn with_period(mut self, period: StatsPeriod) -> Self {
        self.period = Some(period);
        self
    }
}

/// The numbers of one day, week or month.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DayStats {
    /// Its first day.
    pub date: NaiveDate,
    /// The numbers.
    #[serde(default, deserialize_with = "null_default")]
    pub stats: Vec<Stats>,
}

/// Numbers of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// The numbers.
    pub metrics: Metrics,
}

/// What became of mail, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Metrics {
    /// Mails that were asked for.
    pub requests: u64,
    /// Mails that SendGrid took up.
    pub processed: u64,
    /// Mails that the recipient's server took.
    pub delivered: u64,
    /// Mails that were to wait.
    pub deferred: u64,
    /// Mails that were refused for good.
    pub bounces: u64,
    /// Mails that were refused once.
    pub blocks: u64,
    /// Mails that were not sent, since the address had bounced.
    pub bounce_drops: u64,
    /// Mails that were not sent, since the recipient had called one spam.
    pub spam_report_drops: u64,
    /// Mails that were not sent, since the recipient had left them.
    pub unsubscribe_drops: u64,
    /// Mails to what is no address.
    pub invalid_emails: u64,
    /// Mails that were called spam.
    pub spam_reports: u64,
    /// Recipients that left.
    pub unsubscribes: u64,
    /// Times that mails were opened.
    pub opens: u64,
    /// Mails that were opened.
    pub unique_opens: u64,
    /// Times that links were followed.
    pub clicks: u64,
    /// Mails in which links were followed.
    pub unique_clicks: u64,
}

/// Numbers. See <https://www.twilio.com/docs/sendgrid/api-reference/stats>.
#[derive(Debug, Clone, Copy)]
pub struct Statistics<'a> {
    client: &'a SendGrid,
}

impl<'a> Statistics<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// The numbers of the account.
    pub async fn fetch(&self, range: &StatsRange) -> Result<Vec<DayStats>> {
        let mut query = vec![("start_date", range.start.to_string())];
        query.extend(range.end.map(|end| ("end_date", end.to_string())));
        query.extend(range.period.map(|period| ("aggregated_by", period.as_str().to_owned())));
        self.client.get(&FETCH, "/v3/stats", &query).await
    }
}
