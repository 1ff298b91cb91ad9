//! JSON, forms, parts, XML, events, tables, text.

use super::{check, stays};

const JSON: &str = "application/json";

#[test]
fn json_by_name() {
    check(
        JSON,
        r#"{"user":"me","password":"hunter2","n":1}"#,
        r#"{"user":"me","password":"<password>","n":1}"#,
    );
    check(JSON, r#"{"a":[{"password" : "x\"y1"}]}"#, r#"{"a":[{"password" : "<password>"}]}"#);
    check(JSON, r#"{"password":12345}"#, r#"{"password":"<password-number>"}"#);
    check(JSON, r#"{"password":["abc1","def2"]}"#, r#"{"password":["<password>","<password>"]}"#);
    check(
        JSON,
        r#"{"password":{"value":"abc1","type":"plain"}}"#,
        r#"{"password":{"value":"<password>","type":"plain"}}"#,
    );
    check(JSON, r#"{"p\u0061ssword":"abc1"}"#, r#"{"p\u0061ssword":"<password>"}"#);
    check(
        JSON,
        "{\"password\":\"abc1\"}\n{\"password\":\"abc2\"}\n",
        "{\"password\":\"<password>\"}\n{\"password\":\"<password>\"}\n",
    );
    check(JSON, "\u{feff}{\"password\":\"abc1\"}", "\u{feff}{\"password\":\"<password>\"}");
    check("text/plain", r#"{"password":"abc1"}"#, r#"{"password":"<password>"}"#);
}

#[test]
fn json_in_pairs() {
    check(JSON, r#"[{"name":"password","value":"abc1"}]"#, r#"[{"name":"password","value":"<password>"}]"#);
    check(JSON, r#"[{"value":"abc1","name":"password"}]"#, r#"[{"value":"<password>","name":"password"}]"#);
    stays(JSON, r#"[{"value":"abc1","name":"colour"}]"#);
}

#[test]
fn json_in_strings() {
    check(JSON, r#"{"body":"{\"password\":\"abc1\"}"}"#, r#"{"body":"{\"password\":\"<password>\"}"}"#);
    check(
        JSON,
        r#"{"url":"https://me:s3cr3t@host.example/x"}"#,
        r#"{"url":"https://me:<url-credential>@host.example/x"}"#,
    );
    check(JSON, r#"{"log":"a\npassword=hunter2\nb"}"#, r#"{"log":"a\npassword=<password>\nb"}"#);
    check(JSON, r#"{"card":4111111111111111}"#, r#"{"card":"<card>"}"#);
    check(JSON, r#"{"raw":"eyJwYXNzd29yZCI6Imh1bnRlcjIifQ=="}"#, r#"{"raw":"<password>"}"#);
}

#[test]
fn broken_json() {
    check(JSON, r#"{"a":1,password: "hunter2"}"#, r#"{"a":1,password: "<password>"}"#);
    check(JSON, r#"{"password":"hunter2"#, r#"{"password":"<password>"#);
    stays(JSON, r#"{"a":"#);
}

#[test]
fn json_that_stays() {
    stays(JSON, r#"{"id":4111111111111111,"password":null,"ok":true,"n":-1.5e10}"#);
    stays(JSON, r#"{"password":{"type":"string","minLength":8,"description":"Your password"}}"#);
    stays(JSON, r#"{"errors":{"password":["is too short (minimum is 8 characters)"]}}"#);
    stays(JSON, r#"{"password":"Password","a":"<your password>"}"#);
}

#[test]
fn forms() {
    const FORM: &str = "application/x-www-form-urlencoded";
    check(FORM, "user=me&password=hunter%202&x=", "user=me&password=<password>&x=");
    check(FORM, "user%5Bpassword%5D=hunter2", "user%5Bpassword%5D=<password>");
    check(
        FORM,
        "payload=%7B%22password%22%3A%22hunter2%22%7D",
        "payload=%7B%22password%22%3A%22<password>%22%7D",
    );
    stays(FORM, "user=me&password=&password=null");
}

#[test]
fn parts() {
    const PARTS: &str = "multipart/form-data; boundary=xyz";
    let body = |password: &str, file: &str| {
        format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{password}\r\n--xyz\r\n\
             Content-Disposition: form-data; name=\"f\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n\
             {file}\r\n--xyz--\r\n"
        )
    };
    check(
        PARTS,
        &body("hunter2", "{\"password\":\"abc1\"}"),
        &body("<password>", "{\"password\":\"<password>\"}"),
    );
    stays(PARTS, &body("", "{\"a\":\"abc1\"}"));
}

#[test]
fn xml() {
    const XML: &str = "application/xml";
    check(
        XML,
        "<a><password>hunter2</password><b>x</b></a>",
        "<a><password><password></password><b>x</b></a>",
    );
    check(
        XML,
        "<x:password a=\"1\"><![CDATA[hunter2]]></x:password>",
        "<x:password a=\"1\"><![CDATA[<password>]]></x:password>",
    );
    check(
        "text/html",
        "<input name=\"password\" value='hunter2'>",
        "<input name=\"password\" value='<password>'>",
    );
    stays(
        "text/html",
        "<label for=\"password\">Password:</label><input type=password name=password><!--> -->",
    );
}

#[test]
fn events() {
    const EVENTS: &str = "text/event-stream";
    check(
        EVENTS,
        "event: a\ndata: {\"password\":\"abc1\"}\n\n: x\n\n",
        "event: a\ndata: {\"password\":\"<password>\"}\n\n: x\n\n",
    );
    check(
        EVENTS,
        "data: {\ndata: \"password\":\ndata: \"abc1\"}\n\n",
        "data: {\ndata: \"password\":\ndata: \"<password>\"}\n\n",
    );
}

#[test]
fn tables_and_text() {
    check(
        "text/csv",
        "user,password\nme,hunter2\nyou,\"a,b1\"\n",
        "user,password\nme,<password>\nyou,\"<password>\"\n",
    );
    check("text/plain", "GET /?password=hunter2 HTTP/1.1\n", "GET /?password=<password> HTTP/1.1\n");
    let key =
        |content: &str| format!("a\n-----BEGIN PRIVATE KEY-----\n{content}\n-----END PRIVATE KEY-----\nb\n");
    check("text/plain", &key("MIIBVgIBADANBgkqhkiG9w0B\nAQEFAASCAT8wggE7AgEAAk"), &key("<private-key>"));
}
