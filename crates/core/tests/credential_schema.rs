//! Schemas: their JSON Schema, their patterns, their settings.

use proptest::prelude::*;
use serde_json::{Value, json};
use turnbuckle_core::ErrorKind;
use turnbuckle_core::credential::{
    CredentialField, CredentialSchema, Pattern, SettingField, SettingKind, SettingsSchema,
};

const STRIPE: CredentialSchema = CredentialSchema::new(&[
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

#[test]
fn stripe_form_equals_the_table() {
    let table = include_str!("../../../fixtures/definitions/stripe.json");
    assert_eq!(format!("{:#}\n", STRIPE.json_schema()), table);
}

#[test]
fn compact_and_indented_json_say_the_same() {
    let table: Value =
        serde_json::from_str(include_str!("../../../fixtures/definitions/stripe.json")).unwrap();
    assert_eq!(STRIPE.json_schema().to_value(), table);
    assert_eq!(serde_json::from_str::<Value>(&STRIPE.json_schema().to_string()).unwrap(), table);
    let expected = r#"{"type":"object","required":["secretKey"],"properties":{"secretKey":{"type":"string","title":"Secret Key","format":"password","pattern":"^(sk|rk)_"},"publishableKey":{"type":"string","title":"Publishable Key","pattern":"^pk_"},"webhookSecret":{"type":"string","title":"Webhook Secret","format":"password"}}}"#;
    assert_eq!(STRIPE.json_schema().to_string(), expected);
}

const PATTERNS: [(Pattern, &str); 5] = [
    (Pattern::prefix(&["sk", "rk"], "_"), "^(sk|rk)_"),
    (Pattern::prefix(&["pk"], "_"), "^pk_"),
    (Pattern::prefix(&["a", "ab"], ""), "^(a|ab)"),
    (Pattern::hex("AC", 32), "^AC[0-9a-fA-F]{32}$"),
    (Pattern::hex("SK", 32), "^SK[0-9a-fA-F]{32}$"),
];

#[test]
fn patterns_render_as_documented() {
    for (pattern, regex) in PATTERNS {
        assert_eq!(pattern.regex(), regex);
    }
}

#[test]
fn patterns_know_their_edges() {
    let [secret, publishable, _, sid, _] = PATTERNS.map(|(pattern, _)| pattern);
    assert!(secret.matches("sk_test_1") && secret.matches("rk_live_1") && secret.matches("sk_"));
    assert!(
        !secret.matches("pk_test_1")
            && !secret.matches(" sk_")
            && !secret.matches("sk")
            && !secret.matches("SK_1")
    );
    assert!(publishable.matches("pk_1") && !publishable.matches("xpk_1"));
    let digits = "0123456789abcdefABCDEF0123456789";
    assert!(sid.matches(&format!("AC{digits}")));
    assert!(!sid.matches(&format!("AC{digits}0")) && !sid.matches(&format!("AC{}", &digits[1..])));
    assert!(!sid.matches(&format!("SK{digits}")) && !sid.matches(&format!("AC{}g", &digits[1..])));
    assert!(!sid.matches(&format!("AC{}é", &digits[2..])), "32 bytes are not 32 digits");
}

proptest! {
    /// The regular expression that a browser runs and the check that the server runs never disagree.
    #[test]
    fn patterns_agree_with_their_regex(
        prefix in prop::sample::select(vec!["sk_", "rk_", "pk_", "sk", "AC", "SK", "ac", "a", ""]),
        rest in prop_oneof!["[0-9a-fA-F]{30,34}", "[0-9a-gA-G_]{32}", ".{0,8}", "\\PC{0,8}\n?"],
    ) {
        let value = format!("{prefix}{rest}");
        for (pattern, regex) in PATTERNS {
            let regex = regex::Regex::new(regex).unwrap();
            prop_assert_eq!(pattern.matches(&value), regex.is_match(&value));
        }
    }
}

#[test]
#[should_panic(expected = "two fields share a name")]
fn two_fields_with_one_name_are_refused() {
    const FIRST: CredentialField = CredentialField::text("key", "A");
    const SECOND: CredentialField = CredentialField::secret("key", "B");
    let _ = CredentialSchema::new(&[FIRST, SECOND]);
}

#[test]
#[should_panic(expected = "camelCase")]
fn names_are_camel_case() {
    let _ = CredentialField::text("secret_key", "Secret Key");
}

#[test]
#[should_panic(expected = "letters, digits")]
fn patterns_hold_no_regex_of_their_own() {
    let _ = Pattern::prefix(&["s.k"], "_");
}

const SETTINGS: SettingsSchema = SettingsSchema::new(&[
    SettingField::new("descriptor", "Descriptor", SettingKind::text(5)).with_description("On the statement"),
    SettingField::new("days", "Days", SettingKind::integer(1, 7).with_default_integer(3)),
    SettingField::new("receipts", "Receipts", SettingKind::boolean().with_default_boolean(false)),
    SettingField::new("region", "Region", SettingKind::choice(&["global", "eu"])).required(),
]);

#[test]
fn settings_render_in_order() {
    let expected = r#"{"type":"object","required":["region"],"properties":{"descriptor":{"type":"string","title":"Descriptor","description":"On the statement","maxLength":5},"days":{"type":"integer","title":"Days","minimum":1,"maximum":7,"default":3},"receipts":{"type":"boolean","title":"Receipts","default":false},"region":{"type":"string","title":"Region","enum":["global","eu"]}}}"#;
    assert_eq!(SETTINGS.json_schema().to_string(), expected);
}

#[test]
fn settings_fill_in_defaults() {
    let settings = SETTINGS.parse(&json!({"region": "eu", "descriptor": "äöü€x", "days": null})).unwrap();
    assert_eq!(
        serde_json::to_value(&settings).unwrap(),
        json!({
            "region": "eu", "descriptor": "äöü€x", "days": 3, "receipts": false
        })
    );
    assert_eq!(settings.text("region"), Some("eu"));
    assert_eq!(settings.integer("days"), Some(3));
    assert_eq!(settings.boolean("receipts"), Some(false));
    assert_eq!(settings.text("days"), None);
}

#[test]
fn settings_report_every_bad_field_and_no_value() {
    let pasted = "SENTINEL-4411";
    let error = SETTINGS
        .parse(&json!({"descriptor": pasted, "days": 8, "receipts": pasted, "region": pasted, "SENTINEL": 1}))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    let problems = error.fields().iter().map(|field| (&*field.field, &*field.problem)).collect::<Vec<_>>();
    assert_eq!(
        problems,
        [
            ("descriptor", "is longer than 5 characters"),
            ("days", "must be a whole number from 1 to 7"),
            ("receipts", "must be true or false"),
            ("region", "must be one of: global, eu"),
            ("(unknown)", "is not one of the fields: descriptor, days, receipts, region"),
        ]
    );
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn settings_refuse_what_only_looks_right() {
    for given in [
        json!({"region": "EU"}),
        json!({"region": null}),
        json!({}),
        json!(null),
        json!([]),
        json!("eu"),
        json!({"region": "eu", "days": "3"}),
        json!({"region": "eu", "days": 2.5}),
        json!({"region": "eu", "days": 0}),
        json!({"region": "eu", "days": u64::MAX}),
        json!({"region": "eu", "receipts": 1}),
        json!({"region": "eu", "descriptor": "a\nb"}),
        json!({"region": "eu", "descriptor": 5}),
    ] {
        assert!(SETTINGS.parse(&given).is_err(), "{given}");
    }
}

#[test]
fn settings_debug_shows_names_only() {
    let settings = SETTINGS.parse(&json!({"region": "eu", "descriptor": "SENTI"})).unwrap();
    let shown = format!("{settings:?}");
    assert!(shown.contains("descriptor") && !shown.contains("SENTI"), "{shown}");
}

#[test]
#[should_panic(expected = "a default is not an allowed value")]
fn settings_defaults_are_allowed_values() {
    const FIELD: SettingField =
        SettingField::new("region", "Region", SettingKind::choice(&["global", "eu"]).with_default_text("us"));
    let _ = SettingsSchema::new(&[FIELD]);
}
