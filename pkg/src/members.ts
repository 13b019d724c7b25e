/**
 * Refuses options that nobody knows. One that is misspelt would otherwise not count, and
 * what it was to forbid would be allowed.
 */

/** Every name that an object may have, also one of several shapes. */
type NameOf<T> = T extends unknown ? keyof T & string : never

/** The names of the members of a type, complete: a name more or less does not compile. */
export type Names<T> = Readonly<Record<NameOf<T>, true>>

/**
 * @param of what takes them, as its callers know it: `authenticate`
 * @throws {TypeError} that names the unknown member and the nearest name
 */
export function checkMembers<T extends object>(of: string, given: T, names: Names<T>): void {
  // What is inherited is read, too.
  for (const name in given) {
    if (!Object.hasOwn(names, name)) throw new TypeError(unknown(of, name, Object.keys(names)))
  }
}

/** No name is longer. */
const LONGEST = 64

function unknown(of: string, given: string, names: readonly string[]): string {
  const name = given.slice(0, LONGEST)
  const [nearest, distance] = names
    .map((known) => [known, distanceOf(name.toLowerCase(), known.toLowerCase())] as const)
    .reduce((best, next) => (next[1] < best[1] ? next : best))
  const hint = distance <= Math.max(2, name.length / 3) ? `did you mean \`${nearest}\`?` : `there are ${names.join(', ')}`
  return `\`${of}\` has no option \`${name}\`: ${hint}`
}

/** How many letters have to be put in, left out or changed (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
