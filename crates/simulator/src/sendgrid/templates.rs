//! Templates and their versions.

use serde_json::{Map, Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must, text};
use super::router::Query;
use super::state::{Account, is, merge};

const CREATE: &[Field] =
    &[must("name", Kind::Text(100)), may("generation", Kind::Word(&["legacy", "dynamic"]))];
const RENAME: &[Field] = &[may("name", Kind::Text(100))];
const MEGABYTE: usize = 1_048_576;
const EDITOR: Kind = Kind::Word(&["code", "design"]);
const VERSION: &[Field] = &[
    must("name", Kind::Text(100)),
    must("subject", Kind::Text(255)),
    may("active", Kind::Bit),
    may("html_content", Kind::Text(MEGABYTE)),
    may("plain_content", Kind::Text(MEGABYTE)),
    may("generate_plain_content", Kind::Flag),
    may("editor", EDITOR),
    may("test_data", Kind::Text(MEGABYTE)),
];
const CHANGE: &[Field] = &[
    may("name", Kind::Text(100)),
    may("subject", Kind::Text(255)),
    may("active", Kind::Bit),
    may("html_content", Kind::Text(MEGABYTE)),
    may("plain_content", Kind::Text(MEGABYTE)),
    may("generate_plain_content", Kind::Flag),
    may("editor", EDITOR),
    may("test_data", Kind::Text(MEGABYTE)),
];
/// What a list shows of a version.
const BRIEF: &[&str] = &[
    "id",
    "template_id",
    "active",
    "name",
    "subject",
    "updated_at",
    "generate_plain_content",
    "editor",
    "thumbnail_url",
];

fn missing() -> ApiError {
    ApiError::single(404, "Template not found")
}

fn input(body: &[u8], fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    fields::parse(body, fields, |message, _| ApiError::bare(400, message))
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Value, ApiError> {
    account.templates.iter_mut().find(|known| is(known, "id", id)).ok_or_else(missing)
}

fn versions(template: &mut Value) -> Option<&mut Vec<Value>> {
    template.get_mut("versions").and_then(Value::as_array_mut)
}

fn version<'a>(template: &'a mut Value, id: &str) -> Result<&'a mut Value, ApiError> {
    versions(template)
        .and_then(|all| all.iter_mut().find(|version| is(version, "id", id)))
        .ok_or_else(|| ApiError::single(404, "Template version not found"))
}

pub(super) fn create(account: &mut Account, body: &[u8]) -> Outcome {
    let input = input(body, CREATE)?;
    if text(&input, "name").is_empty() {
        return Err(ApiError::bare(400, "name is required"));
    }
    let dynamic = text(&input, "generation") == "dynamic";
    let id = if dynamic { format!("d-{}", account.hex()) } else { account.uuid() };
    let template = json!({
        "id": id,
        "name": text(&input, "name"),
        "generation": if dynamic { "dynamic" } else { "legacy" },
        "updated_at": account.stamp(),
        "versions": [],
    });
    account.templates.push(template.clone());
    Answer::created(template)
}

/// Legacy ones, unless others are asked for. A page names the next one.
pub(super) fn list(account: &Account, query: &Query, base: &str) -> Outcome {
    query.allow(&["generations", "page_size", "page_token"])?;
    let size = query.number("page_size")?.filter(|size| (1..=200).contains(size));
    let Some(size) = size else { return Err(ApiError::bare(400, "page_size must be between 1 and 200")) };
    let generations: Vec<_> = query.get("generations").unwrap_or("legacy").split(',').collect();
    if generations.iter().any(|one| !["legacy", "dynamic"].contains(one)) {
        return Err(ApiError::bare(400, "generations must be legacy, dynamic or both"));
    }
    let offset = match query.get("page_token") {
        None => 0,
        Some(token) => token
            .strip_prefix("pg-")
            .and_then(|number| number.parse::<usize>().ok())
            .ok_or_else(|| ApiError::bare(400, "invalid page_token"))?,
    };
    let size = usize::try_from(size).unwrap_or(200);
    let of_kind: Vec<_> = account
        .templates
        .iter()
        .filter(|template| generations.iter().any(|one| is(template, "generation", one)))
        .collect();
    let page: Vec<_> = of_kind.iter().skip(offset).take(size).map(|template| brief(template)).collect();
    let link = |at: usize| {
        format!(
            "{base}/v3/templates?generations={}&page_size={size}&page_token=pg-{at}",
            generations.join(",")
        )
    };
    let mut metadata = json!({ "self": link(offset), "count": of_kind.len() });
    if let Some(map) = metadata.as_object_mut() {
        if offset + size < of_kind.len() {
            map.insert("next".to_owned(), link(offset + size).into());
        }
        if offset > 0 {
            map.insert("prev".to_owned(), link(offset.saturating_sub(size)).into());
        }
    }
    Answer::ok(json!({ "result": page, "_metadata": metadata }))
}

