/** The Helm chart, rendered by Helm's own code, and checked by Kubernetes' schemas. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { createExchequer } from 'exchequer'
import { parseAllDocuments } from 'yaml'

import { PYTHON, RELEASE, ROOT, VERSION, filesIn, layout } from './support/release.mjs'

const CHART = join(RELEASE, `helm/exchequer-${VERSION}.tgz`)
const least = { config: { issuer: 'https://sts.example.com' }, store: { url: 'postgres://exchequer@db/exchequer' } }
const full = {
  ...least,
  config: { issuer: 'https://sts.example.com', applications: [{ clientId: 'bot', clientSecret: { env: 'BOT' }, grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] }] },
  store: { url: 'rediss://redis:6379', password: { name: 'store', key: 'password' } },
  adminToken: { name: 'admin', key: 'token' },
  keyWrappingKey: { name: 'keys', key: 'wrapping' },
  secrets: { env: [{ variable: 'BOT', name: 'bot', key: 'secret' }], files: [{ folder: 'signing', name: 'signing-key' }] },
  image: { digest: `sha256:${'0'.repeat(64)}` },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public', namespace: 'gateways' }], hostnames: ['sts.example.com'] },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  networkPolicy: { from: [{ namespaceSelector: { matchLabels: { name: 'gateways' } } }] },
  imagePullSecrets: [{ name: 'registry' }],
  tolerations: [{ key: 'a', operator: 'Exists' }], nodeSelector: { pool: 'a' }, podAnnotations: { a: 'b' }, podLabels: { a: 'b' },
}
const alone = { ...least, store: { url: 'memory:' }, replicaCount: 1, autoscaling: { enabled: false }, networkPolicy: { enabled: false }, podDisruptionBudget: { enabled: false }, drainSeconds: 0 }

/** What becomes of each of these values. */
function rendered(cases) {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(ROOT, 'tests/release/charts.py'), CHART], { input: JSON.stringify(cases), encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const kinds = ({ manifests }) => manifests.map(({ kind }) => kind).sort()
const one = ({ manifests, refused }, kind) => manifests?.find((manifest) => manifest.kind === kind) ?? assert.fail(`no ${kind}: ${refused}`)

describe('the chart', () => {
  const [ofLeast, ofFull, ofAlone] = rendered([least, full, alone])

  it('becomes manifests that the schemas of Kubernetes 1.30 and 1.37 allow', () => {
    assert.deepEqual(kinds(ofLeast), ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount'])
    assert.deepEqual(kinds(ofFull), [...kinds(ofLeast), 'HTTPRoute', 'ServiceMonitor'].sort())
    assert.deepEqual(kinds(ofAlone), ['ConfigMap', 'Deployment', 'Service', 'ServiceAccount'])
  })

  it('becomes a route and a monitor that the schemas of their operators allow', () => {
    for (const Kind of [HTTPRoute, ServiceMonitor]) {
      const manifest = one(ofFull, Kind.name)
      new Kind(manifest).validate()
      assert.throws(() => new Kind({ ...manifest, spec: 'nonsense' }).validate(), `${Kind.name} has a schema`)
    }
  })

  it('runs the image as a user that may write nothing', () => {
    const { spec } = one(ofFull, 'Deployment').spec.template
    const [container] = spec.containers
    assert.equal(container.image, `exchequer@sha256:${'0'.repeat(64)}`)
    assert.equal(one(ofLeast, 'Deployment').spec.template.spec.containers[0].image, `exchequer:${VERSION}`)
    assert.deepEqual([spec.securityContext.runAsNonRoot, spec.securityContext.runAsUser, spec.automountServiceAccountToken], [true, 65532, false])
    assert.deepEqual(container.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    for (const probe of ['startupProbe', 'readinessProbe']) assert.equal(container[probe].httpGet.path, '/healthz')
  })

  it('refers to secrets and holds none', () => {
    const { env } = one(ofFull, 'Deployment').spec.template.spec.containers[0]
    assert.deepEqual(env.map(({ name, valueFrom }) => [name, valueFrom.secretKeyRef.name]), [['EXCHEQUER_STORE_TOKEN', 'store'], ['EXCHEQUER_ADMIN_TOKEN', 'admin'], ['EXCHEQUER_KEY_WRAPPING_KEY', 'keys'], ['BOT', 'bot']])
    assert.ok(!kinds(ofFull).includes('Secret'))
  })

  it('makes new pods when the document changes', () => {
    const checksum = (result) => one(result, 'Deployment').spec.template.metadata.annotations['checksum/config']
    const [same, other] = rendered([least, { ...least, config: { issuer: 'https://other.example.com' } }])
    assert.equal(checksum(same), checksum(ofLeast))
    assert.notEqual(checksum(other), checksum(ofLeast))
  })

  it('makes no new pods for a document that the pods watch', () => {
    const [watched, other] = rendered([{ ...full, watch: true }, { ...full, watch: true, config: least.config }])
    const pod = (result) => one(result, 'Deployment').spec.template
    assert.ok(pod(watched).spec.containers[0].args.includes('--watch'))
    assert.ok(!pod(rendered([full])[0]).spec.containers[0].args.includes('--watch'))
    assert.deepEqual(pod(watched), pod(other))
    assert.deepEqual(pod(rendered([{ ...least, watch: true }])[0]).metadata.annotations, undefined)
  })

  it('writes a document that the server takes', async () => {
    const document = one(ofFull, 'ConfigMap').data['exchequer.json']
    assert.deepEqual(JSON.parse(document), full.config)
    const sts = await createExchequer(document, { secrets: () => 'a-secret-that-is-long-enough-to-be-one' })
    await sts.close()
  })

  it('has a route and a monitor that name the service', () => {
    const service = one(ofFull, 'Service')
    const route = one(ofFull, 'HTTPRoute').spec
    assert.deepEqual(route.rules[0].backendRefs, [{ name: service.metadata.name, port: service.spec.ports[0].port }])
    assert.deepEqual(route.parentRefs, full.httpRoute.parentRefs)
    const monitor = one(ofFull, 'ServiceMonitor').spec
    assert.deepEqual(Object.entries(monitor.selector.matchLabels).filter(([name, value]) => service.metadata.labels[name] !== value), [])
    assert.deepEqual(monitor.endpoints[0].authorization.credentials, full.adminToken)
  })

  it('refuses what would not work', () => {
    const cases = [
      [{ ...least, store: { url: '' } }, /store/],
      [{ ...least, config: {} }, /issuer/],
      [{ ...least, store: { url: 'memory:' } }, /memory: is for|memory:, which is for one process/],
      [{ ...least, store: { url: 'sqlite:x' } }, /url/],
      [{ ...least, store: { url: 'postgres://user:password@db/x' } }, /url/],
      [{ ...least, serviceMonitor: { enabled: true } }, /needs adminToken/],
      [{ ...least, httpRoute: { enabled: true } }, /needs httpRoute.parentRefs/],
      [{ ...least, image: { tag: 'latest' } }, /tag/],
      [{ ...least, replicas: 3 }, /replicas/],
    ]
    const results = rendered(cases.map(([values]) => values))
    results.forEach(({ refused }, index) => assert.match(refused ?? 'nothing was refused', cases[index][1]))
  })

  it('has no problem that `helm lint` finds', () => {
    const program = `import helm_python as h, json, sys\nreport = h.lint(sys.argv[1], json.load(sys.stdin), strict=True)\nsys.exit(json.dumps(report) if report["errors"] or any(m["severity"] > 1 for m in report["messages"]) else 0)`
    const { status, stderr } = spawnSync(PYTHON, ['-c', program, join(ROOT, 'deploy/chart')], { input: JSON.stringify(full), encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })
})

describe('the manifests', () => {
  it('are the chart with the values of deploy/manifests, and name the image by its digest', () => {
    const digest = layout('server').tags[VERSION]
    for (const path of filesIn('manifests')) {
      const manifests = parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS())
      assert.ok(manifests.length >= 7, path)
      const deployment = manifests.find(({ kind }) => kind === 'Deployment')
      assert.equal(deployment.spec.template.spec.containers[0].image, `exchequer@${digest}`)
    }
  })
})
