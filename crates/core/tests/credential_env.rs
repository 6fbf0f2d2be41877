//! Credentials and environments from environment variables.

use std::collections::HashMap;

use secrecy::ExposeSecret;
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Credentials, Pattern, environment_from_env, process_env,
};
use turnbuckle_core::{Environment, ErrorKind};

const FORM: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("secretKey", "Secret Key")
        .required()
        .with_pattern(Pattern::prefix(&["sk", "rk"], "_"))
        .with_env(&["STRIPE_SECRET_KEY", "STRIPE_SECRET"]),
    CredentialField::text("publishableKey", "Publishable Key")
        .with_pattern(Pattern::prefix(&["pk"], "_"))
        .with_env(&["STRIPE_PUBLISHABLE_KEY", "NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY"]),
    CredentialField::secret("webhookSecret", "Webhook Secret")
        .with_env(&["STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK"]),
]);

fn env(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| variables.get(name).cloned()
}

fn read(variables: &[(&str, &str)]) -> turnbuckle_core::Result<Credentials> {
    Credentials::from_env(FORM, &env(variables))
}

#[test]
fn every_documented_name_is_accepted() {
    for field in FORM.fields() {
        for variable in field.env {
            let value = if field.name == "publishableKey" { "pk_1" } else { "sk_1" };
            let mut variables = vec![(*variable, value)];
            if field.name != "secretKey" {
                variables.push(("STRIPE_SECRET", "sk_0"));
            }
            let credentials = read(&variables).unwrap();
            assert_eq!(credentials.get(field.name).unwrap().expose_secret(), value, "{variable}");
        }
    }
}

#[test]
fn the_first_name_that_is_not_empty_counts() {
    let credentials =
        read(&[("STRIPE_SECRET_KEY", ""), ("STRIPE_SECRET", "sk_2"), ("STRIPE_WEBHOOK", "")]).unwrap();
    assert_eq!(credentials.get("secretKey").unwrap().expose_secret(), "sk_2");
    assert!(credentials.get("webhookSecret").is_none());
    assert!(read(&[("STRIPE_SECRET_KEY", "sk_2"), ("STRIPE_SECRET", "sk_2")]).is_ok());
}

#[test]
fn two_values_for_one_field_are_a_conflict_that_names_both() {
    let error =
        read(&[("STRIPE_SECRET_KEY", "sk_SENTINEL1"), ("STRIPE_SECRET", "sk_SENTINEL2")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    let [problem] = error.fields() else { panic!("{error}") };
    assert_eq!(problem.field, "secretKey");
    assert_eq!(problem.problem, "has two different values, in STRIPE_SECRET_KEY and in STRIPE_SECRET");
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn everything_missing_or_bad_is_named_by_variable() {
    let error = read(&[("NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", "SENTINEL"), ("STRIPE_WEBHOOK", "SENTINEL\n")])
        .unwrap_err();
    let problems = error.fields().iter().map(|field| (&*field.field, &*field.problem)).collect::<Vec<_>>();
    assert_eq!(
        problems,
        [
            ("secretKey", "is required: set STRIPE_SECRET_KEY or STRIPE_SECRET"),
            ("publishableKey", "does not match ^pk_ (read from NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY)"),
            ("webhookSecret", "starts or ends with white space (read from STRIPE_WEBHOOK)"),
        ]
    );
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn a_required_field_without_a_variable_says_so() {
    const BARE: CredentialSchema = CredentialSchema::new(&[CredentialField::secret("key", "Key").required()]);
    let error = Credentials::from_env(BARE, &|_| Some("x".to_owned())).unwrap_err();
    assert_eq!(error.fields()[0].problem, "is required and has no environment variable");
}

#[test]
fn environments_are_read_by_prefix() {
    let lookup = env(&[("STRIPE_ENV", "sandbox"), ("PLAID_ENV", "production"), ("NMI_ENV", "")]);
    assert_eq!(environment_from_env("STRIPE", &lookup).unwrap(), Some(Environment::Sandbox));
    assert_eq!(environment_from_env("PLAID", &lookup).unwrap(), Some(Environment::Production));
    assert_eq!(environment_from_env("NMI", &lookup).unwrap(), None);
    assert_eq!(environment_from_env("TWILIO", &lookup).unwrap(), None);
}

#[test]
fn any_other_environment_is_an_error_that_names_the_variable() {
    for value in ["live", "Sandbox", "sandbox ", "prod", "SENTINEL"] {
        let error = environment_from_env("STRIPE", &env(&[("STRIPE_ENV", value)])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert_eq!(error.message(), "STRIPE_ENV is neither sandbox nor production");
    }
    let error = environment_from_env("PLAID", &env(&[("PLAID_ENV", "development")])).unwrap_err();
    assert!(error.message().contains("PLAID_ENV") && error.message().contains("does not exist"), "{error}");
}

#[test]
fn the_process_has_an_environment() {
    assert!(process_env("CARGO_MANIFEST_DIR").is_some_and(|path| path.contains("core")));
    assert_eq!(process_env("TURNBUCKLE_SURELY_UNSET"), None);
}
