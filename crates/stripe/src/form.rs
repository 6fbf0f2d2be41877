//! Stripe's form encoding: nested keys in brackets, arrays by index, UTF-8 percent-encoded.

use std::fmt::{self, Display};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::ser::{self, Serialize, Serializer};
use turnbuckle_core::{Error, ErrorKind, Result};

/// What stays as it is: RFC 3986's unreserved characters. A space becomes `%20`, which query and body both understand.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A field of an update: left as it is, emptied at Stripe, or set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not sent: the value at Stripe stays.
    #[default]
    Keep,
    /// Sent as the empty string, which clears the value.
    Clear,
    /// Sent.
    Set(T),
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => serializer.serialize_none(),
            Self::Clear => serializer.serialize_str(""),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

/// Encodes parameters in the order in which their structs declare them, so that the same parameters give the same bytes
/// every time: Stripe compares them under an idempotency key.
///
/// `None`, empty sequences and empty maps are left out; the empty string is sent.
pub(crate) fn encode<P: Serialize + ?Sized>(params: &P) -> Result<String> {
    let mut form = Form::new();
    form.append(params)?;
    Ok(form.finish())
}

/// A form under construction.
pub(crate) struct Form {
    text: String,
    /// The key of the value that comes next, brackets included.
    key: String,
}

impl Form {
    /// Room enough that the common request does not grow it.
    const ROOM: usize = 1024;

    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(Self::ROOM), key: String::new() }
    }

    pub(crate) fn append<P: Serialize + ?Sized>(&mut self, params: &P) -> Result<()> {
        params.serialize(&mut *self).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the parameters cannot be written as a form")
                .with_source(error)
        })
    }

    /// Adds one pair, with the key as it is.
    pub(crate) fn pair(&mut self, key: &str, value: &str) {
        self.key.clear();
        self.key.push_str(key);
        self.value(value);
        self.key.clear();
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Grows the text by hand: growing by itself would leave an unwiped copy of a card number behind.
    fn make_room(&mut self, more: usize) {
        let needed = self.text.len() + more;
        if needed > self.text.capacity() {
            let mut larger = String::with_capacity(needed.max(self.text.capacity() * 2));
            larger.push_str(&self.text);
            self.text.zeroize();
            self.text = larger;
        }
    }

    fn value(&mut self, value: &str) {
        // Each byte of the value may become an escape of three.
        self.make_room(self.key.len() + value.len() * 3 + 2);
        if !self.text.is_empty() {
            self.text.push('&');
        }
        // Brackets stay readable, as in Stripe's own libraries; the names between them are escaped when they are pushed.
        self.text.push_str(&self.key);
        self.text.push('=');
        self.text.extend(utf8_percent_encode(value, ESCAPED));
    }

    fn nested<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), FormError> {
        let outer = self.key.len();
        if outer == 0 {
            self.key.extend(utf8_percent_encode(name, ESCAPED));
        } else {
            self.key.push('[');
            self.key.extend(utf8_percent_encode(name, ESCAPED));
            self.key.push(']');
        }
        let result = value.serialize(&mut *self);
        self.key.truncate(outer);
        result
    }

    fn scalar(&mut self, value: &str) -> Result<(), FormError> {
        if self.key.is_empty() {
            return Err(FormError("a value needs a name"));
        }
        self.value(value);
        Ok(())
    }
}

impl From<String> for Form {
    /// A form that begins with pairs that are encoded already.
    fn from(text: String) -> Self {
        Self { text, key: String::new() }
    }
}

/// Writes a secret into a form and nowhere else.
pub(crate) fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// [`expose`] where there is a secret.
#[expect(clippy::ref_option, reason = "the shape that serde calls")]
pub(crate) fn expose_option<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => expose(secret, serializer),
        None => serializer.serialize_none(),
    }
}

/// Why parameters cannot be encoded. Names the rule, never the value.
#[derive(Debug)]
pub(crate) struct FormError(&'static str);

impl Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for FormError {}

impl ser::Error for FormError {
    fn custom<T: Display>(_message: T) -> Self {
        // The message of a foreign `Serialize` may quote the value.
        Self("a value refused to be serialized")
    }
}

/// A sequence or a map under way, and what names its next element.
pub(crate) struct Nested<'a> {
    form: &'a mut Form,
    index: usize,
    name: Option<String>,
    /// What a variant with content pushed onto the key, taken off again at the end.
    outer: usize,
}

