/**
 * The loop that every host is: step, answer, step, until done.
 *
 * **One answer per ask, until done.** While answers are there at once the loop
 * stays synchronous; the first one that has to be waited for makes the result
 * a promise.
 */
import { isPromise } from './awaitable.js'
import { DONE, type Engine, type Reply, type Step } from './engine.js'
import type { Answer, Ask } from './step.js'

/** Whatever answers asks. It never throws or rejects: a failure is an answer. */
export interface World {
  answer(step: Step, ask: Ask): Answer | Promise<Answer>
}

/** Drives a request that was begun to its reply. */
export function drive(engine: Engine, world: World, step: Step): Reply | Promise<Reply> {
  while (step !== DONE) {
    const answer = world.answer(step, engine.ask())
    if (isPromise(answer)) return driveOn(engine, world, step, answer)
    step = engine.resume(step, answer)
  }
  return engine.reply()
}

async function driveOn(engine: Engine, world: World, step: Step, answer: Promise<Answer>): Promise<Reply> {
  return drive(engine, world, engine.resume(step, await answer))
}
