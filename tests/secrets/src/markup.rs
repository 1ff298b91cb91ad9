//! The marks of the notation, within a line.
//!
//! - `«KIND SHAPE»` is a generated secret, `«KIND SHAPE as NAME»` one that comes again as `«again NAME»`. All before the
//!   middle of a `«KIND SHAPE in two»` is to be on disk before the rest is sent.
//! - `‹TEXT›` looks like a secret and must stay as it is.
//! - `⟨TEXT⟩` may stay or go.
//! - `⟦SHAPE⟧` is generated and means nothing; it may stand within the latter two.

use std::collections::HashMap;

use crate::marked::{Class, Mark, Marked};
use crate::random::Random;
use crate::shape;

/// The expansion of one exchange's lines.
pub struct Markup {
    random: Random,
    named: HashMap<String, (String, String)>,
    /// The middles of the secrets of the line expanded last that are sent in two parts.
    middles: Vec<usize>,
}

impl Markup {
    /// That of the exchange `name` in `round`.
    #[must_use]
    pub fn new(name: &str, round: u64) -> Self {
        Self { random: Random::seeded(name, round), named: HashMap::new(), middles: Vec::new() }
    }

    /// The bytes of `line`, which begins `offset` bytes into its body.
    ///
    /// # Errors
    /// The fault for which it can't be read.
    pub fn expand(&mut self, line: &str, offset: usize) -> Result<Marked, String> {
        let mut out = Marked::default();
        let mut rest = line;
        while let Some(at) = rest.find(['«', '‹', '⟨', '⟦']) {
            out.push(&rest.as_bytes()[..at]);
            let opening = rest[at..].chars().next().unwrap_or_default();
            let closing = match opening {
                '«' => '»',
                '‹' => '›',
                '⟨' => '⟩',
                _ => '⟧',
            };
            let inner = &rest[at + opening.len_utf8()..];
            let end = inner.find(closing).ok_or_else(|| format!("{opening} without {closing}"))?;
            rest = &inner[end + closing.len_utf8()..];
            self.one(opening, &inner[..end], offset, &mut out)?;
        }
        out.push(rest.as_bytes());
        Ok(out)
    }

    /// The middles of the secrets of the line expanded last that are sent in two parts.
    pub fn take_middles(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.middles)
    }

    fn one(&mut self, opening: char, inner: &str, offset: usize, out: &mut Marked) -> Result<(), String> {
        let start = out.bytes.len();
        let (class, kind) = match opening {
            '«' => {
                let (inner, in_two) =
                    inner.strip_suffix(" in two").map_or((inner, false), |inner| (inner, true));
                let (kind, value) = self.secret(inner)?;
                if in_two {
                    self.middles.push(start + value.len() / 2);
                }
                out.push(value.as_bytes());
                (Class::Secret, kind)
            }
            '⟦' => {
                let text = self.shaped(inner, offset + start)?;
                out.push(text.as_bytes());
                return Ok(());
            }
            opening => {
                let text = self.expand(inner, offset + start)?;
                out.push(&text.bytes);
                (if opening == '‹' { Class::LookAlike } else { Class::Neutral }, String::new())
            }
        };
        out.marks.push(Mark { range: start..out.bytes.len(), class, kind });
        Ok(())
    }

    fn secret(&mut self, inner: &str) -> Result<(String, String), String> {
        let (inner, name) =
            inner.split_once(" as ").map_or((inner, None), |(inner, name)| (inner, Some(name)));
        let (kind, shape) = inner.split_once(' ').unwrap_or((inner, inner));
        if kind == "again" {
            return self.named.get(shape).cloned().ok_or_else(|| format!("there is no secret named {shape}"));
        }
        let value = self.shaped(shape, 0)?;
        let secret = (kind.to_owned(), value);
        if let Some(name) = name {
            self.named.insert(name.to_owned(), secret.clone());
        }
        Ok(secret)
    }

    fn shaped(&mut self, shape: &str, offset: usize) -> Result<String, String> {
        shape::generate(shape, offset, &mut self.random).ok_or_else(|| format!("there is no shape {shape}"))
    }
}
