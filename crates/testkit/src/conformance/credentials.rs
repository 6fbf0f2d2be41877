//! The credential suite: the definition, its schema, and what becomes of what a tenant types.

use serde_json::{Map, Value, json};
use turnbuckle_core::ErrorKind;
use turnbuckle_core::credential::{CredentialField, Credentials, SECRET_MASK};
use turnbuckle_core::provider::IntegrationProvider;

use super::payments::leaks::of_credentials;
use super::report::ensure;
use super::{Failed, Fixture, Report};
use crate::leak::chain;

type Done = Result<(), Failed>;

pub(super) async fn run(fixture: &dyn Fixture, report: &mut Report) {
    let provider = fixture.provider();
    let provider = provider.as_ref();
    let given = fixture.credentials();
    report.run("credentials: the definition serializes whole", async { definition(provider) }).await;
    report.run("credentials: the schema is a form", async { schema(provider) }).await;
    report.run("credentials: environment variables", async { variables(provider, &given) }).await;
    report.run("credentials: the fixture fills every field", async { accepted(provider, &given) }).await;
    report.run("credentials: every bad field is named", async { all_bad(provider) }).await;
    report.run("credentials: required fields are required", async { required(provider, &given) }).await;
    report.run("credentials: a masked form is refused", async { masked(provider, &given) }).await;
    report.run("credentials: nothing is echoed", async { nothing_echoed(provider, &given) }).await;
}

fn fields(provider: &dyn IntegrationProvider) -> &'static [CredentialField] {
    provider.definition().credential_schema.fields()
}

fn definition(provider: &dyn IntegrationProvider) -> Done {
    let definition = provider.definition();
    let json = serde_json::to_value(definition).map_err(|_| Failed::new("it does not serialize"))?;
    let keys = [
        "provider",
        "category",
        "name",
        "description",
        "logoUrl",
        "documentationUrl",
        "isOrgOnly",
        "isClientAllowed",
        "isPlatformOffered",
        "credentialSchema",
        "settingsSchema",
        "requiredCompliance",
        "status",
        "environments",
        "capabilities",
    ];
    for key in keys {
        ensure(json.get(key).is_some(), format!("`{key}` is missing"))?;
    }
    ensure(
        !definition.name.is_empty() && !definition.description.is_empty(),
        "name or description is empty",
    )?;
    ensure(!definition.environments.is_empty(), "it has no environment")?;
    for url in [definition.logo_url, definition.documentation_url].into_iter().flatten() {
        ensure(url.starts_with("https://"), "a URL is not https")?;
    }
    Ok(())
}

fn schema(provider: &dyn IntegrationProvider) -> Done {
    let schema = provider.definition().credential_schema.json_schema().to_value();
    ensure(schema.get("type") == Some(&json!("object")), "its type is not `object`")?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.ok_or_else(|| Failed::new("it has no properties"))?;
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.ok_or_else(|| Failed::new("it has no list of required fields"))?;
    for field in fields(provider) {
        let name = field.name;
        let property = properties.get(name).ok_or_else(|| Failed::new(format!("`{name}` is missing")))?;
        ensure(property.get("type") == Some(&json!("string")), format!("`{name}` is not a string"))?;
        ensure(property.get("title").is_some_and(|title| title != ""), format!("`{name}` has no title"))?;
        let password = property.get("format") == Some(&json!("password"));
        ensure(password == field.secret, format!("`{name}`: format and secrecy differ"))?;
        let listed = required.contains(&json!(name));
        ensure(listed == field.required, format!("`{name}`: the list of required fields differs"))?;
        let sounds_secret = ["secret", "password", "token", "privateKey", "apiKey", "securityKey"]
            .iter()
            .any(|word| name.to_ascii_lowercase().contains(&word.to_ascii_lowercase()))
            // A key's own id, which vendors show beside it.
            && !name.ends_with("Sid");
        ensure(field.secret || !sounds_secret, format!("`{name}` sounds secret and is shown"))?;
    }
    ensure(properties.len() == fields(provider).len(), "it has properties that the form has not")
}

