// SPDX-License-Identifier: Apache-2.0

const list = (text: string): string[] => text.trim().split(/\s+/);

/**
 * What `torch.load(weights_only=True)` admits by default: `_get_allowed_globals()` of torch/_weights_only_unpickler.py, 2.13.
 * Earlier versions admit less; programs can add names (torch.serialization.add_safe_globals).
 */
const named = list(`_codecs.encode builtins.bytearray builtins.complex builtins.set collections.Counter collections.OrderedDict torch.Size torch.Tensor
  torch.device torch.nn.parameter.Parameter torch.serialization._get_layout torch.storage.TypedStorage torch.storage.UntypedStorage
  torch._tensor._rebuild_from_type_v2 torch.per_channel_affine torch.per_channel_affine_float_qparams torch.per_channel_symmetric
  torch.per_tensor_affine torch.per_tensor_symmetric`);
const rebuilders = list(`device_tensor_from_cpu_tensor device_tensor_from_numpy meta_tensor_no_storage nested_tensor parameter parameter_with_state
  qtensor sparse_tensor tensor tensor_v2 tensor_v3 wrapper_subclass`).map((name) => `torch._utils._rebuild_${name}`);
const dtypes = list(`bfloat16 bits16 bits1x8 bits2x4 bits4x2 bits8 bool complex32 complex64 complex128 float16 float32 float64 float4_e2m1fn_x2
  float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int1 int2 int3 int4 int5 int6 int7 int8 int16 int32 int64
  uint1 uint2 uint3 uint4 uint5 uint6 uint7 uint8 uint16 uint32 uint64 qint8 qint32 quint8 quint2x4 quint4x2`).map((name) => `torch.${name}`);
const elements = list('BFloat16 Bool Byte Char Double Float Half Int Long Short');
const tensors = ['torch', 'torch.cuda', 'torch.sparse', 'torch.cuda.sparse'].flatMap((module) => elements.map((element) => `${module}.${element}Tensor`));
const storages = ['torch', 'torch.cuda'].flatMap((module) => [...elements, 'ComplexFloat', 'ComplexDouble'].map((element) => `${module}.${element}Storage`));
const quantised = list('QInt8 QInt32 QUInt8 QUInt2x4 QUInt4x2').map((element) => `torch.${element}Storage`);

const admitted: ReadonlySet<string> = new Set([...named, ...rebuilders, ...dtypes, ...tensors, ...storages, ...quantised]);

/** Python 2 names, which torch maps as pickle does (`_compat_pickle`). */
const renamed: Readonly<Record<string, string>> = { __builtin__: 'builtins', copy_reg: 'copyreg' };

/** Whether the restricted unpickler would take a global of this name. */
export function isAdmitted(target: string): boolean {
  const [root = '', ...rest] = target.split('.');
  return admitted.has([renamed[root] ?? root, ...rest].join('.'));
}
