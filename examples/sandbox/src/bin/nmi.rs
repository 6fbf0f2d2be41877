//! NMI's usual flow in its sandbox, or against a stand-in: `NMI_SECURITY_KEY` holds a sandbox account's key. With `--all`,
//! every operation of the typed client; with `--list`, their names.

use std::process::ExitCode;

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::Card;
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Error, ErrorKind, Random, Result, SystemRandom};
use turnbuckle_nmi::{
    Contact, NewTransaction, Nmi, NmiProvider, NmiRefusal, Page, Rail, Reply, Source, Transaction,
    TransactionSearch, TransactionType, VaultDetails, VaultMethod,
};
use turnbuckle_sandbox::nmi::{VISA, every_operation, refuse_real_money, unconnected};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain, fresh_word};

const SANDBOX: Sandbox = Sandbox {
    name: "nmi",
    flow: "charge, find it by its order id, refund, authorize and capture, void, store a card, see a decline, list",
    prefix: "NMI",
    keys: "the merchant portal of an NMI sandbox account (Settings, Security Keys; permissions API and Query), see https://docs.nmi.com/docs/testing-sandbox",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(nmi) => Box::pin(every_operation(Runner::listing(), &nmi)).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = NmiProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            let nmi = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<Nmi>(),
                Err(problem) => return complain(problem),
            };
            let Some(nmi) = nmi else { return complain("the connection has no typed client") };
            if let Err(problem) = refuse_real_money(&nmi, ready.config.base_url()).await {
                return complain(problem.message());
            }
            println!("NMI at {}\n", ready.place);
            match task {
                Task::All => Box::pin(every_operation(Runner::new(ready.wire), &nmi)).await,
                _ => Box::pin(flow(&nmi, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

/// Dollars that the last runs probably did not use: the gateway takes the same card and amount twice for a mistake.
fn fresh_amount() -> Result<Money> {
    let mut bytes = [0; 2];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(Money::new(1_000 + i64::from(u16::from_be_bytes(bytes)), Currency::USD))
}

fn card() -> Result<Source> {
    Ok(Source::Card(Card::new(VISA, 12, 2035)?.with_cvv("999")?))
}

fn new(kind: TransactionType, source: Source) -> Result<NewTransaction> {
    Ok(NewTransaction::new(kind, fresh_amount()?, source)
        .with_order_id(format!("sandbox-{}", fresh_word()?))
        .with_billing(Contact::new().with_name("Test", "Payer").with_address("888 Test Street", "77777")))
}

fn show(reply: &Reply) -> String {
    let checks = format!(
        "address {} code {}",
        reply.avs_response().unwrap_or("-"),
        reply.cvv_response().unwrap_or("-")
    );
    format!("{}, {checks}", reply.transaction_id().unwrap_or("without an id"))
}

fn short(reply: &Reply) -> String {
    reply
        .transaction_id()
        .or_else(|| reply.customer_vault_id())
        .unwrap_or_else(|| reply.response_text())
        .to_owned()
}

fn states(found: &[Transaction]) -> String {
    let states = found.iter().map(|one| one.condition.as_deref().unwrap_or("of no condition"));
    format!("{} found: {}", found.len(), states.collect::<Vec<_>>().join(", "))
}

/// Charge, find, refund, authorize and capture, void, store, see a decline, list.
async fn flow(nmi: &Nmi, ready: Ready) -> Result<bool> {
    let mut run = Runner::new(ready.wire);
    let (payments, vault, queries) = (nmi.transactions(), nmi.vault(), nmi.query());

    run.run("query_profile", queries.profile(), |profile| profile.company.clone().unwrap_or_default()).await;
    run.run("query_test_mode_status", queries.test_mode(), |on| format!("test mode: {on}")).await;

    let sale = new(TransactionType::Sale, card()?)?;
    let paid = run.run("sale", payments.create(&sale), show).await;
    let again = async {
        match payments.create(&sale).await {
            Ok(reply) => Err(Error::new(ErrorKind::InvalidResponse, "ANOTHER PAYMENT was made")
                .with_request_id(short(&reply))),
            Err(error) if NmiRefusal::of(&error).is_some_and(NmiRefusal::is_duplicate) => Ok(()),
            Err(error) => Err(error),
        }
    };
    // The gateway's own check: the same card and amount within some minutes.
    run.run("sale (same card and amount)", again, |()| "stopped as a duplicate, as it should".to_owned())
        .await;
    let search = TransactionSearch::by_order_id(sale.order_id.clone().unwrap_or_default());
    run.run("query_transactions (by order id)", queries.transactions(&search), |found| states(found)).await;
    if let Some(id) = paid.as_ref().and_then(Reply::transaction_id) {
        let part = Money::new(500, Currency::USD);
        let order = format!("refund-{}", fresh_word()?);
        run.run("refund", payments.refund(id, part, &order, Rail::Card), short).await;
    }

    let reserved = run.run("auth", payments.create(&new(TransactionType::Auth, card()?)?), show).await;
    if let Some(id) = reserved.as_ref().and_then(Reply::transaction_id) {
        run.run("capture (part)", payments.capture(id, Some(Money::new(600, Currency::USD))), short).await;
    }
    let reserved = run.run("auth", payments.create(&new(TransactionType::Auth, card()?)?), show).await;
    if let Some(id) = reserved.as_ref().and_then(Reply::transaction_id) {
        run.run("void", payments.void(id, Rail::Card), short).await;
    }

    // Test accounts decline whatever is less than 1.00.
    let mut little = new(TransactionType::Sale, card()?)?;
    little.amount = Some(Money::new(50, Currency::USD));
    let declined = async {
        match payments.create(&little).await {
            Ok(reply) => Err(Error::new(ErrorKind::InvalidResponse, "the card was not declined")
                .with_request_id(short(&reply))),
            Err(error) => match NmiRefusal::of(&error).filter(|refusal| refusal.is_decline()) {
                Some(refusal) => Ok(refusal.reply.response_code().unwrap_or_default().to_owned()),
                None => Err(error),
            },
        }
    };
    run.run("sale (declined)", declined, |code| format!("declined as it should: {code}")).await;

    let customer = format!("sandbox-{}", fresh_word()?);
    let stored =
        run.run("add_customer", vault.add_customer(&customer, &card()?, &VaultDetails::new()), short).await;
    if stored.is_some() {
        let again = new(TransactionType::Sale, Source::Vault(VaultMethod::new(&customer)))?;
        run.run("sale (stored)", payments.create(&again), show).await;
        run.run("delete_customer", vault.delete_customer(&customer), short).await;
    }
    let check = NewTransaction::validation(Currency::USD, card()?);
    run.run("validate", payments.create(&check), show).await;

    let page = TransactionSearch::new().with_page(Page::new(0, 5).newest_first());
    run.run("query_transactions (newest)", queries.transactions(&page), |found| states(found)).await;
    Ok(run.finish())
}
