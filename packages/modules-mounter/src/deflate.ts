/** See RFC 1951. A match is a piece of what came before: so long, so far back. */
interface Match {
  readonly length: number;
  readonly distance: number;
}

const SHORTEST_MATCH = 3;
const LONGEST_MATCH = 258;
const WINDOW_BYTES = 1 << 15;
/** How many earlier places are looked at for a longer match. */
const CANDIDATES = 128;

const END_OF_BLOCK = 256;
const FIRST_LENGTH_CODE = 257;
const [LENGTH_BASES, LENGTH_EXTRA_BITS] = codeRanges({ first: 3, plain: 8, perStep: 4, codes: 28 });
const [DISTANCE_BASES, DISTANCE_EXTRA_BITS] = codeRanges({ first: 1, plain: 4, perStep: 2, codes: 30 });

/**
 * Compresses to a raw stream of DEFLATE (RFC 1951), in one block with the fixed codes. zlib would pack tighter, and every Node
 * brings another zlib that writes other bytes: these depend on the data alone.
 */
export function deflate(data: Uint8Array): Uint8Array {
  const bits = bitWriter();
  bits.write(1, 1); // the last block
  bits.write(1, 2); // with the fixed codes
  const find = matchFinder(data);
  let match = find(0);
  for (let at = 0; at < data.length;) {
    // A longer match that begins at the next byte is worth a literal.
    const next = find(at + 1);
    if (match === undefined || (next !== undefined && next.length > match.length)) {
      writeSymbol(bits, data[at] ?? 0);
      at += 1;
      match = next;
    } else {
      writeMatch(bits, match);
      at += match.length;
      match = find(at);
    }
  }
  writeSymbol(bits, END_OF_BLOCK);
  return bits.bytes();
}

/** The longest match at a place, of those that are nearest. Places have to be asked for in ascending order. */
function matchFinder(data: Uint8Array): (at: number) => Match | undefined {
  /** The last place of each three bytes, and the one before each place that has the same. */
  const last = new Map<number, number>();
  const before = new Int32Array(data.length).fill(-1);
  const keyAt = (at: number): number =>
    ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
  let known = 0;
  return (at) => {
    const longest = Math.min(LONGEST_MATCH, data.length - at);
    if (longest < SHORTEST_MATCH) return undefined;
    for (; known < at; known += 1) {
      const key = keyAt(known);
      before[known] = last.get(key) ?? -1;
      last.set(key, known);
    }
    let found: Match | undefined;
    let candidate = last.get(keyAt(at)) ?? -1;
    for (let tries = CANDIDATES; tries > 0 && candidate >= 0; tries -= 1) {
      const distance = at - candidate;
      if (distance > WINDOW_BYTES) break;
      let length = 0;
      while (length < longest && data[candidate + length] === data[at + length]) length += 1;
      if (length >= SHORTEST_MATCH && length > (found?.length ?? 0)) found = { length, distance };
      candidate = before[candidate] ?? -1;
    }
    return found;
  };
}

function writeMatch(bits: BitWriter, { length, distance }: Match): void {
  const lengthCode = length === LONGEST_MATCH ? LENGTH_BASES.length : lastNotAbove(LENGTH_BASES, length);
  writeSymbol(bits, FIRST_LENGTH_CODE + lengthCode);
  bits.write(length - (LENGTH_BASES[lengthCode] ?? length), LENGTH_EXTRA_BITS[lengthCode] ?? 0);
  const distanceCode = lastNotAbove(DISTANCE_BASES, distance);
  bits.writeCode(distanceCode, 5);
  bits.write(distance - (DISTANCE_BASES[distanceCode] ?? distance), DISTANCE_EXTRA_BITS[distanceCode] ?? 0);
}

/** RFC 1951, 3.2.6. */
function writeSymbol(bits: BitWriter, symbol: number): void {
  if (symbol < 144) bits.writeCode(0b00110000 + symbol, 8);
  else if (symbol < 256) bits.writeCode(0b110010000 + symbol - 144, 9);
  else if (symbol < 280) bits.writeCode(symbol - 256, 7);
  else bits.writeCode(0b11000000 + symbol - 280, 8);
}

/**
 * RFC 1951, 3.2.5: the first `plain` codes stand for one value each, and of each further `perStep` codes every one for twice
 * as many values as before.
 */
function codeRanges({
  first,
  plain,
  perStep,
  codes,
}: Readonly<Record<"first" | "plain" | "perStep" | "codes", number>>): readonly [
  bases: readonly number[],
  extraBits: readonly number[],
] {
  const bases: number[] = [];
  const extraBits: number[] = [];
  let base = first;
  for (let code = 0; code < codes; code += 1) {
    const extra = code < plain ? 0 : Math.floor((code - plain) / perStep) + 1;
    bases.push(base);
    extraBits.push(extra);
    base += 2 ** extra;
  }
  return [bases, extraBits];
}

function lastNotAbove(bases: readonly number[], value: number): number {
  let code = bases.length - 1;
  while ((bases[code] ?? 0) > value) code -= 1;
  return code;
}

type BitWriter = ReturnType<typeof bitWriter>;

/** Bits fill each byte from its lowest on; codes come with their highest bit first, all else with the lowest. */
function bitWriter(): {
  readonly write: (value: number, count: number) => void;
  readonly writeCode: (code: number, count: number) => void;
  readonly bytes: () => Uint8Array;
} {
  const bytes: number[] = [];
  let current = 0;
  let used = 0;
  const write = (value: number, count: number): void => {
    for (let bit = 0; bit < count; bit += 1) {
      current |= ((value >> bit) & 1) << used;
      used += 1;
      if (used === 8) {
        bytes.push(current);
        current = 0;
        used = 0;
      }
    }
  };
  return {
    write,
    writeCode: (code, count) => {
      for (let bit = count - 1; bit >= 0; bit -= 1) write(code >> bit, 1);
    },
    bytes: () => Uint8Array.from(used === 0 ? bytes : [...bytes, current]),
  };
}
