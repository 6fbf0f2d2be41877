//! One operation after another, a line for each.

use std::sync::Arc;

use turnbuckle_core::{Error, Result};

use crate::{Call, Wire};

/// Runs operations one after another, shows a line for each and counts them. Shows names only when it lists.
///
/// A line never holds more of an answer than the caller's `show` picks, and of a refusal the client's words and the
/// vendor's own.
pub struct Runner {
    /// `None`: list.
    wire: Option<Arc<Wire>>,
    failed: usize,
    done: usize,
    calls: Vec<(String, Call)>,
}

/// Ids longer than this are cut in lines, so that the columns hold.
const LONGEST: usize = 30;

impl Runner {
    /// Shows the calls of this wire.
    pub fn new(wire: Arc<Wire>) -> Self {
        Self { wire: Some(wire), failed: 0, done: 0, calls: Vec::new() }
    }

    /// Names the operations, one a line, and sends nothing: the calls are dropped before they begin.
    pub fn listing() -> Self {
        Self { wire: None, failed: 0, done: 0, calls: Vec::new() }
    }

    /// Runs one operation, shows operation, method, path, status and outcome, and goes on after an error.
    ///
    /// What follows a blank in the name is a remark.
    pub async fn run<T>(
        &mut self,
        operation: &str,
        call: impl Future<Output = Result<T>>,
        show: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let Some(wire) = self.wire.clone() else {
            println!("{operation}");
            return None;
        };
        // What prepared this operation is not its own.
        wire.take();
        let result = call.await;
        self.done += 1;
        let (outcome, value) = match result {
            Ok(value) => (show(&value), Some(value)),
            Err(error) => {
                self.failed += 1;
                (refusal(operation, &error), None)
            }
        };
        let call = wire.take().pop();
        let (method, path, status) = columns(call.as_ref());
        println!("{operation:<39} {method:<6} {path:<62} {status:<4} {outcome}");
        self.calls.extend(call.map(|call| (operation.to_owned(), call)));
        value
    }

    /// Makes what an operation needs, such as the payment that is to be captured. Shown on the error output, and only
    /// when it fails; not counted.
    pub async fn prepare<T>(&mut self, operation: &str, call: impl Future<Output = Result<T>>) -> Option<T> {
        self.wire.as_ref()?;
        match call.await {
            Ok(value) => Some(value),
            Err(error) => {
                eprintln!("before {operation}: {}", refusal("", &error));
                None
            }
        }
    }

    /// The operations that were sent so far, each with its own call. What prepared an operation is not among them.
    pub fn calls(&self) -> &[(String, Call)] {
        &self.calls
    }

    /// Whether every operation worked; says how many did, unless it only listed them.
    pub fn finish(self) -> bool {
        if self.wire.is_some() {
            println!("{} of {} operations worked", self.done - self.failed, self.done);
        }
        self.failed == 0
    }
}

fn columns(call: Option<&Call>) -> (&str, String, String) {
    let Some(call) = call else { return ("-", "-".to_owned(), "-".to_owned()) };
    let status = call.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
    let short = |part: &str| match part.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}~", part.get(..end).unwrap_or_default()),
        None => part.to_owned(),
    };
    let path = call.path.split('/').map(short).collect::<Vec<_>>().join("/");
    (call.method.as_str(), path, status)
}

/// One line: the client's words, then the vendor's. A name that is not the client's own is the binary's mistake.
fn refusal(operation: &str, error: &Error) -> String {
    let name = operation.split(' ').next().unwrap_or_default();
    let misnamed = error.operation().filter(|own| !name.is_empty() && *own != name);
    let misnamed = misnamed.map(|own| format!("MISNAMED, it is {own}: ")).unwrap_or_default();
    let vendor = error.vendor_message().map(|words| format!(": {words}")).unwrap_or_default();
    let line = format!("ERROR {misnamed}{error}{vendor}");
    line.split_whitespace().map(masked).collect::<Vec<_>>().join(" ")
}

/// A vendor's words may quote what was sent.
fn masked(word: &str) -> &str {
    let secret = ["sk_", "rk_", "whsec_", "_secret_", "access-", "public-", "link-", "processor-", "btok_"];
    // A card number; the vendors' ids are shorter or have letters in them.
    let number = word.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() >= 13);
    if number || secret.iter().any(|mark| word.contains(mark)) { "(hidden)" } else { word }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn what_a_vendor_quotes_is_not_shown() {
        for secret in [
            "sk_test_1",
            "whsec_1",
            "pi_1_secret_2",
            "'4111111111111111'",
            "n=4007000000027,",
            "access-sandbox-0b1c5b6e",
        ] {
            assert_eq!(masked(secret), "(hidden)", "{secret}");
        }
        for word in ["60929435701", "pi_3NtoKx2eZvKYlo2C1a2b3c4d", "E00003]:", "2025-06-15"] {
            assert_eq!(masked(word), word);
        }
    }
}
