// SPDX-License-Identifier: Apache-2.0
// The part of tar-stream 3.2.2 that stream.ts uses; the package brings no types.
declare module 'tar-stream' {
  export interface Header {
    readonly name: string;
    readonly size: number;
    readonly type: string | null;
    readonly linkname: string | null;
    readonly mode: number;
    /** Where the content begins in the archive. */
    readonly byteOffset: number;
  }
  export interface Entry extends AsyncIterable<Uint8Array> {
    readonly header: Header;
    resume(): void;
  }
  export interface Extract extends AsyncIterable<Entry> {
    readonly destroyed: boolean;
    /** False when the caller should wait for 'drain'. */
    write(bytes: Uint8Array): boolean;
    end(): void;
    destroy(error?: Error): void;
    on(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): void;
    off(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): void;
  }
  export function extract(options?: { readonly allowUnknownFormat?: boolean }): Extract;
}
