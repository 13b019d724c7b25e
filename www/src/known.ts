/** The issuers and applications that count, to be named, chosen and led to. */
import { all, APPLICATIONS, ISSUERS } from './api.ts'
import type { ApplicationSummary, IssuerSummary } from './model.ts'

export interface Known {
  issuers: IssuerSummary[]
  applications: ApplicationSummary[]
}

/** Without those in the place of which the configuration document has another: two would answer to one identifier. */
export const counting = <T extends { overridden?: boolean }>(all: T[]): T[] => all.filter(({ overridden }) => overridden !== true)

export const allIssuers = async (): Promise<IssuerSummary[]> => counting(await all<IssuerSummary>(ISSUERS, 'identityProviders'))
const allApplications = async (): Promise<ApplicationSummary[]> => counting(await all<ApplicationSummary>(APPLICATIONS, 'applications'))

export async function known(): Promise<Known> {
  const [issuers, applications] = await Promise.all([allIssuers(), allApplications()])
  return { issuers, applications }
}
