// SPDX-License-Identifier: Apache-2.0
// What operators of TensorFlow can do besides computing. TensorAbuse (arXiv 2601.04553) lists those that reach files and networks.
import { tensorflowNames } from './tensorflow-names.ts';

const split = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Call a Python function of the process by its number. */
export const python: ReadonlySet<string> = new Set(['PyFunc', 'PyFuncStateless', 'EagerPyFunc']);

/** Write files wherever the process may. */
export const writers: ReadonlySet<string> = new Set(split(`
  WriteFile SaveDataset SaveDatasetV2 DatasetToTFRecord ExperimentalDatasetToTFRecord DistributedSave CreateSummaryFileWriter CreateSummaryDbWriter CacheDataset CacheDatasetV2 SnapshotDataset SnapshotDatasetV2
  SaveSlices Save SaveV2 MergeV2Checkpoints`));

/** Read files wherever the process may. */
export const readers: ReadonlySet<string> = new Set(split(`
  ReadFile MatchingFiles MatchingFilesDataset ExperimentalMatchingFilesDataset WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 TFRecordReader TFRecordReaderV2 FixedLengthRecordReader
  FixedLengthRecordReaderV2 LMDBReader TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2 CSVDataset CSVDatasetV2 ExperimentalCSVDataset SqlDataset
  ExperimentalSqlDataset LMDBDataset ExperimentalLMDBDataset LoadDataset ImmutableConst GenerateVocabRemapping LoadAndRemapMatrix InitializeTableFromTextFile InitializeTableFromTextFileV2 Restore RestoreSlice RestoreV2`));

/** The loader's own way to and from the checkpoint. */
export const checkpoints: ReadonlySet<string> = new Set(['Save', 'SaveV2', 'SaveSlices', 'MergeV2Checkpoints', 'Restore', 'RestoreV2', 'RestoreSlice']);

/** Vocabularies are read from the model's own assets when it is loaded. */
export const vocabularies: ReadonlySet<string> = new Set(['InitializeTableFromTextFile', 'InitializeTableFromTextFileV2']);

/** Talk to other machines, at an address that the graph or the caller gives. */
export const network: ReadonlySet<string> = new Set(split(`
  Rpc TryRpc RegisterDataset RegisterDatasetV2 DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4 KafkaDataset BigQueryReader GenerateBigQueryReaderPartitions GcsConfigureBlockCache
  GcsConfigureCredentials`));

/** Tell debuggers what flows by, at URLs in an attribute. */
export const debuggers: ReadonlySet<string> = new Set(['DebugIdentity', 'DebugIdentityV2', 'DebugIdentityV3', 'DebugNanCount', 'DebugNumericSummary', 'DebugNumericSummaryV2']);

/** Run what is not a graph: machine code, programs of another compiler, a graph in a text. */
export const opaque: Readonly<Record<string, string>> = {
  TRTEngineOp: 'a TensorRT engine, which is machine code', RemoteFusedGraphExecute: 'a program for another processor', XlaLaunch: 'a function compiled by XLA', DatasetFromGraph: 'a graph that is made from a text while it runs',
  Abort: 'nothing: it ends the process',
};

let known: ReadonlySet<string> | undefined;

/** Whether TensorFlow itself has an operator; those with an underscore are made while a graph is optimised. */
export function isTensorflow(operator: string): boolean {
  known ??= new Set(split(tensorflowNames));
  return known.has(operator) || /^_(?:Arg|Retval|DeviceArg|DeviceRetval|ListToArray|ArrayToList|Send|Recv|HostSend|HostRecv|Host(?:Cast|Const)|Switch\w{0,8}|If|While|Fused\w{1,60}|Mkl\w{1,80}|Unary\w{1,40}|Eager\w{1,20}|Quantized\w{1,60}|XlaCompile\w{0,30}|XlaRun\w{0,30}|TPU\w{1,40}|Disposable\w{1,40}|ScopedAllocator\w{0,20}|ParallelConcat\w{0,20}|Nccl\w{1,20}|Var\w{1,20}|ReadVariablesOp|TensorToHashBucketFast|MeanGrad|EinsumGrad)$/.test(operator);
}

/** Libraries of operators that their publishers offer as packages, by how they name them. */
const libraries: readonly (readonly [library: string, pattern: RegExp])[] = [
  ['TensorFlow Addons', /^Addons>/],
  ['TensorFlow I/O', /^IO>/],
  ['TensorFlow Recommenders Addons', /^TFRA>/],
  ['TensorFlow Decision Forests', /^SimpleML[A-Z]\w{2,60}$/],
  ['TensorFlow Text', /^(?:TFText>\w{2,60}|Sentencepiece\w{2,60}|WordpieceTokenize\w{2,40}|WhitespaceTokenizeWithOffsets(?:V2)?|UnicodeScriptTokenizeWithOffsets|RegexSplitWithOffsets|CaseFoldUTF8|Normalize(?:UTF8|UTF8WithOffsetsMap)|FindSourceOffsets|FastWordpiece\w{2,60}|FastBertNormalize\w{0,60}|FastSentencepiece\w{2,60}|SplitMergeTokenizeWithOffsets|SplitMergeFromLogitsTokenizeWithOffsets|RougeL|NgramsStringJoin|MaxSpanningTree|SentenceFragments\w{0,10}|ConstrainedSequence|WhitespaceAndPunct\w{2,40}|UnicodeScriptTokenize\w{2,30}|HubModule\w{2,40}|Phraser?\w{2,40}|Utf8Binarize|ByteSplit\w{0,20}|TrimWithMaxLength\w{0,10})$/],
  ['Horovod', /^Horovod[A-Z]\w{2,40}$/],
  ['TensorFlow Serving', /^(?:MutableHashTableOfTensors|DecodeTensor)$/],
];

/** The published library that brings an operator, by its name; undefined for one that none is known to. */
export function libraryOf(operator: string): string | undefined {
  return libraries.find(([, pattern]) => pattern.test(operator))?.[0];
}
