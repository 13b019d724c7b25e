/** How long something took: histograms, for Prometheus and for OTLP. Labels come from fixed lists. */

/** Upper bounds of the buckets, in seconds. */
export const BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** One row of a histogram. */
export interface Row {
  /** The values of the labels, in their order. */
  readonly values: readonly string[]
  /** How many fell into each bucket, and behind the last. */
  readonly buckets: number[]
  sum: number
  count: number
}

export class Latencies {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly #rows = new Map<string, Row>()

  constructor(name: string, help: string, labels: readonly string[]) {
    this.name = name
    this.help = help
    this.labels = labels
  }

  /** Counts something that took so many milliseconds. */
  count(milliseconds: number, ...values: readonly string[]): void {
    count(this.row(...values), milliseconds)
  }

  /** The row with these values of the labels, for {@link count}. */
  row(...values: readonly string[]): Row {
    const key = values.join(' ')
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { values, buckets: new Array<number>(BOUNDS.length + 1).fill(0), sum: 0, count: 0 }
      this.#rows.set(key, row)
    }
    return row
  }

  rows(): Iterable<Row> {
    return this.#rows.values()
  }

  /** In the text format that Prometheus reads. */
  text(): string {
    let text = `# HELP ${this.name} ${this.help}\n# TYPE ${this.name} histogram\n`
    for (const { values, buckets, sum, count } of this.#rows.values()) {
      const labels = this.labels.map((label, index) => `${label}="${values[index]}"`).join(',')
      let below = 0
      BOUNDS.forEach((bound, index) => {
        below += buckets[index]!
        text += `${this.name}_bucket{${labels},le="${bound}"} ${below}\n`
      })
      text += `${this.name}_bucket{${labels},le="+Inf"} ${count}\n`
      text += `${this.name}_sum{${labels}} ${sum}\n${this.name}_count{${labels}} ${count}\n`
    }
    return text
  }
}

/** Counts in a row something that took so many milliseconds. */
export function count(row: Row, milliseconds: number): void {
  const seconds = Math.max(milliseconds, 0) / 1000
  let bucket = 0
  while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++
  row.buckets[bucket]!++
  row.sum += seconds
  row.count++
}
