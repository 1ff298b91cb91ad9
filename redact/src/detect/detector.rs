//! The detectors by their names in configuration.

use crate::how::How;

/// A detector of secrets in texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Detector {
    /// Card numbers.
    Card,
    /// Signatures of JSON web tokens.
    Jwt,
    /// Keys whose prefix or form says whose they are.
    KnownKey,
    /// Passwords and tokens in URLs.
    UrlCredential,
    /// Private keys in blocks.
    PrivateKey,
    /// Credentials of HTTP in texts.
    Authorization,
    /// Cookies in texts.
    Cookie,
    /// Values behind secrets' names in texts.
    Assignment,
}

/// All of them, with their names.
pub(crate) const DETECTORS: [(Detector, &str); 8] = [
    (Detector::Card, "card"),
    (Detector::Jwt, "jwt"),
    (Detector::KnownKey, "known-key"),
    (Detector::UrlCredential, "url-credential"),
    (Detector::PrivateKey, "private-key"),
    (Detector::Authorization, "authorization"),
    (Detector::Cookie, "cookie"),
    (Detector::Assignment, "assignment"),
];

impl Detector {
    /// The detector of this name in configuration.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        DETECTORS.iter().find(|(_, known)| *known == name).map(|(detector, _)| *detector)
    }

    /// How its finds are replaced where nothing else is said.
    pub(super) fn how(self) -> How {
        if self == Self::Card { How::Mask } else { How::Seal }
    }
}
