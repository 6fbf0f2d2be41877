//! The tour: a host application that runs every Turnbuckle provider end to end.
//!
//! Offline it runs against the built-in simulator; with a provider's sandbox keys in the environment, against that
//! sandbox. It never runs with live keys.

mod bank;
mod killed;
mod payments;
mod place;
mod providers;
mod report;
mod tour;
mod vault;
mod webhooks;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::report::{Report, Style};

/// The Turnbuckle tour: list providers, seal a tenant's credentials, connect, charge, capture, refund, lose an answer,
/// be killed in the middle of a charge, rotate the master key, receive a signed webhook.
///
/// With no keys it runs offline against the built-in simulator. A provider whose sandbox keys are in the environment
/// (STRIPE_SECRET_KEY or STRIPE_SECRET; PAYFLOW_PARTNER, _VENDOR, _USER and _PASSWORD; NMI_SECURITY_KEY;
/// AUTHNET_API_LOGIN_ID and _TRANSACTION_KEY; PLAID_CLIENT_ID and PLAID_SECRET) runs against its sandbox. Live keys are refused. The exit status is 1 when
/// a step failed.
#[derive(Parser)]
#[command(name = "turnbuckle-demo", version)]
struct Arguments {
    /// Print one JSON object at the end instead of a line a step.
    #[arg(long)]
    json: bool,

    /// The tour's own child process: charge, and wait to be killed.
    #[arg(long, hide = true, num_args = 5, value_names = ["PROVIDER", "JOURNAL", "KEY", "REFERENCE", "REQUEST"])]
    die_in_a_charge: Option<Vec<String>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(child) = arguments.die_in_a_charge {
        let [provider, journal, key, reference, number] = child.as_slice() else { return ExitCode::from(2) };
        let Ok(number) = number.parse() else { return ExitCode::from(2) };
        let Err(failure) = killed::die(provider, &PathBuf::from(journal), key, reference, number).await
        else {
            return ExitCode::SUCCESS;
        };
        println!("{failure}");
        return ExitCode::FAILURE;
    }
    let style = if arguments.json { Style::Json } else { Style::Lines };
    match tour::run(Report::new(style)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("the tour cannot begin: {failure}");
            ExitCode::FAILURE
        }
    }
}
