declare module 'virtual:reasons' {
  const reasons: Record<string, { cause: string; remedy: string } | undefined>
  export default reasons
}
