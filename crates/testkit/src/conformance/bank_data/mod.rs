//! The bank data suite: links and reads, a ledger kept in step, the health of links, leaks.

mod cases;
mod health;
mod host;
mod leaks;
mod links;
mod pushes;
mod reads;
mod sync;
mod sync_faults;

use std::sync::Arc;
use std::time::Duration;

use turnbuckle_core::Clock as _;
use turnbuckle_core::bank_data::{BankData, BankFeature, BankLink, LinkRequest, LinkReturn, RepairRequest};

pub use cases::{BankAccountLine, BankDataCases, BankLine, BankTrouble};

use super::{Bench, Failed, Fixture, Report, Setup};
use crate::fault::{Fault, Faults};

type Done = Result<(), Failed>;

/// The host's id of the person, of plain letters and digits so that it can be seen at the vendor.
const USER: &str = "conformance4711";

/// More requests than any one call takes.
const MOST_REQUESTS: usize = 12;

pub(super) async fn run(fixture: &dyn Fixture, cases: &BankDataCases, report: &mut Report) {
    let features = match Stage::new(fixture, cases) {
        Ok(stage) => stage.bank.features(),
        Err(why) => return report.check("bank data: connect", Err(why)),
    };
    let declared = BankFeature::ALL.iter().copied().filter(|feature| features.has(*feature)).collect();
    let suite = Suite { fixture, cases, declared };
    report.check("bank data: a case for each feature", suite.has_its_cases());
    links::run(&suite, report).await;
    reads::run(&suite, report).await;
    if suite.has(BankFeature::Transactions) {
        sync::run(&suite, report).await;
        sync_faults::run(&suite, report).await;
    }
    health::run(&suite, report).await;
    if cases.pushes {
        pushes::run(&suite, report).await;
    }
    leaks::run(&suite, report).await;
}

/// One provider under test.
struct Suite<'a> {
    fixture: &'a dyn Fixture,
    cases: &'a BankDataCases,
    declared: Vec<BankFeature>,
}

impl Suite<'_> {
    fn has(&self, feature: BankFeature) -> bool {
        self.declared.contains(&feature)
    }

    fn stage(&self) -> Result<Stage<'_>, Failed> {
        Stage::new(self.fixture, self.cases)
    }

    /// Pages of this size at most.
    fn paging(&self, size: usize) -> Result<Stage<'_>, Failed> {
        Stage::with(self.fixture, self.cases, |setup| setup.page_size = Some(size))
    }

    /// Pages of a size that makes several, and not hundreds.
    fn several_pages(&self) -> Result<Stage<'_>, Failed> {
        let sizes = &self.cases.page_sizes;
        self.paging(sizes.get(1).or(sizes.first()).copied().unwrap_or(2))
    }

    fn has_its_cases(&self) -> Done {
        let cases = self.cases;
        let mends = cases.troubles.contains(&BankTrouble::LoginRequired);
        for (holds, why) in [
            (
                !self.has(BankFeature::Repair) || mends,
                "`repair of a link` is declared, without a login to mend",
            ),
            (!cases.products.is_empty(), "there is nothing to ask a link for"),
            (!cases.page_sizes.is_empty(), "there is no size of pages"),
            (cases.days >= 3, "fewer than three days show too little"),
        ] {
            super::report::ensure(holds, why)?;
        }
        Ok(())
    }
}

/// A fresh vendor and a connection to it.
struct Stage<'a> {
    cases: &'a BankDataCases,
    bench: Box<dyn Bench>,
    setup: Setup,
    bank: Arc<dyn BankData>,
}

impl<'a> Stage<'a> {
    fn new(fixture: &dyn Fixture, cases: &'a BankDataCases) -> Result<Self, Failed> {
        Self::with(fixture, cases, |_| {})
    }

    fn with(
        fixture: &dyn Fixture,
        cases: &'a BankDataCases,
        change: impl FnOnce(&mut Setup),
    ) -> Result<Self, Failed> {
        let bench = fixture.bench();
        let mut setup = Setup::new(fixture.credentials(), bench.clock());
        change(&mut setup);
        let bank = connected(bench.as_ref(), &setup)?;
        Ok(Self { cases, bench, setup, bank })
    }

    fn faults(&self) -> &Faults {
        &self.setup.faults
    }

    fn request(&self) -> LinkRequest {
        LinkRequest::new(USER, self.cases.products.clone(), self.cases.country.clone())
    }

    fn repair_request(&self) -> RepairRequest {
        RepairRequest::new(USER, self.cases.country.clone())
    }

    /// A person links the test bank.
    async fn returned(&self) -> Result<LinkReturn, Failed> {
        let session = self.bank.link(&self.request()).await?;
        self.bench
            .person_links(&session)
            .ok_or_else(|| Failed::new("nobody could link a bank in the session"))
    }

    async fn linked(&self) -> Result<BankLink, Failed> {
        Ok(self.bank.exchange(&self.returned().await?).await?)
    }

    /// A link that is so many days old; faults count from there.
    async fn linked_for(&self, days: usize) -> Result<BankLink, Failed> {
        let link = self.linked().await?;
        (0..days).for_each(|_| self.day(&link));
        self.faults().clear();
        Ok(link)
    }

    fn day(&self, link: &BankLink) {
        self.setup.clock.advance(Duration::from_secs(24 * 3600));
        self.bench.clock_moved(&self.setup.clock);
        self.bench.bank_day(link);
    }

    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.setup.clock.now()
    }

    /// What a process that starts again has: another connection to the same vendor.
    fn started_again(&self) -> Result<Arc<dyn BankData>, Failed> {
        connected(self.bench.as_ref(), &self.setup)
    }
}

fn connected(bench: &dyn Bench, setup: &Setup) -> Result<Arc<dyn BankData>, Failed> {
    let connection = bench.connect(setup)?;
    connection.bank_data().ok_or_else(|| Failed::new("the connection has no bank data"))
}

/// Faults that keep a call from its answer.
fn lost_answers() -> [Fault; 6] {
    [
        Fault::ConnectRefused,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::HtmlBadGateway,
        Fault::TooManyRequests { retry_after: None },
    ]
}
