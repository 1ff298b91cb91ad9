//! Texts with names and values.

use super::*;

fn check(text: &str, expect: Option<&str>) {
    let at = ["password", "Password", "PASSWORD", "pwd", "oken", "TOKEN", "piKey", "secret"]
        .iter()
        .find_map(|word| text.find(word));
    let found = find(text.as_bytes(), at.unwrap());
    let found = found.filter(|found| found.is_plausible(text.as_bytes(), !text.contains("oken")));
    assert_eq!(found.map(|found| &text[found.value]), expect, "{text}");
}

#[test]
fn assignments() {
    check("login user=x password=hunter2 ip=1", Some("hunter2"));
    check("DB_PASSWORD=p@ss;w&rd\nX=1", Some("p@ss;w&rd"));
    check("export DB_PASSWORD=abc # comment", Some("abc"));
    check("{\\\"apiKey\\\": \\\"a1b2c3d4\\\"}", Some("a1b2c3d4"));
    check("pwd: hunter2", Some("hunter2"));
    check("a?x=1&access_token=a1b2c3d4&y", Some("a1b2c3d4"));
    check("Server=x;Password=abcd;Y", Some("abcd"));
    check("curl --token a1b2c3d4e5 x", Some("a1b2c3d4e5"));
    check("q=%26password%3Dhunter2%26x", Some("hunter2"));
    check("user[password]=hunter2", Some("hunter2"));
    check("'password' => 'hunter2',", Some("hunter2"));
    check("machine a.example login me password hunter2", Some("hunter2"));
    check("define( 'DB_PASSWORD', 'hunter2' );", Some("hunter2"));
    check("headers.set(\"X-Token\", \"a1b2c3d4e5f6\")", Some("a1b2c3d4e5f6"));
    check("System.setProperty(\"db.password\", \"hunter2\");", Some("hunter2"));
    check("machine a.example\n  login me\n  password hunter2\n", Some("hunter2"));
    check("default login me password hunter2-x\n", Some("hunter2-x"));
    check("ALTER USER app WITH PASSWORD 'hunter2';", Some("hunter2"));
    check("aws configure set aws_secret_access_key a1b2c3d4e5f6 --profile x", Some("a1b2c3d4e5f6"));
    check("flyctl config set DB_PASSWORD hunter2", Some("hunter2"));
    check("smtp_password = Delta.ERHqO150", Some("Delta.ERHqO150"));
    check("passcode password=Grove.yvOVl478 x", Some("Grove.yvOVl478"));
    check("it failed with password=hunter2.", Some("hunter2."));
    check("&quot;password&quot;:&quot;hunter2&quot;", Some("hunter2"));
    check("password: \"correct horse battery staple\"", Some("correct horse battery staple"));
}

#[test]
fn other_texts() {
    check("the password: must be long", None);
    check("token: string", None);
    check("password=null&", None);
    check("password=${PASSWORD}", None);
    check("password: <your key>", None);
    check("secret=xxxx", None);
    check("password == other", None);
    check("token = getToken();", None);
    check("password = form.password;", None);
    check("{token:e,x:1}", None);
    check("Password: required", None);
    check("Token::new", None);
    check("password:", None);
    check("<label for=\"password\">", None);
    check("password: \"Enter your password\"", None);
    check("password=password", None);
    check("new_token=default_provider_value, x", None);
    check("token: CertificateIssuerTokenTypes", None);
    check("accesstoken = default_token_provider", None);
    check("token: kqXwZbTgPvRnHs", Some("kqXwZbTgPvRnHs"));
    check("__('password', 'woocommerce2')", None);
    check("form.add('password', 'required')", None);
    check("set('password', user.password2)", None);
    check("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3", None);
    check("urn:acme:token:a1b2c3d4e5f6", None);
    check(".token:hover{margin:0 auto}", None);
    check("a .password:focus{color:#a1b2c3}", None);
    check("the login page password reset", None);
    check("login me with\npassword managers", None);
    check("set the password in the form1", None);
    check("token=JWT, secret=rotated.", None);
    check("password = hashlib.sha256", None);
    check("password = Settings.Database.Password", None);
    check("password: user.password2", None);
    check("passwordEncoder = Encoders.pbkdf2", None);
}
