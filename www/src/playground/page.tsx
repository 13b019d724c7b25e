import { Heading } from '../ui.tsx'

export function Playground() {
  return <Heading title="Playground" />
}
