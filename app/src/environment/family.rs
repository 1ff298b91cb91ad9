//! The shape of an entry in the table of programs.

/// Programs that need the same.
pub(super) struct Family {
    /// Their names, for people.
    pub(super) name: &'static str,
    /// The reason for the entry.
    pub(super) why: &'static str,
    /// The variables to set.
    pub(super) variables: &'static [(&'static str, Value)],
    /// The files to write.
    pub(super) files: &'static [File],
    /// Files of ours, and the system's that each lies over while the program runs, where the system allows that. A folder
    /// of ours is added to the system's.
    pub(super) laid: &'static [(&'static str, &'static str)],
}

/// The value of a variable. Texts may have places: see [`super::template`].
pub(super) enum Value {
    /// This text in place of the user's.
    Set(&'static str),
    /// This word behind the user's.
    Word {
        /// The word.
        text: &'static str,
        /// True if the program knows quotes. Without them a word with a space can't be given.
        is_quotable: bool,
    },
    /// This entry of a list of paths before the user's.
    Before(&'static str),
    /// The same, where an empty entry stands for the program's default.
    BeforeDefault(&'static str),
    /// This entry of a list of paths behind the user's.
    After {
        /// The list where the user has none: the program's default.
        default: &'static str,
        /// The entry.
        text: &'static str,
    },
    /// The hosts that don't go through the proxy.
    Excluded,
    /// Options of the Java virtual machine.
    Java,
}

/// A file to write.
pub(super) struct File {
    /// Its path within its folder.
    pub(super) path: &'static str,
    /// Its text, with places unless it lasts.
    pub(super) text: &'static str,
    /// How long it is there.
    pub(super) stay: Stay,
}

/// How long a file is there.
pub(super) enum Stay {
    /// As long as the home: it holds nothing of this run, and programs left behind may still want it.
    Lasting,
    /// As long as the program. It begins with a copy of the first of these files that is there, so that the user's own
    /// settings stay in force.
    Passing {
        /// The files.
        behind: &'static [&'static str],
    },
}

/// A file that lasts.
pub(super) const fn lasting(path: &'static str, text: &'static str) -> File {
    File { path, text, stay: Stay::Lasting }
}

/// An entry with nothing in it, to begin with.
pub(super) const NONE: Family = Family { name: "", why: "", variables: &[], files: &[], laid: &[] };
