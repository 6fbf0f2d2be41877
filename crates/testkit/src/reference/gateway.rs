//! The reference gateway: requests in the shared vocabulary, turned into what the vendor's books understand.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use turnbuckle_core::http::Delivery;
use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Attempt, Authority, CaptureRequest, CreditRequest, Decision, GatewayFeatures, IdempotencyKey, Lookup,
    LookupQuery, OnAction, Outcome, Payment, PaymentGateway, PaymentMethod, PaymentOperation, PaymentRef,
    PaymentRequest, Preflight, RefundRequest, ReturnParams, SettlementPage, StoreRequest, StoredMethod,
    TransactionQuery, VerifyRequest, VoidRequest, WireKey,
};
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

use super::Bug;
use super::books::Books;
use super::magic::{Instrument, Magic};
use super::movements::{self, Arrival, Asked};
use super::provider::{ID, Line, OWN_ID};

/// Entries on one page of transactions: few, so that paging is exercised.
const PAGE: usize = 3;

#[derive(Debug)]
pub(super) struct ReferenceGateway {
    pub(super) line: Arc<Line>,
    pub(super) features: GatewayFeatures,
}

impl ReferenceGateway {
    fn arrival(&self, operation: PaymentOperation, key: &IdempotencyKey, fingerprint: String) -> Arrival<'_> {
        Arrival {
            vendor: &self.line.vendor,
            operation,
            key: WireKey::derive(&ID, &self.line.account, operation, key),
            fingerprint,
            live: self.line.live,
        }
    }

    async fn pay(&self, operation: PaymentOperation, request: &PaymentRequest) -> Result<Outcome> {
        if self.line.vendor.has(Bug::Panics) {
            panicking();
        }
        let preflight = checked_texts(&self.features, request);
        if !preflight.passes() {
            return Err(Error::new(ErrorKind::InvalidRequest, "a text does not fit the vendor's limits")
                .with_fields(preflight.refusals));
        }
        let fingerprint =
            format!("{operation} {} {} {}", request.amount, request.reference, method_mark(&request.method));
        let arrival = self.arrival(operation, &request.key, fingerprint);
        let mut lost = false;
        let note = describe(&self.features, request, self.line.vendor.has(Bug::DropsMetadata));
        let outcome = self
            .line
            .call(operation.as_str(), true, note, |books| {
                let instrument = self.instrument(books, &request.method)?;
                lost = instrument.magic == Magic::LoseAnswer;
                let asked = Asked {
                    amount: request.amount,
                    reference: &request.reference,
                    instrument,
                    allow_partial: request.allow_partial,
                    on_action: &request.on_action,
                    changes: preflight.changes.clone(),
                    number: number(&request.method),
                };
                arrival.pay(books, &asked)
            })
            .await?;
        if self.line.vendor.has(Bug::LogsToken)
            && let PaymentMethod::Token(token) = &request.method
        {
            tracing::info!(token = token.value().expose_secret(), "charged");
        }
        if lost {
            return Err(Error::new(ErrorKind::Timeout, "no answer in time").with_effect(Effect::Unknown));
        }
        match outcome {
            Outcome::Declined(decline) if self.line.vendor.has(Bug::DeclinesAreErrors) => {
                Err(Error::new(ErrorKind::InvalidRequest, "declined")
                    .with_code(decline.code.unwrap_or_default()))
            }
            Outcome::Approved(mut payment) if self.line.vendor.has(Bug::TakesMore) => {
                hide_surplus(&mut payment);
                Ok(Outcome::Approved(payment))
            }
            Outcome::PartiallyApproved(mut payment)
                if self.line.vendor.has(Bug::ApprovesPartsUnasked) && !request.allow_partial =>
            {
                hide_surplus(&mut payment);
                Ok(Outcome::Approved(payment))
            }
            outcome => Ok(outcome),
        }
    }

    fn instrument(&self, books: &Books, method: &PaymentMethod) -> Result<Instrument> {
        match method {
            PaymentMethod::Card(card) => Ok(Instrument::of_card(card)),
            PaymentMethod::Token(token) => Instrument::of_token(token),
            PaymentMethod::BankAccount(account) => Ok(Instrument::of_account(account)),
            PaymentMethod::Stored(stored) => {
                let gone =
                    books.removed.contains(stored.id()) && !self.line.vendor.has(Bug::KeepsRemovedMethods);
                books.methods.get(stored.id()).filter(|_| !gone).cloned().ok_or_else(|| {
                    Error::new(ErrorKind::NotFound, "no such stored method").with_code("no_such_method")
                })
            }
            _ => Err(Error::unsupported("this kind of method is unknown here")),
        }
    }

    fn find_attempt(&self, books: &Books, attempt: &Attempt) -> Lookup {
        let vendor = &self.line.vendor;
        if vendor.has(Bug::FindsAnything)
            && let Some(record) = books.records.values().next_back()
        {
            return Lookup::Found(vec![record.own()]);
        }
        if let Some(absent) = self.absence(attempt) {
            return Lookup::Absent(absent);
        }
        let found = books.marks.get(&attempt.wire_key).and_then(|mark| {
            let record = books.records.get(&mark.record)?;
            Some(record.payment(mark.operation, &attempt.wire_key, mark.requested))
        });
        found.map_or(Lookup::Absent(Authority::Authoritative), |payment| Lookup::Found(vec![payment]))
    }

    /// Why nothing can be found yet, if so.
    pub(super) fn absence(&self, attempt: &Attempt) -> Option<Authority> {
        self.line.absence(attempt)
    }
}

