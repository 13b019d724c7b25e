/**
 * The views into the engine's memory: what is written for it, and the registers
 * that say where its results are.
 *
 * Every view is invalid after the next call into the engine, so bytes that are
 * kept have to be copied.
 */
import { ENTROPY_BYTES, drawEntropy } from './entropy.js'

/** The memory of the WebAssembly instance; its buffer is another one after it has grown. */
export interface Memory {
  readonly buffer: ArrayBuffer
}

/** The half of the engine that says where its memory is to be read and written. */
interface Addresses {
  /** Where the registers are. */
  registers(): number
  /** Where the input buffer is, this long at least. */
  input(length: number): number
}

/** As `registers.rs` lays them out. */
const REGISTERS = 8

/** As `fields.rs` has it: the bytes of a length, and the length of what is absent. */
const LENGTH_BYTES = 4
const ABSENT = 0xffff_ffff

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class EngineMemory {
  readonly #memory: Memory
  readonly #addresses: Addresses
  readonly #registersAt: number
  #bytes!: Uint8Array<ArrayBuffer>
  #registers!: Uint32Array
  #numbers!: DataView
  #input = 0
  #capacity = 0

  constructor(memory: Memory, addresses: Addresses) {
    this.#memory = memory
    this.#addresses = addresses
    this.#registersAt = addresses.registers()
    this.look()
  }

  /** Memory that has grown is a new buffer: called before what the engine says is read. */
  look(): this {
    if (this.#bytes?.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer)
      this.#registers = new Uint32Array(this.#memory.buffer, this.#registersAt, REGISTERS)
      this.#numbers = new DataView(this.#memory.buffer)
    }
    return this
  }

  /** Makes the input buffer this long at least, and ready to be written. */
  reserve(length: number): void {
    if (length > this.#capacity) {
      this.#capacity = Math.max(length, 8 * 1024)
      this.#input = this.#addresses.input(this.#capacity)
    }
    this.look()
  }

  /** Puts entropy at the front of the input buffer. */
  drawEntropy(): void {
    drawEntropy(this.#bytes, this.#input)
  }

  /** Writes into the input buffer; the number of bytes. */
  write(what: Uint8Array | string, at: number): number {
    const start = this.#input + at
    if (typeof what === 'string') {
      return encoder.encodeInto(what, this.#bytes.subarray(start, this.#input + this.#capacity)).written
    }
    this.#bytes.set(what, start)
    return what.length
  }

  /** Writes entropy and the parameters of a typed call: their lengths, then they themselves. */
  writeParameters(parameters: readonly (string | undefined)[]): void {
    const head = ENTROPY_BYTES + parameters.length * LENGTH_BYTES
    // A UTF-16 code unit is at most three bytes of UTF-8.
    this.reserve(parameters.reduce((sum, one) => sum + (one === undefined ? 0 : one.length * 3), head))
    this.drawEntropy()
    let [lengthAt, at] = [this.#input + ENTROPY_BYTES, head]
    for (const parameter of parameters) {
      const length = parameter === undefined ? ABSENT : this.write(parameter, at)
      this.#numbers.setUint32(lengthAt, length, true)
      lengthAt += LENGTH_BYTES
      if (length !== ABSENT) at += length
    }
  }

  /** The number in a register. */
  register(number: number): number {
    return this.#registers[number]!
  }

  /** The bytes that a pair of registers points to: a copy, for a view is gone with the next call. */
  copy(register: number): Uint8Array<ArrayBuffer> {
    return this.#view(register).slice()
  }

  /** The text that a pair of registers points to. */
  text(register: number): string {
    return decoder.decode(this.#view(register))
  }

  #view(register: number): Uint8Array<ArrayBuffer> {
    const start = this.#registers[register]!
    return this.#bytes.subarray(start, start + this.#registers[register + 1]!)
  }
}
