//! Credentials: what is accepted, what is refused, and that nothing leaks on the way.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers fail the test that calls them"
)]

use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Credentials, Masks, Pattern, SECRET_MASK,
};
use turnbuckle_core::{Error, ErrorKind};

const FORM: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("secretKey", "Secret Key")
        .required()
        .with_pattern(Pattern::prefix(&["sk", "rk"], "_")),
    CredentialField::text("publishableKey", "Publishable Key").with_pattern(Pattern::prefix(&["pk"], "_")),
    CredentialField::secret("webhookSecret", "Webhook Secret").with_max_len(20),
    CredentialField::text("user", "User").required(),
]);

const SENTINEL: &str = "zq7SENTINELzq7";

fn good() -> Value {
    json!({"secretKey": "sk_zq7SENTINELzq7", "publishableKey": "pk_shown", "webhookSecret": "zq7SENTINELzq7", "user": "clerk"})
}

fn with(name: &str, value: Value) -> Value {
    let mut given = good();
    given[name] = value;
    given
}

fn problems(error: &Error) -> Vec<(&str, &str)> {
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    error.fields().iter().map(|field| (&*field.field, &*field.problem)).collect()
}

/// The one problem of one field, through both JSON doors, which must agree.
fn problem(name: &str, value: Value) -> String {
    let given = with(name, value);
    let from_text = Credentials::from_json(FORM, &given.to_string()).unwrap_err();
    let error = FORM.parse(given).unwrap_err();
    assert_eq!(error.to_string(), from_text.to_string());
    let [(field, problem)] = problems(&error)[..] else { panic!("{error}") };
    assert_eq!(field, name);
    problem.to_owned()
}

#[test]
fn accepts_what_fits() {
    for credentials in
        [FORM.parse(good()).unwrap(), Credentials::from_json(FORM, &good().to_string()).unwrap()]
    {
        assert_eq!(credentials.get("secretKey").unwrap().expose_secret(), "sk_zq7SENTINELzq7");
        assert_eq!(credentials.require("user").unwrap().expose_secret(), "clerk");
        assert_eq!(
            credentials.names().collect::<Vec<_>>(),
            ["publishableKey", "secretKey", "user", "webhookSecret"]
        );
        assert_eq!(credentials.schema(), FORM);
    }
}

#[test]
fn blank_optional_fields_are_absent() {
    let credentials = FORM
        .parse(json!({"secretKey": "sk_1", "publishableKey": "", "webhookSecret": null, "user": "clerk"}))
        .unwrap();
    assert_eq!(credentials.names().collect::<Vec<_>>(), ["secretKey", "user"]);
    assert!(credentials.get("publishableKey").is_none());
    let error = credentials.require("webhookSecret").unwrap_err();
    assert_eq!(problems(&error), [("webhookSecret", "is required")]);
}

