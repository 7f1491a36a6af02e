// SPDX-License-Identifier: Apache-2.0
// node:crypto verifies ECDSA over a message, never over a digest that was made elsewhere. This does (FIPS 186-5, 6.4.2).
// Only public values come in, so nothing here has to take constant time.
import type { KeyObject } from 'node:crypto';
import { elements, tags } from './der.ts';

interface Curve {
  /** Prime of the field. */
  readonly p: bigint;
  /** Order of the base point. */
  readonly n: bigint;
  readonly g: Point;
}

/** A point in Jacobian coordinates: x/z², y/z³; the point at infinity has z = 0. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** SP 800-186, 3.2.1: the curves with a = -3. */
const curves: Readonly<Record<string, Curve>> = {
  'P-256': {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: {
      x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
      z: 1n,
    },
  },
  'P-384': {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: {
      x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
      z: 1n,
    },
  },
};

/** True when `signature` (DER) over a message with this digest was made with the key. False for anything malformed. */
export function verifyDigest(digest: Buffer, key: KeyObject, signature: Buffer): boolean {
  const { crv, x, y } = key.export({ format: 'jwk' });
  const curve = crv === undefined ? undefined : curves[crv];
  if (curve === undefined || x === undefined || y === undefined) return false;
  const pair = numbersOf(signature);
  if (pair === undefined) return false;
  const [r, s] = pair;
  const { n } = curve;
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const bits = n.toString(2).length;
  const whole = BigInt(`0x${digest.toString('hex')}`);
  const e = digest.length * 8 > bits ? whole >> BigInt(digest.length * 8 - bits) : whole;
  const w = inverse(s, n);
  const q: Point = { x: fromBase64(x), y: fromBase64(y), z: 1n };
  const sum = add(times(curve.g, (e * w) % n, curve.p), times(q, (r * w) % n, curve.p), curve.p);
  if (sum.z === 0n) return false;
  const affine = (sum.x * inverse((sum.z * sum.z) % curve.p, curve.p)) % curve.p;
  return affine % n === r;
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3): two integers, in their shortest form. */
function numbersOf(signature: Buffer): [bigint, bigint] | undefined {
  try {
    const outer = elements(signature, 'the signature', 'signature');
    const inner = outer.length === 1 && outer[0]!.tag === tags.sequence ? elements(outer[0]!.body, 'the signature', 'signature') : [];
    if (inner.length !== 2 || inner.some(({ tag, body }) => tag !== tags.integer || body.length === 0 || body.length > 67 || body[0]! >= 0x80)) return undefined;
    if (inner.some(({ body }) => body.length > 1 && body[0] === 0 && body[1]! < 0x80)) return undefined;
    return [BigInt(`0x${inner[0]!.body.toString('hex')}`), BigInt(`0x${inner[1]!.body.toString('hex')}`)];
  } catch {
    return undefined; // a Fault: no DER
  }
}

function fromBase64(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
}

function modulo(value: bigint, m: bigint): bigint {
  const rest = value % m;
  return rest < 0n ? rest + m : rest;
}

/** Extended Euclid; `m` is prime and `value` not a multiple of it. */
function inverse(value: bigint, m: bigint): bigint {
  let [a, b, x, y] = [modulo(value, m), m, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b % a, a, y - quotient * x, x];
    if (a === 0n) return 0n;
  }
  return modulo(x, m);
}

function times(point: Point, factor: bigint, p: bigint): Point {
  let sum: Point = { x: 1n, y: 1n, z: 0n };
  for (const bit of factor.toString(2)) {
    sum = double(sum, p);
    if (bit === '1') sum = add(sum, point, p);
  }
  return sum;
}

function double({ x, y, z }: Point, p: bigint): Point {
  if (z === 0n || y === 0n) return { x: 1n, y: 1n, z: 0n };
  const yy = (y * y) % p;
  const s = (4n * x * yy) % p;
  const zz = (z * z) % p;
  const m = modulo(3n * (x - zz) * (x + zz), p); // a = -3
  const x3 = modulo(m * m - 2n * s, p);
  return { x: x3, y: modulo(m * (s - x3) - 8n * yy * yy, p), z: modulo(2n * y * z, p) };
}

function add(one: Point, other: Point, p: bigint): Point {
  if (one.z === 0n) return other;
  if (other.z === 0n) return one;
  const [z1, z2] = [(one.z * one.z) % p, (other.z * other.z) % p];
  const [u1, u2] = [(one.x * z2) % p, (other.x * z1) % p];
  const [s1, s2] = [(((one.y * z2) % p) * other.z) % p, (((other.y * z1) % p) * one.z) % p];
  const [h, r] = [modulo(u2 - u1, p), modulo(s2 - s1, p)];
  if (h === 0n) return r === 0n ? double(one, p) : { x: 1n, y: 1n, z: 0n };
  const hh = (h * h) % p;
  const hhh = (hh * h) % p;
  const v = (u1 * hh) % p;
  const x3 = modulo(r * r - hhh - 2n * v, p);
  return { x: x3, y: modulo(r * (v - x3) - s1 * hhh, p), z: (((h * one.z) % p) * other.z) % p };
}
