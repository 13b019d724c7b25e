/**
 * The loop that every host is: step, answer, step, until done.
 *
 * **One answer per ask, until done.** While answers are there at once the loop
 * stays synchronous; the first one that has to be waited for makes the result
 * a promise.
 */
import { isPromise } from './awaitable.js'
import { DONE, type Engine, type Step } from './engine.js'
import type { Answer } from './step.js'

/** Whatever answers asks. */
export interface World {
  /** The answer to what this request asks for. It never throws: a failure is an answer. */
  answer(step: Step): Answer | Promise<Answer>
  /** The answer instead of one that was promised and failed. */
  broken(error: unknown): Answer
}

/**
 * Drives an operation that was begun to its end.
 *
 * @param result reads the result, which is lost with the next call into the engine
 */
export function drive<T>(engine: Engine, world: World, step: Step, result: () => T): T | Promise<T> {
  while (step !== DONE) {
    const answer = world.answer(step)
    if (isPromise(answer)) return driveOn(engine, world, step, answer, result)
    step = engine.resume(step, answer)
  }
  return result()
}

/** One promise, however often there is something to wait for. */
async function driveOn<T>(
  engine: Engine,
  world: World,
  step: Step,
  answer: Answer | Promise<Answer>,
  result: () => T,
): Promise<T> {
  for (;;) {
    if (isPromise(answer)) {
      try {
        answer = await answer
      } catch (error) {
        answer = world.broken(error)
      }
    }
    step = engine.resume(step, answer)
    if (step === DONE) return result()
    answer = world.answer(step)
  }
}
