/** Fragen und häufige Fehler der Vorlagen. `tests/console/presets.test.mjs` nennt, was hier fehlt. */
import type { presets as Presets } from '../en/presets.ts'

export const presets: typeof Presets = {
  github: {
    asks: { owner: 'Organisation oder Benutzer', ownerId: 'ID des Eigentümers', repositoryId: 'ID des Repositorys' },
    traps: [
      'Jedes Repository auf GitHub erhält Tokens dieses Ausstellers: Ohne eine Bedingung an `repository_owner_id` oder `repository_id` vertrauen Sie allen.',
      'Namen können aufgegeben und von anderen übernommen werden, IDs nicht. `gh api repos/OWNER/REPO --jq "[.owner.id, .id]"` gibt beide aus. Entfernen Sie die Bedingung an `repository_id`, wenn alle Repositorys eines Eigentümers gemeint sind.',
      '`sub` hat zwei Formen: Bei Repositorys, die nach dem 15. Juli 2026 angelegt, umbenannt oder übertragen wurden, enthält es die IDs, wie in `repo:octo-org@123456/app@456789:…`. Für sie gilt eine Bedingung an Namen in `sub` nicht mehr.',
      'Ohne Angabe ist die Audience die URL des Eigentümers. Fordern Sie die dieses Servers an: `core.getIDToken(audience)`, oder `&audience=` in der Anfrage.',
      'Pull-Requests aus Forks haben als `ref` `refs/pull/…`; die Bedingung an `ref` schließt sie aus.',
      'Der Workflow braucht `permissions: id-token: write`.',
    ],
  },
  gitlab: {
    asks: { host: 'GitLab-Host', group: 'Gruppe' },
    traps: [
      'GitLab schreibt `"true"` und Zahlen als Text; eine Bedingung, die mit einem Wahrheitswert vergleicht, ist nicht erfüllt.',
      'Die Audience ist die, die der Job nennt: `id_tokens: { TOKEN: { aud: … } }`. `CI_JOB_JWT` gibt es seit GitLab 17 nicht mehr.',
      '`namespace_path` einer Untergruppe ist der ganze Pfad; „entspricht dem Muster“ mit `my-group/*` nimmt Untergruppen auf.',
    ],
  },
  buildkite: {
    asks: { organization: 'Kurzname der Organisation', pipeline: 'Kurzname der Pipeline' },
    traps: [
      'Jede Organisation bei Buildkite erhält Tokens dieses Ausstellers: Ohne eine Bedingung an `organization_slug` vertrauen Sie allen.',
      'Fordern Sie diesen Server als Audience an: `buildkite-agent oidc request-token --audience …`. Sonst hat das Token die Audience von Buildkite.',
      'Soll nur ein Branch angenommen werden, fügen Sie eine Bedingung an `build_branch` hinzu.',
    ],
  },
  circleci: {
    asks: { organization: 'ID der Organisation', project: 'ID des Projekts' },
    traps: [
      'Die Audience von `CIRCLE_OIDC_TOKEN` ist die ID der Organisation, für jeden Dienst, an den es gesendet wird. CircleCI kann auch ein Token mit einem selbst gewählten `aud` ausstellen: Bevorzugen Sie das, und tragen Sie diesen Wert als Alias ein.',
      'Jedes Projekt der Organisation erhält Tokens dieses Ausstellers: Behalten Sie die Bedingung an `oidc.circleci.com/project-id`.',
      'Bei einem Job, der mit SSH neu gestartet wurde, ist `oidc.circleci.com/ssh-rerun` `true`: Eine Bedingung daran schließt solche Jobs aus.',
      'Claims wie `oidc.circleci.com/context-ids` sind Listen: Prüfen Sie sie mit „enthält“.',
    ],
  },
  bitbucket: {
    asks: { workspace: 'Workspace', workspaceUuid: 'UUID des Workspace, ohne Klammern', repository: 'UUID des Repositorys, ohne Klammern' },
    traps: [
      'Im Token stehen UUIDs in geschweiften Klammern: `{1111…}`. Die Klammern gehören zum Wert.',
      'Der Schritt braucht `oidc: true`; das Token steht in `BITBUCKET_STEP_OIDC_TOKEN`.',
      '`sub` ist die UUID des Repositorys, dann die der Deployment-Umgebung, wenn der Schritt eine hat, dann die des Schritts.',
      'Die Audience ist die des Workspace, wenn der Schritt keine eigenen `audiences` nennt. Bevorzugen Sie eine eigene, und tragen Sie sie als Alias ein.',
    ],
  },
  'azure-devops': {
    asks: { organization: 'ID der Organisation', project: 'ID des Projekts', pipeline: 'ID der Pipeline-Definition' },
    traps: [
      'Die Audience ist immer `api://AzureADTokenExchange` und nicht wählbar. Wer ein solches Token für einen anderen Dienst erhält, könnte es hier vorlegen: Halten Sie die Bedingungen eng, und schalten Sie `replayProtection` ein.',
      'Tokens einer Dienstverbindung haben andere Claims: `sub` ist `sc://organisation/project/connection`. Stellen Sie dann daran eine Bedingung.',
      'IDs in den Claims sind Text: `"1"`, nicht 1.',
      'Der Aussteller hat am Ende keinen Schrägstrich und ist für jede Organisation ein anderer.',
    ],
  },
  'hcp-terraform': {
    asks: { organization: 'ID der Organisation', workspace: 'ID des Workspace' },
    traps: [
      'Jede Organisation bei HCP Terraform erhält Tokens dieses Ausstellers: Behalten Sie die Bedingung an `terraform_organization_id`.',
      'Ein Plan führt den Code von jedem aus, der einen Pull-Request öffnen darf. Die Bedingung an `terraform_run_phase` schließt Pläne aus; legen Sie für Pläne eine zweite Anwendung an, wenn sie lesen müssen.',
      'Setzen Sie `TFC_WORKLOAD_IDENTITY_AUDIENCE` des Workspace auf diesen Server; das Token steht in `TFC_WORKLOAD_IDENTITY_TOKEN`.',
      'Bei Terraform Enterprise ist der eigene Host der Aussteller.',
    ],
  },
  kubernetes: {
    asks: { namespace: 'Namespace', account: 'Service-Account' },
    traps: [
      'Die meisten Cluster veröffentlichen ihre Schlüssel nicht. Fügen Sie ein, was `kubectl get --raw /openid/v1/jwks` ausgibt, und wiederholen Sie das, wenn der Cluster seine Schlüssel wechselt.',
      'Der Aussteller ist der Wert von `--service-account-issuer` des Clusters: `kubectl get --raw /.well-known/openid-configuration` nennt ihn. Bei EKS, GKE und AKS hat jeder Cluster einen öffentlichen.',
      'Nur projizierte Tokens mit einer `audience` dieses Servers funktionieren: Volumes vom Typ `serviceAccountToken`, oder `kubectl create token --audience`.',
    ],
  },
  aws: {
    asks: { id: 'ID in der Aussteller-URL des Kontos', account: 'ID des Kontos', role: 'Name der IAM-Rolle' },
    traps: [
      'Outbound Identity Federation ist zunächst ausgeschaltet: `aws iam enable-outbound-web-identity-federation` schaltet sie ein und gibt die Aussteller-URL des Kontos aus.',
      'Die Rolle braucht die Berechtigung `sts:GetWebIdentityToken`, und der Aufruf muss an einen regionalen Endpunkt von STS gehen: Der globale bietet ihn nicht.',
      'Fordern Sie diesen Server als Audience an. Der Aufruf bestimmt, ob das Token mit RS256 oder ES384 signiert ist.',
      'Die eigenen Claims von AWS stehen in `https://sts.amazonaws.com/`: Eine Bedingung nennt sie `https://sts.amazonaws.com/.aws_account`.',
    ],
  },
  'cloudflare-access': {
    asks: { team: 'Name des Teams', audience: 'Audience-Tag (AUD) der Access-Anwendung' },
    traps: [
      'Tragen Sie das AUD-Tag der Anwendung als Alias ein: Es ist das `aud` ihrer Tokens.',
      'Das Token steht im Header-Feld `Cf-Access-Jwt-Assertion`; das Cookie `CF_Authorization` ist nicht immer vorhanden.',
      'Die Tokens enthalten kein `email_verified`: Konten werden nur dann über die Adresse verknüpft, wenn `trustUnverified` gesetzt ist.',
      'Ein Service-Token von Access hat andere Claims als das einer Person, und keine `email`.',
    ],
  },
  google: {
    asks: { audience: 'OAuth-Client-ID, oder die Audience, die Sie anfordern', domain: 'Workspace-Domain' },
    traps: [
      'Tragen Sie Ihre OAuth-Client-ID als Alias ein: Sie ist das `aud` der ID-Tokens von Google.',
      'Jeder kann ein Google-Konto haben: Verlangen Sie `hd` (Workspace) oder bestimmte Subjects.',
      'Service-Accounts haben kein `hd`; schränken Sie sie über `sub` oder `email` ein.',
      'Access-Tokens von Google sind undurchsichtig und können nicht getauscht werden; senden Sie das ID-Token.',
    ],
  },
  entra: {
    asks: { tenant: 'ID des Mandanten', audience: 'Anwendungs-ID-URI oder Client-ID' },
    traps: [
      'Tokens der Version 1 nennen `https://sts.windows.net/{tenant}/` als Aussteller. Setzen Sie `requestedAccessTokenVersion` im Manifest auf 2, oder registrieren Sie diesen Aussteller.',
      'Ein Token für Microsoft Graph kann niemand sonst prüfen. Fordern Sie einen Scope Ihrer eigenen Anwendung an.',
      '`sub` ist für dieselbe Person in jeder Anwendung ein anderes; `oid` ist überall gleich.',
      '`common` und `organizations` sind keine Aussteller: Ein Token nennt seinen Mandanten.',
    ],
  },
  okta: {
    asks: { domain: 'Okta-Domain', server: 'Autorisierungsserver' },
    traps: [
      'Access-Tokens des Servers der Organisation (`https://{domain}`) sind für die eigene API von Okta und können nicht geprüft werden. Verwenden Sie einen eigenen Autorisierungsserver.',
      'Die Audience des vorgegebenen Servers ist `api://default`: Tragen Sie sie als Alias ein, oder fügen Sie in Okta eine eigene hinzu.',
    ],
  },
  auth0: {
    asks: { domain: 'Auth0-Domain', audience: 'API-Kennung' },
    traps: [
      'Der Aussteller endet mit einem Schrägstrich, und der Vergleich ist genau.',
      'Ohne `audience` in der Autorisierungsanfrage stellt Auth0 ein undurchsichtiges oder verschlüsseltes Token aus, das nicht getauscht werden kann.',
    ],
  },
  keycloak: {
    asks: { host: 'Host', realm: 'Realm' },
    traps: [
      'Ohne weitere Angabe ist die Audience `account`. Fügen Sie dem Client-Scope einen Audience-Mapper für diesen Server hinzu.',
      'Der Aussteller richtet sich nach dem Hostnamen der Anfrage, wenn `KC_HOSTNAME` nicht gesetzt ist. Vor Version 17 begann der Pfad mit `/auth`.',
    ],
  },
  wso2: {
    asks: { host: 'Host und Port', client: 'Client-ID' },
    traps: [
      'Access-Tokens sind zunächst undurchsichtig: Wählen Sie JWT unter Applications → Protocol → Access Token.',
      'Die Audience ist die Client-ID, wenn dort keine weitere eingetragen ist; tragen Sie sie als Alias ein.',
      'Das Zertifikat an Port 9443 ist zunächst selbst signiert, und Schlüssel lassen sich darüber nicht abrufen. Laden Sie stattdessen das Zertifikat hoch, mit dem Tokens signiert werden.',
    ],
  },
  asgardeo: {
    asks: { org: 'Organisation', client: 'Client-ID' },
    traps: [
      'Access-Tokens sind zunächst undurchsichtig: Wählen Sie JWT in den Protokolleinstellungen der Anwendung.',
      'Die Audience ist die Client-ID; tragen Sie sie als Alias ein.',
      'Das Subject ist die ID des Benutzers, wenn kein anderes Attribut gewählt ist; `email` muss angefordert und zugeordnet werden.',
    ],
  },
  spire: {
    asks: { host: 'Host des OIDC-Discovery-Providers', domain: 'Trust-Domain' },
    traps: [
      'Ein JWT-SVID hat nur dann ein `iss`, wenn `jwt_issuer` am SPIRE-Server gesetzt ist, und zwar auf die URL oben.',
      'Fordern Sie es für die Audience dieses Servers an: `spire-agent api fetch jwt -audience …`.',
      'SVIDs gelten fünf Minuten; ein Client, der eines aufhebt, erhält „abgelaufen“.',
    ],
  },
}
