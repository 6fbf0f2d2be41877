//! Usage: what was used, and what it cost.

use chrono::NaiveDate;
use serde::Deserialize;
use turnbuckle_core::http::Operation;

use crate::client::read;
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{decimal, null_default};
use crate::{ListRequest, Twilio};

/// Over which time usage is added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsagePeriod {
    /// The whole time that was asked for.
    #[default]
    Whole,
    /// Each day.
    Daily,
    /// Each month.
    Monthly,
    /// Each year.
    Yearly,
    /// All time.
    AllTime,
    /// Today, UTC.
    Today,
    /// Yesterday, UTC.
    Yesterday,
    /// This month.
    ThisMonth,
    /// Last month.
    LastMonth,
}

impl UsagePeriod {
    fn segment(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Daily => "/Daily",
            Self::Monthly => "/Monthly",
            Self::Yearly => "/Yearly",
            Self::AllTime => "/AllTime",
            Self::Today => "/Today",
            Self::Yesterday => "/Yesterday",
            Self::ThisMonth => "/ThisMonth",
            Self::LastMonth => "/LastMonth",
        }
    }
}

/// What was used of one kind.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct UsageRecord {
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// Of what, for example `sms-outbound`.
    #[serde(default, deserialize_with = "null_default")]
    pub category: String,
    /// The same in words.
    #[serde(default, deserialize_with = "null_default")]
    pub description: String,
    /// The first day.
    pub start_date: Option<NaiveDate>,
    /// The last day.
    pub end_date: Option<NaiveDate>,
    /// How many.
    #[serde(default, deserialize_with = "decimal")]
    pub count: Option<String>,
    /// Of what there are so many, for example `messages`.
    pub count_unit: Option<String>,
    /// How much, which is what is billed.
    #[serde(default, deserialize_with = "decimal")]
    pub usage: Option<String>,
    /// In what that is measured.
    pub usage_unit: Option<String>,
    /// What it cost, digit for digit.
    #[serde(default, deserialize_with = "decimal")]
    pub price: Option<String>,
    /// The currency of the price.
    pub price_unit: Option<String>,
    /// Up to when it was added up.
    pub as_of: Option<String>,
}

/// Which usage to list.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListUsageRecords {
    /// Of one kind, for example `sms`.
    pub category: Option<String>,
    /// From this day on.
    pub start_date: Option<NaiveDate>,
    /// Up to this day.
    pub end_date: Option<NaiveDate>,
    /// With what subaccounts used; Twilio's default is yes.
    pub include_subaccounts: Option<bool>,
    /// Objects a page, 1 to 1000; Twilio's default is 50.
    pub page_size: Option<u32>,
}

impl ListUsageRecords {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`category`](Self::category).
    pub fn with_category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Sets [`start_date`](Self::start_date).
    pub fn with_start_date(mut self, start_date: NaiveDate) -> Self {
        self.start_date = Some(start_date);
        self
    }

    /// Sets [`end_date`](Self::end_date).
    pub fn with_end_date(mut self, end_date: NaiveDate) -> Self {
        self.end_date = Some(end_date);
        self
    }

    /// Sets [`include_subaccounts`](Self::include_subaccounts).
    pub fn with_include_subaccounts(mut self, include_subaccounts: bool) -> Self {
        self.include_subaccounts = Some(include_subaccounts);
        self
    }

    /// Sets [`page_size`](Self::page_size).
    pub fn with_page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.maybe("Category", self.category.as_deref());
        form.day("StartDate", self.start_date);
        form.day("EndDate", self.end_date);
        form.flag("IncludeSubaccounts", self.include_subaccounts);
        form
    }
}

static LIST: Operation = read("usage.records");

/// Calls for usage: [`Twilio::usage`].
#[derive(Debug, Clone, Copy)]
pub struct Usage<'a> {
    twilio: &'a Twilio,
}

impl<'a> Usage<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// What was used: `GET .../Usage/Records.json`, or one of its periods.
    pub fn records(self, period: UsagePeriod, params: &ListUsageRecords) -> ListRequest<UsageRecord> {
        let path = Ok(self.twilio.account_path(&format!("/Usage/Records{}.json", period.segment())));
        let key = "usage_records";
        ListRequest::new(self.twilio, &LIST, Product::Api, path, key, params.form(), params.page_size)
    }
}