/// Claims the amount that was asked for.
fn hide_surplus(payment: &mut Payment) {
    let amounts = payment.amounts;
    payment.amounts = amounts.with_authorized(amounts.requested);
    if amounts.captured.is_positive() {
        payment.amounts = payment.amounts.with_captured(amounts.requested);
    }
}

#[expect(clippy::panic, reason = "this defect is a panic")]
fn panicking() {
    panic!("a defect on purpose");
}

fn checked_texts(features: &GatewayFeatures, request: &PaymentRequest) -> Preflight {
    let mut preflight = Preflight::default();
    preflight.texts(features.text, request);
    preflight
}

/// Tells two methods apart without holding a secret.
fn method_mark(method: &PaymentMethod) -> String {
    match method {
        PaymentMethod::Card(card) => format!("{card:?}"),
        PaymentMethod::Stored(stored) => stored.id().to_owned(),
        PaymentMethod::BankAccount(account) => account.last4(),
        method => method.kind().to_owned(),
    }
}

fn number(method: &PaymentMethod) -> Option<String> {
    match method {
        PaymentMethod::Card(card) => Some(card.number().expose_secret().to_owned()),
        _ => None,
    }
}

/// What reaches the vendor beside the money, fitted to its limits.
fn describe(features: &GatewayFeatures, request: &PaymentRequest, without_metadata: bool) -> String {
    let options = &request.options;
    let fit = |field: &str, text: &str| match features.text.iter().find(|rule| rule.field == field) {
        Some(rule) => rule.apply(text, options.text).map(|(fitted, _)| fitted).unwrap_or_default(),
        None => text.to_owned(),
    };
    let purchase_order = options.level2.as_ref().and_then(|level2| level2.purchase_order.as_deref());
    let original = request.stored_credential.as_ref().and_then(|stored| stored.original.as_ref());
    let limited = [
        ("reference", Some(request.reference.as_str())),
        ("description", request.description.as_deref()),
        ("statement_descriptor", options.statement_descriptor.as_deref()),
        ("level2.purchase_order", purchase_order),
        ("sub_account", options.sub_account.as_deref()),
        ("network_id", original.and_then(|original| original.network_id.as_deref())),
    ];
    let mut words: Vec<String> =
        limited.into_iter().filter_map(|(field, text)| text.map(|text| fit(field, text))).collect();
    if let Some(result) = &request.three_d_secure {
        words.push(result.transaction_id.clone());
    }
    if !without_metadata {
        words.extend(options.metadata.values().cloned());
    }
    words.join("\n")
}

#[async_trait]
impl PaymentGateway for ReferenceGateway {
    fn provider(&self) -> &ProviderId {
        &OWN_ID
    }

    fn account(&self) -> &str {
        &self.line.account
    }

    fn features(&self) -> &GatewayFeatures {
        &self.features
    }

