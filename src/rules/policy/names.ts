// SPDX-License-Identifier: Apache-2.0

/** Other names of the same thing: accelerator modules, Python 2 names, vendored copies. The longest path wins. */
export const aliases: Readonly<Record<string, string>> = {
  __builtin__: 'builtins', __builtins__: 'builtins', exceptions: 'builtins', posix: 'os', nt: 'os', _io: 'io', _pyio: 'io', _operator: 'operator',
  _functools: 'functools', _pickle: 'pickle', cPickle: 'pickle', _codecs: 'codecs', _json: 'json', _struct: 'struct', _datetime: 'datetime',
  _decimal: 'decimal', _pydecimal: 'decimal', _pydatetime: 'datetime', _random: 'random', _collections: 'collections', _weakref: 'weakref',
  _uuid: 'uuid', _csv: 'csv', _bisect: 'bisect', _heapq: 'heapq', _statistics: 'statistics', _hashlib: 'hashlib', _ast: 'ast',
  copy_reg: 'copyreg', StringIO: 'io', cStringIO: 'io', UserDict: 'collections', UserList: 'collections', UserString: 'collections',
  posixpath: 'os.path', ntpath: 'os.path', macpath: 'os.path', thread: '_thread', _collections_abc: 'collections.abc',
  'numpy._core': 'numpy.core', 'numpy.core._multiarray_umath': 'numpy.core.multiarray', 'numpy.core.numeric': 'numpy.core.numeric',
  'collections._OrderedDict': 'collections.OrderedDict', 'sklearn.externals.joblib': 'joblib', 'joblib.externals.cloudpickle': 'cloudpickle',
  'cloudpickle.cloudpickle_fast': 'cloudpickle.cloudpickle', 'ray.cloudpickle': 'cloudpickle', 'pyspark.cloudpickle': 'cloudpickle',
  'srsly.cloudpickle': 'cloudpickle', 'setuptools._distutils': 'distutils', 'six.moves.builtins': 'builtins', 'six.moves.cPickle': 'pickle',
  'six.moves.urllib': 'urllib', 'six.moves.http_client': 'http.client', 'six.moves.getoutput': 'subprocess.getoutput', 'six.moves': 'builtins',
  'sklearn.externals.six.moves': 'builtins', 'future.moves': 'builtins', 'past.builtins': 'builtins', 'pip._vendor': 'pip.vendored',
  'torch._six': 'builtins', 'torch.torch': 'torch', 'dill.dill': 'dill._dill', 'numpy.random._mtrand': 'numpy.random.mtrand',
  'pandas._libs.tslibs.offsets': 'pandas.tseries.offsets', 'tf_keras.src': 'keras.src', 'tf_keras': 'keras', 'tensorflow.compat.v1': 'tensorflow',
  'tensorflow.compat.v2': 'tensorflow', 'tensorflow._api.v2': 'tensorflow', 'os.posix': 'os', 're._sre': 're', 're._compiler': 'sre_compile',
  'builtins.type.__call__': 'builtins.type', 'lightning.pytorch': 'pytorch_lightning',
  'statistics.reduce': 'functools.reduce', 'statistics.groupby': 'itertools.groupby', 'statistics.namedtuple': 'collections.namedtuple',
  'statistics.itemgetter': 'operator.itemgetter', 'statistics.attrgetter': 'operator.attrgetter',
};

/**
 * Modules that no package has as a submodule of its own name: met inside a dotted path they are the real ones, reached
 * through another module that imported them ('random._os.system').
 */
export const reached: ReadonlySet<string> = new Set(`os sys subprocess builtins importlib ctypes socket shutil posix nt pty runpy
  marshal commands pdb bdb webbrowser pickle cPickle imp pkgutil zipimport codeop timeit ftplib smtplib posixsubprocess pydoc
  linecache sysconfig ensurepip doctest builtin urllib2`.split(/\s+/));

