//! Recurring profiles: payments that Payflow repeats by itself.

use std::fmt;

use chrono::NaiveDate;
use turnbuckle_core::http::Operation;
use turnbuckle_core::money::Money;
use turnbuckle_core::{Error, Result};

use crate::client::{PROVIDER, change, inquiry};
use crate::params::{Params, Tender, check_id, decimal, profile_day};
use crate::profile_answer::{Profile, ProfilePayment};
use crate::{Contact, Instrument, Payflow, RequestId, Transaction, error};

const ADD: Operation = change("add_profile");
const MODIFY: Operation = change("modify_profile");
const REACTIVATE: Operation = change("reactivate_profile");
const CANCEL: Operation = change("cancel_profile");
const RETRY: Operation = change("retry_profile_payment");
const PROFILE: Operation = inquiry("profile");
/// Not a read: under a new id it spends the id.
const REPLAY: Operation = change("replay_profile");
const PAYMENTS: Operation = inquiry("profile_payments");

/// The time between two payments: `PAYPERIOD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayPeriod {
    /// `DAY`.
    Day,
    /// `WEEK`.
    Week,
    /// `BIWK`: every two weeks.
    TwoWeeks,
    /// `SMMO`: twice a month.
    HalfMonth,
    /// `FRWK`: every four weeks.
    FourWeeks,
    /// `MONT`.
    Month,
    /// `QTER`: every three months.
    Quarter,
    /// `SMYR`: every six months.
    HalfYear,
    /// `YEAR`.
    Year,
}

impl PayPeriod {
    /// Every period.
    pub const ALL: [Self; 9] = [
        Self::Day,
        Self::Week,
        Self::TwoWeeks,
        Self::HalfMonth,
        Self::FourWeeks,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
    ];

    /// Payflow's word, in capitals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::TwoWeeks => "BIWK",
            Self::HalfMonth => "SMMO",
            Self::FourWeeks => "FRWK",
            Self::Month => "MONT",
            Self::Quarter => "QTER",
            Self::HalfYear => "SMYR",
            Self::Year => "YEAR",
        }
    }

    /// Reads Payflow's word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == word)
    }
}

/// A payment made at once when a profile is added: `OPTIONALTRX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstTransaction {
    /// `A`: an authorization of the card, without an amount of its own.
    Authorize,
    /// `S`: a sale of this amount.
    Sale(Money),
}

/// A new profile, or what changes in one: what is `None` is left out.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProfileData {
    /// `PROFILENAME`: at most 128 characters.
    pub name: Option<String>,
    /// `AMT` and `CURRENCY`: each payment.
    pub amount: Option<Money>,
    /// `START`: the day of the first payment, tomorrow or later.
    pub start: Option<NaiveDate>,
    /// `TERM`: how many payments; 0 goes on until cancelled.
    pub term: Option<u32>,
    /// `PAYPERIOD`: the time between two payments.
    pub period: Option<PayPeriod>,
    /// What pays: a card, or the `PNREF` of a sale or capture.
    pub instrument: Option<Instrument>,
    /// `MAXFAILPAYMENTS`: how many failed payments deactivate the profile; 0 never does.
    pub max_failures: Option<u32>,
    /// `RETRYNUMDAYS`: for how many days a failed payment is tried again.
    pub retry_days: Option<u32>,
    /// `OPTIONALTRX`: a payment made at once.
    pub first: Option<FirstTransaction>,
    /// `EMAIL`: the payer's address.
    pub email: Option<String>,
    /// `COMMENT1`.
    pub comment1: Option<String>,
    /// The billing address.
    pub billing: Option<Contact>,
}

impl ProfileData {
    /// Nothing yet. A new profile needs a name, an amount, a start, a term, a period and what pays.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `PROFILENAME`.
    pub fn with_name(mut self, value: impl Into<String>) -> Self {
        self.name = Some(value.into());
        self
    }

    /// Sets `AMT` and `CURRENCY`.
    pub fn with_amount(mut self, value: Money) -> Self {
        self.amount = Some(value);
        self
    }

    /// Sets `START`.
    pub fn with_start(mut self, value: NaiveDate) -> Self {
        self.start = Some(value);
        self
    }

    /// Sets `TERM`.
    pub fn with_term(mut self, value: u32) -> Self {
        self.term = Some(value);
        self
    }

    /// Sets `PAYPERIOD`.
    pub fn with_period(mut self, value: PayPeriod) -> Self {
        self.period = Some(value);
        self
    }

    /// Sets what pays.
    pub fn with_instrument(mut self, value: Instrument) -> Self {
        self.instrument = Some(value);
        self
    }

    /// Sets `MAXFAILPAYMENTS`.
    pub fn with_max_failures(mut self, value: u32) -> Self {
        self.max_failures = Some(value);
        self
    }

