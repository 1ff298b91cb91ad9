//! A user of the proxy: `USER:PASSWORD`, or a line of a file as Apache's `htpasswd` makes it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A user's name, and what the password is checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub(crate) user: String,
    pub(crate) password: Password,
}

/// A password, or what was made of it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Password {
    Plain(String),
    Bcrypt(String),
    /// Apache's variety of MD5-crypt.
    Apr1 {
        salt: String,
        hash: String,
    },
    Sha1([u8; 20]),
}

/// A text that names no user with a password that can be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredential {
    /// It has no colon, or nothing before it.
    #[error("expected USER:PASSWORD (in a file, USER:HASH)")]
    NoUser,
    /// Its hash is of a kind that is not supported, or damaged.
    #[error(
        "the password of {user} has an unsupported hash: make it with `htpasswd -B`, -m or -s (bcrypt, \
         apr1 or SHA-1)"
    )]
    Hash {
        /// Whose it is.
        user: String,
    },
}

impl Credential {
    /// The users of a file in htpasswd's format: a line each, `USER:HASH`. Empty lines and those that begin with `#` say
    /// nothing. An error comes with the line's number.
    ///
    /// # Errors
    /// When a line names no user, or its hash is none of bcrypt, apr1 and SHA-1.
    pub fn htpasswd(text: &str) -> Result<Vec<Self>, (usize, InvalidCredential)> {
        let lines = text.lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines.map(|(index, line)| Self::hashed(line).map_err(|error| (index + 1, error))).collect()
    }

    /// The user's name and password, if the password itself is known.
    #[must_use]
    pub fn plain(&self) -> Option<(&str, &str)> {
        match &self.password {
            Password::Plain(password) => Some((&self.user, password)),
            Password::Bcrypt(_) | Password::Apr1 { .. } | Password::Sha1(_) => None,
        }
    }

    fn hashed(line: &str) -> Result<Self, InvalidCredential> {
        let (user, hash) = split(line)?;
        let password = Password::hashed(hash);
        let password = password.ok_or_else(|| InvalidCredential::Hash { user: user.to_owned() })?;
        Ok(Self { user: user.to_owned(), password })
    }
}

impl Password {
    fn hashed(hash: &str) -> Option<Self> {
        if let Some(rest) = hash.strip_prefix("$apr1$") {
            let (salt, hash) = rest.split_once('$')?;
            let sound = (1..=8).contains(&salt.len()) && hash.len() == 22;
            return sound.then(|| Self::Apr1 { salt: salt.to_owned(), hash: hash.to_owned() });
        }
        if let Some(digest) = hash.strip_prefix("{SHA}") {
            return STANDARD.decode(digest).ok()?.try_into().ok().map(Self::Sha1);
        }
        let is_bcrypt = hash.starts_with("$2") && hash.parse::<bcrypt::HashParts>().is_ok();
        is_bcrypt.then(|| Self::Bcrypt(hash.to_owned()))
    }
}

impl FromStr for Credential {
    type Err = InvalidCredential;

    /// Reads `USER:PASSWORD`.
    fn from_str(text: &str) -> Result<Self, InvalidCredential> {
        let (user, password) = split(text)?;
        Ok(Self { user: user.to_owned(), password: Password::Plain(password.to_owned()) })
    }
}

fn split(text: &str) -> Result<(&str, &str), InvalidCredential> {
    text.split_once(':').filter(|(user, _)| !user.is_empty()).ok_or(InvalidCredential::NoUser)
}

/// Without the password.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_htpasswd() {
        let text = "# users\n\na:$apr1$x$1234567890123456789012\n b:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M= \n\
                    c:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
        let users = Credential::htpasswd(text).unwrap();
        assert_eq!(users.iter().map(|user| user.user.as_str()).collect::<String>(), "abc");
        assert!(users.iter().all(|user| user.plain().is_none()));
        let debug = format!("{users:?}");
        assert!(debug.contains('a') && !debug.contains("apr1"), "{debug}");
    }

    #[test]
    fn what_can_not_be_checked_is_an_error_with_its_line() {
        for (line, expect) in [
            ("a", "USER:PASSWORD"),
            (":x", "USER:PASSWORD"),
            ("a:plain", "of a has an unsupported hash"),
            ("a:$1$salt$hash", "htpasswd -B"),
            ("a:$apr1$salt$short", "unsupported hash"),
            ("a:{SHA}x", "unsupported hash"),
            ("a:$2y$05$short", "unsupported hash"),
            ("a:rl.3StKT.4T8M", "unsupported hash"),
        ] {
            let (number, error) = Credential::htpasswd(&format!("\n{line}")).unwrap_err();
            assert_eq!(number, 2);
            assert!(error.to_string().contains(expect), "{line}: {error}");
        }
    }

    #[test]
    fn a_password_may_have_colons() {
        let user: Credential = "a:b:c".parse().unwrap();
        assert_eq!(user.plain(), Some(("a", "b:c")));
        assert_eq!("a".parse::<Credential>().unwrap_err(), InvalidCredential::NoUser);
    }
}