fn brief(template: &Value) -> Value {
    let mut template = template.clone();
    for version in versions(&mut template).into_iter().flatten() {
        if let Some(map) = version.as_object_mut() {
            map.retain(|name, _| BRIEF.contains(&name.as_str()));
        }
    }
    template
}

pub(super) fn get(account: &mut Account, id: &str) -> Outcome {
    Answer::ok(find(account, id)?.clone())
}

pub(super) fn rename(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let mut input = input(body, RENAME)?;
    input.insert("updated_at".to_owned(), account.stamp().into());
    let template = find(account, id)?;
    merge(template, input);
    Answer::ok(template.clone())
}

/// A copy with its versions, under ids of its own.
pub(super) fn duplicate(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = if body.is_empty() { Map::new() } else { input(body, RENAME)? };
    let mut copy = find(account, id)?.clone();
    let dynamic = is(&copy, "generation", "dynamic");
    let new = if dynamic { format!("d-{}", account.hex()) } else { account.uuid() };
    for version in versions(&mut copy).into_iter().flatten() {
        let own = account.uuid();
        merge(
            version,
            Map::from_iter([("id".to_owned(), own.into()), ("template_id".to_owned(), new.clone().into())]),
        );
    }
    merge(
        &mut copy,
        Map::from_iter([("id".to_owned(), new.into()), ("updated_at".to_owned(), account.stamp().into())]),
    );
    merge(&mut copy, input);
    account.templates.push(copy.clone());
    Answer::created(copy)
}

pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    find(account, id)?;
    account.templates.retain(|template| !is(template, "id", id));
    Answer::nothing()
}

/// The first version is active whatever is said; an active one takes the place of the others.
pub(super) fn add_version(account: &mut Account, id: &str, body: &[u8]) -> Outcome {
    let input = input(body, VERSION)?;
    let (own, stamp) = (account.uuid(), account.stamp());
    let template = find(account, id)?;
    let html = text(&input, "html_content").to_owned();
    let generate = input.get("generate_plain_content").and_then(Value::as_bool).unwrap_or(true);
    let mut new = json!({
        "id": own,
        "template_id": id,
        "active": 1,
        "html_content": html,
        "plain_content": if generate { plain_of(&html) } else { String::new() },
        "generate_plain_content": generate,
        "editor": "code",
        "updated_at": stamp,
        "thumbnail_url": "",
        "warnings": [],
    });
    merge(&mut new, input);
    let Some(all) = versions(template) else { return Err(missing()) };
    if all.is_empty() {
        set_active(&mut new, 1);
    } else if new.get("active").and_then(Value::as_u64) == Some(1) {
        for version in all.iter_mut() {
            set_active(version, 0);
        }
    }
    all.push(new.clone());
    Answer::created(new)
}

fn set_active(version: &mut Value, active: u64) {
    merge(version, Map::from_iter([("active".to_owned(), active.into())]));
}

/// The text of HTML, as far as tags can simply be left out.
fn plain_of(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out
}

pub(super) fn get_version(account: &mut Account, id: &str, own: &str) -> Outcome {
    Answer::ok(version(find(account, id)?, own)?.clone())
}

pub(super) fn change_version(account: &mut Account, id: &str, own: &str, body: &[u8]) -> Outcome {
    let mut input = input(body, CHANGE)?;
    input.insert("updated_at".to_owned(), account.stamp().into());
    let template = find(account, id)?;
    version(template, own)?;
    if input.get("active").and_then(Value::as_u64) == Some(1) {
        versions(template).into_iter().flatten().for_each(|version| set_active(version, 0));
    }
    let version = version(template, own)?;
    merge(version, input);
    Answer::ok(version.clone())
}

pub(super) fn delete_version(account: &mut Account, id: &str, own: &str) -> Outcome {
    let template = find(account, id)?;
    version(template, own)?;
    if let Some(all) = versions(template) {
        all.retain(|version| !is(version, "id", own));
    }
    Answer::nothing()
}

pub(super) fn activate(account: &mut Account, id: &str, own: &str) -> Outcome {
    let template = find(account, id)?;
    version(template, own)?;
    versions(template).into_iter().flatten().for_each(|version| set_active(version, 0));
    let version = version(template, own)?;
    set_active(version, 1);
    Answer::ok(version.clone())
}
