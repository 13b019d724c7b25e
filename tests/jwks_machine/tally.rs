//! What happened in the stories, counted, so that none of it can be missing.

/// How often something happened.
#[derive(Default, Debug)]
pub(crate) struct Tally {
    pub(crate) granted: usize,
    pub(crate) refused: usize,
    pub(crate) unavailable: usize,
    pub(crate) granted_while_failing: usize,
    pub(crate) granted_after_a_refetch: usize,
    pub(crate) refused_after_withdrawal: usize,
    pub(crate) joined: usize,
    pub(crate) gone: usize,
    pub(crate) fetches: usize,
    pub(crate) days: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.granted += other.granted;
        self.refused += other.refused;
        self.unavailable += other.unavailable;
        self.granted_while_failing += other.granted_while_failing;
        self.granted_after_a_refetch += other.granted_after_a_refetch;
        self.refused_after_withdrawal += other.refused_after_withdrawal;
        self.joined += other.joined;
        self.gone += other.gone;
        self.fetches += other.fetches;
        self.days += other.days;
    }

    /// The stories are no good if something never comes up in them.
    pub(crate) fn assert_that_everything_happened(&self) {
        let Self { granted, refused, unavailable, joined, gone, .. } = self;
        let rare = [
            self.granted_while_failing,
            self.granted_after_a_refetch,
            self.refused_after_withdrawal,
        ];
        assert!([granted, refused, unavailable, joined, gone].iter().all(|count| **count > 50));
        assert!(rare.iter().all(|count| *count > 20), "{self:?}");
        assert!(self.days >= 7 * 30, "{self:?}");
    }
}