/** Attributes through which any object leads to modules, globals, classes or code. */
export const leading: ReadonlySet<string> = new Set(`__globals__ __dict__ __subclasses__ __builtins__ __builtin__ __code__ __getattribute__ __getattr__
  __class__ __base__ __bases__ __mro__ mro __init__ __new__ __call__ __closure__ __func__ __self__ __loader__ __spec__ __wrapped__ __import__
  __reduce__ __reduce_ex__ __setattr__ __delattr__ __setstate__ __getitem__ __init_subclass__ __subclasshook__ __get__ __set__ __del__
  __module__ __defaults__ __kwdefaults__ __weakref__ __format__ __prepare__ __class_getitem__ __enter__ __exit__ __qualname__ func_globals func_code
  gi_frame gi_code cr_frame cr_code f_globals f_locals f_builtins f_back f_code tb_frame co_code modules cell_contents`.split(/\s+/));

/** Special methods that Python calls by itself: an attribute of this name, planted in an instance or class, runs later. */
export const implicit = /^__(?:setstate|getstate|reduce|reduce_ex|del|call|eq|ne|lt|le|gt|ge|hash|enter|exit|aenter|aexit|getattr|getattribute|setattr|delattr|get|set|delete|set_name|init|new|init_subclass|subclasshook|class_getitem|contains|getitem|setitem|delitem|missing|len|iter|next|bool|str|repr|bytes|format|index|int|float|add|radd|iadd|mul|rmul|or|ror|and|rand|sub|mod|call__|prepare|instancecheck|subclasscheck|fspath|copy|deepcopy|dir|class|bases|dict|globals|code|import|builtins|array|array_interface|array_struct|array_finalize|array_ufunc|array_function|torch_function|await|reversed|buffer)__$/;

/** Words in the name of a function that say it runs, loads, fetches or writes. Compared word by word ('run_command', 'importString'). */
export const telling: ReadonlySet<string> = new Set(`exec execute executes executor eval evaluate evaluates system popen popen2 popen3 popen4 spawn spawnl spawnv
  spawnve spawnvp shell sh bash cmd command commands subprocess process getoutput getstatusoutput runcode runcommand runstring
  run runs runner call calls caller invoke launch start import imports importer importlib imported source script scripts interpreter compile compiled
  codegen code loads unpickle pickle unserialize deserialize marshal download downloads downloader urlopen urlretrieve fetch
  fetches request requests post upload send connect open opener read write writes save dump remove unlink delete rmtree mkdir chmod
  rename symlink copyfile extract extractall unpack kill fork install pip git ssh curl wget docker register plugin plugins hook
  callback apply dispatch resolve locate lookup getattr attr template render expand subst make_function func_from lambdify load
  loader file path url http socket server client env environ getenv setenv chdir python py repl debug debugger
  profile trace edit editor browser main cli entry entrypoint bootstrap`.split(/\s+/));

/** Words that begin or end with one of these say the same: 'runcmd', 'evalexpr', 'fnunpickle'. */
export const tellingPart = /^(?:exec|eval|popen|spawn|unpickl|import(?!an)|subproc|urlopen|runcmd|runpy)|(?:exec|eval|cmd|shell|unpickle|popen)$/;

/** Words in a class's name that say that its constructor runs what it is given; `surely` those that have no other meaning in models. */
export const runningClass: Readonly<Record<'surely' | 'perhaps', ReadonlySet<string>>> = {
  surely: new Set('popen shell subprocess cmd exec interpreter ssh repl spawn'.split(' ')),
  perhaps: new Set('process command executor console terminal launcher launch runner run debugger daemon script eval evaluator compiler import importer'.split(' ')),
};

/** Words in a class's name that say that its constructor opens, loads or fetches what a text names. */
export const tellingClass: ReadonlySet<string> = new Set(`download downloads downloader http client session socket connection connect server url
  file files reader writer loader load open opener read write store storage database db stream handler logger parser source dataset corpus
  module plugin path directory folder repo repository archive`.split(/\s+/));

