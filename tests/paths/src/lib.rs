//! Looks for paths that lead around the rules of a gateway.
//!
//! A path that the gateway lets pass under one rule must not be served, by any
//! upstream, as a path of a rule with another treatment. So random paths go
//! through the gateway, and those that pass go to real servers, which say the
//! route that they would serve. Every path comes from a seed.
//!
//! | module | owns |
//! |---|---|
//! | `rules` | sets of rules, and what each treatment is |
//! | `guard` | what the gateway decides about a path |
//! | `grammar` | paths that servers may read in different ways |
//! | `upstream` and below | the servers, and how they are asked |
//! | `finding` | what is wrong with an answer, in its shortest form |
//! | `search` | the search, and that it would find something |

mod finding;
mod grammar;
mod guard;
mod rules;
mod search;
mod upstream;
mod wire;

pub use finding::Finding;
pub use search::{Report, search};
pub use upstream::KINDS;
