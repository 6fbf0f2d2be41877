//! Twilio's usual flow with test credentials, or against a stand-in: `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` hold the
//! account's test credentials. With `--all`, every operation of the typed client; with `--list`, their names.

use std::process::ExitCode;

use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Error, ErrorKind, Result};
use turnbuckle_sandbox::twilio::{TO, every_operation, from, refuse_live, unconnected};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain};
use turnbuckle_twilio::twiml::VoiceResponse;
use turnbuckle_twilio::{CallScript, CreateCall, CreateMessage, Twilio, TwilioError, TwilioProvider};

const SANDBOX: Sandbox = Sandbox {
    name: "twilio",
    flow: "send a text, see a recipient refused and one who is unsubscribed, call somebody",
    prefix: "TWILIO",
    keys: "the Twilio console, Account, API keys and tokens, Test credentials, see https://www.twilio.com/docs/iam/test-credentials",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(twilio) => Box::pin(every_operation(Runner::listing(), &twilio)).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = TwilioProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            let twilio = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<Twilio>(),
                Err(problem) => return complain(problem),
            };
            let Some(twilio) = twilio else { return complain("the connection has no typed client") };
            if let Err(problem) = refuse_live(&twilio, ready.config.base_url()).await {
                return complain(problem.message());
            }
            println!("Twilio at {}\n", ready.place);
            match task {
                Task::All => Box::pin(every_operation(Runner::new(ready.wire), &twilio)).await,
                _ => Box::pin(flow(&twilio, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

/// A message that must be refused with this code.
async fn refused(twilio: &Twilio, to: &str, code: u32) -> Result<u32> {
    let params = CreateMessage::new(to).with_from(from()).with_body("This is never sent.");
    match twilio.messages().create(&params).await {
        Ok(_) => Err(Error::new(ErrorKind::InvalidResponse, "the message was not refused")),
        Err(error) if TwilioError::of(&error).is_some_and(|own| own.code == Some(code)) => Ok(code),
        Err(error) => Err(error),
    }
}

async fn flow(twilio: &Twilio, ready: Ready) -> Result<bool> {
    let mut run = Runner::new(ready.wire);
    let params = CreateMessage::new(TO).with_from(from()).with_body("Order 6735 is ready.");
    let show = |message: &turnbuckle_twilio::Message| format!("{} {}", message.status.as_str(), message.sid);
    run.run("messages.create", twilio.messages().create(&params), show).await;
    let show = |code: &u32| format!("refused as it should: {code}");
    run.run("messages.create (no number)", refused(twilio, "+1415", 21211), show).await;
    // With test credentials this number has answered STOP; a stand-in is told so.
    run.run("messages.create (said STOP)", refused(twilio, "+15005550004", 21610), show).await;
    let script = CallScript::Twiml(VoiceResponse::new().with_pause(1));
    let call = CreateCall::new(TO, from(), script);
    run.run("calls.create", twilio.calls().create(&call), |call| call.sid.clone()).await;
    Ok(run.finish())
}
