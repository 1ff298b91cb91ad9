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
    check(
        JSON,
        r#"[{"name":"password","id":[{"name":"colour","value":"blue"}],"value":"abc1"}]"#,
        r#"[{"name":"password","id":[{"name":"colour","value":"blue"}],"value":"<password>"}]"#,
    );
    // The last name counts.
    stays(JSON, r#"[{"name":"password","name":"colour","value":"abc1"}]"#);
}

#[test]
fn json_in_strings() {
    check(JSON, r#"{"body":"{\"password\":\"abc1\"}"}"#, r#"{"body":"{\"password\":\"<password>\"}"}"#);
    check(
        JSON,
        r#"{"url":"https://me:s3cr3t@host.example/x"}"#,
        r#"{"url":"https://me:<url-credential>@host.example/x"}"#,
    );
    check(
        JSON,
        r#"{"url":"wss:\/\/a.example\/link\/?ticket=550e8400-e29b-41d4-a716-446655440000&app=1"}"#,
        r#"{"url":"wss:\/\/a.example\/link\/?ticket=<token>&app=1"}"#,
    );
    check(
        JSON,
        r#"{"to":"https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=a&password=hunter2"}"#,
        r#"{"to":"https://app.example/cb?code=<oauth-code>&state=a&password=<password>"}"#,
    );
    check(
        "text/html",
        "<a href=\"https://app.example/reset-password/a1B2c3D4e5F6g7H8i9J0k1L2\">x</a>",
        "<a href=\"https://app.example/reset-password/<token>\">x</a>",
    );
    stays(
        JSON,
        r#"{"to":"https://app.example/reset-password/","at":"https://a.example/verify/how-to-do-it-right-2024"}"#,
    );
    stays(
        JSON,
        r#"{"to":"https://shop.example/p?code=SUMMER2024&key=name&sign=plus&page_token=a1b2c3d4e5f6g7"}"#,
    );
    stays(JSON, r#"{"sid":"AC5f2b8c7d9e1a3f4b6c8d0e2f4a6b8c1d","primaryKey":"id"}"#);
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
fn private_json_web_keys() {
    let part = |size: usize| "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEUx_-Ab".repeat(4)[..size].to_owned();
    let (d, p) = (part(43), part(171));
    check(
        JSON,
        &format!(r#"{{"kty":"RSA","n":"{p}","d":"{d}","p":"{p}","qi":"{p}","e":"AQAB"}}"#),
        &format!(
            r#"{{"kty":"RSA","n":"{p}","d":"<private-key>","p":"<private-key>","qi":"<private-key>","e":"AQAB"}}"#
        ),
    );
}

#[test]
fn json_that_stays() {
    stays(JSON, r#"{"id":4111111111111111,"password":null,"ok":true,"n":-1.5e10}"#);
    stays(JSON, r#"{"password":{"type":"string","minLength":8,"description":"Your password"}}"#);
    stays(JSON, r#"{"volumes":[{"secret":{"secretName":"web-tls-2024a1","defaultMode":420}}]}"#);
    stays(JSON, r#"{"properties":{"secret":{"type":"string","enum":["none","weak"],"example":"abc1"}}}"#);
    stays(
        JSON,
        r#"{"node_modules/js-tokens":{"version":"4.0.0","integrity":"sha512-RdJUflcE3cUzKiMqQgsCu06FPu9UdIJO0beYbPhHN4k6apgJtifcoCtT9bcxOpYBtpD2kCM6Sbzg4CausW/PKQ=="}}"#,
    );
    stays(JSON, r#"{"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3"}"#);
    stays(JSON, r#"{"password":"Passwort","token":"Zugriffstoken eingeben","api_key":"API-Schlüssel"}"#);
    stays(JSON, r#"{"kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","d":17,"k":"v","p":"a/b"}"#);
    stays(JSON, r#"{"d":"M10.5 4.2L8 12h4.5zM3 3v18h18","code":123456}"#);
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
    check(FORM, "To=%2B4915112345678&Code=482913", "To=%2B4915112345678&Code=<oauth-code>");
    check(FORM, "Body=Your+Acme+verification+code+is+482913", "Body=Your+Acme+verification+code+is+<otp>");
    stays(FORM, "user=me&password=&password=null&code=404");
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
fn xml_in_pairs() {
    const XML: &str = "application/xml";
    let stays = |body: &str| stays(XML, body);
    let check = |body: &str| check(XML, &body.replace('@', "hunter2"), &body.replace('@', "<password>"));
    check("<member><name>password</name><value><string>@</string></value></member>");
    check("<member><name> password </name>\n<value>@</value></member>");
    check("<property><name>javax.jdo.option.ConnectionPassword</name><value>@</value></property>");
    check("<dict><key>UserName</key><string>me</string><key>Password</key><string>@</string></dict>");
    check("<tr><td>DB_PASSWORD</td><td class=\"code\"><pre>&#x27;@&#x27;</pre></td></tr>");
    stays("<Contents><Key>token</Key><LastModified>2024-10-27T10:00:00.000Z</LastModified></Contents>");
    stays("<dict><key>Password</key><true/><key>Colour</key><string>mauve-42</string></dict>");
    stays(
        "<tr><td>password</td><td>varchar(255)</td></tr><tr><td>token</td><td>The token of the user</td></tr>",
    );
    stays("<tr><th>API key</th><td>required</td><td>sha256</td></tr>");
    stays("<member><name>colour</name><value><string>hunter2</string></value></member>");
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
