use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::form::{Field, encode};

/// Reads a form back, with every value as text and every array as a map from its indexes.
fn decode(form: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').expect("a pair");
        let mut place = &mut root;
        for name in key.split('[') {
            let name = percent_decode_str(name.trim_end_matches(']')).decode_utf8().unwrap();
            place = place.as_object_mut().unwrap().entry(name).or_insert_with(|| Value::Object(Map::new()));
        }
        assert_eq!(place, &json!({}), "{key} comes twice");
        *place = Value::String(percent_decode_str(value).decode_utf8().unwrap().into_owned());
    }
    root
}

/// What the decoder is to find.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), as_text(value))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), as_text(item))).collect()
        }
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            prop::collection::btree_map(".{1,6}", inner, 1..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(map in prop::collection::btree_map(".{1,6}", values(), 0..5)) {
        let value = Value::Object(map.into_iter().collect());
        let form = encode(&value).unwrap();
        prop_assert!(form.bytes().all(|byte| byte.is_ascii_graphic()));
        // A URL holds at most 65,534 bytes.
        let target = ["/?", &form].concat();
        prop_assert!(target.len() > 60_000 || target.parse::<http::Uri>().is_ok());
        prop_assert_eq!(decode(&form), as_text(&value));
        prop_assert_eq!(encode(&value).unwrap(), form);
    }
}

#[test]
fn structs_keep_their_order() {
    #[derive(Serialize)]
    struct Params {
        z: i64,
        a: Option<bool>,
        gone: Option<bool>,
        list: Vec<Inner>,
        empty: Vec<i64>,
        kept: Field<i64>,
        cleared: Field<i64>,
        set: Field<&'static str>,
    }

    #[derive(Serialize)]
    struct Inner {
        b: &'static str,
    }

    let params = Params {
        z: -1,
        a: Some(false),
        gone: None,
        list: vec![Inner { b: "x y" }, Inner { b: "€+&=[]" }],
        empty: Vec::new(),
        kept: Field::Keep,
        cleared: Field::Clear,
        set: Field::Set("~-_."),
    };
    assert_eq!(
        encode(&params).unwrap(),
        "z=-1&a=false&list[0][b]=x%20y&list[1][b]=%E2%82%AC%2B%26%3D%5B%5D&cleared=&set=~-_."
    );
}

#[test]
fn what_has_no_form_is_refused() {
    for value in [json!("alone"), json!(1), json!([1]), json!({"a": 1.5})] {
        let error = encode(&value).unwrap_err();
        assert_eq!(error.kind(), turnbuckle_core::ErrorKind::InvalidRequest, "{value}");
    }
    assert_eq!(encode(&json!(null)).unwrap(), "");
    assert_eq!(encode(&json!({"a": null, "b": [], "c": {}})).unwrap(), "");
}
