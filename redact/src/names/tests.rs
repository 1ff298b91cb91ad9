//! Names and values that are secrets, and those that look like it.

use super::*;

/// The kind as which the value is replaced.
fn kind(place: Place, name: &str, value: &str) -> Option<&'static str> {
    let class = vocabulary::class(place, name.as_bytes())?;
    let treatment = Treatment { kind: class.kind, how: class.how, shape: class.shape, whole: false };
    treatment.takes(value.as_bytes()).then_some(class.kind)
}

/// Checks pairs `name=value`, with ` | ` or a line's end between them; `{R}` is a random text, `{U}` a UUID.
#[track_caller]
fn check(place: Place, expect: Option<&str>, pairs: &str) {
    for pair in pairs.split('\n').flat_map(|line| line.split(" | ")).filter(|pair| !pair.trim().is_empty()) {
        let pair = pair.replace("{R}", RANDOM).replace("{U}", UUID);
        let (name, value) = pair.split_once('=').unwrap();
        let found = kind(place, name.trim_start(), value);
        assert_eq!(found, expect, "{place:?} {pair}");
    }
}

#[track_caller]
fn takes(place: Place, expect: &str, pairs: &str) {
    check(place, Some(expect), pairs);
}

#[track_caller]
fn leaves(place: Place, pairs: &str) {
    check(place, None, pairs);
}

/// Checks that each of `names` gives away each of `values`.
#[track_caller]
fn all(place: Place, expect: &str, names: &str, values: &[&str]) {
    for name in names.split_whitespace() {
        for value in values {
            takes(place, expect, &format!("{name}={value}"));
        }
    }
}

const RANDOM: &str = "rJ9vXk2mQp7tZs4wYb1nHc6d";
const UUID: &str = "550e8400-e29b-41d4-a716-446655440000";

#[test]
fn passwords_of_json() {
    all(
        Place::Json,
        "password",
        "password Password userPassword user_password new-password password2 passwordConfirmation
         confirm_password passwd pwd passphrase DB_PASSWORD dbPass smtp_pass newpassword
         user[password] spring.datasource.password password_again currentPassword
         keystorePassword rootPassword psk wifi_password adminPwd",
        &["hunter2", "swordfish", "correct horse battery staple", "12345"],
    );
    leaves(
        Place::Json,
        "password= | password=null | password=true | password=******** | password=Password
         password=is too short (minimum is 8 characters)
         password_reset_url=https://example.com/reset | forgot_password=Forgot? | has_password=true
         passwordless=magic-link | password_policy=strong | password_changed_at=2024-05-01T00:00:00Z
         password_strength=good | passport=C01X00T47 | pass=12 | passenger=Ann | bypass=cache-v2-key9
         compass=north-east-44 | boarding_pass=BA123X | password_min_length=12
         password_hint=pet's name | grant_type=password | type=password",
    );
}

#[test]
fn tokens_of_json() {
    all(
        Place::Json,
        "token",
        "token access_token accessToken refresh_token id_token idToken session_token authToken
         bearerToken x_auth_token accesstoken authtoken resetToken invite_token bot_token
         apiToken tokenValue CI_JOB_TOKEN aws_session_token sas_token client_token
         oauth_token request_token",
        &[RANDOM, UUID, "tok_live_9f8e7d6c"],
    );
    takes(
        Place::Json,
        "csrf-token",
        "csrf_token={R} | csrfToken={U} | csrfmiddlewaretoken={R} | authenticity_token={R}",
    );
    leaves(
        Place::Json,
        "token_type=Bearer | tokens=1530 | total_tokens=1530 | max_tokens=4096 | prompt_tokens=12
         token_count=99 | next_token={R} | nextPageToken={R} | pageToken={R} | continuationToken={R}
         nextToken={R} | syncToken={R} | ClientRequestToken={U} | token=Hello | token= world
         token=198 | tokenizer=cl100k_base | token_uri=https://oauth2.example/token
         token_endpoint=/token | tokenId=4211
         token_address=0x1f9840a85d5af5bf1d1762f925bdaddc4201f984 | tokenSymbol=UNI
         token_expires_at=2024-05-01T00:00:00Z | expires_in=3600 | token_ttl=768h
         invalid_token=The token expired | csrf=true | nexttoken={R} | cached_tokens=0
         eos_token=<|endoftext|> | stop_token=###STOP1###",
    );
}

