/** Where a member of a document stands in its text, so that a problem can be shown at its place. */

/** A part of a text. */
export interface Place {
  start: number
  end: number
}

/** The name of a member, the number of an item, or what an item of a list is called. */
type Segment = { name: string } | { item: number } | { called: string }

const SEGMENT = /([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g

/** `applications[0].scopes`, `applications["shop"].scopes`. */
export function segmentsOf(path: string): Segment[] {
  return [...path.matchAll(SEGMENT)].map(([, name, item, called]) => (name !== undefined ? { name } : item !== undefined ? { item: Number(item) } : { called: JSON.parse(`"${called}"`) as string }))
}

/** A value of the document, with the places of its members. */
interface Node {
  place: Place
  /** By name, or by number. The place of a member begins at its name. */
  members: Map<string, { place: Place; node: Node }>
  text?: string
}

/** Members by which an item of a list is called. */
const NAMES = ['clientId', 'issuer', 'id', 'name']

/** The innermost place of the path that the text has. `undefined`: the text is no JSON, or has nothing of the path. */
export function placeIn(text: string, path: string): Place | undefined {
  const root = read(text)
  let node = root
  let place: Place | undefined
  for (const segment of segmentsOf(path)) {
    const found = node === undefined ? undefined : memberOf(node, segment)
    if (found === undefined) break
    place = found.place
    node = found.node
  }
  return place
}

function memberOf({ members }: Node, segment: Segment) {
  if ('name' in segment) return members.get(segment.name)
  if ('item' in segment) return members.get(String(segment.item))
  return [...members.values()].find(({ node }) => NAMES.some((name) => node.members.get(name)?.node.text === segment.called))
}

function read(text: string): Node | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return new Reader(text).value()
}

/** Reads text that is known to be JSON. */
class Reader {
  private at = 0

  constructor(private readonly text: string) {}

  value(): Node {
    this.space()
    const start = this.at
    const members: Node['members'] = new Map()
    const first = this.text[this.at]
    let text: string | undefined
    if (first === '{' || first === '[') this.inside(first === '{', members)
    else if (first === '"') text = this.string()
    else while (this.at < this.text.length && !/[\s,\]}]/.test(this.text[this.at]!)) this.at++
    return { place: { start, end: this.at }, members, ...(text !== undefined && { text }) }
  }

  private inside(isObject: boolean, members: Node['members']): void {
    this.at++
    for (let index = 0; ; index++) {
      this.space()
      if (/[\]}]/.test(this.text[this.at]!)) break
      const start = this.at
      const name = isObject ? this.string() : String(index)
      this.space()
      if (isObject) this.at++
      const node = this.value()
      members.set(name, { place: { start: isObject ? start : node.place.start, end: this.at }, node })
      this.space()
      if (this.text[this.at] === ',') this.at++
    }
    this.at++
  }

  private string(): string {
    const start = this.at
    this.at++
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1
    this.at++
    return JSON.parse(this.text.slice(start, this.at)) as string
  }

  private space(): void {
    while (this.at < this.text.length && /\s/.test(this.text[this.at]!)) this.at++
  }
}
