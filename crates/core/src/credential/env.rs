//! Credentials and environments from environment variables.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use crate::credential::set::invalid;
use crate::credential::validate::{check_text, secret};
use crate::credential::{CredentialField, CredentialSchema, Credentials};
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::provider::Environment;

/// Looks a variable up in the process's own environment.
///
/// Bytes that are not UTF-8 become U+FFFD, which the check of credentials refuses: a broken variable is reported, not
/// taken for a missing one.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Reads `<PREFIX>_ENV`, for example `STRIPE_ENV`. An unset or empty variable is `None`; which environment then applies
/// is the host's decision, since test and live money must not mix by omission.
///
/// ```
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::credential::environment_from_env;
///
/// let lookup = |name: &str| (name == "STRIPE_ENV").then(|| "sandbox".to_owned());
/// assert_eq!(environment_from_env("STRIPE", &lookup)?, Some(Environment::Sandbox));
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidConfig`], naming the variable, for anything but `sandbox` and `production`. `development`, which
/// some vendors used to have, gets a message of its own.
pub fn environment_from_env(
    prefix: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Environment>> {
    let variable = format!("{prefix}_ENV");
    match lookup(&variable).as_deref() {
        None | Some("") => Ok(None),
        Some("development") => Err(Error::new(
            ErrorKind::InvalidConfig,
            format!(
                "{variable} names a development environment, which does not exist: use sandbox or production"
            ),
        )),
        Some(text) => text.parse().map(Some).map_err(|_| {
            Error::new(ErrorKind::InvalidConfig, format!("{variable} is neither sandbox nor production"))
        }),
    }
}

pub(super) fn read(schema: CredentialSchema, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Credentials> {
    let mut problems = Vec::new();
    let mut values = BTreeMap::new();
    for field in schema.fields() {
        match read_field(field, lookup) {
            Ok(None) => {}
            Ok(Some(value)) => {
                values.insert(field.name, value);
            }
            Err(problem) => problems.push(FieldError::new(field.name, problem)),
        }
    }
    if problems.is_empty() { Ok(Credentials::assemble(schema, values)) } else { Err(invalid(problems)) }
}

fn read_field(
    field: &CredentialField,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<SecretString>, String> {
    let mut found: Option<(&str, SecretString)> = None;
    for variable in field.env {
        let Some(value) = lookup(variable).map(secret).filter(|value| !value.expose_secret().is_empty())
        else {
            continue;
        };
        match &found {
            Some((first, kept)) if kept.expose_secret() != value.expose_secret() => {
                return Err(format!("has two different values, in {first} and in {variable}"));
            }
            Some(_) => {}
            None => found = Some((variable, value)),
        }
    }
    match found {
        Some((variable, value)) => match check_text(field, value.expose_secret()) {
            Some(problem) => Err(format!("{problem} (read from {variable})")),
            None => Ok(Some(value)),
        },
        None if !field.required => Ok(None),
        None if field.env.is_empty() => Err("is required and has no environment variable".to_owned()),
        None => Err(format!("is required: set {}", field.env.join(" or "))),
    }
}
