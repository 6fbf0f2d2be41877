//! Reading and writing the JSON objects that the state is made of.

use serde_json::{Map, Value};

/// Accessors that treat an absent member like `null`.
pub(super) trait Object {
    fn text(&self, name: &str) -> &str;
    fn int(&self, name: &str) -> i64;
    fn flag(&self, name: &str) -> bool;
    fn at(&self, path: &[&str]) -> &Value;
    fn set(&mut self, name: &str, value: impl Into<Value>);
    fn set_at(&mut self, path: &[&str], value: impl Into<Value>);
}

static NULL: Value = Value::Null;

impl Object for Value {
    fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Self::as_str).unwrap_or_default()
    }

    fn int(&self, name: &str) -> i64 {
        self.get(name).and_then(Self::as_i64).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Self::as_bool).unwrap_or_default()
    }

    fn at(&self, path: &[&str]) -> &Value {
        path.iter().try_fold(self, |value, name| value.get(name)).unwrap_or(&NULL)
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(members) = self.as_object_mut() {
            members.insert(name.to_owned(), value.into());
        }
    }

    fn set_at(&mut self, path: &[&str], value: impl Into<Value>) {
        let Some((last, parents)) = path.split_last() else { return };
        let mut here = self;
        for name in parents {
            if !here.get(name).is_some_and(Value::is_object) {
                here.set(name, Value::Object(Map::new()));
            }
            match here.get_mut(name) {
                Some(next) => here = next,
                None => return,
            }
        }
        here.set(last, value);
    }
}

/// Stripe's `metadata` update: given keys are set, empty values unset a key, an empty string unsets all.
pub(super) fn merge_metadata(object: &mut Value, change: &Value) {
    let Some(changes) = change.as_object() else {
        object.set("metadata", Value::Object(Map::new()));
        return;
    };
    let mut kept = object.at(&["metadata"]).as_object().cloned().unwrap_or_default();
    for (key, value) in changes {
        if value.as_str() == Some("") {
            kept.remove(key);
        } else {
            kept.insert(key.clone(), value.clone());
        }
    }
    object.set("metadata", kept);
}

/// Lays parameters over an object under their own names; `except` names those that mean something else.
pub(super) fn overlay(object: &mut Value, params: &Map<String, Value>, except: &[&str]) {
    for (name, value) in params {
        match name.as_str() {
            "expand" => {}
            name if except.contains(&name) => {}
            "metadata" => merge_metadata(object, value),
            name => object.set(name, value.clone()),
        }
    }
}
