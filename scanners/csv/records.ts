// SPDX-License-Identifier: Apache-2.0

/** Characters kept of one record. */
const recordLongest = 32 << 20;

/**
 * Cuts text into records and fields by RFC 4180, whatever pieces it comes in. A push parser: `push` as text comes,
 * `end` once. Memory is bounded: a field is kept up to `longest` characters, a record up to `widest` fields and 32 Mi characters.
 */
export class Records {
  readonly longest = 1 << 20;
  readonly widest = 10_000;
  /** Fields that were longer. */
  cut = 0;
  /** Fields of the record with most of them, also beyond `widest`. */
  most = 0;
  /** A quoted field is still open at the end. */
  open = false;
  readonly #delimiter: number;
  readonly #record: (fields: readonly string[], at: number) => void;
  #fields: string[] = [];
  #field = '';
  #length = 0;
  #quoted = false;
  /** The last character was a quote inside a quoted field: an end, or the first half of an escaped one. */
  #pending = false;
  #begun = 0;
  #at = 0;
  /** Fields of this record so far, and characters kept of it. */
  #count = 0;
  #kept = 0;

  constructor(delimiter: string, record: (fields: readonly string[], at: number) => void) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#record = record;
  }

  push(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (this.#quoted) {
        if (this.#pending) {
          this.#pending = false;
          if (code === 0x22) continue; // an escaped quote: the second half is kept as the field's character
          this.#quoted = false;
        } else if (code === 0x22) {
          this.#keep(text, from, i);
          from = i + 1;
          this.#pending = true;
          continue;
        } else continue;
      }
      if (code === 0x22 && this.#length === 0 && from === i) {
        this.#quoted = true;
        from = i + 1;
      } else if (code === this.#delimiter || code === 0x0a) {
        this.#keep(text, from, code === 0x0a && i > from && text.charCodeAt(i - 1) === 0x0d ? i - 1 : i);
        this.#endField();
        if (code === 0x0a) this.#endRecord(this.#at + i + 1);
        from = i + 1;
      }
    }
    this.#keep(text, from, text.length);
    this.#at += text.length;
  }

  end(): void {
    this.open = this.#quoted && !this.#pending;
    if (this.#fields.length > 0 || this.#length > 0) {
      this.#endField();
      this.#endRecord(this.#at);
    }
  }

  #keep(text: string, from: number, to: number): void {
    if (to <= from) return;
    if (this.#length < this.longest && this.#count < this.widest && this.#kept < recordLongest) {
      const end = Math.min(to, from + this.longest - this.#length);
      this.#field += text.slice(from, end);
      this.#kept += end - from;
    }
    this.#length += to - from;
  }

  #endField(): void {
    if (this.#length > this.longest || (this.#kept >= recordLongest && this.#length > 0)) this.cut += 1;
    this.#count += 1;
    if (this.#fields.length < this.widest) this.#fields.push(this.#field.endsWith('\r') ? this.#field.slice(0, -1) : this.#field);
    this.#field = '';
    this.#length = 0;
    this.#quoted = false;
    this.#pending = false;
  }

  #endRecord(next: number): void {
    const blank = this.#fields.length === 1 && this.#fields[0] === '';
    this.most = Math.max(this.most, this.#count);
    if (!blank) this.#record(this.#fields, this.#begun);
    this.#fields = [];
    this.#count = 0;
    this.#kept = 0;
    this.#begun = next;
  }
}
