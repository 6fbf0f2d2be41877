//! The payment suite: outcomes, movements, keys, faults, the journal, limits, books, leaks.

mod books;
mod crashes;
pub(super) mod faults;
mod keys;
pub(super) mod leaks;
mod limits;
mod movements;
mod outcomes;
mod requests;
mod texts;

use std::sync::Arc;

use turnbuckle_core::Clock as _;
use turnbuckle_core::payment::{
    CaptureRequest, Feature, IdempotencyKey, MerchantReference, Outcome, Payment, PaymentGateway,
    PaymentRequest,
};

use super::report::ensure;
use super::{Bench, Case, Failed, Fixture, PaymentCases, Report, Setup};
use crate::fault::Faults;

type Done = Result<(), Failed>;

pub(super) async fn run(fixture: &dyn Fixture, cases: &PaymentCases, report: &mut Report) {
    let declared = match Stage::new(fixture, |_| {}) {
        Ok(stage) => stage.gateway.features().clone(),
        Err(why) => return report.check("payments: connect", Err(why)),
    };
    let suite = Suite {
        fixture,
        cases,
        declared: Feature::ALL.iter().copied().filter(|f| declared.has(*f)).collect(),
    };
    report.check("payments: a case for each feature", suite.has_its_cases());
    outcomes::run(&suite, report).await;
    movements::run(&suite, report).await;
    keys::run(&suite, report).await;
    faults::run(&suite, report).await;
    crashes::run(&suite, report).await;
    limits::run(&suite, report).await;
    texts::run(&suite, report).await;
    books::run(&suite, report).await;
    leaks::run(&suite, report).await;
}

/// One provider under test.
struct Suite<'a> {
    fixture: &'a dyn Fixture,
    cases: &'a PaymentCases,
    declared: Vec<Feature>,
}

impl Suite<'_> {
    fn has(&self, feature: Feature) -> bool {
        self.declared.contains(&feature)
    }

    fn stage(&self) -> Result<Stage, Failed> {
        Stage::new(self.fixture, |_| {})
    }

    fn has_its_cases(&self) -> Done {
        let cases = self.cases;
        let offered = [
            (Feature::RawCard, cases.raw_card.is_some()),
            (Feature::VendorToken, cases.token.is_some()),
            (Feature::BankAccount, cases.bank_account.is_some()),
            (Feature::PartialApproval, cases.partial.is_some()),
            (Feature::PayerAction, cases.action.is_some()),
            (Feature::Review, cases.held.is_some()),
            (Feature::Store, cases.storable.is_some()),
            (Feature::SubAccount, cases.sub_account.is_some()),
        ];
        for (feature, offered) in offered {
            let declared = self.has(feature);
            let why = if declared { "declared, without a case" } else { "not declared, with a case" };
            ensure(declared == offered, format!("`{}` is {why}", feature.as_str()))?;
        }
        ensure(
            self.has(Feature::Store) || !self.has(Feature::Unstore),
            "a gateway that stores nothing has nothing to remove",
        )?;
        ensure(
            self.has(Feature::Purchase) || self.has(Feature::Authorize),
            "the gateway declares neither purchase nor authorize",
        )
    }
}

/// A fresh vendor and a connection to it.
struct Stage {
    bench: Box<dyn Bench>,
    setup: Setup,
    gateway: Arc<dyn PaymentGateway>,
}

/// The sums of the vendor's books, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Totals {
    entries: usize,
    authorized: i64,
    captured: i64,
    refunded: i64,
}

impl Totals {
    fn since(self, before: Self) -> Self {
        Self {
            entries: self.entries - before.entries.min(self.entries),
            authorized: self.authorized - before.authorized,
            captured: self.captured - before.captured,
            refunded: self.refunded - before.refunded,
        }
    }

    fn nothing(self) -> bool {
        (self.authorized, self.captured, self.refunded) == (0, 0, 0)
    }

    fn same_money(self, other: Self) -> bool {
        (self.authorized, self.captured, self.refunded) == (other.authorized, other.captured, other.refunded)
    }
}

impl Stage {
    fn new(fixture: &dyn Fixture, change: impl FnOnce(&mut Setup)) -> Result<Self, Failed> {
        let bench = fixture.bench();
        let mut setup = Setup::new(fixture.credentials(), bench.clock());
        change(&mut setup);
        let connection = bench.connect(&setup)?;
        let gateway = connection.payments().ok_or_else(|| Failed::new("the connection has no payments"))?;
        Ok(Self { bench, setup, gateway })
    }

    fn faults(&self) -> &Faults {
        &self.setup.faults
    }

    fn has(&self, feature: Feature) -> bool {
        self.gateway.features().has(feature)
    }

    fn key(&self, name: &str) -> Result<IdempotencyKey, Failed> {
        Ok(IdempotencyKey::new(format!("conformance-{name}"), self.setup.clock.now())?)
    }

    /// A request whose reference is the name of its key; short, since vendors are.
    fn request(&self, case: &Case, name: &str) -> Result<PaymentRequest, Failed> {
        let reference = MerchantReference::new(format!("CONF{name}"))?;
        Ok(PaymentRequest::new(case.amount, case.method.clone(), self.key(name)?, reference))
    }

    fn advance(&self, by: std::time::Duration) {
        self.setup.clock.advance(by);
        self.bench.clock_moved(&self.setup.clock);
    }

    fn totals(&self) -> Totals {
        let ledger = self.bench.ledger();
        Totals {
            entries: ledger.len(),
            authorized: ledger.iter().map(|entry| entry.authorized.minor()).sum(),
            captured: ledger.iter().map(|entry| entry.captured.minor()).sum(),
            refunded: ledger.iter().map(|entry| entry.refunded.minor()).sum(),
        }
    }

    /// Purchases, or authorizes where the gateway has no purchase.
    async fn charge(&self, request: &PaymentRequest) -> turnbuckle_core::Result<Outcome> {
        if self.has(Feature::Purchase) {
            self.gateway.purchase(request).await
        } else {
            self.gateway.authorize(request).await
        }
    }

    /// A payment whose money was taken.
    async fn paid(&self, case: &Case, name: &str) -> Result<Payment, Failed> {
        let payment = approved(self.charge(&self.request(case, name)?).await?)?;
        if self.has(Feature::Purchase) {
            return Ok(payment);
        }
        let capture = CaptureRequest::new(payment.reference, self.key(&format!("{name}C"))?);
        approved(self.gateway.capture(&capture).await?)
    }

    async fn authorized(&self, case: &Case, name: &str) -> Result<Payment, Failed> {
        approved(self.gateway.authorize(&self.request(case, name)?).await?)
    }
}

fn approved(outcome: Outcome) -> Result<Payment, Failed> {
    match outcome {
        Outcome::Approved(payment) => Ok(payment),
        other => Err(Failed::new(format!("expected approved, got {}", other.as_str()))),
    }
}

/// Whether nothing came of a call that must not succeed: an error or a decline.
fn refused(result: turnbuckle_core::Result<Outcome>, what: &str) -> Done {
    match result {
        Ok(Outcome::Declined(_)) | Err(_) => Ok(()),
        Ok(other) => Err(Failed::new(format!("{what} came out as {}", other.as_str()))),
    }
}
