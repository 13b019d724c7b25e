/**
 * The loop that every host is: step, answer, step, until done.
 *
 * **One answer per ask, until done.** While answers are there at once the loop
 * stays synchronous; the first one that has to be waited for makes the result
 * a promise.
 */
import { isPromise } from './awaitable.js'
import { DONE, type Engine, type Step } from './engine.js'
import type { Answer, Ask } from './step.js'

/** Whatever answers asks. It never throws or rejects: a failure is an answer. */
export interface World {
  answer(step: Step, ask: Ask): Answer | Promise<Answer>
}

/**
 * Drives an operation that was begun to its end.
 *
 * @param result reads the result, which is lost with the next call into the engine
 */
export function drive<T>(engine: Engine, world: World, step: Step, result: () => T): T | Promise<T> {
  while (step !== DONE) {
    const answer = world.answer(step, engine.ask())
    if (isPromise(answer)) return driveOn(engine, world, step, answer, result)
    step = engine.resume(step, answer)
  }
  return result()
}

async function driveOn<T>(engine: Engine, world: World, step: Step, answer: Promise<Answer>, result: () => T): Promise<T> {
  return drive(engine, world, engine.resume(step, await answer), result)
}