#[test]
fn every_bad_field_is_reported_at_once_in_the_order_of_the_form() {
    let error = FORM
        .parse(json!({
            "webhookSecret": "zq7SENTINELzq7 is far too long", "publishableKey": SENTINEL, "secretKey": 12,
            "zq7SENTINELzq7": "x", "another": SENTINEL
        }))
        .unwrap_err();
    assert_eq!(
        problems(&error),
        [
            ("secretKey", "must be a string"),
            ("publishableKey", "does not match ^pk_"),
            ("webhookSecret", "is longer than 20 bytes"),
            ("user", "is required"),
            ("(unknown)", "is not one of the fields: secretKey, publishableKey, webhookSecret, user"),
        ]
    );
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn each_rule_has_its_own_words() {
    let space = "starts or ends with white space";
    let control = "holds a control character, such as a line break";
    let unseen = "holds a character that cannot be seen";
    let mask = "equals its mask: credentials are replaced as a whole, so type it again";
    for (value, expected) in [
        (json!(""), "is required"),
        (json!(null), "is required"),
        (json!(true), "must be a string"),
        (json!(7), "must be a string"),
        (json!(-7), "must be a string"),
        (json!(7.5), "must be a string"),
        (json!(["clerk"]), "must be a string"),
        (json!({"deep": ["clerk"]}), "must be a string"),
        (json!(" clerk"), space),
        (json!("clerk "), space),
        (json!("clerk\n"), space),
        (json!("clerk\u{a0}"), space),
        (json!("\u{3000}clerk"), space),
        (json!("   "), space),
        (json!("cle\nrk"), control),
        (json!("cle\0rk"), control),
        (json!("cle\u{7f}rk"), control),
        (json!("cle\u{85}rk"), control),
        (json!("\u{feff}clerk"), unseen),
        (json!("clerk\u{200b}"), unseen),
        (json!("cle\u{202e}rk"), unseen),
        (json!("clerk\u{fffd}"), unseen),
        (json!("••••••••"), mask),
        (json!("•"), mask),
        (json!("•".repeat(40)), mask),
        (json!("x".repeat(4097)), "is longer than 4096 bytes"),
    ] {
        assert_eq!(problem("user", value.clone()), expected, "{value}");
    }
    assert_eq!(problem("secretKey", json!(SECRET_MASK)), mask);
    assert_eq!(problem("secretKey", json!("pk_1")), "does not match ^(sk|rk)_");
}

#[test]
fn the_limit_itself_is_allowed_and_counts_bytes() {
    assert!(FORM.parse(with("user", json!("x".repeat(4096)))).is_ok());
    assert!(FORM.parse(with("webhookSecret", json!("x".repeat(20)))).is_ok());
    assert_eq!(problem("webhookSecret", json!("ä".repeat(11))), "is longer than 20 bytes");
}

#[test]
fn values_are_kept_as_they_are() {
    for value in ["p\"a\\s/s", "пароль", "a b", "•x", "{\"user\":\"x\"}", "&<>%00"] {
        let credentials = FORM.parse(with("user", json!(value))).unwrap();
        assert_eq!(credentials.get("user").unwrap().expose_secret(), value);
    }
}

#[test]
fn names_are_exact_and_single() {
    let error = FORM.parse(json!({"secret_key": "sk_1", "user": "clerk"})).unwrap_err();
    assert_eq!(problems(&error), [("secretKey", "is given under another spelling; names are exact")]);

    let twice = r#"{"user":"clerk","secretKey":"sk_1","user":"other"}"#;
    assert_eq!(problems(&Credentials::from_json(FORM, twice).unwrap_err()), [("user", "is given twice")]);

    let pairs = [("user", "clerk"), ("secretKey", "sk_1"), ("secretKey", "sk_1")];
    assert_eq!(
        problems(&Credentials::from_pairs(FORM, pairs).unwrap_err()),
        [("secretKey", "is given twice")]
    );
}

#[test]
fn an_empty_schema_takes_nothing() {
    const EMPTY: CredentialSchema = CredentialSchema::new(&[]);
    assert_eq!(EMPTY.parse(json!({})).unwrap().expose_json().expose_secret(), "{}");
    let error = EMPTY.parse(json!({"key": SENTINEL})).unwrap_err();
    assert_eq!(problems(&error), [("(unknown)", "is refused: this provider takes no fields at all")]);
}

#[test]
fn what_is_not_an_object_is_refused_without_being_quoted() {
    for text in [
        r#""zq7SENTINELzq7""#,
        r#"["zq7SENTINELzq7"]"#,
        "zq7SENTINELzq7",
        "",
        "null",
        r#"{"user":"zq7SENTINELzq7""#,
        r#"{"user":"zq7SENTINELzq7"} {}"#,
        r#"{"user":zq7SENTINELzq7}"#,
    ] {
        let error = Credentials::from_json(FORM, text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(!format!("{error} {error:?}").contains("SENTINEL"), "{text}");
    }
    for value in [json!(SENTINEL), json!([SENTINEL]), json!(null), json!(1)] {
        assert!(!FORM.parse(value).unwrap_err().to_string().contains("SENTINEL"));
    }
}

#[test]
fn endless_input_is_bounded() {
    let long = format!(r#"{{"user":"{}"}}"#, "x".repeat(70_000));
    assert!(Credentials::from_json(FORM, &long).unwrap_err().to_string().contains("64 KiB"));

    let endless = std::iter::repeat_with(|| ("other", "x"));
    assert!(Credentials::from_pairs(FORM, endless).is_err());

    let deep = format!("{{\"user\":{}", "[".repeat(60_000));
    assert!(Credentials::from_json(FORM, &deep).is_err());
}

#[test]
fn exposed_json_reads_back() {
    let given = with("user", json!("quo\"te \\ slash / ünï•"));
    let credentials = FORM.parse(given.clone()).unwrap();
    let json = credentials.expose_json();
    assert_eq!(serde_json::from_str::<Value>(json.expose_secret()).unwrap(), given);
    let again = Credentials::from_json(FORM, json.expose_secret()).unwrap();
    assert_eq!(again.expose_json().expose_secret(), json.expose_secret());
}

#[test]
fn masks_hide_secrets_whole_and_show_the_rest() {
    let credentials = FORM.parse(good()).unwrap();
    let masks = credentials.masks();
    assert_eq!(
        masks.iter().collect::<Vec<_>>(),
        [
            ("publishableKey", "pk_shown"),
            ("secretKey", "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}"),
            ("user", "clerk"),
            ("webhookSecret", SECRET_MASK),
        ]
    );
    let json = serde_json::to_string(&masks).unwrap();
    assert!(!json.contains("SENTINEL"));
    assert_eq!(serde_json::from_str::<Masks>(&json).unwrap(), masks);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["user"], "clerk");

    let short = FORM.parse(json!({"secretKey": "sk_", "user": "clerk"})).unwrap().masks();
    assert_eq!(short.get("secretKey"), masks.get("secretKey"));
    assert_eq!(short.get("webhookSecret"), None);
    assert_eq!(short.len(), 2);
}

#[test]
fn a_masked_form_cannot_be_sent_back() {
    let masks = FORM.parse(good()).unwrap().masks();
    let error = Credentials::from_pairs(FORM, masks.iter()).unwrap_err();
    let names = problems(&error).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names, ["secretKey", "webhookSecret"]);
}

#[test]
fn debug_shows_names_only() {
    let credentials = FORM.parse(good()).unwrap();
    for shown in
        [format!("{credentials:?}"), format!("{credentials:#?}"), format!("{:?}", credentials.masks())]
    {
        assert!(shown.contains("secretKey") && shown.contains("user"), "{shown}");
        assert!(
            !shown.contains("SENTINEL") && !shown.contains("clerk") && !shown.contains("pk_shown"),
            "{shown}"
        );
    }
}

#[test]
fn a_set_is_checked_against_the_schema_that_uses_it() {
    const OTHER: CredentialSchema = CredentialSchema::new(&[
        CredentialField::text("user", "User").with_max_len(3),
        CredentialField::secret("apiKey", "API Key").required(),
    ]);
    let credentials = FORM.parse(good()).unwrap();
    assert!(FORM.check(&credentials).is_ok());
    let error = OTHER.check(&credentials).unwrap_err();
    assert_eq!(
        problems(&error),
        [
            ("user", "is longer than 3 bytes"),
            ("apiKey", "is required"),
            ("(unknown)", "is not one of the fields: user, apiKey"),
        ]
    );
    assert!(!format!("{error:?}").contains("SENTINEL"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "(sk|rk|pk)_[ -~]{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("secretKey".to_owned()),
        Just("publishableKey".to_owned()),
        Just("webhookSecret".to_owned()),
        Just("user".to_owned()),
        any::<String>(),
    ];
    leaf.prop_recursive(3, 16, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in ".*") {
        let _ = Credentials::from_json(FORM, &text);
    }

    /// Both JSON doors agree on every value, and what they accept survives a round trip.
    #[test]
    fn no_json_panics_and_both_doors_agree(value in any_json()) {
        let text = Credentials::from_json(FORM, &value.to_string());
        match (FORM.parse(value), text) {
            (Ok(parsed), Ok(read)) => {
                let json = parsed.expose_json();
                let same = read.expose_json();
                prop_assert_eq!(json.expose_secret(), same.expose_secret());
                let again = Credentials::from_json(FORM, json.expose_secret()).unwrap().expose_json();
                prop_assert_eq!(again.expose_secret(), json.expose_secret());
            }
            (Err(parsed), Err(read)) => prop_assert_eq!(parsed.to_string(), read.to_string()),
            (parsed, read) => prop_assert!(false, "{parsed:?} but {read:?}"),
        }
    }

    /// Whatever surrounds a secret, in whatever place, no error and no debug output quotes it.
    #[test]
    fn no_output_holds_a_value(
        before in ".{0,6}",
        after in ".{0,6}",
        name in prop::sample::select(vec!["secretKey", "publishableKey", "webhookSecret", "user", "other"]),
        as_name in any::<bool>(),
    ) {
        let value = format!("{before}{SENTINEL}{after}");
        let given = if as_name { json!({value: "x"}) } else { json!({name: value}) };
        for outcome in [Credentials::from_json(FORM, &given.to_string()), FORM.parse(given)] {
            let shown = match outcome {
                Ok(credentials) => format!("{credentials:?} {:?}", credentials.masks()),
                Err(error) => format!("{error} {error:?} {:?}", error.fields()),
            };
            prop_assert!(!shown.contains(SENTINEL), "{}", shown);
        }
    }
}
