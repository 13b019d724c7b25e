//! The grants, and the endpoints that take issued tokens.

use super::evidence::{Acted, Evidence, Issued, Party, Subject, Token};
use super::foreign::{ForeignToken, Resolved};
use super::objection::{Code, Objections};
use super::policy::{Accepted, Acting, Decision, audience, kind};
use super::today::{Application, Issuer};
use super::{Expected, Model};
use crate::operations::Ask;
use crate::vocabulary::{App, Bound, Form, GrantType, Mode};

/// An actor token.
pub(crate) enum ActorToken {
    Foreign(ForeignToken),
    /// An issued token, by number.
    Issued(usize),
}

impl Model {
    /// Token exchange, or the JWT bearer grant, with a foreign token.
    pub(crate) fn present_foreign(
        &mut self,
        app: App,
        grant: GrantType,
        token: &ForeignToken,
        actor: Option<&ActorToken>,
        ask: &Ask,
    ) -> Expected {
        let application = match self.client(app, grant) {
            Ok(application) => application,
            Err(objections) => return Expected::refused(objections),
        };
        // Told before anything in the grant is looked at.
        let mut objections = Objections::default();
        let public = app == App::Phone && grant == GrantType::Bearer && token.id_jag.is_some();
        objections.of(Code::UnauthorizedClient, public, || "the application is public".into());
        if !objections.is_empty() {
            return Expected::refused(objections);
        }
        let trusted = match self.trusted(&application, token) {
            Ok(trusted) => trusted,
            Err(objections) => return Expected::refused(objections),
        };
        let mut objections = kind(&application, ask, false);
        objections.extend(binding(&trusted.issuer, token, ask));
        let is_id_jag = token.id_jag.is_some();
        objections.extend(id_jag(&application, grant, token));
        objections.extend(self.administrator_status(&application, &trusted.issuer, token));
        let link = self.implicit_link(&application, &trusted.issuer, token);
        let resolved = match &link {
            Some(link) => self.through(link),
            None => {
                self.by_link(&application, Party { iss: Some(token.iss), sub: token.sub.clone() })
            }
        };
        let outlive = application.settings.outlive_subject;
        let accepted = resolved.map(|Resolved { subject, link }| Accepted {
            issuer: Some(Issued {
                by: trusted.issuer.id.clone(),
                in_force: trusted.in_force.clone(),
            }),
            subject,
            link,
            // Of others than its own subjects an issuer says nothing.
            actors: token
                .act
                .iter()
                .filter(|actor| actor.iss == Some(token.iss))
                .cloned()
                .collect(),
            acted: vec![],
            may_act: token.may_act.clone(),
            ends: (!outlive).then_some(token.exp),
            scope: token.id_jag.as_ref().and_then(|one| one.scope.clone()),
            audience: resource(token),
            family: None,
            is_id_jag,
        });
        let actor = actor.map(|actor| self.actor(&application, actor, ask)).transpose();
        match self.decided(&application, accepted, actor, ask, &mut objections) {
            Some((accepted, decision)) => {
                self.today.links.extend(link);
                self.next_link += 1;
                self.issue(&application, grant, accepted, decision, ask)
            }
            // A link may have been made before the request was refused.
            None => Expected::Refused { objections, perhaps: link },
        }
    }

    /// A token of an application about itself: with its own scopes and for its own
    /// audiences, without a subject token that would bound it.
    pub(crate) fn about_itself(&mut self, app: App, ask: &Ask) -> Expected {
        let application = match self.client(app, GrantType::Client) {
            Ok(application) => application,
            Err(objections) => return Expected::refused(objections),
        };
        let accepted = Accepted {
            issuer: None,
            subject: Subject::Client(app),
            link: None,
            actors: vec![],
            acted: vec![],
            may_act: None,
            ends: None,
            scope: None,
            audience: None,
            family: None,
            is_id_jag: false,
        };
        match self.decide(&application, &accepted, None, ask) {
            Ok(decision) => self.issue(&application, GrantType::Client, accepted, decision, ask),
            Err(objections) => Expected::refused(objections),
        }
    }

    /// Token exchange of an issued token.
    pub(crate) fn exchange_issued(
        &mut self,
        app: App,
        number: usize,
        actor: Option<&ActorToken>,
        ask: &Ask,
    ) -> Expected {
        let application = match self.client(app, GrantType::Exchange) {
            Ok(application) => application,
            Err(objections) => return Expected::refused(objections),
        };
        let presented = self.token(number).clone();
        let again = self.in_grace(&application, &presented);
        let token = if again { self.newest(&presented) } else { presented };
        let mut objections = kind(&application, ask, true);
        objections.of_key(token.key, ask.key);
        if token.form == Form::Refresh {
            objections.extend(self.use_refresh_token(&application, &token));
        }
        objections.extend(self.objections_to(&token));
        objections.extend(self.objections_at(&application, &token));
        let accepted = self.subject_at(&application, &token);
        let actor = actor.map(|actor| self.actor(&application, actor, ask)).transpose();
        match self.decided(&application, accepted, actor, ask, &mut objections) {
            Some((accepted, decision)) => {
                self.issue(&application, GrantType::Exchange, accepted, decision, ask)
            }
            None => Expected::refused(objections),
        }
    }

