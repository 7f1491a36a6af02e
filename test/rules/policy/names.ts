// SPDX-License-Identifier: Apache-2.0

/** 'module|name' of callables that run or load code, from published advisories and bypass reports. */
export const advisories = `
  torch.utils.bottleneck.__main__|run_cprofile torch.utils.bottleneck.__main__|run_autograd_prof
  torch._dynamo.guards|GuardBuilder.get torch.fx.experimental.symbolic_shapes|ShapeEnv.evaluate_guards_expression
  torch.utils.collect_env|run torch.utils.collect_env|run_and_read_all torch.utils.data.datapipes.utils.decoder|basichandlers
  torch.jit.unsupported_tensor_ops|execWrapper torch.utils._config_module|ConfigModule.load_config trace|Trace.run
  trace|Trace.runctx profile|Profile.run profile|Profile.runctx lib2to3.pgen2.grammar|Grammar.loads
  lib2to3.pgen2.pgen|ParserGenerator.make_label idlelib.debugobj|ObjectTreeItem.SetText idlelib.autocomplete|AutoComplete.get_entity
  idlelib.autocomplete|AutoComplete.fetch_completions code|InteractiveInterpreter.runcode idlelib.calltip|Calltip.fetch_tip
  idlelib.calltip|get_entity ensurepip|_run_pip pkgutil|resolve_name idlelib.run|Executive.runcode
  idlelib.pyshell|ModifiedInterpreter.runcommand idlelib.pyshell|ModifiedInterpreter.runcode doctest|debug_script cProfile|runctx
  cProfile|run profile|run asyncio.unix_events|_UnixSubprocessTransport._start ctypes|CDLL pydoc|locate pydoc|pipepager pty|spawn
  numpy.f2py.crackfortran|getlincoef numpy.f2py.crackfortran|_eval_length uuid|_get_command_stdout _osx_support|_read_output
  _osx_support|_find_build_tool _aix_support|_read_cmd_output imaplib|IMAP4_stream _pyrepl.pager|pipe_pager
  test.support.script_helper|assert_python_ok cloudpickle.cloudpickle|subimport timeit|timeit numpy.testing._private.utils|runstring
  pip|main torch._inductor.codecache|compile_file venv|create bdb|Bdb.run runpy|_run_code torch.serialization|load marshal|loads
  importlib|import_module builtins|__import__ platform|popen imp|load_source _interpreters|create unittest|main
  zipimport|zipimporter _posixsubprocess|fork_exec mailcap|findmatch setuptools._distutils.spawn|spawn pipes|Template.copy
  dataclasses|_create_fn logging.config|dictConfig logging.config|fileConfig unittest|TestLoader.loadTestsFromName yaml|load
  site|addpackage site|addsitedir dill|load_session mlflow.projects.backend.local|_run_entry_point pandas|read_pickle
  subprocess|Popen os|system posix|system nt|system builtins|eval builtins|breakpoint __builtin__|apply commands|getoutput
  numpy|load joblib|load dill|loads torch.distributed.rpc|rpc_sync torch.distributed.rpc|RemoteModule torch.package|PackageImporter
  torch.utils.cpp_extension|load torch.utils.cpp_extension|load_inline
  transformers.dynamic_module_utils|get_class_from_dynamic_module sympy.utilities.lambdify|lambdify keras.saving|load_model
  execnet|makegateway IPython.core.interactiveshell|InteractiveShell.run_cell _testcapi|run_in_subinterp ctypes|util._findLib_gcc
  numpy.f2py.diagnose|run_command
`;

