//! The applications, by client id.

use super::registry::{Registered, Registry};
use crate::config::{Application, Problems};
use crate::storage::resources::{Kind, Object};

/// Applications by client id.
pub(crate) type Applications = Registry<Application>;

impl Registered for Application {
    const KIND: Kind = Kind::Application;
    const FIELD: &'static str = "clientId";

    fn id(&self) -> &str {
        &self.id
    }

    fn read(object: Object, own_issuer: &str) -> Result<Self, Problems> {
        let Object { id, document, secret, .. } = object;
        Self::from_object(id, document, secret, own_issuer)
    }
}
