// Draws text as a QR code (ISO/IEC 18004): byte mode, version 6, error correction L, mask 0: 41 x 41 modules, up to 134 bytes.
// One fixed shape is enough: a frame of BankID's animated code is some 110 bytes, and version 6-L is its least dense form.

const SIZE = 41;
const DATA_CODEWORDS = 136;
const BLOCKS = 2;
const EC_CODEWORDS = 18;
const MOST_BYTES = 134;
const QUIET_ZONE = 4;
const ALIGNMENT_CENTRE = 34;
const MASK = 0;
const FORMAT_L_MASK_0 = (0b01 << 3) | MASK;

/** The modules as rows of booleans, dark = true; throws RangeError for text that does not fit. */
export function modules(text) {
  const matrix = emptyMatrix();
  drawFunctionPatterns(matrix);
  drawCodewords(matrix, interleave(dataCodewords(new TextEncoder().encode(text))));
  drawFormat(matrix);
  return matrix.dark;
}

/** An SVG path of the dark modules, for a viewBox of `0 0 width width`. */
export function path(text) {
  const rows = modules(text);
  let drawn = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < SIZE; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (x + 1 < SIZE && row[x + 1]) x += 1;
      const run = x - from + 1;
      drawn += `M${from + QUIET_ZONE} ${y + QUIET_ZONE}h${run}v1h-${run}z`;
    }
  });
  return drawn;
}

/** Modules across, the quiet zone of four on each side included. */
export const width = SIZE + 2 * QUIET_ZONE;

function emptyMatrix() {
  const grid = () => Array.from({ length: SIZE }, () => new Array(SIZE).fill(false));
  return { dark: grid(), taken: grid() };
}

function set(matrix, x, y, dark) {
  matrix.dark[y][x] = dark;
  matrix.taken[y][x] = true;
}

function drawFunctionPatterns(matrix) {
  for (let i = 0; i < SIZE; i += 1) {
    set(matrix, 6, i, i % 2 === 0);
    set(matrix, i, 6, i % 2 === 0);
  }
  drawFinder(matrix, 3, 3);
  drawFinder(matrix, SIZE - 4, 3);
  drawFinder(matrix, 3, SIZE - 4);
  drawAlignment(matrix, ALIGNMENT_CENTRE, ALIGNMENT_CENTRE);
  formatPlaces().flat().forEach(([x, y]) => set(matrix, x, y, false));
  set(matrix, 8, SIZE - 8, true);
}

function drawFinder(matrix, centreX, centreY) {
  for (let dy = -4; dy <= 4; dy += 1) {
    for (let dx = -4; dx <= 4; dx += 1) {
      const x = centreX + dx;
      const y = centreY + dy;
      if (x < 0 || y < 0 || x >= SIZE || y >= SIZE) continue;
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      set(matrix, x, y, ring !== 2 && ring !== 4);
    }
  }
}

function drawAlignment(matrix, centreX, centreY) {
  for (let dy = -2; dy <= 2; dy += 1) {
    for (let dx = -2; dx <= 2; dx += 1) {
      set(matrix, centreX + dx, centreY + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }
  }
}

// Both copies of the fifteen format bits, least significant first.
function formatPlaces() {
  const first = [];
  for (let i = 0; i < 6; i += 1) first.push([8, i]);
  first.push([8, 7], [8, 8], [7, 8]);
  for (let i = 9; i < 15; i += 1) first.push([14 - i, 8]);
  const second = [];
  for (let i = 0; i < 8; i += 1) second.push([SIZE - 1 - i, 8]);
  for (let i = 8; i < 15; i += 1) second.push([8, SIZE - 15 + i]);
  return [first, second];
}

function drawFormat(matrix) {
  let rest = FORMAT_L_MASK_0;
  for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((FORMAT_L_MASK_0 << 10) | rest) ^ 0x5412;
  formatPlaces().forEach((places) => places.forEach(([x, y], i) => set(matrix, x, y, ((bits >>> i) & 1) === 1)));
}

function dataCodewords(bytes) {
  if (bytes.length > MOST_BYTES) throw new RangeError(`${bytes.length} bytes do not fit in a version 6-L code`);
  // Mode 0100, an eight-bit length, the bytes and a terminator of four zeros: everything is shifted by half a byte.
  const codewords = [0x40 | (bytes.length >>> 4)];
  let low = bytes.length & 0x0f;
  bytes.forEach((byte) => {
    codewords.push((low << 4) | (byte >>> 4));
    low = byte & 0x0f;
  });
  codewords.push(low << 4);
  for (let pad = 0xec; codewords.length < DATA_CODEWORDS; pad ^= 0xec ^ 0x11) codewords.push(pad);
  return codewords;
}

function interleave(data) {
  const length = DATA_CODEWORDS / BLOCKS;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => data.slice(i * length, (i + 1) * length));
  const corrections = blocks.map(errorCorrection);
  const all = [];
  for (let i = 0; i < length; i += 1) blocks.forEach((block) => all.push(block[i]));
  for (let i = 0; i < EC_CODEWORDS; i += 1) corrections.forEach((block) => all.push(block[i]));
  return all;
}

// Reed-Solomon over GF(256) with the polynomial x^8 + x^4 + x^3 + x^2 + 1.
function errorCorrection(block) {
  const remainder = new Array(EC_CODEWORDS).fill(0);
  block.forEach((byte) => {
    const factor = byte ^ remainder.shift();
    remainder.push(0);
    GENERATOR.forEach((coefficient, i) => {
      remainder[i] ^= multiply(coefficient, factor);
    });
  });
  return remainder;
}

function multiply(x, y) {
  let product = 0;
  for (let i = 7; i >= 0; i -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((y >>> i) & 1) * x;
  }
  return product;
}

const GENERATOR = (() => {
  const coefficients = new Array(EC_CODEWORDS).fill(0);
  coefficients[EC_CODEWORDS - 1] = 1;
  let root = 1;
  for (let i = 0; i < EC_CODEWORDS; i += 1) {
    for (let j = 0; j < EC_CODEWORDS; j += 1) {
      coefficients[j] = multiply(coefficients[j], root) ^ (j + 1 < EC_CODEWORDS ? coefficients[j + 1] : 0);
    }
    root = multiply(root, 2);
  }
  return coefficients;
})();

function drawCodewords(matrix, codewords) {
  let bit = 0;
  for (let right = SIZE - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < SIZE; step += 1) {
      for (let x = right; x > right - 2; x -= 1) {
        const upward = ((right + 1) & 2) === 0;
        const y = upward ? SIZE - 1 - step : step;
        if (matrix.taken[y][x]) continue;
        const codeword = codewords[bit >>> 3] ?? 0;
        const dark = ((codeword >>> (7 - (bit & 7))) & 1) === 1;
        const flipped = (x + y) % 2 === 0;
        matrix.dark[y][x] = dark !== flipped;
        bit += 1;
      }
    }
  }
}
