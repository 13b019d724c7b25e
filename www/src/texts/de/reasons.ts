/** Ursache und Abhilfe der Ablehnungsgründe. */
import type { reasons as Reasons } from '../en/reasons.ts'

export const reasons: typeof Reasons = {}
