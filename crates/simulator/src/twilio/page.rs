//! Lists: pages by `PageSize`, `Page` and `PageToken`, told in two ways.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::form::{Form, put};

pub(super) const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

/// Which page, and what leads to the next.
pub(super) struct Page {
    size: usize,
    number: usize,
    /// The id of the last item of the page before.
    after: Option<String>,
    /// The filters, which the next page has too.
    filters: String,
}

impl Page {
    /// Checks the names as well: `filters` and those of paging.
    pub(super) fn of(query: &Form, filters: &[&str], lists: &[&str]) -> Result<Self, ApiError> {
        let known: Vec<&str> = filters.iter().copied().chain(PAGING).collect();
        query.check(&known, lists)?;
        let size = query.whole("PageSize", 1, 1_000)?.unwrap_or(50);
        let number = query.whole("Page", 0, 1_000_000)?.unwrap_or_default();
        let after = query.text("PageToken").and_then(|token| token.strip_prefix("PA"));
        if number > 0 && after.is_none() {
            return Err(ApiError::invalid(20006, "Page number without its PageToken"));
        }
        let mut kept = String::new();
        for (name, value) in query.pairs().filter(|(name, _)| !PAGING.contains(name)) {
            put(&mut kept, name);
            kept.push('=');
            put(&mut kept, value);
            kept.push('&');
        }
        Ok(Self {
            size: usize::try_from(size).unwrap_or(50),
            number: usize::try_from(number).unwrap_or_default(),
            after: after.map(str::to_owned),
            filters: kept,
        })
    }

    /// The items of this page, from all in order, and whether there are more.
    fn cut<T>(&self, all: Vec<(String, T)>) -> Result<(Vec<T>, Option<String>), ApiError> {
        let start = match &self.after {
            None => 0,
            Some(after) => {
                let at = all.iter().position(|(id, _)| id == after);
                at.ok_or_else(|| ApiError::invalid(20006, "Invalid PageToken"))? + 1
            }
        };
        let more = all.len() > start + self.size;
        let mut last = None;
        let items = all.into_iter().skip(start).take(self.size);
        let items = items
            .map(|(id, item)| {
                last = Some(id);
                item
            })
            .collect();
        Ok((items, last.filter(|_| more)))
    }

    fn query(&self, number: usize, token: Option<&str>) -> String {
        let mut query = format!("{}PageSize={}&Page={number}", self.filters, self.size);
        if let Some(token) = token {
            // Writing into a String cannot fail.
            let _written = write!(query, "&PageToken=PA{token}");
        }
        query
    }

    /// As the API of 2010 tells it: URIs relative to the host. `all` holds each item behind its id.
    pub(super) fn core(&self, path: &str, key: &str, all: Vec<(String, Value)>) -> Result<Value, ApiError> {
        let (items, next) = self.cut(all)?;
        let start = self.number * self.size;
        let mut body = Map::new();
        body.insert("end".to_owned(), json!(start + items.len().saturating_sub(1)));
        body.insert("first_page_uri".to_owned(), format!("{path}?{}", self.query(0, None)).into());
        let next = next.map(|id| format!("{path}?{}", self.query(self.number + 1, Some(&id))));
        body.insert("next_page_uri".to_owned(), json!(next));
        body.insert("page".to_owned(), json!(self.number));
        body.insert("page_size".to_owned(), json!(self.size));
        body.insert("previous_page_uri".to_owned(), Value::Null);
        body.insert("start".to_owned(), json!(start));
        let uri = format!("{path}?{}", self.query(self.number, self.after.as_deref()));
        body.insert("uri".to_owned(), uri.into());
        body.insert(key.to_owned(), Value::Array(items));
        Ok(Value::Object(body))
    }

    /// As the other products tell it: absolute URLs in `meta`.
    pub(super) fn product(&self, url: &str, key: &str, all: Vec<(String, Value)>) -> Result<Value, ApiError> {
        let (items, next) = self.cut(all)?;
        let next = next.map(|id| format!("{url}?{}", self.query(self.number + 1, Some(&id))));
        let mut body = Map::new();
        body.insert(key.to_owned(), Value::Array(items));
        body.insert(
            "meta".to_owned(),
            json!({
                "page": self.number, "page_size": self.size,
                "first_page_url": format!("{url}?{}", self.query(0, None)), "previous_page_url": null,
                "url": format!("{url}?{}", self.query(self.number, self.after.as_deref())), "next_page_url": next,
                "key": key,
            }),
        );
        Ok(Value::Object(body))
    }
}
