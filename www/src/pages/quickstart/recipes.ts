/** What a job, a pod or a shell has to do for its first token, with the values of this server. */
import { TOKEN_EXCHANGE } from '../../model.ts'
import { curl, javascript, type Sent } from '../../playground/request.ts'

/** The values that the recipes need. */
export interface Values {
  /** The issuer of this server: what the subject token has to be for, and above the token endpoint. */
  server: string
  clientId: string
  proof: Sent['proof']
  /** Asked for; empty: what the application has by default. */
  audience: string
  scope: string
  /** Of the service account, where there is one. */
  namespace: string
  account: string
}

export const JWT = 'urn:ietf:params:oauth:token-type:jwt'

const sent = ({ server, clientId, proof, audience, scope }: Values): Sent => ({
  base: server,
  clientId,
  proof,
  grant: TOKEN_EXCHANGE,
  hasActor: false,
  parameters: [['grant_type', TOKEN_EXCHANGE], ['subject_token_type', JWT], ...(audience === '' ? [] : [['audience', audience] as [string, string]]), ...(scope === '' ? [] : [['scope', scope] as [string, string]])],
})

const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** Sets ACCESS_TOKEN from TOKEN. A refusal is printed, and fails. */
const exchange = (values: Values) => `ACCESS_TOKEN=$(${curl(sent(values)).replace('curl', 'curl --silent --show-error --fail-with-body')} | jq -r .access_token)`

/** The variable with which the client authenticates, if there is one. */
const secretOf = ({ proof }: Values) => ({ none: undefined, secret: 'CLIENT_SECRET', key: 'CLIENT_ASSERTION' })[proof]

const github = (values: Values) => `# .github/workflows/exchange.yml
name: Exchange
on: push
permissions:
  id-token: write
  contents: read
jobs:
  exchange:
    runs-on: ubuntu-latest
    steps:
      - name: Exchange the token of the job
${secretOf(values) === undefined ? '' : `        env:\n          ${secretOf(values)}: \${{ secrets.${secretOf(values)} }}\n`}        run: |
          set -o pipefail
          TOKEN=$(curl --silent --show-error --fail -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${encodeURIComponent(values.server)}" | jq -r .value)
${indented(exchange(values), 10)}
          echo "::add-mask::$ACCESS_TOKEN"
          echo "ACCESS_TOKEN=$ACCESS_TOKEN" >> "$GITHUB_ENV"`

const variable = (values: Values, where: string) => (secretOf(values) === undefined ? '' : `# ${secretOf(values)}: ${where}\n`)

const gitlab = (values: Values) => `# .gitlab-ci.yml
${variable(values, 'a masked variable of the project')}exchange:
  image: alpine
  id_tokens:
    TOKEN:
      aud: ${values.server}
  script:
    - apk add --quiet curl jq
    - |
${indented(exchange(values), 6)}`

const circleci = (values: Values) => `# .circleci/config.yml
${variable(values, 'an environment variable of a context')}version: 2.1
jobs:
  exchange:
    docker:
      - image: cimg/base:current
    steps:
      - run:
          name: Exchange the token of the job
          command: |
            TOKEN=$(circleci run oidc get --claims '{"aud": "${values.server}"}')
${indented(exchange(values), 12)}
workflows:
  exchange:
    jobs:
      - exchange`

/** Buildkite fills in variables when it reads the file; two dollar signs stand for one. */
const buildkite = (values: Values) => `# .buildkite/pipeline.yml
${variable(values, 'a secret of the cluster')}steps:
  - label: Exchange the token of the job
    command: |
      TOKEN=$$(buildkite-agent oidc request-token --audience '${values.server}')
${indented(exchange(values).replaceAll('$', '$$$$'), 6)}`

const kubernetes = (values: Values) => `apiVersion: v1
kind: Pod
metadata:
  name: exchange
  namespace: ${values.namespace}
spec:
  serviceAccountName: ${values.account}
  restartPolicy: Never
  containers:
    - name: exchange
      image: alpine
${secretOf(values) === undefined ? '' : `      env:\n        - name: ${secretOf(values)}\n          valueFrom:\n            secretKeyRef:\n              name: ${values.clientId.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}\n              key: ${secretOf(values)!.toLowerCase().replaceAll('_', '-')}\n`}      command: [sh, -c]
      args:
        - |
          apk add --quiet curl jq
          TOKEN=$(cat /var/run/secrets/exchequer/token)
${indented(exchange(values), 10)}
      volumeMounts:
        - name: token
          mountPath: /var/run/secrets/exchequer
          readOnly: true
  volumes:
    - name: token
      projected:
        sources:
          - serviceAccountToken:
              path: token
              audience: ${values.server}
              expirationSeconds: 600`

export const RECIPES = [
  { id: 'github', label: 'GitHub Actions', make: github },
  { id: 'gitlab', label: 'GitLab CI', make: gitlab },
  { id: 'circleci', label: 'CircleCI', make: circleci },
  { id: 'buildkite', label: 'Buildkite', make: buildkite },
  { id: 'kubernetes', label: 'Kubernetes', make: kubernetes },
  { id: 'curl', label: 'curl', make: (values: Values) => curl(sent(values)) },
  { id: 'javascript', label: 'JavaScript', make: (values: Values) => javascript(sent(values)) },
]
