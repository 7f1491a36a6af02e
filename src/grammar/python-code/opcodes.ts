// SPDX-License-Identifier: Apache-2.0
// Opcodes that look names up, by version of CPython (Lib/opcode.py; since 3.13 Include/opcode_ids.h).

export interface Table {
  /** Instructions of one byte, or three from opcode 90 on (up to 3.5); else always two. */
  readonly variable: boolean;
  /** By how much the argument is shifted where its lowest bits are flags. */
  readonly globalShift: number;
  readonly attributeShift: number;
  readonly resume: number;
  /** May stand before RESUME. */
  readonly prologue: readonly number[];
  readonly extended: number;
  /** Opcodes that leave the value on top of the stack as it is. */
  readonly passing: ReadonlySet<number>;
  readonly ops: ReadonlyMap<number, Operation>;
}

export type Operation =
  | 'global' | 'attribute' | 'super' | 'local' | 'cell' | 'import' | 'import-from' | 'store-name' | 'store-local' | 'store-cell'
  | 'store-load' | 'store-store' | 'load-load' | 'mention';

const none = -1;

function table(
  shifts: { readonly variable?: boolean; readonly global?: number; readonly attribute?: number },
  start: { readonly resume: number; readonly prologue: readonly number[]; readonly extended: number; readonly passing: readonly number[] },
  ops: Readonly<Partial<Record<Operation, readonly number[]>>>,
): Table {
  const map = new Map<number, Operation>();
  for (const [operation, codes] of Object.entries(ops) as [Operation, readonly number[]][]) for (const code of codes) map.set(code, operation);
  return {
    variable: shifts.variable ?? false, globalShift: shifts.global ?? 0, attributeShift: shifts.attribute ?? 0,
    resume: start.resume, prologue: start.prologue, extended: start.extended, passing: new Set(start.passing), ops: map,
  };
}

const old = {
  global: [101, 116], attribute: [106, 160], local: [124], cell: [136, 148], import: [108], 'import-from': [109],
  'store-name': [90, 97], 'store-local': [125], 'store-cell': [137],
  mention: [91, 95, 96, 98], // DELETE_NAME, STORE_ATTR, DELETE_ATTR, DELETE_GLOBAL
} as const;
const eleven = { ...old, cell: [137, 148], 'store-cell': [138] } as const;

/** Python 2.7 and 3.0 to 3.5. */
export const classic = table({ variable: true }, { resume: none, prologue: [], extended: 145, passing: [] }, { ...old, attribute: [106] });
/** 3.6 to 3.10: two bytes each. */
export const wordcode = table({}, { resume: none, prologue: [], extended: 144, passing: [9] }, old);
// CACHE 0, PUSH_NULL 2, NOP 9, PRECALL 166, KW_NAMES 172; before RESUME: RETURN_GENERATOR 75, POP_TOP 1, MAKE_CELL 135, COPY_FREE_VARS 149.
export const python311 = table({ global: 1 }, { resume: 151, prologue: [75, 1, 135, 149], extended: 144, passing: [0, 2, 9, 166, 172] }, eleven);
export const python312 = table(
  { global: 1, attribute: 1 }, { resume: 151, prologue: [75, 1, 135, 149], extended: 144, passing: [0, 2, 9, 172] },
  { ...eleven, global: [101, 116, 175], attribute: [106], super: [141], local: [124, 127, 143], cell: [137, 176] },
);
export const python313 = table(
  { global: 1, attribute: 1 }, { resume: 149, prologue: [35, 32, 94, 62], extended: 71, passing: [0, 30, 34] },
  {
    global: [91, 92, 90], attribute: [82], super: [93], local: [85, 86, 87], cell: [84, 89], import: [75], 'import-from': [74],
    'store-name': [113, 114], 'store-local': [110], 'store-cell': [109], 'store-load': [111], 'store-store': [112], 'load-load': [88], mention: [63, 66, 67, 108],
  },
);
export const python314 = table(
  { global: 1, attribute: 1 }, { resume: 128, prologue: [34, 31, 97, 60], extended: 69, passing: [0, 27, 28, 33] },
  {
    global: [92, 93, 91], attribute: [80], super: [96], local: [84, 85, 86, 88], cell: [83, 90], import: [73], 'import-from': [72],
    'store-name': [115, 116], 'store-local': [112], 'store-cell': [111], 'store-load': [113], 'store-store': [114], 'load-load': [87, 89], mention: [61, 64, 65, 110],
  },
);

/** LOAD_NAME and LOAD_FROM_DICT_OR_GLOBALS take their index unshifted. */
export const unshifted: ReadonlyMap<Table, ReadonlySet<number>> = new Map([
  [python311, new Set([101])], [python312, new Set([101, 175])], [python313, new Set([92, 90])], [python314, new Set([93, 91])],
]);
