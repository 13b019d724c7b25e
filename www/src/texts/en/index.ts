/** The texts of the console in English. `backticks` mark code, [brackets] a link. */
import { administration } from './administration.ts'
import { applications } from './applications.ts'
import { frame } from './frame.ts'
import { issuers } from './issuers.ts'
import { operation } from './operation.ts'
import { playground } from './playground.ts'
import { presets } from './presets.ts'
import { reasons } from './reasons.ts'

export const en = { ...frame, ...issuers, ...applications, ...administration, ...operation, ...playground, presets, reasons }
