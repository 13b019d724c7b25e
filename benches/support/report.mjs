/** The text of a row that has a cold token and a repeated one. */
import { WARMTH, YOUTH, ratio, table } from './measure.mjs'

/**
 * @param cold the samples with new tokens, `young` and `warm`
 * @param where "In Node"
 * @param how how it was measured: one sentence or more
 * @param names the names of four parties: `own`, `peer`, `map`, `limit`; and of `cached`, if
 *   exchequer was measured with its cache of verified tokens
 * @param called the names of the peers in a sentence
 */
export function told({ young, warm: cold }, repeated, { where, how, names: { own, cached, peer, map, limit }, called }) {
  const times = (samples, over, under) => ratio(samples, over, under).toFixed(2)
  const coldly = `with a cold token ${times(cold, own, limit)} times two native signatures, and ${called.peer} costs ${times(cold, peer, own)} times as much as exchequer`
  const repeatedly = (party) => `${called.peer} costs ${times(repeated, peer, party)} times as much, ${called.map} ${times(repeated, map, party)} times`
  const known = cached === undefined ? '' : `; with its cache ${repeatedly(cached)}`
  const youthfully = `while it is young ${times(young, own, limit)} times, and ${called.peer} ${times(young, peer, own)} times`
  const again = `with a repeated one ${repeatedly(own)}${known}`
  const references = { 'CPU, limit = 1': limit, 'CPU, exchequer = 1': own }
  return {
    summary: `${coldly}; ${again}`,
    text: `${how}

${YOUTH}

${table(young, references)}

${WARMTH}

Cold: every token is new to everybody (hit rate 0).

${table(cold, references)}

Repeated: every token was exchanged before (hit rate 1).

${table(repeated, references)}

${where} exchequer costs ${coldly};
${youthfully};
${again}.`,
  }
}

/** The names of the peers in JavaScript. */
export const JOSE = { peer: '`jose`', map: '`jose` with a Map' }
