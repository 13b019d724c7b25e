/**
 * Makes the TypeScript types of `pkg/src/generated` from the JSON Schemas of the
 * engine.
 *
 *     node xtask/types.mjs CONFIG_SCHEMA RESULTS_SCHEMA [--check]
 *
 * With `--check` it writes nothing, and fails when the files are stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'

import { compile } from 'json-schema-to-typescript'

const [config, results, check] = process.argv.slice(2)
const folder = new URL('../pkg/src/generated/', import.meta.url)

const options = {
  ignoreMinAndMaxItems: true,
  bannerComment: '/** Made from the JSON Schema of the engine by `cargo xtask docs`. Not to be edited. */',
  style: { semi: false, singleQuote: true, printWidth: 120 },
}

/** Names by which the types are published, where the engine has another. */
const PUBLISHED = { Issued: 'TokenResponse', Audit: 'Decision' }

/** A template literal type says what no schema can. */
const REASON_CODE = 'RequestReason | TokenReason | `${TokenParameter}.${TokenReason}`'

const made = {
  'config.ts': await compile(configSchema(read(config)), 'ExchequerConfig', options),
  'results.ts': withoutRoot(
    await compile(resultsSchema(read(results)), 'Results', { ...options, additionalProperties: false }),
  ),
}
const stale = Object.entries(made).filter(([name, text]) => current(name) !== text)
if (check === '--check') {
  for (const [name] of stale) console.error(`pkg/src/generated/${name} is stale; \`cargo xtask docs\` writes it anew`)
  process.exit(stale.length === 0 ? 0 : 1)
}
for (const [name, text] of stale) writeFileSync(new URL(name, folder), text)

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function current(name) {
  try {
    return readFileSync(new URL(name, folder), 'utf8')
  } catch {
    return undefined
  }
}

function configSchema(schema) {
  const definitions = Object.entries(schema.$defs).map(([name, one]) => [name, withOpenChoices(one)])
  return { ...schema, title: 'ExchequerConfig', $defs: Object.fromEntries(definitions) }
}

/** Where an object must have one of several members, the choice says which; their types are said already. */
function withOpenChoices(definition) {
  const { properties, oneOf } = definition
  if (properties === undefined || oneOf === undefined) return definition
  const open = (choice) =>
    Object.fromEntries(Object.keys(choice.properties).map((name) => [name, { tsType: 'unknown' }]))
  return { ...definition, oneOf: oneOf.map((choice) => ({ ...choice, properties: open(choice), additionalProperties: false })) }
}

/** The root only holds the results together. */
function withoutRoot(text) {
  const without = text.replace(/^export interface Results \{\n(?: .*\n)*\}\n/m, '')
  if (without === text) throw new Error('the root of the results was not found')
  return without
}

function resultsSchema(schema) {
  const renamed = JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === '$ref' ? value.replace(/[^/]+$/, (name) => PUBLISHED[name] ?? name) : value,
    ),
  )
  const definitions = Object.entries(renamed.$defs).map(([name, one]) => [PUBLISHED[name] ?? name, one])
  renamed.$defs = Object.fromEntries(definitions)
  renamed.$defs.ReasonCode = { description: renamed.$defs.ReasonCode.description, tsType: REASON_CODE }
  // What only the template names has to be a property to be made.
  for (const name of ['RequestReason', 'TokenReason', 'TokenParameter']) {
    renamed.properties[name] = { $ref: `#/$defs/${name}` }
  }
  return renamed
}
