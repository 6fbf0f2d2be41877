//! Every vendor's kind of description, on small ones written for the purpose: needs no folder of descriptions.

#![cfg(feature = "spec-check")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use turnbuckle_testkit::spec::{Report, check};

/// Folders for one test: descriptions, recordings, the list of newer parameters.
struct Setup(PathBuf);

impl Setup {
    fn new(test: &str) -> Self {
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("spec-small-{test}"));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("specs")).unwrap();
        fs::create_dir_all(root.join("fixtures")).unwrap();
        fs::write(root.join("newer.toml"), "").unwrap();
        Self(root)
    }

    fn spec(self, name: &str, text: &str) -> Self {
        fs::write(self.0.join("specs").join(name), text).unwrap();
        self
    }

    fn newer(self, text: &str) -> Self {
        fs::write(self.0.join("newer.toml"), text).unwrap();
        self
    }

    fn recording(self, provider: &str, name: &str, message: &str) -> Self {
        let file = self.0.join("fixtures").join(provider).join("requests").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, message).unwrap();
        self
    }

    fn check(&self) -> Report {
        check(&self.0.join("fixtures"), &self.0.join("specs"), &self.0.join("newer.toml"))
    }

    /// Judges one more message and returns what is wrong with it, as `field rule`.
    fn judge(&self, provider: &str, message: &str) -> Vec<String> {
        let folder = self.0.join("fixtures").join(provider).join("requests");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("one.http"), message).unwrap();
        let report = self.check();
        report.findings().iter().map(|finding| format!("{} {}", finding.field, finding.rule)).collect()
    }
}

const FORM: &str = r#"{"openapi":"3.0.0","servers":[{"url":"https://api.stripe.com/"}],"paths":{
  "/v1/things/{thing}":{"post":{
    "parameters":[{"in":"path","name":"thing","required":true,"schema":{"type":"string","maxLength":6}},
      {"in":"query","name":"created","style":"deepObject","explode":true,
       "schema":{"anyOf":[{"type":"object","properties":{"gte":{"type":"integer"}}},{"type":"integer"}]}}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{
      "encoding":{"items":{"style":"deepObject","explode":true},"metadata":{"style":"deepObject","explode":true}},
      "schema":{"type":"object","additionalProperties":false,"required":["amount"],"properties":{
        "amount":{"type":"integer","minimum":1},
        "mode":{"type":"string","enum":["slow","fast"]},
        "metadata":{"anyOf":[{"type":"object","additionalProperties":{"type":"string"}},{"type":"string","enum":[""]}]},
        "items":{"type":"array","maxItems":2,"items":{"type":"object","required":["price"],
          "properties":{"price":{"type":"string"},"quantity":{"type":"integer"}}}}}}}}}}},
  "/v1/things/search":{"get":{"parameters":[{"in":"query","name":"query","required":true,"schema":{"type":"string"}}]}}}}"#;

fn form(target: &str, body: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\nHost: api.stripe.com\nContent-Type: application/x-www-form-urlencoded\n\n{body}\n"
    )
}

#[test]
fn bracketed_forms() {
    let setup = Setup::new("brackets").spec("stripe.json", FORM);
    for (target, body, expected) in [
        (
            "/v1/things/t_1",
            "amount=5&items[0][price]=a&items[1][price]=b&items[1][quantity]=2&metadata[7]=x",
            &[][..],
        ),
        ("/v1/things/t_1?created[gte]=5", "amount=5&metadata=", &[]),
        ("/v1/things/t_1?created=5", "amount=5&items[][price]=a&items[][price]=b", &[]),
        ("/v1/things/t_1?created[lt]=5", "amount=5", &["?created.lt unknown"]),
        ("/v1/things/t_1?created=soon", "amount=5", &["?created type"]),
        ("/v1/things/t_12345", "amount=5", &["{thing} maxLength"]),
        ("/v1/things/", "amount=5", &[" operation"]),
        ("/v1/things/t_1", "", &["amount required"]),
        ("/v1/things/t_1", "amount=0", &["amount minimum"]),
        ("/v1/things/t_1", "amount=5&mode=medium", &["mode enum"]),
        ("/v1/things/t_1", "amount=5&metadata=x", &["metadata enum"]),
        ("/v1/things/t_1", "amount=5&items=x", &["items type"]),
        (
            "/v1/things/t_1",
            "amount=5&items[0][quantity]=x",
            &["items[0].price required", "items[0].quantity type"],
        ),
        (
            "/v1/things/t_1",
            "amount=5&items[][price]=a&items[][price]=b&items[][price]=c",
            &["items maxItems"],
        ),
        ("/v1/things/t_1", "amount=5&amount=6", &["amount duplicate"]),
        ("/v1/things/t_1", "amount=5&items[0=1", &["items[0 form"]),
        // Fixed text wins over a parameter: this is the search, which takes no POST.
        ("/v1/things/search", "amount=5", &[" method"]),
    ] {
        assert_eq!(setup.judge("stripe", &form(target, body)), expected, "{target} {body}");
    }
    let report = setup.check();
    assert_eq!(report.findings().len(), 1);
    let text = report.to_string();
    assert!(text.starts_with("stripe/requests/one.http: POST /v1/things/search: "), "{text}");
}