    /// Sets `RETRYNUMDAYS`.
    pub fn with_retry_days(mut self, value: u32) -> Self {
        self.retry_days = Some(value);
        self
    }

    /// Sets `OPTIONALTRX`.
    pub fn with_first(mut self, value: FirstTransaction) -> Self {
        self.first = Some(value);
        self
    }

    /// Sets `EMAIL`.
    pub fn with_email(mut self, value: impl Into<String>) -> Self {
        self.email = Some(value.into());
        self
    }

    /// Sets `COMMENT1`.
    pub fn with_comment1(mut self, value: impl Into<String>) -> Self {
        self.comment1 = Some(value.into());
        self
    }

    /// Sets the billing address.
    pub fn with_billing(mut self, value: Contact) -> Self {
        self.billing = Some(value);
        self
    }

    fn write(&self, params: &mut Params) -> Result<()> {
        params.set_some("PROFILENAME", self.name.as_deref());
        if let Some(amount) = self.amount {
            params.set_money(amount)?;
        }
        if let Some(start) = self.start {
            params.set("START", profile_day(start));
        }
        if let Some(term) = self.term {
            params.set("TERM", term.to_string());
        }
        if let Some(period) = self.period {
            params.set("PAYPERIOD", period.as_str());
        }
        match &self.instrument {
            None => {}
            Some(Instrument::BankAccount(_)) => {
                return Err(Error::unsupported("a recurring profile takes cards only"));
            }
            Some(instrument) => instrument.write(params)?,
        }
        if let Some(failures) = self.max_failures {
            params.set("MAXFAILPAYMENTS", failures.to_string());
        }
        if let Some(days) = self.retry_days {
            params.set("RETRYNUMDAYS", days.to_string());
        }
        match self.first {
            None => {}
            Some(FirstTransaction::Authorize) => params.set("OPTIONALTRX", "A"),
            Some(FirstTransaction::Sale(amount)) => {
                params.set("OPTIONALTRX", "S");
                params.set("OPTIONALTRXAMT", decimal("first", amount)?);
            }
        }
        params.set_some("EMAIL", self.email.as_deref());
        params.set_some("COMMENT1", self.comment1.as_deref());
        if let Some(billing) = &self.billing {
            billing.write_billing(params);
        }
        Ok(())
    }
}

/// Which payments of a profile to list: `PAYMENTHISTORY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// `Y`: the scheduled ones.
    Payments,
    /// `O`: the optional transactions made at once.
    FirstTransactions,
}

/// What came of a change to a profile. That the profile was made or changed does not say that a payment made at once went
/// through.
#[derive(Clone)]
#[non_exhaustive]
pub struct ProfileChange {
    /// `PROFILEID`.
    pub profile: String,
    /// `TRXRESULT`: the `RESULT` of a payment made at once.
    pub payment_result: Option<i32>,
    /// `TRXPNREF`: that payment's id.
    pub payment: Option<String>,
    /// The whole answer.
    pub transaction: Transaction,
}

impl ProfileChange {
    /// Reads an answer. `None` where it names no profile, or a payment's result is not a number.
    pub fn read(transaction: Transaction) -> Option<Self> {
        let fields = &transaction.fields;
        let profile = fields.filled("PROFILEID").filter(|id| crate::transaction::is_id(id))?.to_owned();
        let payment_result = fields.filled("TRXRESULT").map(str::parse).transpose().ok()?;
        let payment = fields.filled("TRXPNREF").map(str::to_owned);
        Some(Self { profile, payment_result, payment, transaction })
    }
}

impl fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileChange")
            .field("profile", &self.profile)
            .field("payment_result", &self.payment_result)
            .field("payment", &self.payment)
            .finish_non_exhaustive()
    }
}

impl Payflow {
    /// Adds a profile (`ACTION=A`).
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn add_profile(&self, profile: &ProfileData, id: &RequestId) -> Result<ProfileChange> {
        let mut params = action("A", None)?;
        profile.write(&mut params)?;
        self.change_profile(&ADD, params, id).await
    }

