/** How many requests were granted and refused over time, as bars and as a table. */
import { query } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Fold } from '../../ui/groups.tsx'
import { moment, When } from '../../ui/times.tsx'
import { Notice } from '../../ui/words.tsx'
import type { Bucket, Counts } from './data.ts'

const HEIGHT = 100
/** The width of a bar and of the space that it stands in. */
const BAR = 8
const STEP = 10
/** A single refusal among many has to be seen. */
const LEAST = 2

/** The steps of a scale that people read easily. */
function roundedUp(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most
}

/** Shows the decisions of one bar. */
const choose = ({ time }: Bucket, length: number) => query({ from: String(time), to: String(time + length - 1), time: undefined }, true)

export function Chart({ counts: { bucket: length, buckets, complete } }: { counts: Counts }) {
  const words = t().activity
  const sum = (member: 'granted' | 'refused') => buckets.reduce((sum, bucket) => sum + bucket[member], 0)
  const some = buckets.filter(({ granted, refused }) => granted + refused > 0)
  const summary = words.chartSummary(sum('granted'), sum('refused'))
  return (
    <section aria-label={words.chart}>
      <h2>{words.chart}</h2>
      {some.length === 0 ? (
        <p class="quiet">{words.nothing}</p>
      ) : (
        <>
          <Bars buckets={buckets} length={length} summary={summary} />
          <Fold title={words.table}>
            <Table buckets={some} length={length} />
          </Fold>
        </>
      )}
      {!complete && (
        <Notice kind="warn">
          <p>{words.incomplete}</p>
        </Notice>
      )}
    </section>
  )
}

function Bars({ buckets, length, summary }: { buckets: Bucket[]; length: number; summary: string }) {
  const words = t().activity
  const top = roundedUp(Math.max(...buckets.map(({ granted, refused }) => granted + refused)))
  const high = (count: number) => (count === 0 ? 0 : Math.max(LEAST, (count / top) * HEIGHT))
  return (
    <figure class="chart">
      <span class="top-of-scale quiet" aria-hidden="true">
        {top}
      </span>
      <svg viewBox={`0 0 ${buckets.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary}>
        {buckets.map((bucket, index) => {
          const [granted, refused] = [high(bucket.granted), high(bucket.refused)]
          const x = index * STEP + (STEP - BAR) / 2
          return (
            <g key={bucket.time} onClick={() => choose(bucket, length)}>
              <rect class="ground" x={index * STEP} y={0} width={STEP} height={HEIGHT} />
              <rect class="granted" x={x} y={HEIGHT - granted} width={BAR} height={granted} />
              <rect class="refused" x={x} y={HEIGHT - granted - refused} width={BAR} height={refused} />
              <title>{`${moment(bucket.time)}: ${words.chartSummary(bucket.granted, bucket.refused)}`}</title>
            </g>
          )
        })}
      </svg>
      <div class="axis quiet">
        <When at={buckets[0]!.time} alone />
        <When at={buckets.at(-1)!.time + length} alone />
      </div>
      <figcaption>
        <span class="key granted" aria-hidden="true" /> {words.granted} <span class="key refused" aria-hidden="true" /> {words.refused} <span class="sum">{words.sum(summary)}</span>
        <small class="hint">{words.chartAbout}</small>
      </figcaption>
    </figure>
  )
}

/** The same for those who cannot see or point. */
function Table({ buckets, length }: { buckets: Bucket[]; length: number }) {
  const words = t().activity
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label={words.table}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.from}</th>
            <th scope="col">{words.granted}</th>
            <th scope="col">{words.refused}</th>
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.time}>
              <td>
                <button type="button" class="link" onClick={() => choose(bucket, length)}>
                  <When at={bucket.time} alone />
                </button>
              </td>
              <td>{bucket.granted}</td>
              <td>{bucket.refused}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
