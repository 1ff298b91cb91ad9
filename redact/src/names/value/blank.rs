//! Values that say that there is no secret: masks, variables, references, labels and sentences.

/// Words in the place of a value.
const WORDS: &str = "true false null nil none undefined nan n/a yes no on off string number boolean bool \
    integer object array text hidden required optional enabled disabled unset empty deleted \
    redacted (redacted) <redacted> [redacted] (hidden) <hidden> [hidden] filtered [filtered] \
    masked [masked] <masked> removed include";
/// Words of labels.
const LABELS: &str = "a access again altes api change choose code confirm confirmation create current enter forgot \
    contraseña geheimnis haslo hasło heslo hide kennwort key losenord lösenord mot de passe new neues nouveau nueva of \
    old or parola passphrase passcode passord passwort password pin please re-enter repeat reset schlüssel \
    secret segredo senha set show the token wachtwoord wiederholen your пароль";
/// Words that sentences about secrets have, and passphrases seldom.
const PROSE: &str = "must required invalid incorrect cannot can't characters minimum maximum least match \
    matches enter forgot forgotten please should wrong expired missing blank short weak your \
    been fill muss mindestens zeichen ungültig ungültiges falsch vergessen bitte doit requis caractères incorrect debe \
    obligatoria caracteres inválida moet tekens deve obrigatória";
/// Beginnings of references to secrets that lie elsewhere.
const REFERENCES: &str = "arn: projects/ alias/ vault: env: file: ssm: op:// ref+ secretref: keyvault: http:// https:// / \
    ./ ../ sops: kms: gcp: secret:// @microsoft.keyvault( file:// urn:ietf";

/// Returns whether there is no secret.
pub(in crate::names) fn is_blank(value: &[u8]) -> bool {
    value.is_empty()
        || is_mask(value)
        || is_variable(value)
        || value.len() <= 10 && WORDS.split(' ').any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Asterisks, bullets, and what is left between them.
fn is_mask(value: &[u8]) -> bool {
    const SIGNS: &[u8] = b"*.-_#?";
    let of_one = value.iter().all(|byte| *byte == value[0]);
    let is_mask = of_one && (SIGNS.contains(&value[0]) || value.len() > 2 && matches!(value[0], b'x' | b'X'));
    let has = |mask: &str| memchr::memmem::find(value, mask.as_bytes()).is_some();
    is_mask
        || has("***")
        || has("\u{2022}\u{2022}")
        || has("\u{25cf}\u{25cf}")
        || value.ends_with(b"...")
        || value.len() <= 24 && (has("...") || has("\u{2026}"))
        || value.ends_with("\u{2026}".as_bytes())
}

/// Returns whether it is the digest of something else, with its algorithm before it.
pub(in crate::names) fn is_digest(value: &[u8]) -> bool {
    let digest = value.strip_prefix(b"sha").or_else(|| value.strip_prefix(b"SHA")).unwrap_or_default();
    let algorithms: [&[u8]; 5] = [b"1", b"256", b"384", b"512", b"224"];
    let rest = algorithms.iter().find_map(|algorithm| digest.strip_prefix(*algorithm));
    matches!(rest, Some([b'-' | b':' | b'=', digest @ ..]) if digest.len() >= 24)
}

/// `${TOKEN}`, `$TOKEN`, `{{token}}`, `%TOKEN%`, `<token>`, `YOUR_TOKEN`.
fn is_variable(value: &[u8]) -> bool {
    let between = |open: &[u8], close: &[u8]| {
        value.len() > open.len() && value.starts_with(open) && value.ends_with(close)
    };
    let is_name = |name: &[u8]| {
        name.len() > 2
            && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
    };
    let is_hint = |name: &[u8]| {
        name.len() > 4
            && name[..4].eq_ignore_ascii_case(b"your")
            && matches!(name[4], b'_' | b'-' | b' ')
            && !name.iter().any(u8::is_ascii_digit)
    };
    between(b"${", b"}")
        || between(b"{{", b"}}")
        || between(b"#{", b"}")
        || between(b"%{", b"}")
        || between(b"%", b"%") && is_name(&value[1..value.len() - 1])
        || between(b"<", b">") && !value[1..value.len() - 1].contains(&b'<')
        || value.strip_prefix(b"$").is_some_and(is_name)
        || is_hint(value)
}

/// Returns whether it says where a secret lies: a URL, a path, an entry of a vault.
pub(in crate::names) fn is_reference(value: &[u8]) -> bool {
    let begins =
        |with: &str| value.len() > with.len() && value[..with.len()].eq_ignore_ascii_case(with.as_bytes());
    let is_path = |value: &[u8]| {
        value.iter().filter(|byte| **byte == b'/').count() >= 2
            && value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
    };
    REFERENCES.split(' ').filter(|with| with.len() > 3 || value.len() < 24).any(begins)
        && !is_base64_like(value)
        || is_path(value)
}

/// Base64 may begin with a slash.
fn is_base64_like(value: &[u8]) -> bool {
    value.starts_with(b"/")
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
}

/// Returns whether it is a label (`New password`) or a sentence about secrets (`Password is too short`).
pub(in crate::names) fn is_prose(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let words =
        || text.split([' ', '\u{a0}', '?', ':', '.', ',', '!', '(', ')']).filter(|word| !word.is_empty());
    let is_in = |word: &str, list: &str| list.split(' ').any(|other| other.eq_ignore_ascii_case(word));
    let is_label = text.starts_with(char::is_uppercase) && words().all(|word| is_in(word, LABELS));
    let spaces = text.matches(' ').count();
    is_label || spaces >= 2 && words().any(|word| is_in(word, PROSE))
}
