//! The applications, by client id: those that are registered, and clients whose
//! client id is the URL of their metadata.

use super::registry::{Registered, Registry};
use crate::config::{Application, ClientIdMetadata, Problems};
use crate::storage::resources::{Kind, Object};

/// Applications by client id.
pub(crate) type Applications = Registry<Application>;

impl Registered for Application {
    const KIND: Kind = Kind::Application;
    const FIELD: &'static str = "clientId";

    fn id(&self) -> &str {
        &self.id
    }

    fn called(&self) -> &str {
        &self.client_id
    }

    fn read(object: Object, own_issuer: &str) -> Result<Self, Problems> {
        let Object { id, document, secret, .. } = object;
        Self::from_object(id, document, secret, own_issuer)
    }
    type Rule = ClientIdMetadata;

    fn unregistered(rule: &ClientIdMetadata, name: &str) -> Option<Self> {
        rule.application(name)
    }
}
