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

/** Text up to this length is written here; longer text costs less by `encodeInto`, which costs more to call. */
const SHORT = 64

/** As `fields.rs` has it: the bytes of a length, and the length of what is absent. */
const LENGTH_BYTES = 4
const ABSENT = 0xffff_ffff

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class EngineMemory {
  readonly #memory: Memory
  readonly #addresses: Addresses
  readonly #registersAt: number
  #buffer = new ArrayBuffer(0)
  #bytes = new Uint8Array()
  #registers!: Uint32Array
  #numbers!: DataView
  #input = 0
  #capacity = 0
  /** Where in the input buffer the next parameter goes. */
  #at = 0

  constructor(memory: Memory, addresses: Addresses) {
    this.#memory = memory
    this.#addresses = addresses
    this.#registersAt = addresses.registers()
    this.look()
  }

  /**
   * Memory that has grown is a new buffer, and the one before has no bytes any more: called
   * before what the engine says is read. To ask the memory for its buffer costs more.
   */
  look(): this {
    if (this.#bytes.length === 0) {
      this.#buffer = this.#memory.buffer
      this.#bytes = new Uint8Array(this.#buffer)
      this.#registers = new Uint32Array(this.#buffer, this.#registersAt, REGISTERS)
      this.#numbers = new DataView(this.#buffer)
    }
    return this
  }

  /** Makes the input buffer this long at least, and ready to be written. */
  reserve(length: number): void {
    if (length <= this.#capacity) return void this.look()
    this.#capacity = Math.max(length, 8 * 1024)
    this.#input = this.#addresses.input(this.#capacity)
    this.look()
  }

  /** Puts entropy at the front of the input buffer. */
  drawEntropy(): void {
    drawEntropy(this.#bytes, this.#input)
  }

  /** Writes into the input buffer; the number of bytes. */
  write(what: Uint8Array | string, at: number): number {
    const start = this.#input + at
    if (typeof what === 'string') return (what.length <= SHORT && this.#ascii(what, start)) || this.#utf8(what, start)
    this.#bytes.set(what, start)
    return what.length
  }

  #utf8(text: string, start: number): number {
    return encoder.encodeInto(text, this.#bytes.subarray(start, this.#input + this.#capacity)).written
  }

  /** Writes ASCII; of other text nothing counts. */
  #ascii(text: string, start: number): number {
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return 0
      bytes[start + i] = code
    }
    return text.length
  }

  /** Begins the parameters of a typed call. */
  begin(): this {
    this.#at = ENTROPY_BYTES
    this.reserve(ENTROPY_BYTES)
    return this
  }

  /** Writes the next parameter: its length, then itself. */
  put(parameter: string | undefined): void {
    const start = this.#at + LENGTH_BYTES
    // A UTF-16 code unit is at most three bytes of UTF-8.
    const end = parameter === undefined ? start : start + parameter.length * 3
    if (end > this.#capacity) this.reserve(end)
    const length = parameter === undefined ? ABSENT : this.write(parameter, start)
    this.#numbers.setUint32(this.#input + this.#at, length, true)
    this.#at = parameter === undefined ? start : start + length
  }

  /** Puts entropy in front of the parameters; how many bytes they are. */
  end(): number {
    this.drawEntropy()
    return this.#at - ENTROPY_BYTES
  }

  /** The number in a register. */
  register(number: number): number {
    return this.#registers[number]!
  }

  /** One of the 64-bit floats that a pair of registers points to. */
  number(register: number, place: number): number {
    return this.#numbers.getFloat64(this.#registers[register]! + 8 * place, true)
  }

  /** A copy of some of the bytes that a register points to. */
  copy(register: number, from: number, length: number): Uint8Array {
    const start = this.#registers[register]! + from
    return this.#bytes.slice(start, start + length)
  }

  /** The text that a pair of registers points to. */
  text(register: number): string {
    return decoder.decode(this.view(register))
  }

  /** The bytes that a pair of registers points to, until the next call into the engine. */
  view(register: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, this.#registers[register]!, this.#registers[register + 1]!)
  }
}