    async fn purchase(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.pay(PaymentOperation::Purchase, request).await
    }

    async fn authorize(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.pay(PaymentOperation::Authorize, request).await
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<Outcome> {
        let fingerprint = format!("{} {:?} {}", request.payment, request.amount, request.is_final);
        let arrival = self.arrival(PaymentOperation::Capture, &request.key, fingerprint);
        self.line.call("capture", true, String::new(), |books| arrival.capture(books, request)).await
    }

    async fn void(&self, request: &VoidRequest) -> Result<Outcome> {
        let arrival = self.arrival(PaymentOperation::Void, &request.key, request.payment.to_string());
        let captured_too = self.features.has(turnbuckle_core::payment::Feature::VoidCaptured);
        self.line
            .call("void", true, String::new(), |books| arrival.void(books, &request.payment, captured_too))
            .await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Outcome> {
        let fingerprint = format!("{} {:?} {}", request.payment, request.amount, request.void_if_unsettled);
        let arrival = self.arrival(PaymentOperation::Refund, &request.key, fingerprint);
        self.line.call("refund", true, String::new(), |books| arrival.refund(books, request)).await
    }

    async fn credit(&self, request: &CreditRequest) -> Result<Outcome> {
        let fingerprint = format!("{} {}", request.amount, method_mark(&request.method));
        let arrival = self.arrival(PaymentOperation::Credit, &request.key, fingerprint);
        self.line
            .call("credit", true, String::new(), |books| {
                let asked = Asked {
                    amount: request.amount,
                    reference: &request.reference,
                    instrument: self.instrument(books, &request.method)?,
                    allow_partial: false,
                    on_action: &OnAction::Refuse,
                    changes: Vec::new(),
                    number: None,
                };
                arrival.credit(books, &asked)
            })
            .await
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome> {
        let arrival = self.arrival(PaymentOperation::Verify, &request.key, method_mark(&request.method));
        self.line
            .call("verify", true, String::new(), |books| {
                let asked = Asked {
                    amount: Money::zero(request.currency),
                    reference: &request.reference,
                    instrument: self.instrument(books, &request.method)?,
                    allow_partial: false,
                    on_action: &OnAction::Refuse,
                    changes: Vec::new(),
                    number: None,
                };
                arrival.verify(books, &asked)
            })
            .await
    }

    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod> {
        let key = WireKey::derive(&ID, &self.line.account, PaymentOperation::Store, &request.key);
        self.line
            .call("store", true, String::new(), |books| {
                if let Some(id) = books.stored_marks.get(&key)
                    && let Some(kept) = books.methods.get(id)
                {
                    let reference = PaymentRef::new(ID, "method", id);
                    return Ok(StoredMethod::new(reference, kept.summary.clone()));
                }
                let instrument = self.instrument(books, &request.method)?;
                if instrument.magic == Magic::Decline {
                    return Err(Error::new(ErrorKind::InvalidRequest, "the method was declined")
                        .with_code("do_not_honor"));
                }
                let id = books.next_id("pm");
                let stored =
                    StoredMethod::new(PaymentRef::new(ID, "method", &id), instrument.summary.clone());
                books.methods.insert(id.clone(), instrument);
                books.stored_marks.insert(key, id);
                Ok(stored)
            })
            .await
    }

    async fn unstore(&self, method: &PaymentRef) -> Result<()> {
        let twice = self.line.vendor.has(Bug::RefusesSecondUnstore);
        self.line
            .call("unstore", false, String::new(), |books| {
                if !books.removed.insert(method.id().to_owned()) && twice {
                    return Err(Error::new(ErrorKind::NotFound, "no such stored method"));
                }
                Ok(())
            })
            .await
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        self.line
            .call("lookup", false, String::new(), |books| {
                if self.line.vendor.has(Bug::LooksNowhere) {
                    return Ok(Lookup::Absent(Authority::Authoritative));
                }
                let absent = Lookup::Absent(Authority::Authoritative);
                Ok(match query {
                    LookupQuery::Reference(reference) => books
                        .records
                        .get(reference.id())
                        .map_or(absent, |record| Lookup::Found(vec![record.own()])),
                    LookupQuery::MerchantReference { reference, since, .. } => {
                        let found: Vec<Payment> = books
                            .records
                            .values()
                            .rev()
                            .filter(|record| {
                                record.merchant_reference.as_ref() == Some(reference)
                                    && record.created_at >= *since
                            })
                            .map(super::books::Record::own)
                            .collect();
                        if found.is_empty() { absent } else { Lookup::Found(found) }
                    }
                    LookupQuery::Attempt(attempt) => self.find_attempt(books, attempt),
                    _ => Lookup::Absent(Authority::Partial),
                })
            })
            .await
    }

    async fn lookup_stored(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        self.line
            .call("lookup_stored", false, String::new(), |books| {
                if let Some(absent) = self.absence(attempt) {
                    return Ok(Lookup::Absent(absent));
                }
                let found = books.stored_marks.get(&attempt.wire_key).and_then(|id| {
                    let kept = books.methods.get(id)?;
                    Some(StoredMethod::new(PaymentRef::new(ID, "method", id), kept.summary.clone()))
                });
                Ok(found
                    .map_or(Lookup::Absent(Authority::Authoritative), |stored| Lookup::Found(vec![stored])))
            })
            .await
    }

    async fn resume(&self, payment: &PaymentRef, returned: &ReturnParams) -> Result<Outcome> {
        let result = returned.parameters.get("result").map(|result| result.expose_secret() == "ok");
        let Some(authenticated) = result else {
            return Err(Error::invalid_field("result", "is not among the parameters of the return address"));
        };
        self.line
            .call("resume", true, String::new(), |books| {
                movements::resume(&self.line.vendor, books, payment, authenticated)
            })
            .await
    }

    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        self.line
            .call("decide", true, String::new(), |books| {
                movements::decide(&self.line.vendor, books, payment, decision)
            })
            .await
    }

    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        let start = match &query.page {
            None => 0,
            Some(page) => {
                page.parse().map_err(|_| Error::invalid_field("page", "was not given out by this gateway"))?
            }
        };
        let mixes = self.line.vendor.has(Bug::MixesBatches);
        self.line
            .call("transactions", false, String::new(), |books| {
                let fits = books.entries.iter().filter(|entry| {
                    (query.from..query.until).contains(&entry.booked_at)
                        && (query.batch.is_none() || mixes || entry.batch == query.batch)
                });
                let entries: Vec<_> = fits.clone().skip(start).take(PAGE).cloned().collect();
                let end: usize = start + entries.len();
                let next = (fits.count() > end).then(|| end.to_string());
                Ok(SettlementPage::new(entries, next))
            })
            .await
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        if self.line.vendor.has(Bug::BlindPreflight) {
            return Preflight::default();
        }
        checked_texts(&self.features, request)
    }
}

/// What a spoiled call looks like from here. `changes` says whether it could have changed anything.
pub(super) fn spoiled(fault: &crate::fault::Fault, changes: bool, denies: bool) -> Error {
    use crate::fault::Fault;
    let (kind, delivery, message) = match fault {
        Fault::ConnectRefused => (ErrorKind::Network, Delivery::NotSent, "no connection could be made"),
        Fault::TooManyRequests { .. } => (ErrorKind::RateLimited, Delivery::NotSent, "too many requests"),
        Fault::ResetBefore | Fault::ResetAfter => {
            (ErrorKind::Network, Delivery::MaybeDelivered, "the connection ended before an answer")
        }
        Fault::TimeoutBefore | Fault::TimeoutAfter => {
            (ErrorKind::Timeout, Delivery::MaybeDelivered, "no complete answer in time")
        }
        Fault::ServerError { .. } | Fault::HtmlBadGateway => {
            (ErrorKind::Unavailable, Delivery::Answered, "the vendor failed")
        }
        _ => (ErrorKind::InvalidResponse, Delivery::Answered, "the answer cannot be read"),
    };
    let unknown = changes && delivery != Delivery::NotSent && !denies;
    let error = Error::new(kind, message).with_effect(if unknown { Effect::Unknown } else { Effect::None });
    match fault {
        Fault::TooManyRequests { retry_after: Some(seconds) } => {
            error.with_retry_after(std::time::Duration::from_secs(*seconds))
        }
        _ => error,
    }
}
