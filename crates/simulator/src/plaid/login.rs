//! What a person types at a bank.

use super::World;
use super::error::ApiError;
use super::institutions::{self, Institution};

/// A login at a bank, with the names and passwords of Plaid's sandbox.
///
/// ```
/// use turnbuckle_simulator::plaid::LinkLogin;
///
/// let good = LinkLogin::new("ins_109508");
/// let device = LinkLogin::new("ins_109508").with_password("mfa_device").with_answers(&["1234"]);
/// # let _ = (good, device);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LinkLogin {
    /// The bank.
    pub institution_id: String,
    /// `user_good`, or another of the sandbox's names.
    pub username: String,
    /// `pass_good`, `mfa_device`, `error_ITEM_LOCKED`, …
    pub password: String,
    /// Answers to what the bank asks besides.
    pub answers: Vec<String>,
}

impl LinkLogin {
    /// `user_good` with `pass_good`.
    pub fn new(institution_id: impl Into<String>) -> Self {
        Self {
            institution_id: institution_id.into(),
            username: "user_good".to_owned(),
            password: "pass_good".to_owned(),
            answers: Vec::new(),
        }
    }

    /// Another name.
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// Another password.
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        self.password = password.into();
        self
    }

    /// Answers to what the bank asks besides.
    pub fn with_answers(mut self, answers: &[&str]) -> Self {
        self.answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        self
    }
}

const ANY_PASSWORD: &[&str] = &[
    "user_transactions_dynamic",
    "user_ewa_user",
    "user_yuppie",
    "user_small_business",
    "user_credit_profile_good",
];

/// The bank, when the login is right.
pub(super) fn check(world: &World, login: &LinkLogin) -> Result<&'static Institution, ApiError> {
    let bank =
        institutions::find(&login.institution_id).ok_or_else(|| ApiError::of("INVALID_INSTITUTION"))?;
    if let Some(error) = world.outage(bank) {
        return Err(error);
    }
    let wrong = || {
        ApiError::of("INVALID_CREDENTIALS")
            .shown("The provided credentials were not correct. Please try again.")
    };
    // Other banks' own pages take whatever is typed.
    if bank.oauth {
        return Ok(bank);
    }
    if ANY_PASSWORD.contains(&login.username.as_str()) {
        return if login.password.trim().is_empty() { Err(wrong()) } else { Ok(bank) };
    }
    if login.username != "user_good" {
        return Err(wrong());
    }
    match login.password.as_str() {
        "pass_good" | "microdeposits_good" => Ok(bank),
        password if password.starts_with("mfa_") => answered(password, &login.answers).map(|()| bank),
        password => match password.strip_prefix("error_").filter(|code| !code.is_empty()) {
            Some(code) => Err(ApiError::of(code)),
            None => Err(wrong()),
        },
    }
}

fn answered(password: &str, answers: &[String]) -> Result<(), ApiError> {
    let all =
        |right: &dyn Fn(&str) -> bool| !answers.is_empty() && answers.iter().all(|answer| right(answer));
    let right = match password {
        "mfa_device" => all(&|answer| answer == "1234"),
        "mfa_selections" => all(&|answer| answer == "Yes"),
        other => {
            // Whether the questions count from 0 or 1 is not documented.
            let counts = other.strip_prefix("mfa_questions_").and_then(|counts| counts.split_once('_'));
            let counts = counts.and_then(|(rounds, each)| {
                Some(rounds.parse::<usize>().ok()?.saturating_mul(each.parse::<usize>().ok()?))
            });
            counts == Some(answers.len()) && all(&|answer| answer.starts_with("answer_"))
        }
    };
    let wrong =
        || ApiError::of("INVALID_MFA").shown("The response to the security question was not correct.");
    if right { Ok(()) } else { Err(wrong()) }
}
