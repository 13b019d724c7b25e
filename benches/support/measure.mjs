/** Runs several parties in alternating rounds, and computes the figures of a row. */

/** The number below which this share of them lies. */
export const quantile = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))]

export const median = (numbers) => quantile(numbers, 0.5)

/**
 * Runs every party once a round, round after round, because a shared machine
 * drifts. The order is drawn each time: no party always follows the same one, and
 * garbage that another one left is collected at the cost of each alike.
 *
 * @param parties functions by name; each resolves to a sample `{ cpu, wall }`
 * @param input makes the input of a round, which all parties of the round get
 * @returns the samples of each party, one for each round
 */
export async function interleave(parties, { rounds, warmup = 0, input = () => undefined }) {
  const names = Object.keys(parties)
  const samples = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -warmup; round < rounds; round++) {
    const given = await input(round)
    for (const name of shuffled(names)) {
      const sample = await parties[name](given)
      if (round >= 0) samples[name].push(sample)
    }
  }
  return samples
}

/**
 * How many exchanges a party makes before it is measured. A server runs for days; V8 compiles
 * a function of WebAssembly anew, and better, after some ten thousand calls.
 */
export const WARM = 30_000
/** How many exchanges are young ones: most functions are still as they were compiled at first. */
const YOUNG = 2_000

/**
 * Measures the parties from their first exchange on: while they are young, and when they have
 * warmed up. So both are known, what a young isolate costs and what a server does.
 *
 * @param each how many exchanges a party makes in a round
 * @param processes how many instances of a party share the exchanges
 * @returns the samples of each party, `young` and `warm`
 */
export async function grown(parties, { rounds, each, processes = 1, smoke, input }) {
  const [youth, before] = smoke ? [1, 2] : [YOUNG, WARM].map((exchanges) => Math.ceil((exchanges * processes) / each))
  const young = await interleave(parties, { rounds: youth, input })
  return { young, warm: await interleave(parties, { rounds, warmup: before - youth, input }) }
}

/** What a table of the young says before it. */
export const YOUTH = `Young: the first ${YOUNG.toLocaleString('en')} exchanges of a process, with new tokens.`
/** What a row says before its other tables. */
export const WARMTH = `The tables below are of a process that has made ${WARM.toLocaleString('en')} exchanges before.`

const shuffled = (names) =>
  names
    .map((name) => ({ name, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name)

/** The ratio of two parties in each round. */
export const ratios = (samples, over, under, field = 'cpu') =>
  samples[over].map((sample, round) => sample[field] / samples[under][round][field])

/** The median of the ratios of each round. */
export const ratio = (samples, over, under, field) => median(ratios(samples, over, under, field))

const shown = (number, digits) => number.toFixed(digits ?? (number < 10 ? 2 : number < 1000 ? 1 : 0))

/** A median with its quartiles. */
export function spread(numbers, digits) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => shown(quantile(numbers, share), digits))
  return `${middle} (${low}–${high})`
}

/**
 * A Markdown table with a line for each party: its CPU and wall time, and its
 * CPU time as a multiple of each reference's.
 *
 * @param references column headings and the names of parties
 */
export function table(samples, references, { unit = 'µs', digits } = {}) {
  const names = Object.keys(samples)
  const heads = ['', `CPU ${unit}`, `wall ${unit}`, ...Object.keys(references)]
  const lines = names.map((name) => {
    const of = (field) => spread(samples[name].map((sample) => sample[field]), digits)
    const against = Object.values(references).map((reference) => spread(ratios(samples, name, reference), 2))
    return [name, of('cpu'), of('wall'), ...against]
  })
  return markdown([heads, ...lines])
}

/** A Markdown table; the first row is its head. */
export function markdown([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`.replace(/^\| {2}\|/, '| |')
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