/** The words of a name, whichever way it is written. */
export function wordsOf(name: string): string[] {
  return name.slice(0, 256).replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** Functions that give a pickled object back, by the name their authors chose for them: ordinary in a package's own reducers. */
export const rebuilding = /^(?:_{1,2}(?:unpickle|rebuild|reconstruct|restore|recreate|reduce|unreduce|depickle|from|new|make|create|build|construct|init|empty|mk|get|as|ident|resolve)(?:_|$|[A-Z])|(?:unpickle|rebuild|reconstruct|restore|recreate)_(?!all)|newObj$|_\w{1,60}_(?:reconstruct|reconstructor|constructor|ctor|unpickle|reducer)$)/;

/** Codecs that only turn text into bytes, as Python 2 compatible pickles do. */
export const plainCodecs: ReadonlySet<string> = new Set(['latin1', 'latin-1', 'latin_1', 'iso-8859-1', 'iso8859-1', 'ascii', 'utf-8', 'utf8', 'utf_8']);

/** What a helper does with its operands: see effect.ts. */
export type Treatment = 'attribute' | 'attributes' | 'method' | 'keeps' | 'codec' | 'class' | 'type' | 'items' | 'module' | 'import' | 'member' | 'shared'
  | 'metaclass' | 'item' | 'naming' | 'described';

/** How a helper treats its arguments, by canonical name. */
export const helpers: Readonly<Record<string, Treatment>> = {
  'builtins.getattr': 'attribute', 'builtins.hasattr': 'attribute', 'inspect.getattr_static': 'attribute',
  'operator.attrgetter': 'attributes', 'operator.methodcaller': 'method',
  'functools.partial': 'keeps', 'functools.partialmethod': 'keeps', 'functools.cmp_to_key': 'keeps', 'collections.defaultdict': 'keeps',
  'types.MethodType': 'keeps', 'toolz.functoolz._restore_curry': 'keeps', 'toolz.functoolz.curry': 'keeps', 'cytoolz.functoolz._restore_curry': 'keeps', 'builtins.property': 'keeps', 'builtins.classmethod': 'keeps', 'builtins.staticmethod': 'keeps', 'functools.cached_property': 'keeps',
  'types.DynamicClassAttribute': 'keeps', 'functools.singledispatchmethod': 'keeps',
  'builtins.dict.get': 'item', 'builtins.dict.__getitem__': 'item', 'builtins.dict.pop': 'item', 'builtins.dict.setdefault': 'item', 'weakref.ref': 'keeps', 'weakref.proxy': 'keeps',
  'codecs.encode': 'codec', 'copyreg._reconstructor': 'class', 'copyreg.__newobj__': 'class', 'copyreg.__newobj_ex__': 'class',
  'builtins.type': 'type', 'operator.itemgetter': 'items', 'operator.getitem': 'item', 'builtins.setattr': 'naming',
  'dill._dill._getattr': 'described', 'dill._dill._get_attr': 'attribute', 'dill._dill._create_type': 'metaclass', 'cloudpickle.cloudpickle._make_skeleton_class': 'metaclass', 'types.GenericAlias': 'keeps',
  'numpy.core._ufunc_reconstruct': 'member', 'numpy._ufunc_reconstruct': 'member', 'dill._dill._create_namedtuple': 'member',
  'cloudpickle.cloudpickle._class_setstate': 'shared', 'cloudpickle.cloudpickle_fast._class_setstate': 'shared',
  'cloudpickle.cloudpickle.subimport': 'module', 'dill._dill._import_module': 'module',
  'builtins.__import__': 'import', 'importlib.import_module': 'import', 'pkgutil.resolve_name': 'import', 'pydoc.locate': 'import',
  'importlib.__import__': 'import',
};

/** Of helpers that import a module and give a member of it: the operands that are the module and the name. */
export const memberOperands: Readonly<Record<string, readonly [module: number, name: number]>> = {
  'numpy.core._ufunc_reconstruct': [0, 1], 'numpy._ufunc_reconstruct': [0, 1], 'dill._dill._create_namedtuple': [2, 0],
};

/**
 * Helpers that call one of their operands at once or later: which one it is, and the operands that they pass to it.
 * Reviewed rebuilders are among them: torch calls what `_rebuild_from_type_v2` is given, and so do numpy, jax and dill. Found by calling every
 * admitted name with a sentinel in each place.
 */
export const applying: Readonly<Record<string, readonly [callable: number, operands: number | 'rest' | 'none']>> = {
  ...Object.fromEntries(`builtins.map builtins.filter builtins.reduce functools.reduce itertools.starmap operator.call itertools.accumulate
    itertools.takewhile itertools.dropwhile itertools.filterfalse itertools.groupby builtins.iter builtins.next builtins.sorted atexit.register
    threading.Thread threading.Timer _thread.start_new_thread weakref.finalize concurrent.futures.ThreadPoolExecutor.submit
    contextlib.ExitStack.callback sched.scheduler.run jax.experimental.host_callback.call tensorflow.python.ops.script_ops.py_func
    dill._dill._create_ftype`.split(/\s+/).map((name) => [name, [0, 'rest']])),
  'torch._tensor._rebuild_from_type_v2': [0, 2], 'torch._tensor._rebuild_from_type': [0, 2], 'jax._src.array._reconstruct_array': [0, 1],
  'numpy.random._pickle.__generator_ctor': [1, 0], 'numpy.random._pickle.__randomstate_ctor': [1, 0], 'numpy.random._pickle.__bit_generator_ctor': [0, 'none'],
  'difflib.SequenceMatcher': [0, 'rest'], 'configparser.ConfigParser': [1, 'none'], 'configparser.RawConfigParser': [1, 'none'],
  'scipy.stats._kde.gaussian_kde': [1, 'none'], 'scipy.stats.kde.gaussian_kde': [1, 'none'], 'pandas.core.indexes.period._new_PeriodIndex': [0, 'rest'], 'dill._dill._create_array': [0, 1], 'dill._dill._create_type': [0, 'rest'], 'cloudpickle.cloudpickle._make_skeleton_class': [0, 'rest'],
};

/** Readers of serialised data: bytes handed to one of them are a file inside the file. */
export const deserialisers: ReadonlySet<string> = new Set(`pickle.loads pickle._loads pickle.Unpickler dill.loads dill._dill.loads cloudpickle.loads
  cloudpickle.cloudpickle.loads joblib.load numpy.load numpy.loads torch.load torch.serialization.load torch.storage._load_from_bytes pandas.read_pickle
  pandas.io.pickle.read_pickle marshal.loads pickle.load dill.load joblib.numpy_pickle.load torch.jit.load spacy.vocab.unpickle_vocab
  spacy.tokens.doc.unpickle_doc numba.core.serialize._numba_unpickle
  numba.core.serialize._unpickle__CustomPickled`.split(/\s+/));

/** Classes whose constructor opens a file that it is given, and that are ordinary data once they are rebuilt without it. */
export const rebuiltOnly: ReadonlySet<string> = new Set(['xml.etree.ElementTree.ElementTree', 'mimetypes.MimeTypes', 'http.cookiejar.LWPCookieJar', 'http.cookiejar.MozillaCookieJar',
  'joblib.memory.MemorizedFunc', 'joblib.memory.NotMemorizedFunc', 'joblib.memory.Memory', 'sentence_transformers.SentenceTransformer.SentenceTransformer',
  'numpy.memmap', 'numpy.core.memmap', 'numpy.core.memmap.memmap']);

/** Functions that models keep as a value (a callback, a default), and that do no harm by being kept. Calling them is another matter. */
export const keptOnly: ReadonlySet<string> = new Set(['builtins.print', 'warnings.warn', 'threading.local', 'gensim.utils.identity', 'gensim.utils.tokenize', 'gensim.utils.simple_preprocess',
  'torchvision.datasets.folder.default_loader', 'time.sleep', 'cv2.resize', 'cv2.cvtColor']);

/** Classes whose `__setstate__` unpickles the state, or imports what it names: BUILD is a loader there. */
export const stateLoaders: ReadonlySet<string> = new Set(`gymnasium.vector.utils.misc.CloudpickleWrapper gym.vector.utils.misc.CloudpickleWrapper
  stable_baselines3.common.vec_env.base_vec_env.CloudpickleWrapper stable_baselines.common.vec_env.base_vec_env.CloudpickleWrapper
  baselines.common.vec_env.CloudpickleWrapper baselines.common.vec_env.vec_env.CloudpickleWrapper ray.tune.experiment.trial.Trial
  gymnasium.wrappers.array_conversion.ArrayConversion torch.utils.data.datapipes.datapipe._DataPipeSerializationWrapper
  torch.utils.data.datapipes.datapipe._IterDataPipeSerializationWrapper torch.utils.data.datapipes.datapipe._MapDataPipeSerializationWrapper
  Bio.Align.substitution_matrices.Array`.split(/\s+/));

/** Names of the standard library that people also give to their own modules: a class of theirs that is rebuilt is a matter for review. */
export const commonNames: ReadonlySet<string> = new Set(['test', 'code', 'profile', 'trace', 'cmd', 'site', 'queue', 'sched', 'select', 'types', 'token', 'platform', 'logging', 'operator', 'copy']);