/** The same for files, network and process state. */
export const advisoriesIo = `
  logging|FileHandler distutils.file_util|write_file _io|FileIO urllib.request|urlopen ssl|get_server_certificate
  aiohttp.client|ClientSession requests.api|get smtplib|SMTP ftplib|FTP poplib|POP3 telnetlib|Telnet nntplib|NNTP
  xmlrpc.client|ServerProxy compileall|compile_dir py_compile|compile syslog|syslog shelve|open linecache|getline filecmp|cmp
  io|FileIO faulthandler|_sigsegv resource|setrlimit dotenv|set_key numpy|savetxt codecs|open mailbox|mbox.add click.utils|LazyFile
  argparse|FileType pandas.io.parsers.readers|read_csv webbrowser|open shutil|rmtree socket|create_connection builtins|input
  xml.etree.ElementTree|parse urllib2|urlopen IPython.utils.io|temp_pyfile dbm.dumb|open lzma|open gzip|open
`;

/** Helpers and builders: no published pickle of a model calls them with text. */
export const advisoriesPrimitive = `
  operator|methodcaller _operator|attrgetter types|CodeType cloudpickle.cloudpickle|_make_function functools|partial
  types|FunctionType atexit|register _thread|start_new_thread threading|Thread inspect|getattr_static torch|compile operator|call
  builtins|hasattr builtins|__dict__ contextlib|ExitStack.callback sched|scheduler.run concurrent.futures|ThreadPoolExecutor.submit
  string|Formatter.get_field builtins|map builtins|filter functools|reduce functools|singledispatch unittest.mock|_get_target
  zlib|decompress builtins|compile builtins|globals _codecs|decode jax.experimental.host_callback|call
  tensorflow.python.ops.script_ops|py_func copyreg|add_extension ctypes.util|find_library
`;

/** Callables that run or load code and that the policy names nowhere: it must infer them. */
export const unnamed = `
  os|posix_spawn os|execlpe os|startfile os|popen3 posix|execv nt|_exit subprocess|_args_from_interpreter_flags subprocess|getstatusoutput
  importlib.util|spec_from_file_location importlib._bootstrap|_gcd_import importlib.machinery|SourceFileLoader importlib.resources|files
  asyncio.subprocess|create_subprocess_shell asyncio|run asyncio.base_events|BaseEventLoop.subprocess_shell multiprocessing.pool|Pool
  multiprocessing.util|spawnv_passfds multiprocessing.popen_fork|Popen multiprocessing.forkserver|main ctypes|PyDLL ctypes|pythonapi
  ctypes.util|_get_soname ctypes.macholib.dyld|dyld_find pickle|_Unpickler pickle|_loads _pickle|Unpickler cPickle|loads marshal|load
  code|InteractiveConsole.push codeop|compile_command bdb|Bdb.runeval pdb|run pdb|Pdb.do_break profile|Profile.runcall
  timeit|repeat timeit|Timer.timeit trace|main doctest|testsource runpy|run_path pkgutil|get_loader pkgutil|ImpImporter
  zipimport|zipimporter.load_module distutils.spawn|_spawn_posix distutils.core|run_setup distutils.ccompiler|CCompiler.spawn
  distutils.command.build_ext|build_ext.run ensurepip|bootstrap venv|EnvBuilder.create unittest.loader|TestLoader.discover unittest|TextTestRunner
  idlelib.rpc|SocketIO.localcall idlelib.run|main lib2to3.refactor|get_fixers_from_package lib2to3.main|main test.support|run_code
  test.support.import_helper|import_fresh_module sys|settrace sys|setprofile sys|_getframe site|execsitecustomize site|main
  sqlite3|connect shelve|DbfilenameShelf dbm|open pydoc|render_doc pydoc|cli pty|fork webbrowser|get antigravity|geohash
  sysconfig|_init_posix sysconfig|parse_config_h _osx_support|compiler_fixup platform|_syscmd_ver uuid|_find_mac_near_keyword typing|ForwardRef._evaluate
  torch._dynamo.utils|clone_inputs torch._inductor.utils|run_and_get_code torch.fx.graph|_PyTreeCodeGen.gen_fn_def torch.jit|_script_if_tracing
  torch.hub|_load_local torch.hub|load torch.package.package_importer|PackageImporter.import_module torch.utils.cpp_extension|_jit_compile
  torch.utils.collect_env|get_pip_packages torch.distributed.run|run torch.distributed.elastic.multiprocessing.api|start_processes
  torch.testing._internal.common_utils|check_if_enable torch.serialization|_legacy_load torch.storage|_load_from_bytes torch.ops|load_library
  numpy.f2py.capi_maps|load_f2cmap_file numpy.f2py|compile numpy.distutils.exec_command|exec_command numpy.testing|rundocs
  numpy.ctypeslib|load_library pandas.core.computation.eval|eval pandas.io.common|urlopen scipy._lib._testutils|check_free_memory
  sklearn.utils._testing|check_skip_network joblib.numpy_pickle|load_temporary_memmap dill._dill|Unpickler cloudpickle|loads
  pip._internal|main pip._internal.cli.main|main pip._vendor.distlib.scripts|ScriptMaker setuptools.sandbox|run_setup setuptools._distutils.cmd|Command.spawn
  transformers.utils.import_utils|direct_transformers_import transformers|pipeline mlflow.utils.process|_exec_cmd mlflow.pyfunc|load_model
  django.utils.module_loading|import_string werkzeug.utils|import_string celery.utils.imports|instantiate kombu.utils.imports|symbol_by_name
  jinja2|Template.render yaml|unsafe_load ruamel.yaml|load IPython|start_ipython IPython.core.magic|Magics fabric|Connection.run invoke|run
  sh|bash plumbum|local pexpect|run psutil|Popen paramiko|ProxyCommand execnet.multi|Group.makegateway sympy.parsing.sympy_parser|parse_expr
  numba.core.codegen|initialize_llvm cffi|FFI.dlopen pyspark.shell|spark dask.utils|import_required ray.util.client|connect
  keras.models|load_model keras.src.saving.serialization_lib|deserialize_keras_object tensorflow|load_op_library
  somepkg.util|run_command other_lib.shell|execute helpers.io|import_string thing.core|eval_expr abc_tools.runtime|load_module vendor.process|spawn_worker
  acme.net|download_file acme.tools|do_things acme.tools|Runner.go acme.x|compile_source acme.y|exec_file neverheard.of|it fancy.pkg|unpickle_all
`;