const BUNDLE: &str = r##"{
 "one.json":{"openapi":"3.0.1","paths":{"/v2/Services/{Sid}.json":{"servers":[{"url":"https://verify.twilio.com"}],
  "parameters":[{"in":"path","name":"Sid","required":true,"schema":{"type":"string","pattern":"^VA[0-9a-f]{4}$"}}],
  "post":{"parameters":[{"in":"header","name":"X-Twilio-Webhook-Enabled","schema":{"$ref":"#/components/schemas/flag"}}],
   "requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","required":["To"],"properties":{
    "To":{"type":"string","format":"phone-number"},
    "Urls":{"type":"array","items":{"type":"string","format":"uri"}},
    "Map":{"type":"object","properties":{"a":{"type":"integer"}}},
    "Any":{}}}}}}}}},
  "components":{"schemas":{"flag":{"type":"string","enum":["true","false"]}}}},
 "two.json":{"openapi":"3.0.1","servers":[{"url":"https://chat.twilio.com"}],"paths":{"/v2/Services/{Sid}.json":{"post":{}}}}}"##;

fn flat(host: &str, path: &str, header: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\n{header}Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )
}

#[test]
fn flat_forms_and_documents_by_host() {
    let setup = Setup::new("flat").spec("twilio.json", BUNDLE);
    let verify = "verify.twilio.com";
    let path = "/v2/Services/VA00ff.json";
    let both = "To=%2B15550100&Urls=https://a.example&Urls=https://b.example&Map=%7B%22a%22%3A1%7D&Any=x";
    for (host, path, header, body, expected) in [
        (verify, path, "", both, &[][..]),
        ("verify.dublin.ie1.twilio.com", path, "X-Twilio-Webhook-Enabled: true\r\n", both, &[]),
        ("127.0.0.1:99", "/verify/v2/Services/VA00ff.json", "", both, &[]),
        ("127.0.0.1:99", path, "", both, &["header Host host"]),
        ("verify.example.com", path, "", both, &["header Host host"]),
        ("chat.twilio.com", path, "", both, &[" body"]),
        (verify, "/v2/Services/XX00ff.json", "", both, &["{Sid} pattern"]),
        (verify, path, "X-Twilio-Webhook-Enabled: yes\r\n", both, &["header X-Twilio-Webhook-Enabled enum"]),
        (verify, path, "", "To=a&To=b", &["To duplicate"]),
        (verify, path, "", "To=a&Urls=https://a.example&Urls=b", &["Urls[1] format"]),
        (verify, path, "", "To=a&Map=%7B%22b%22%3A1%7D", &["Map.b unknown"]),
        (verify, path, "", "To=a&Map=b", &["Map type"]),
        (verify, path, "", "To=a&From=b", &["From unknown"]),
    ] {
        assert_eq!(setup.judge("twilio", &flat(host, path, header, body)), expected, "{host} {path} {body}");
    }
}

const JSON: &str = r##"{"openapi":"3.1.0","servers":[{"url":"https://api.sendgrid.com/v3"}],"paths":{"/send":{"post":{
  "requestBody":{"$ref":"#/components/requestBodies/send"}}}},
 "components":{"requestBodies":{"send":{"required":true,"content":{"application/json":{"schema":{
   "allOf":[{"$ref":"#/components/schemas/base"},{"type":"object","properties":{"note":{"type":["string","null"]}}}]}}}}},
  "schemas":{"base":{"type":"object","required":["to"],"properties":{
   "to":{"type":"array","minItems":1,"items":{"type":"object","required":["email"],"properties":{
     "email":{"type":"string","format":"email"},"name":{"type":"string"}}}},
   "tags":{"type":"array","uniqueItems":true,"items":{"type":"string"}},
   "rate":{"type":"number","exclusiveMaximum":1},
   "id":{"type":"string","readOnly":true},
   "free":{"type":"object"},
   "open":{"type":"object","additionalProperties":true,"properties":{"a":{"type":"string"}}}}}}}}"##;