impl<'a> Nested<'a> {
    fn new(form: &'a mut Form) -> Self {
        let outer = form.key.len();
        Self { form, index: 0, name: None, outer }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FormError> {
        if self.form.key.is_empty() {
            return Err(FormError("a list needs a name"));
        }
        let index = self.index.to_string();
        self.index += 1;
        self.form.nested(&index, value)
    }

    fn end(self) {
        self.form.key.truncate(self.outer);
    }
}

impl ser::SerializeSeq for Nested<'_> {
    type Ok = ();
    type Error = FormError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FormError> {
        self.element(value)
    }

    fn end(self) -> Result<(), FormError> {
        Self::end(self);
        Ok(())
    }
}

impl ser::SerializeTuple for Nested<'_> {
    type Ok = ();
    type Error = FormError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FormError> {
        self.element(value)
    }

    fn end(self) -> Result<(), FormError> {
        Self::end(self);
        Ok(())
    }
}

impl ser::SerializeMap for Nested<'_> {
    type Ok = ();
    type Error = FormError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), FormError> {
        let mut plain = Form::new();
        plain.nested("k", key)?;
        // The name is encoded again when it is pushed, so it is decoded here.
        let encoded = plain.text.strip_prefix("k=").ok_or(FormError("a name must be text"))?;
        let name = percent_encoding::percent_decode_str(encoded).decode_utf8_lossy().into_owned();
        self.name = Some(name);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FormError> {
        let name = self.name.take().ok_or(FormError("a value needs a name"))?;
        self.form.nested(&name, value)
    }

    fn end(self) -> Result<(), FormError> {
        Self::end(self);
        Ok(())
    }
}

impl ser::SerializeStruct for Nested<'_> {
    type Ok = ();
    type Error = FormError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), FormError> {
        self.form.nested(key, value)
    }

    fn end(self) -> Result<(), FormError> {
        Self::end(self);
        Ok(())
    }
}

type Unused = ser::Impossible<(), FormError>;

impl<'a> Serializer for &'a mut Form {
    type Ok = ();
    type Error = FormError;
    type SerializeSeq = Nested<'a>;
    type SerializeTuple = Nested<'a>;
    type SerializeTupleStruct = Unused;
    type SerializeTupleVariant = Unused;
    type SerializeMap = Nested<'a>;
    type SerializeStruct = Nested<'a>;
    type SerializeStructVariant = Unused;

    fn serialize_bool(self, value: bool) -> Result<(), FormError> {
        self.scalar(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), FormError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), FormError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), FormError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), FormError> {
        self.scalar(&value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result<(), FormError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), FormError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), FormError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), FormError> {
        self.scalar(&value.to_string())
    }

    fn serialize_f32(self, _value: f32) -> Result<(), FormError> {
        Err(FormError("fractions are not sent"))
    }

    fn serialize_f64(self, _value: f64) -> Result<(), FormError> {
        Err(FormError("fractions are not sent"))
    }

    fn serialize_char(self, value: char) -> Result<(), FormError> {
        self.scalar(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), FormError> {
        self.scalar(value)
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), FormError> {
        Err(FormError("bytes are not sent"))
    }

    fn serialize_none(self) -> Result<(), FormError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), FormError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), FormError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), FormError> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), FormError> {
        self.scalar(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), FormError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), FormError> {
        self.nested(variant, value)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Nested<'a>, FormError> {
        Ok(Nested::new(self))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Nested<'a>, FormError> {
        Ok(Nested::new(self))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Unused, FormError> {
        Err(FormError("tuples are not sent"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Unused, FormError> {
        Err(FormError("tuples are not sent"))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Nested<'a>, FormError> {
        Ok(Nested::new(self))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Nested<'a>, FormError> {
        Ok(Nested::new(self))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Unused, FormError> {
        Err(FormError("such variants are not sent"))
    }
}