    /// Changes a profile (`ACTION=M`). It also wakes up one that was deactivated by the merchant.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn modify_profile(
        &self,
        profile: &str,
        changes: &ProfileData,
        id: &RequestId,
    ) -> Result<ProfileChange> {
        let mut params = action("M", Some(profile))?;
        changes.write(&mut params)?;
        self.change_profile(&MODIFY, params, id).await
    }

    /// Starts a profile again that was deactivated, expired or failed too often (`ACTION=R`). It needs a new start;
    /// anything else may change along.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn reactivate_profile(
        &self,
        profile: &str,
        changes: &ProfileData,
        id: &RequestId,
    ) -> Result<ProfileChange> {
        let mut params = action("R", Some(profile))?;
        changes.write(&mut params)?;
        self.change_profile(&REACTIVATE, params, id).await
    }

    /// Deactivates a profile (`ACTION=C`).
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn cancel_profile(&self, profile: &str, id: &RequestId) -> Result<ProfileChange> {
        self.change_profile(&CANCEL, action("C", Some(profile))?, id).await
    }

    /// Tries a failed payment again (`ACTION=P`): `number` is its place in the profile's history, from 1.
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn retry_profile_payment(
        &self,
        profile: &str,
        number: u32,
        id: &RequestId,
    ) -> Result<ProfileChange> {
        let mut params = action("P", Some(profile))?;
        params.set("PAYMENTNUM", number.to_string());
        self.change_profile(&RETRY, params, id).await
    }

    /// One profile as it is now (`ACTION=I`, `PAYMENTHISTORY=N`).
    ///
    /// # Errors
    /// As [`inquire`](Self::inquire).
    pub async fn profile(&self, profile: &str) -> Result<Profile> {
        let mut params = action("I", Some(profile))?;
        params.set("PAYMENTHISTORY", "N");
        let answer = self.ask(&PROFILE, params).await?;
        Profile::read(answer.fields).ok_or_else(|| unreadable(&PROFILE, "the answer is not a profile"))
    }

    /// A profile's payments, oldest first.
    ///
    /// # Errors
    /// As [`inquire`](Self::inquire).
    pub async fn profile_payments(&self, profile: &str, history: History) -> Result<Vec<ProfilePayment>> {
        let mut params = action("I", Some(profile))?;
        let which = match history {
            History::Payments => "Y",
            History::FirstTransactions => "O",
        };
        params.set("PAYMENTHISTORY", which);
        let answer = self.ask(&PAYMENTS, params).await?;
        ProfilePayment::read_all(&answer.fields)
            .ok_or_else(|| unreadable(&PAYMENTS, "the answer is not a list of payments"))
    }

    async fn change_profile(
        &self,
        operation: &Operation,
        params: Params,
        id: &RequestId,
    ) -> Result<ProfileChange> {
        let answer = self.send(operation, params, id).await?;
        ProfileChange::read(answer).ok_or_else(|| unreadable(operation, "the answer names no profile"))
    }

    /// Finds out what was answered to a request id, by sending it again with an inquiry that changes nothing.
    ///
    /// Payflow ignores what a request holds under an id that it knows, and repeats its answer. Under an id that it does not
    /// know the inquiry is carried out, and the id is spent: a request that is still on its way under it will be ignored.
    ///
    /// - `Ok(Some(_))`: the stored answer. `Ok(None)`: the id was not known, or belongs to such an inquiry.
    pub(crate) async fn replay_profile(&self, id: &RequestId) -> Result<Option<ProfileChange>> {
        // No profile has this id, so that nothing is found where the id is new.
        let mut params = action("I", Some("RT0000000000"))?;
        params.set("PAYMENTHISTORY", "N");
        match self.send(&REPLAY, params, id).await {
            Ok(answer) if answer.duplicate => Ok(ProfileChange::read(answer)),
            Ok(_) => Ok(None),
            Err(error) => match crate::PayflowError::of(&error) {
                // The id is known, and Payflow compares what stands under it; or this is how it repeats an addition.
                Some(found) if found.transaction.result == 133 => Err(error),
                Some(found) if found.transaction.result == 19 && found.transaction.duplicate => Err(error),
                // An answer by Payflow, old or new, that made no profile; anything else says nothing.
                Some(found) if is_refusal(found) => Ok(None),
                _ => Err(error),
            },
        }
    }
}

fn is_refusal(error: &crate::PayflowError) -> bool {
    use crate::codes::Meaning;
    use turnbuckle_core::{Effect, ErrorKind};
    match error.meaning() {
        // The inquiry's own troubles are not the answer to the first request.
        Meaning::Refused(ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Unavailable, _)
            if !error.transaction.duplicate =>
        {
            false
        }
        Meaning::Refused(_, effect) => effect == Effect::None,
        Meaning::Declined(..) => true,
        Meaning::Approved | Meaning::Held => false,
    }
}

fn action(action: &'static str, profile: Option<&str>) -> Result<Params> {
    let mut params = Params::new("R", Tender::Card);
    params.set("ACTION", action);
    if let Some(profile) = profile {
        params.set("ORIGPROFILEID", check_id("subscription", profile)?);
    }
    Ok(params)
}

fn unreadable(operation: &Operation, message: &'static str) -> Error {
    error::unreadable(operation, message).or_context(&PROVIDER, operation.name)
}