fn variables(provider: &dyn IntegrationProvider, given: &Value) -> Done {
    let mut seen = Vec::new();
    for field in fields(provider) {
        ensure(!field.env.is_empty(), format!("`{}` has no environment variable", field.name))?;
        for variable in field.env {
            let plain = variable.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            ensure(plain, format!("`{variable}` is not an environment variable's name"))?;
            ensure(!seen.contains(variable), format!("`{variable}` belongs to two fields"))?;
            seen.push(variable);
        }
    }
    let lookup = |variable: &str| {
        let field = fields(provider).iter().find(|field| field.env.first() == Some(&variable))?;
        given.get(field.name)?.as_str().map(str::to_owned)
    };
    let schema = provider.definition().credential_schema;
    let read = Credentials::from_env(schema, &lookup)?;
    ensure(read.names().count() == fields(provider).len(), "not every field can be read from the environment")
}

fn accepted(provider: &dyn IntegrationProvider, given: &Value) -> Done {
    let credentials = provider.definition().credential_schema.parse(given.clone())?;
    let names: Vec<&str> = credentials.names().collect();
    let missing = fields(provider).iter().find(|field| !names.contains(&field.name));
    ensure(missing.is_none(), format!("`{}` is missing", missing.map_or("", |field| field.name)))
}

fn all_bad(provider: &dyn IntegrationProvider) -> Done {
    let bad: Map<String, Value> =
        fields(provider).iter().map(|field| (field.name.to_owned(), json!("bad\nvalue"))).collect();
    let refused = provider.definition().credential_schema.parse(Value::Object(bad));
    let Err(error) = refused else { return ensure(fields(provider).is_empty(), "line breaks are accepted") };
    ensure(error.kind() == ErrorKind::InvalidConfig, "not `invalid_config`")?;
    for field in fields(provider) {
        let named = error.fields().iter().any(|problem| problem.field == field.name);
        ensure(named, format!("`{}` is not named", field.name))?;
    }
    Ok(())
}

fn required(provider: &dyn IntegrationProvider, given: &Value) -> Done {
    for field in fields(provider) {
        let mut some = given.clone();
        if let Some(object) = some.as_object_mut() {
            object.remove(field.name);
        }
        let result = provider.definition().credential_schema.parse(some);
        ensure(result.is_err() == field.required, format!("`{}` left out", field.name))?;
    }
    let unknown = json!({"no such field": "x"});
    ensure(provider.definition().credential_schema.parse(unknown).is_err(), "an unknown field is accepted")
}

fn masked(provider: &dyn IntegrationProvider, given: &Value) -> Done {
    for field in fields(provider).iter().filter(|field| field.secret) {
        let mut some = given.clone();
        if let Some(object) = some.as_object_mut() {
            object.insert(field.name.to_owned(), json!(SECRET_MASK));
        }
        let refused = provider.definition().credential_schema.parse(some).is_err();
        ensure(refused, format!("`{}` took its mask for a value", field.name))?;
    }
    Ok(())
}

fn nothing_echoed(provider: &dyn IntegrationProvider, given: &Value) -> Done {
    let sentinels = of_credentials(provider, given);
    let schema = provider.definition().credential_schema;
    let credentials = schema.parse(given.clone())?;
    let mut text = format!("{credentials:?} {credentials:#?} {:?} {provider:?}", credentials.masks());
    for (name, mask) in credentials.masks().iter() {
        let secret = schema.field(name).is_some_and(|field| field.secret);
        ensure(!secret || mask == SECRET_MASK, format!("the mask of `{name}` is not the mask"))?;
        text.push_str(mask);
    }
    // The right secrets in the wrong places.
    let secrets: Vec<&Value> = fields(provider)
        .iter()
        .filter(|field| field.secret)
        .filter_map(|field| given.get(field.name))
        .collect();
    for secret in secrets {
        let value = secret.as_str().unwrap_or_default();
        let wrong: Map<String, Value> = fields(provider)
            .iter()
            .map(|field| (field.name.to_owned(), json!(format!(" {value}\n"))))
            .chain([(value.to_owned(), json!(value))])
            .collect();
        if let Err(error) = schema.parse(Value::Object(wrong)) {
            text += &chain(&error);
        }
    }
    let found = sentinels.find(&text);
    ensure(found.is_empty(), format!("echoed: {}", found.join(", ")))
}