#[test]
fn keys_and_secrets_of_json() {
    takes(
        Place::Json,
        "secret",
        "secret=s3cr3t | client_secret=abc | clientSecret={R} | app_secret={R} | SecretString=x9$
         appsecret={R} | webhookSecret=whsec | secret_id={U} | security_answer=Fluffy
         totp_secret=JBSWY3DP",
    );
    all(
        Place::Json,
        "api-key",
        "api_key apiKey APIKey apikey x-api-key accessKey secret_key secretAccessKey
         subscription-key",
        &[RANDOM, UUID, "abc-123-def"],
    );
    takes(Place::Json, "private-key", "private_key=MIIEvQ== | signingKey={R} | encryption_key={R}");
    takes(Place::Json, "api-key", "stripe_key={R} | appKey={R} | account_key={R} | routing_key={R}");
    leaves(
        Place::Json,
        "keyboard={R} | primary_key={R} | public_key={R} | publicKey={R} | key={R} | sort_key={R}
         key_id={R} | api_key_id={R} | access_key_id={U} | cacheKey={R} | idempotency_key={U}
         keywords=secret, key | monkey={R} | object_key=a/b.jpg | secretary=Ann Smith
         secret_name=prod-db | SecretId=prod/db | secretArn=arn:aws:secretsmanager:x
         client_secret_expires_at=0 | app_key=billing | public_api_key_name=main
         api_key=YOUR_API_KEY | api_key=${API_KEY} | kid={R} | publishable_key={R}
         imagePullSecret=registry-credentials-1 | secret=arn:aws:secretsmanager:eu-west-1:1:secret:db
         routing_key=orders.created",
    );
}

#[test]
fn codes_and_numbers_of_json() {
    takes(
        Place::Json,
        "otp",
        "otp=482913 | verification_code=482913 | two_factor_code=482913 | user_code=WDJB-MJHT
         backup_codes=a7k2-m9x4",
    );
    takes(Place::Json, "pin", "pin=4921 | card_pin=4921");
    takes(Place::Json, "card-code", "cvv=123 | cvc=1234 | cvv2=123");
    takes(Place::Json, "ssn", "ssn=078-05-1120 | socialSecurityNumber=078051120");
    takes(
        Place::Json,
        "card",
        "card_number=4111 1111 1111 1111 | cardNumber=4111111111111112 | pan=5500005555555559",
    );
    takes(
        Place::Json,
        "oauth-code",
        "authorization_code=SplxlOBeZQQYbYS6WxSbIA
         code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
         device_code=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    );
    takes(
        Place::Json,
        "credential",
        "authorization=Bearer abcdefgh12345 | Authorization=Basic dXNlcjpwYXNz | credential={R}",
    );
    takes(
        Place::Json,
        "connection-string",
        "connectionString=Server=a;Password=b | connection_string=AccountKey=abc==;A=b",
    );
    takes(Place::Json, "cookie", "cookie=sid=abc; b=c | Set-Cookie=sid=abc; Path=/");
    leaves(
        Place::Json,
        "code=invalid_grant | code=SUMMER2024SALE | error_code=E1234 | postal_code=12345
         country_code=DE | pin=13 | gpio_pin=4921 | pinned=true | pin_count=4921 | pincode=560001
         pin_code=560001 | card_number=**** **** **** 4242 | last4=4242 | card=visa
         authors=A. Smith, B. Jones 12345678 | author={R} | auth=oauth2 | auth_time=1714557000
         authority=login.example | credentials=include | x-candidate-id={R} | cookie=accepted
         cookies=true | status_code=200 | session_id={U} | authentication_method=certificate-9
         code_challenge={R} | nonce={R} | hash={R} | etag={R} | signature=John Smith | state=CA
         state=open | id={R} | sid=AC0cc175b9c0f1b6a831c399e269772661 | author_token_count=12
         promo_code=SAVE20NOW | coupon_code=A7K2M9X4 | authentication=none",
    );
}

#[test]
fn parameters_of_urls() {
    takes(
        Place::Query,
        "token",
        "token={R} | access_token=abc123def | id_token_hint=eyJx.eyJ9.c2ln
         ticket=ST-1856339-aA5Yuvrxzpv8Tau1cYQ7",
    );
    takes(
        Place::Query,
        "api-key",
        "key=AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY | api_key={R} | apikey={R} | api_key=ZDYAYNLKjHREuzmis
         appid=0cc175b9c0f1b6a831c399e269772661 | subscription-key={R}",
    );
    takes(
        Place::Query,
        "signature",
        "sig=abc%2Fdef12345 | X-Amz-Signature={R} | Signature=frJIUN8DYpKDtOLCwo//yllqDzg= | hmac={R}",
    );
    takes(Place::Query, "credential", "X-Amz-Credential=AKIDEXAMPLE/20240501/us-east-1/s3/aws4_request");
    takes(
        Place::Query,
        "oauth-code",
        "code=SplxlOBeZQQYbYS6WxSbIA | code=4/0AX4XfWhq7d8kJm2v0Lw9zQx3R5tYbN1c",
    );
    takes(Place::Query, "oauth-state", "state={U} | state={R}");
    takes(Place::Query, "session", "jsessionid={R} | PHPSESSID={R} | sessionid={U} | sid={R}");
    takes(Place::Query, "assertion", "SAMLResponse=PHNhbWxwOlJlc3BvbnNlIA==");
    takes(Place::Query, "password", "password=a | pass=abc | pwd=letmein");
    leaves(
        Place::Query,
        "key=photos/1.jpg | key=name | code=US | code=404 | state=CA | state=all | sort=token
         page_token={R} | q=password | sig= | X-Amz-Date=20240501T000000Z | X-Amz-SignedHeaders=host
         SAMLRequest={R} | response_type=token | tokens=100 | session=3 | appid=wx1234567890abcdef
         code_challenge={R} | keyword=api key | client_id={R} | auth=basic | v={R}",
    );
}