    /// An issued token as the subject of an exchange: whom the application that
    /// presents it would have today, and no more than the token was good for.
    fn subject_at(&self, application: &Application, token: &Token) -> Result<Accepted, Objections> {
        let evidence = &token.evidence;
        let Resolved { subject, link } = match &evidence.subject {
            Subject::Federated(party) => self.by_link(application, party.clone())?,
            Subject::Local(_) if application.mode == Mode::Off => {
                let why = format!("`{}` has no local users", application.app.text());
                return Err(Objections::one(Code::OfToken, why));
            }
            local @ Subject::Local(_) => Resolved { subject: local.clone(), link: evidence.link },
            Subject::Client(_) => {
                return Err(Objections::one(Code::OfToken, "the token is about an application"));
            }
        };
        let is_refresh = token.form == Form::Refresh;
        Ok(Accepted {
            issuer: evidence.issuer.clone(),
            subject,
            link,
            actors: evidence.actors.clone(),
            acted: evidence.acted.clone(),
            may_act: evidence.may_act.clone(),
            ends: Some(self.ends(token)),
            scope: Some(self.effective_scope(token)),
            audience: is_refresh.then(|| token.audience.clone()),
            family: token.family,
            is_id_jag: false,
        })
    }

    /// Who acts, if they may.
    fn actor(
        &self,
        application: &Application,
        actor: &ActorToken,
        ask: &Ask,
    ) -> Result<Acting, Objections> {
        let (party, acted, delegated, address) = match actor {
            ActorToken::Foreign(token) => {
                let trusted = self.trusted(application, token)?;
                let mut objections = id_jag(application, GrantType::Exchange, token);
                objections.extend(binding(&trusted.issuer, token, ask));
                objections.or(())?;
                let address = self.by_address(&trusted.issuer, token);
                let party = Party { iss: Some(token.iss), sub: token.sub.clone() };
                let acted = Acted {
                    at: application.id.clone(),
                    issuer: Some(Issued { by: trusted.issuer.id, in_force: trusted.in_force }),
                    subject: Subject::Federated(party.clone()),
                    link: None,
                    client: None,
                };
                (party, acted, token.act.is_some(), address)
            }
            ActorToken::Issued(number) => {
                let token = self.token(*number);
                let mut objections = self.objections_to(token);
                objections.of_key(token.key, ask.key);
                objections.extend(self.objections_at(application, token));
                if !objections.is_empty() {
                    return Err(objections);
                }
                let Evidence { issuer, subject, link, actors, application: of, .. } =
                    token.evidence.clone();
                let client = matches!(subject, Subject::Client(_)).then_some(of);
                let (party, at) = (subject.party(), application.id.clone());
                (party, Acted { at, issuer, subject, link, client }, !actors.is_empty(), None)
            }
        };
        // Acting links nobody, but a local user who is locked does not act.
        let link = party.iss.and_then(|iss| self.today.link(iss, &party.sub));
        let user = link.map(|link| link.user.clone()).or(address);
        let wrong = user.map(|user| self.today.status(&user)).unwrap_or_default();
        if wrong.is_empty() { Ok(Acting { party, acted, delegated }) } else { Err(wrong) }
    }

    /// The decision, if nobody objects.
    fn decided(
        &self,
        application: &Application,
        accepted: Result<Accepted, Objections>,
        actor: Result<Option<Acting>, Objections>,
        ask: &Ask,
        objections: &mut Objections,
    ) -> Option<(Accepted, Decision)> {
        let (accepted, actor) = match (accepted, actor) {
            (Ok(accepted), Ok(actor)) => (accepted, actor),
            (accepted, actor) => {
                objections.extend(accepted.err().unwrap_or_default());
                objections.extend(actor.err().unwrap_or_default());
                // The target does not depend on whom the token is about.
                audience(application, None, ask, objections);
                return None;
            }
        };
        match self.decide(application, &accepted, actor.as_ref(), ask) {
            Ok(decision) => objections.is_empty().then_some((accepted, decision)),
            Err(more) => {
                objections.extend(more);
                None
            }
        }
    }
}

/// What is wrong with a foreign token that is bound to a key. The key of an identity
/// assertion grant is always asked for.
fn binding(issuer: &Issuer, token: &ForeignToken, ask: &Ask) -> Objections {
    let mut objections = Objections::default();
    match issuer.bound {
        Bound::Refuse => objections.of_token(token.key.is_some(), || {
            "the token is bound to a key, and such tokens of its issuer are refused".into()
        }),
        Bound::Ignore if token.id_jag.is_none() => {}
        Bound::Require | Bound::Ignore => objections.of_key(token.key, ask.key),
    }
    objections
}

/// What an identity assertion grant is refused for: it is brought by the client that
/// it names, which proves that it is that, and is for what that client may ask for.
fn id_jag(application: &Application, grant: GrantType, token: &ForeignToken) -> Objections {
    let mut objections = Objections::default();
    let Some(id_jag) = &token.id_jag else { return objections };
    objections.of_token(grant != GrantType::Bearer, || "a grant is not exchanged".into());
    objections.of_token(id_jag.client != application.app, || {
        format!("the grant is for `{}`", id_jag.client.text())
    });
    let allowed = application.may_ask_for();
    let foreign = resource(token).is_some_and(|all| all.iter().any(|one| !allowed.contains(one)));
    objections.of_token(foreign, || "the grant is for another resource".into());
    objections
}

/// What a grant is for, if it says so.
fn resource(token: &ForeignToken) -> Option<Vec<String>> {
    let resource = token.id_jag.as_ref()?.resource.as_ref()?;
    let resource: Vec<String> = resource.iter().map(|one| one.text().into()).collect();
    (!resource.is_empty()).then_some(resource)
}
