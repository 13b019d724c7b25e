/** One quick start: the values of this server, and the text to copy. */
import { useState } from 'preact/hooks'

import type { Application, Issuer } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Code, Value } from '../../ui/code.tsx'
import { Segments } from '../../ui/fields.tsx'
import { Ticked } from '../../ui/words.tsx'
import { RECIPES } from './recipes.ts'
import { recipeOf, valuesOf } from './values.ts'

export function Recipe({ server, issuer, application }: { server: string; issuer: Issuer; application: Application }) {
  const [chosen, setChosen] = useState<string>()
  const recipe = RECIPES.find(({ id }) => id === (chosen ?? recipeOf(issuer))) ?? RECIPES[0]!
  const values = valuesOf(server, issuer, application)
  const words = t().quickstart
  return (
    <>
      <ul class="values">
        <li>
          <Value label={words.audience} text={server} />
        </li>
        <li>
          <Value label={words.endpoint} text={`${server}/oauth2/token`} />
        </li>
        <li>
          <Value label={t().application.clientId} text={application.clientId} />
        </li>
      </ul>
      <Segments label={words.kind} value={recipe.id} onInput={setChosen} options={RECIPES.map(({ id, label }) => ({ value: id, label }))} />
      <Code text={recipe.make(values)} label={words.recipe(recipe.label)} />
      <p class="hint">
        <Ticked text={words.needs[values.proof]} />
      </p>
    </>
  )
}