#[test]
fn json_bodies() {
    let setup = Setup::new("json").spec("sendgrid.json", JSON);
    for (body, expected) in [
        (
            r#"{"to":[{"email":"a@example.com"}],"note":null,"tags":["a","b"],"rate":0.5,"free":{"x":[1]}}"#,
            &[][..],
        ),
        ("{}", &["to required"]),
        ("", &["to required"]),
        ("[]", &[" type"]),
        ("{", &[" body"]),
        (r#"{"to":[]}"#, &["to minItems"]),
        (r#"{"to":[{"email":"a"},{}]}"#, &["to[0].email format", "to[1].email required"]),
        (r#"{"to":[{"email":"a@example.com","Name":"x"}]}"#, &["to[0].Name unknown"]),
        (
            r#"{"to":[{"email":"a@example.com"}],"tags":["a","a"],"rate":1}"#,
            &["rate maximum", "tags uniqueItems"],
        ),
        (r#"{"to":[{"email":"a@example.com"}],"rate":"0.5"}"#, &["rate type"]),
        (r#"{"to":[{"email":"a@example.com"}],"id":"x"}"#, &["id readOnly"]),
        // A description that tolerates anything still does not know the field.
        (r#"{"to":[{"email":"a@example.com"}],"open":{"a":"x","b":"y"}}"#, &["open.b unknown"]),
        (r#"{"to":[{"email":"a@example.com"}],"to":[{"email":"a@example.com"}]}"#, &["to duplicate"]),
    ] {
        let message = format!(
            "POST /v3/send HTTP/1.1\nHost: api.sendgrid.com\nContent-Type: application/json\n\n{body}\n"
        );
        assert_eq!(setup.judge("sendgrid", &message), expected, "{body}");
    }
}

const XSD: &str = r#"<xs:schema xmlns:anet="x" xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:complexType name="Base"><xs:sequence>
  <xs:element name="auth" type="xs:string"/><xs:element name="refId" minOccurs="0"><xs:simpleType>
   <xs:restriction base="xs:string"><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
 </xs:sequence></xs:complexType>
 <xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="a"/><xs:enumeration value="b"/></xs:restriction></xs:simpleType>
 <xs:complexType name="Lines"><xs:sequence><xs:element name="line" type="xs:int" minOccurs="0" maxOccurs="2"/></xs:sequence></xs:complexType>
 <xs:element name="payRequest"><xs:complexType><xs:complexContent><xs:extension base="anet:Base"><xs:sequence>
  <xs:element name="kind" type="anet:Kind"/>
  <xs:element name="amount" minOccurs="0"><xs:simpleType><xs:restriction base="xs:decimal">
    <xs:minInclusive value="0.01"/><xs:fractionDigits value="2"/></xs:restriction></xs:simpleType></xs:element>
  <xs:choice><xs:element name="card" type="xs:string"/><xs:element name="bank" type="xs:string"/></xs:choice>
  <xs:element name="lines" type="anet:Lines" minOccurs="0"/>
 </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element></xs:schema>"#;

#[test]
fn json_in_the_order_of_an_xml_schema() {
    let setup = Setup::new("xsd").spec("AnetApiSchema.xsd", XSD);
    for (body, expected) in [
        (
            r#"{"auth":"k","refId":"123","kind":"a","amount":"1.50","card":"x","lines":{"line":[1,"2"]}}"#,
            &[][..],
        ),
        (r#"{"auth":"k","kind":"b","amount":1.5,"bank":"x","lines":{"line":1}}"#, &[]),
        (r#"{"kind":"a","auth":"k","card":"x"}"#, &["auth order"]),
        (r#"{"auth":"k","kind":"a","card":"x","amount":"1.00"}"#, &["amount order"]),
        (r#"{"auth":"k","card":"x"}"#, &["kind required"]),
        (r#"{"auth":"k","kind":"a"}"#, &[" required"]),
        (r#"{"auth":"k","kind":"a","card":"x","bank":"y"}"#, &[" choice"]),
        (r#"{"auth":"k","kind":"c","card":"x"}"#, &["kind enum"]),
        (r#"{"auth":"k","refId":"1234","kind":"a","card":"x"}"#, &["refId maxLength"]),
        (
            r#"{"auth":"k","kind":"a","amount":"0.005","card":"x"}"#,
            &["amount fractionDigits", "amount minInclusive"],
        ),
        (r#"{"auth":"k","kind":"a","card":"x","lines":{"line":[1,2,3]}}"#, &["lines.line maxOccurs"]),
        (r#"{"auth":"k","kind":"a","card":"x","lines":[1]}"#, &["lines type"]),
        (r#"{"auth":"k","kind":"a","card":5,"cvv":"1"}"#, &["card type", "cvv unknown"]),
        (r#"{"auth":null,"kind":"a","card":"x"}"#, &["auth type"]),
        (r#"{"auth":"k","auth":"k","kind":"a","card":"x"}"#, &["auth duplicate"]),
    ] {
        let message = format!(
            "POST /xml/v1/request.api HTTP/1.1\nHost: apitest.authorize.net\nContent-Type: application/json\n\n{{\"payRequest\":{body}}}\n"
        );
        assert_eq!(setup.judge("authorize_net", &message), expected, "{body}");
    }
}

#[test]
fn newer_parameters_values_and_operations() {
    let entry = |operation: &str, rest: &str| {
        format!(
            "[[newer]]\nprovider = \"stripe\"\noperation = \"{operation}\"\nurl = \"https://docs.stripe.com/api\"\n{rest}\n"
        )
    };
    let known = "POST /v1/things/{thing}";
    let needed = [
        entry(known, "parameter = \"items[].colour\""),
        entry(known, "parameter = \"mode\"\nrule = \"enum\"\nvalue = \"medium\""),
        entry("GET /v1/things/{thing}/parts", ""),
    ];
    let setup = Setup::new("newer")
        .spec("stripe.json", FORM)
        .recording(
            "stripe",
            "a.http",
            &form("/v1/things/t_1", "amount=1&items[0][price]=p&items[0][colour]=red&mode=medium"),
        )
        .recording("stripe", "b.http", "GET /v1/things/t_1/parts HTTP/1.1\nHost: api.stripe.com\n\n");
    let rules = |report: &Report| report.findings().iter().map(|finding| finding.rule).collect::<Vec<_>>();

    assert_eq!(rules(&setup.check()), ["unknown", "enum", "operation"]);
    let setup = setup.newer(&needed.concat());
    assert!(setup.check().is_clean(), "{}", setup.check());

    let unused = entry(known, "parameter = \"shape\"");
    let other_value = entry(known, "parameter = \"mode\"\nrule = \"enum\"\nvalue = \"other\"");
    let elsewhere =
        entry(known, "parameter = \"items[].colour\"").replace("docs.stripe.com", "docs.example.com");
    for (extra, said) in [
        (unused, "needs this entry"),
        (other_value, "needs this entry"),
        (elsewhere, "page of the vendor"),
        (entry(known, "parameter = \"items[].colour\"\nwhy = \"because\""), "unknown field"),
    ] {
        let setup = Setup(setup.0.clone()).newer(&(needed.concat() + &extra));
        let report = setup.check();
        assert!(!report.is_clean() && report.to_string().contains(said), "{extra}\n{report}");
    }
}

/// A described `/v1/things/{thing}` also fits `/v1/things/draft`; a newer operation is the more exact one or none.
#[test]
fn a_newer_operation_behind_a_described_path() {
    let entry = |operation: &str| {
        format!(
            "[[newer]]\nprovider = \"stripe\"\noperation = \"{operation}\"\nurl = \"https://docs.stripe.com/api\"\n"
        )
    };
    let setup = Setup::new("newer-behind")
        .spec("stripe.json", FORM)
        .newer(&entry("POST /v1/things/draft"))
        .recording("stripe", "a.http", &form("/v1/things/draft", "colour=red"));
    assert!(setup.check().is_clean(), "{}", setup.check());

    for operation in ["POST /v1/things/{thing}", "POST /v1/{kind}/draft", "GET /v1/things/draft"] {
        let report = Setup(setup.0.clone()).newer(&entry(operation)).check();
        let rules: Vec<_> = report.findings().iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["newer", "required", "unknown"], "{operation}\n{report}");
    }

    let setup = setup.newer(&entry("POST /v1/things/draft")).recording(
        "stripe",
        "b.http",
        &form("/v1/things/t_1", "amount=1&colour=red"),
    );
    let report = setup.check();
    assert_eq!(
        report.findings().iter().map(|finding| finding.rule).collect::<Vec<_>>(),
        ["unknown"],
        "{report}"
    );
}

#[test]
fn nothing_goes_unjudged_in_silence() {
    let setup = Setup::new("silence")
        .recording("nmi", "a.http", "not even a message")
        .recording("stripe", "a.http", &form("/v1/things/t_1", "amount=1"))
        .recording("stranger", "a.http", &form("/", ""));
    let report = setup.check();
    assert_eq!(report.undescribed().get("nmi"), Some(&1));
    let fields: Vec<_> =
        report.findings().iter().map(|finding| (finding.file.as_str(), finding.rule)).collect();
    assert_eq!(fields, [("stranger", "provider"), ("stripe", "description")]);

    let setup = setup.spec("stripe.json", FORM).recording("stripe", "deeper/b.http", "");
    assert!(setup.check().findings().iter().any(|finding| finding.rule == "message"), "{}", setup.check());
}

#[test]
fn no_recorded_value_is_shown() {
    let secret = "sk_test_sentinel";
    let body = format!("amount={secret}&mode={secret}&items={secret}");
    let setup = Setup::new("values").spec("stripe.json", FORM).recording(
        "stripe",
        "a.http",
        &form(&format!("/v1/things/t_1?created={secret}"), &body),
    );
    let report = setup.check();
    assert_eq!(report.findings().len(), 4, "{report}");
    assert!(!format!("{report} {report:?}").contains(secret));
}
