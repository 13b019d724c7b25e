/** The texts of the console in English. `backticks` mark code, [brackets] a link. */
import { administration } from './administration.ts'
import { applications } from './applications.ts'
import { frame } from './frame.ts'
import { issuers } from './issuers.ts'
import { playground } from './playground.ts'

export const en = { ...frame, ...issuers, ...applications, ...administration, ...playground }
