//! Traffic: from an accepted socket to an answered request.