#[test]
fn headers() {
    takes(
        Place::Header,
        "token",
        "x-auth-token=abc | X-Vault-Token=hvs.x | private-token=abc | x-amz-security-token={R}
         circle-token={R} | x-shopify-access-token=abc | x-amzn-oidc-accesstoken={R}",
    );
    takes(
        Place::Header,
        "api-key",
        "x-api-key=abc | api-key=abc | apikey=abc1 | x-goog-api-key=abc
         ocp-apim-subscription-key=abc | dd-api-key=abc | dd-application-key={R} | x-rapidapi-key=abc
         x-functions-key=abc | x-algolia-api-key=abc",
    );
    takes(Place::Header, "csrf-token", "x-csrf-token=abc | x-xsrf-token=abc");
    takes(
        Place::Header,
        "credential",
        "authorization=x | Proxy-Authorization=x | x-forwarded-authorization=x",
    );
    leaves(
        Place::Header,
        "content-type=application/json | sec-websocket-key=dGhlIHNhbXBsZSBub25jZQ==
         idempotency-key={U} | x-ratelimit-remaining-tokens=149000 | etag={R} | x-request-id={U}
         cookie=a=b | set-cookie=a=b | www-authenticate=Bearer realm=\"x\"
         access-control-allow-credentials=true | x-cache-key={R} | x-candidate-id={R}
         x-token-type=user | surrogate-key={R} | authority=a | age=1 | x-session-id={U}
         sec-ch-ua={R} | x-auth-email=a@b.example | x-amz-cf-id={R}",
    );
}

#[test]
fn more_names_of_secrets() {
    takes(
        Place::Json,
        "password",
        "pass_phrase=hunter2 | mot_de_passe=hunter2 | encrypted_password=x9 | ctl00$Main$txtPassword=a
         j_password=hunter2 | dbpass=hunter2 | one_time_password=hunter2 | heslo=hunter2",
    );
    takes(Place::Json, "card-code", "cvv_code=123 | card_verification_value=123 | cvcNumber=1234");
    takes(Place::Json, "credential", "auth_header=Bearer abcdef | _auth=dXNlcjpwYXNz | authorization={R}");
    takes(
        Place::Json,
        "api-key",
        "license_key=ABCDE-12345-FGHIJ-67890 | session_key=HyVFkGl5F5OQWJZZaNzBBg==
         tls.key=LS0tLS1CRUdJTiBQUklWQVRFIEtFWQ",
    );
    takes(Place::Query, "signature", "q-signature={R} | sign=0CC175B9C0F1B6A831C399E269772661");
    takes(Place::Header, "csrf-token", "Jenkins-Crumb={R}");
    takes(Place::Header, "signature", "CB-ACCESS-SIGN={R} | API-Sign={R}");
    takes(Place::Header, "api-key", "X-Gotify-Key={R} | Acme-Key={R} | x-preshared-key=abc");
    takes(Place::Header, "token", "session-token-bin=abc1 | x-goog-iam-authorization-token={R}");
    takes(Place::Json, "otp", "recovery_codes=pcezy3cyvd | backupCode=pcezy-3cyvd");
    takes(Place::Header, "api-key", "x-appwrite-key=abc | x-mbx-apikey=abc123 | x-parse-rest-api-key=abc");
    takes(Place::Header, "token", "x-aws-ec2-metadata-token=abc | x-telegram-bot-api-secret-token=abc");
}

#[test]
fn more_names_that_look_like_it() {
    leaves(
        Place::Json,
        "license_key=apache-2.0 | jwt=RS256 | token=BTC-USD | token=internationalization | token=don't
         token=0x1f9840a85d5af5bf1d1762f925bdaddc4201f984 | user_code=U1001 | time_code=120000
         session_key=2024-05 | encryption_key=alias/aws/s3 | authorization=AUTH-100200
         secret_count=3 | tokens_used=15000 | token_price=0.0001234 | auth_uri=https://a.example/x9
         pass_rate=98.75 | api_key_prefix=sk_live_9f | cvc_check=pass | pan=45 | decline_code=generic_4
         verification_url=https://a.example/abc123def456 | key_hash={R} | token_hint=9f8e7d
         access_key_last_used={U} | secret=false | otp_enabled=true | credential_id={R}
         authentication=x9y8z7 | checksum/secret={R} | recovery_codes=8 | plaintext=Hello you",
    );
    leaves(
        Place::Header,
        "x-secret-version=abc123 | x-key-id={R} | x-aws-ec2-metadata-token-ttl-seconds=21600
         x-amz-server-side-encryption-aws-kms-key-id={U} | x-hub-signature-256=sha256=abc123
         x-auth-method=oidc-2 | content-security-policy=default-src 'self' | x-api-key-name=main-2024
         x-cache-key={R} | x-sort-key={R} | idempotency-key={R} | x-object-key={R} | x-public-key={R}",
    );
}
