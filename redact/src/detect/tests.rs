//! Texts with secrets, and texts without.

use crate::how::On;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::redactor::Redactor;
use crate::{Definitions, Sets};

/// `text` with its secrets replaced, with `…` in the place of what is in placeholders behind the kind.
fn redacted(text: &str) -> String {
    let (sets, keys) = (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]));
    let (set, mut memory) = (sets.set(None).unwrap(), Memory::default());
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    let out = redactor.text(On::Request, text.as_bytes());
    let out = out.map_or_else(|| text.to_owned(), |out| String::from_utf8(out).unwrap());
    let again = redactor.text(On::Request, out.as_bytes());
    assert_eq!(again.map(|again| String::from_utf8(again).unwrap()), None, "again: {out}");
    let placeholder = regex::Regex::new("~(?:sealed|masked)[.]([a-z-]+)[.][a-z0-9]+~").unwrap();
    placeholder.replace_all(&out, "<$1>").into_owned()
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(redacted(text), expect, "{text}");
}

#[track_caller]
fn stays(text: &str) {
    check(text, text);
}

#[test]
fn secrets() {
    check("card 4111 1111 1111 1111 declined", "card <card> declined");
    check("GET https://me:hunter2@host.example/x", "GET https://me:<url-credential>@host.example/x");
    check("login failed password=hunter2 ip=1.2.3.4", "login failed password=<password> ip=1.2.3.4");
    check(
        "> Authorization: Bearer a1b2c3d4e5f6a7b8c9\n> Accept: */*",
        "> Authorization: Bearer <credential>\n> Accept: */*",
    );
    check("sent Bearer a1b2c3d4e5f6a7b8c9 to it", "sent Bearer <credential> to it");
    check("Cookie: sid=a1b2c3", "Cookie: sid=<cookie>");
    check("use ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R.", "use <github-token>.");
    check("sk_live_0a1B2c3D4e5F6g7H8i9J0k1L", "<stripe-key>");
    check("pk_live_0a1B2c3D4e5F6g7H8i9J0k1L", "pk_live_0a1B2c3D4e5F6g7H8i9J0k1L");
    check(
        "-----BEGIN RSA PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n<private-key>\n-----END RSA PRIVATE KEY-----",
    );
    check("/services/T0AB12CD3/B0EF45GH6/a1B2c3D4e5F6g7H8i9J0k1L2", "/services/<webhook>");
    check(
        "docker login -u ci -p hunter2 registry.example",
        "docker login -u ci -p <password> registry.example",
    );
    check("jdbc:oracle:thin:app/hunter2@db:1521:x", "jdbc:oracle:thin:app/<url-credential>@db:1521:x");
    check("USER anna\r\nPASS hunter2\r\n", "USER anna\r\nPASS <password>\r\n");
    check("psk=\"hunter2x9\"", "psk=\"<password>\"");
    check("CREATE USER a IDENTIFIED BY 'hunter2';", "CREATE USER a IDENTIFIED BY '<password>';");
    check("482913 is your Acme login code", "<otp> is your Acme login code");
    check("machine a.example login me password hunter2", "machine a.example login me password <password>");
    check(
        "https://hooks.slack.com/services/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",
        "https://hooks.slack.com/services/<webhook>",
    );
}

#[test]
fn other_texts() {
    stays("the password: must be long, and the token: string");
    stays("id 550e8400-e29b-41d4-a716-446655440000 at 1700000000000");
    stays("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    stays("mail me@host.example or see https://medium.com/@me");
    stays("PASS tests/auth.test.js\nPASS test_login2 in 3ms");
    stays("key_mgmt=WPA-PSK proto=RSN");
    stays("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3");
    stays(".token:hover{margin:0 auto}.password-field{color:#a1b2c3}");
    stays("10:00:04 INFO Authorization: none supplied, request_id=550e8400-e29b-41d4-a716-446655440000");
    stays("Meeting key takeaways: auth=OAuth2, token=JWT, secret=rotated.");
    stays("password=null token=${TOKEN} secret=<your secret>");
}
