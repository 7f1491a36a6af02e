import { execFileSync } from 'node:child_process';

/** What Python's standard library writes to its standard output for a program, as an oracle; undefined where there is no python3. */
export function python(program: string, input: Uint8Array = new Uint8Array(0)): Buffer | undefined {
  try {
    return execFileSync('python3', ['-c', `import sys\nread=lambda: sys.stdin.buffer.read()\nwrite=sys.stdout.buffer.write\n${program}`], { input, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 1 << 28 });
  } catch {
    return undefined;
  }
}

/** Bytes that pack well in places and not at all in others; deterministic. */
export function mixed(length: number): Buffer {
  const out = Buffer.alloc(length);
  let seed = 12_345;
  for (let i = 0; i < length; i += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    out[i] = (i >> 12) % 3 === 0 ? seed >> 16 : (i >> 12) % 3 === 1 ? i >> 5 : 0x61 + (i % 7);
  }
  return out;
}

/** All parts of a stream in one. */
export async function joined(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const out: Buffer[] = [];
  for await (const part of parts) out.push(Buffer.from(part)); // a copy: memory is used again
  return Buffer.concat(out);
}