/** 'module|name' of what ordinary models contain, called with what they are called with, or only imported. */
export const ordinary = `
  builtins|set builtins|frozenset builtins|complex builtins|bytearray builtins|slice builtins|range builtins|object builtins|dict builtins|ValueError
  __builtin__|set __builtin__|object __builtin__|long copy_reg|_reconstructor exceptions|KeyError
  collections|OrderedDict collections|deque collections|Counter datetime|datetime datetime|date datetime|timedelta datetime|timezone
  decimal|Decimal fractions|Fraction uuid|UUID pathlib|PosixPath pathlib|PurePosixPath pathlib|Path pathlib._local|PosixPath re|_compile array|_array_reconstructor
  types|SimpleNamespace argparse|Namespace logging|getLogger logging|Logger random|Random string|Template zoneinfo|ZoneInfo._unpickle enum|Enum
  ipaddress|IPv4Address time|struct_time http|HTTPStatus urllib.parse|ParseResult inspect|Parameter _codecs|encode io|BytesIO _io|StringIO
  numpy|ndarray numpy|dtype numpy.core.multiarray|_reconstruct numpy._core.multiarray|_reconstruct numpy.core.multiarray|scalar numpy._core.multiarray|scalar
  numpy._core.numeric|_frombuffer numpy.core.numeric|_frombuffer numpy.random._pickle|__randomstate_ctor numpy.random._pickle|__generator_ctor
  numpy.random._pickle|__bit_generator_ctor numpy.random._mt19937|MT19937 numpy.random._pcg64|PCG64 numpy.ma.core|_mareconstruct numpy.ma.core|MaskedArray
  numpy|float32 numpy|int64 numpy|bool_ numpy.dtypes|Float64DType numpy.dtypes|StringDType numpy|matrix numpy|recarray numpy|str_ numpy|log1p
  torch._utils|_rebuild_tensor_v2 torch._utils|_rebuild_tensor torch._utils|_rebuild_parameter torch._utils|_rebuild_qtensor torch._utils|_rebuild_sparse_tensor
  torch._tensor|_rebuild_from_type_v2 torch.nn.modules.linear|Linear torch.nn.modules.container|Sequential torch.nn.modules.conv|Conv2d
  torch.nn.modules.activation|ReLU torch.nn.modules.batchnorm|BatchNorm2d torch.nn.modules.transformer|TransformerEncoder torch.nn.parameter|Parameter
  torch|Size torch|device torch|float32 torch|bfloat16 torch|FloatStorage torch|HalfStorage torch.storage|UntypedStorage torch.storage|TypedStorage
  torch.optim.adam|Adam torch.optim.adamw|AdamW torch.optim.sgd|SGD torch.optim.lr_scheduler|StepLR torch.serialization|_get_layout torch.distributions.normal|Normal
  torch.utils.data.dataset|TensorDataset torch.utils.data.dataloader|DataLoader torch.jit._pickle|build_intlist torch.jit._pickle|restore_type_tag
  torch.ao.nn.quantized.modules.linear|Linear torch.ao.quantization.observer|HistogramObserver __torch__.models|Net __torch__.torch.nn.modules.linear|Linear
  __torch__.___torch_mangle_0|Net torch.torch_version|TorchVersion torch.cuda.amp.grad_scaler|GradScaler
  sklearn.linear_model._logistic|LogisticRegression sklearn.ensemble._forest|RandomForestClassifier sklearn.tree._tree|Tree sklearn.tree._classes|DecisionTreeClassifier
  sklearn.pipeline|Pipeline sklearn.preprocessing._data|StandardScaler sklearn.preprocessing._encoders|OneHotEncoder sklearn.compose._column_transformer|ColumnTransformer
  sklearn.svm._classes|SVC sklearn.neighbors._classification|KNeighborsClassifier sklearn.neighbors._kd_tree|newObj sklearn.neighbors._kd_tree|KDTree
  sklearn.metrics._dist_metrics|newObj sklearn.metrics._dist_metrics|EuclideanDistance64 sklearn.utils._bunch|Bunch sklearn.naive_bayes|GaussianNB
  sklearn.feature_extraction.text|TfidfVectorizer sklearn.decomposition._pca|PCA sklearn.cluster._kmeans|KMeans sklearn.ensemble._gb|GradientBoostingClassifier
  sklearn._loss.loss|HalfBinomialLoss sklearn._loss._loss|CyHalfBinomialLoss sklearn.ensemble._hist_gradient_boosting.predictor|TreePredictor
  sklearn.model_selection._search|GridSearchCV sklearn.calibration|CalibratedClassifierCV sklearn.impute._base|SimpleImputer sklearn.isotonic|IsotonicRegression
  sklearn._loss._loss|__pyx_unpickle_CyHalfSquaredError sklearn.gaussian_process.kernels|RBF sklearn.linear_model.logistic|LogisticRegression
  scipy.sparse._csr|csr_matrix scipy.sparse.csr|csr_matrix scipy.sparse._csc|csc_matrix scipy.interpolate._interpolate|interp1d scipy.stats._continuous_distns|norm_gen
  scipy.stats._distn_infrastructure|rv_frozen scipy.spatial._ckdtree|cKDTree scipy.spatial._kdtree|KDTree
  pandas.core.frame|DataFrame pandas.core.series|Series pandas.core.indexes.base|Index pandas.core.indexes.base|_new_Index pandas.core.indexes.range|RangeIndex
  pandas.core.internals.managers|BlockManager pandas._libs.internals|_unpickle_block pandas.core.internals.blocks|new_block pandas.core.arrays.categorical|Categorical
  pandas.core.dtypes.dtypes|CategoricalDtype pandas._libs.tslibs.timestamps|_unpickle_timestamp pandas.core.indexes.datetimes|_new_DatetimeIndex
  pandas._libs.arrays|__pyx_unpickle_NDArrayBacked pandas._libs.tslibs.offsets|Day pandas.core.arrays.string_|StringDtype pytz|_UTC pytz|_p dateutil.tz.tz|tzutc
  xgboost.sklearn|XGBClassifier xgboost.core|Booster lightgbm.sklearn|LGBMClassifier lightgbm.basic|Booster catboost.core|CatBoostClassifier
  transformers.models.bert.configuration_bert|BertConfig transformers.models.bert.modeling_bert|BertModel transformers.modeling_outputs|BaseModelOutput
  transformers.training_args|TrainingArguments transformers.trainer_utils|IntervalStrategy transformers.trainer_utils|SchedulerType transformers.trainer_utils|HubStrategy
  transformers.training_args|OptimizerNames transformers.tokenization_utils_base|BatchEncoding transformers.trainer_pt_utils|AcceleratorConfig
  transformers.tokenization_utils_fast|PreTrainedTokenizerFast accelerate.state|PartialState accelerate.utils.dataclasses|DistributedType
  tokenizers|Tokenizer tokenizers.models|Model tokenizers|AddedToken tokenizers.pre_tokenizers|Whitespace datasets.features.features|Features datasets.splits|Split
  ultralytics.nn.tasks|DetectionModel ultralytics.nn.modules.conv|Conv ultralytics.nn.modules.block|C2f ultralytics.nn.modules.head|Detect
  ultralytics.utils|IterableSimpleNamespace ultralytics.utils.loss|v8DetectionLoss ultralytics.utils.tal|TaskAlignedAssigner models.yolo|Model models.common|Conv
  torchvision.models.resnet|ResNet torchvision.models.resnet|BasicBlock torchvision.transforms.transforms|Compose torchvision.ops.misc|FrozenBatchNorm2d
  timm.models.vision_transformer|VisionTransformer timm.layers.mlp|Mlp detectron2.structures.instances|Instances fastai.learner|Learner fastai.data.core|DataLoaders
  fastcore.foundation|L fastcore.transform|Pipeline pytorch_lightning.callbacks.model_checkpoint|ModelCheckpoint pytorch_lightning.utilities.parsing|AttributeDict
  lightning.pytorch.utilities.enums|GradClipAlgorithmType omegaconf.dictconfig|DictConfig omegaconf.listconfig|ListConfig omegaconf.base|ContainerMetadata omegaconf.nodes|AnyNode
  easydict|EasyDict spacy.vocab|Vocab spacy.vocab|unpickle_vocab spacy.tokens.doc|unpickle_doc spacy.lang.en|English gensim.models.word2vec|Word2Vec
  gensim.models.keyedvectors|KeyedVectors gensim.corpora.dictionary|Dictionary nltk.tokenize.punkt|PunktTokenizer nltk.classify.naivebayes|NaiveBayesClassifier
  statsmodels.regression.linear_model|OLS statsmodels.iolib.table|SimpleTable statsmodels.tools.tools|Bunch patsy.design_info|DesignInfo networkx.classes.graph|Graph
  joblib.numpy_pickle|NumpyArrayWrapper joblib.numpy_pickle|NDArrayWrapper dill._dill|_create_type dill._dill|_load_type cloudpickle.cloudpickle|_builtin_type
  cloudpickle.cloudpickle|_make_empty_cell joblib.externals.cloudpickle.cloudpickle|_make_skeleton_class stable_baselines3.ppo.policies|ActorCriticPolicy
  gym.spaces.box|Box gymnasium.spaces.discrete|Discrete hdbscan.hdbscan_|HDBSCAN umap.umap_|UMAP imblearn.pipeline|Pipeline category_encoders.target_encoder|TargetEncoder
  jax._src.array|_reconstruct_array flax.core.frozen_dict|FrozenDict optax._src.transform|ScaleByAdamState tensorflow.python.framework.dtypes|as_dtype
  keras.src.models.sequential|Sequential sentence_transformers.models.Pooling|Pooling peft.tuners.lora.config|LoraConfig peft.utils.peft_types|PeftType
  __main__|MyNet mypackage.models|Net mypackage.data|Vocab research.code.nets|Encoder my.utils|Config
`;
