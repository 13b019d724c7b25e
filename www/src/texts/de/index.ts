/** The texts of the console in German. What the server says stays as it is. */
import type { Texts } from '../index.ts'
import { administration } from './administration.ts'
import { applications } from './applications.ts'
import { frame } from './frame.ts'
import { issuers } from './issuers.ts'
import { operation } from './operation.ts'
import { playground } from './playground.ts'
import { presets } from './presets.ts'
import { reasons } from './reasons.ts'

export const de: Texts = { ...frame, ...issuers, ...applications, ...administration, ...operation, ...playground, presets, reasons }
