// SPDX-License-Identifier: Apache-2.0
import type { Group } from './effects.ts';

/**
 * What ordinary models contain, reviewed library by library. Narrow by shape: `classes` admits constructors below a
 * package (CapWords), never its functions; functions and lower-case classes are named one by one.
 */
export const allowed: readonly Group[] = [
  {
    effect: 'inert',
    reason: 'is a built-in type or a function of values alone',
    names: `builtins.int builtins.float builtins.complex builtins.bool builtins.str builtins.bytes builtins.bytearray
      builtins.list builtins.tuple builtins.dict builtins.set builtins.frozenset builtins.object builtins.slice builtins.range
      builtins.xrange builtins.long builtins.unicode builtins.basestring builtins.Ellipsis builtins.NotImplemented builtins.None
      builtins.NoneType builtins.ellipsis builtins.memoryview builtins.abs builtins.round builtins.len builtins.pow builtins.divmod
      builtins.ord builtins.hash builtins.id builtins.bin builtins.hex builtins.oct builtins.repr builtins.ascii builtins.True builtins.False builtins.zip builtins.enumerate builtins.reversed
      builtins.bytes.fromhex builtins.bytearray.fromhex builtins.float.fromhex builtins.dict.fromkeys builtins.int.from_bytes`,
    classes: 'builtins',
  },
  {
    effect: 'inert',
    reason: 'is a plain data type of the standard library',
    names: `collections.deque collections.defaultdict collections.OrderedDict collections.Counter collections.ChainMap
      collections.UserDict collections.UserList collections.UserString collections.OrderedDict.fromkeys
      datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone datetime.tzinfo datetime._pydatetime
      decimal.Decimal decimal.Context fractions.Fraction uuid.UUID uuid.SafeUUID enum.Enum enum.IntEnum enum.Flag enum.IntFlag enum.StrEnum
      enum.auto enum.EnumMeta enum.EnumType enum._make_class_unpicklable enum.FlagBoundary
      pathlib.Path pathlib.PosixPath pathlib.WindowsPath pathlib.PurePath pathlib.PurePosixPath pathlib.PureWindowsPath
      pathlib._local.Path pathlib._local.PosixPath pathlib._local.WindowsPath pathlib._local.PurePath
      pathlib._local.PurePosixPath pathlib._local.PureWindowsPath
      re._compile re.compile re.Pattern re.RegexFlag sre_compile.compile array.array array._array_reconstructor
      types.SimpleNamespace types.MappingProxyType types.GenericAlias types.NoneType types.EllipsisType types.NotImplementedType
      types.UnionType typing.Any typing.Optional typing.Union typing.List typing.Dict typing.Tuple typing.Set typing.Callable typing.TypeVar
      typing.Generic typing._GenericAlias typing._UnionGenericAlias typing._SpecialForm typing._LiteralGenericAlias
      copyreg._reconstructor copyreg.__newobj__ copyreg.__newobj_ex__
      operator.itemgetter operator.attrgetter operator.methodcaller functools.partial functools.cmp_to_key functools.partialmethod
      operator.add operator.sub operator.mul operator.truediv operator.floordiv operator.mod operator.pow operator.neg operator.pos
      operator.abs operator.and_ operator.or_ operator.xor operator.not_ operator.eq operator.ne operator.lt operator.le operator.gt operator.ge
      operator.index operator.truth operator.concat operator.matmul operator.getitem operator.or operator._compare_digest
      collections.abc.Sequence collections.abc.MutableSequence collections.abc.Mapping collections.abc.MutableMapping collections.abc.Set
      collections.abc.MutableSet collections.abc.Iterable collections.abc.Iterator collections.abc.Callable collections.abc.Hashable
      collections.abc.Sized collections.abc.Container collections.abc.Collection collections.abc.Generator collections.abc.Reversible
      collections.abc.KeysView collections.abc.ItemsView collections.abc.ValuesView collections.abc.MappingView collections.abc.Awaitable
      collections.abc.Coroutine collections.abc.AsyncIterable collections.abc.AsyncIterator collections.abc.AsyncGenerator
      collections.abc.ByteString collections.abc.Buffer collections.abc.dict_keys collections.abc.dict_values collections.abc.dict_items
      functools.total_ordering functools._lru_cache_wrapper_reduce
      itertools.count itertools.repeat itertools.cycle itertools.chain itertools.product itertools.permutations
      itertools.combinations itertools.combinations_with_replacement itertools.islice itertools.zip_longest itertools.compress
      itertools.pairwise itertools.batched
      random.Random numbers.Number struct.Struct argparse.Namespace logging.Logger logging.getLogger logging.RootLogger logging.Formatter
      logging.PlaceHolder logging.Manager logging.NullHandler logging.LogRecord logging.Filter logging.PercentStyle logging.Logger.manager
      string.Template ipaddress.IPv4Address ipaddress.IPv6Address ipaddress.IPv4Network ipaddress.IPv6Network
      ipaddress.IPv4Interface ipaddress.IPv6Interface zoneinfo.ZoneInfo zoneinfo.ZoneInfo._unpickle zoneinfo._common.ZoneInfoNotFoundError
      time.struct_time os.stat_result os.terminal_size os.PathLike sys.version_info subprocess.CompletedProcess subprocess.CalledProcessError
      subprocess.TimeoutExpired socket.AddressFamily socket.SocketKind signal.Signals signal.Handlers http.HTTPStatus http.HTTPMethod
      http.cookies.SimpleCookie http.cookies.Morsel http.cookiejar.Cookie http.cookiejar.CookieJar http.cookiejar.DefaultCookiePolicy
      urllib.parse.ParseResult urllib.parse.SplitResult urllib.parse.DefragResult urllib.parse.ParseResultBytes urllib.parse.SplitResultBytes
      weakref.WeakKeyDictionary weakref.WeakValueDictionary weakref.WeakSet weakref.ref _weakrefset.WeakSet
      inspect.Parameter inspect.Signature inspect._ParameterKind inspect._empty inspect.FullArgSpec inspect.BoundArguments
      dataclasses.Field dataclasses._MISSING_TYPE dataclasses._FIELD_BASE dataclasses._HAS_DEFAULT_FACTORY_CLASS dataclasses.FrozenInstanceError
      traceback.FrameSummary traceback.StackSummary traceback.TracebackException
      io.BytesIO io.StringIO io.UnsupportedOperation json.JSONEncoder json.JSONDecoder json.JSONDecodeError json.encoder.JSONEncoder
      json.decoder.JSONDecoder json.decoder.JSONDecodeError csv.Dialect csv.excel configparser.ConfigParser configparser.RawConfigParser
      configparser.SectionProxy configparser.BasicInterpolation configparser.ExtendedInterpolation configparser.ConverterMapping email.message.Message email.message.EmailMessage
      email.header.Header email.charset.Charset email._policybase.Compat32 email.policy.EmailPolicy email.headerregistry.Address
      xml.etree.ElementTree.Element string.Formatter contextlib.nullcontext contextlib.suppress
      difflib.Match difflib.SequenceMatcher difflib.Differ difflib.HtmlDiff tokenize.TokenInfo calendar.Calendar calendar.TextCalendar textwrap.TextWrapper
      queue.Empty queue.Full concurrent.futures._base.CancelledError multiprocessing.context.TimeoutError multiprocessing.context.AuthenticationString
      multiprocessing.process.AuthenticationString statistics.NormalDist graphlib.TopologicalSorter codecs.CodecInfo codecs._encodings.utf_8
      shlex.shlex copy.Error cmd.Cmd gettext.NullTranslations sets.Set sets.ImmutableSet functools._CacheInfo`,
    classes: `ast numbers ipaddress datetime decimal fractions statistics string calendar textwrap typing`,
  },
  {
    effect: 'inert',
    reason: 'is an operator over values',
    names: `frozendict.frozendict immutabledict.immutabledict regex._regex.compile _regex.compile regex.Pattern toolz.functoolz.curry toolz.functoolz.Compose statistics.mean statistics.median statistics.fmean`,
  },
  {
    effect: 'inert',
    reason: 'rebuilds arrays, scalars or random states',
    names: `numpy.ndarray numpy.dtype numpy.core.multiarray._reconstruct numpy.core.multiarray.scalar numpy.core.multiarray.array
      numpy.core.multiarray.fromstring numpy.core.multiarray.frombuffer numpy.core.numeric._frombuffer numpy.core.multiarray.ndarray numpy.core.multiarray.dtype
      numpy.core.multiarray._ARRAY_API numpy.core.records.recarray numpy.core.records.record numpy.core.defchararray.chararray numpy.recarray numpy.record numpy.rec.recarray numpy.rec.record
      numpy.core._internal._convert_to_stringdtype_kwargs numpy.core._internal._reconstruct numpy._ufunc_reconstruct numpy.core._ufunc_reconstruct
      numpy.core.numeric.dtype numpy.matrix numpy.matrixlib.defmatrix.matrix numpy.core.memmap.memmap_reduce numpy.void
      numpy.ma.core._mareconstruct numpy.ma.core.MaskedArray numpy.ma.MaskedArray numpy.ma.core.MaskedConstant numpy.ma.mrecords._mrreconstruct
      numpy.ma.core.mvoid numpy.random._pickle.__randomstate_ctor numpy.random._pickle.__generator_ctor numpy.random._pickle.__bit_generator_ctor
      numpy.random.__RandomState_ctor numpy.random.__randomstate_ctor numpy.random.mtrand.RandomState numpy.random.RandomState
      numpy.random.mtrand.__RandomState_ctor numpy.random.bit_generator.SeedSequence numpy.random._generator.Generator numpy.random.Generator
      numpy.random._mt19937.MT19937 numpy.random._pcg64.PCG64 numpy.random._philox.Philox numpy.random._sfc64.SFC64
      numpy.random.bit_generator.__pyx_unpickle_SeedSequence numpy.poly1d numpy.lib.polynomial.poly1d numpy.lib._polynomial_impl.poly1d numpy.lib.index_tricks.nd_grid
      numpy.float16 numpy.float32 numpy.float64 numpy.float128 numpy.longdouble numpy.float_ numpy.int8 numpy.int16 numpy.int32 numpy.int64 numpy.int_ numpy.intc
      numpy.intp numpy.uint8 numpy.uint16 numpy.uint32 numpy.uint64 numpy.uint numpy.uintc numpy.uintp numpy.longlong numpy.ulonglong numpy.bool numpy.bool_ numpy.bool8
      numpy.str_ numpy.bytes_ numpy.object_ numpy.complex64 numpy.complex128 numpy.complex_ numpy.clongdouble numpy.datetime64 numpy.timedelta64 numpy.generic
      numpy.number numpy.integer numpy.floating numpy.half numpy.single numpy.double numpy.short numpy.byte numpy.ubyte numpy.ushort numpy.unicode_ numpy.string_
      numpy.array numpy.asarray numpy.zeros numpy.ones numpy.empty numpy.full numpy.arange numpy.linspace numpy.eye numpy.identity numpy.log numpy.log1p
      numpy.log2 numpy.log10 numpy.exp numpy.expm1 numpy.sqrt numpy.square numpy.abs numpy.absolute numpy.sin numpy.cos numpy.tanh numpy.mean numpy.median numpy.std numpy.var
      numpy.sum numpy.min numpy.max numpy.clip numpy.ravel numpy.reshape numpy.argmax numpy.argmin numpy.nan_to_num numpy.sign numpy.reciprocal
      numpy.core.fromnumeric.mean numpy.core.fromnumeric.sum numpy.core.fromnumeric.std numpy.lib.function_base.median numpy.lib._function_base_impl.median`,
    classes: 'numpy.dtypes numpy.random numpy.polynomial numpy.exceptions numpy.core.numerictypes',
  },
  {
    effect: 'inert',
    reason: 'rebuilds tensors, or constructs a layer, an optimiser or a data type',
    names: `torch.Size torch.device torch.dtype torch.layout torch.memory_format torch.qscheme torch.Tensor torch._tensor.Tensor torch.tensor torch.finfo torch.iinfo torch.Generator
      torch._utils._rebuild_tensor torch._utils._rebuild_tensor_v2 torch._utils._rebuild_tensor_v3 torch._utils._rebuild_parameter
      torch._utils._rebuild_parameter_with_state torch._utils._rebuild_qtensor torch._utils._rebuild_sparse_tensor
      torch._utils._rebuild_sparse_csr_tensor torch._utils._rebuild_nested_tensor torch._utils._rebuild_device_tensor_from_numpy
      torch._utils._rebuild_device_tensor_from_cpu_tensor torch._utils._rebuild_xla_tensor torch._utils._rebuild_meta_tensor_no_storage torch._utils._rebuild_wrapper_subclass
      torch._utils._rebuild_buffer torch._utils._rebuild_mlc_tensor torch._tensor._rebuild_from_type torch._tensor._rebuild_from_type_v2 torch._utils._rebuild_mkldnn_tensor
      torch.nn.parameter.Parameter torch.nn.Parameter torch.nn.parameter.Buffer torch.nn.parameter.UninitializedParameter torch.storage.TypedStorage
      torch.storage.UntypedStorage torch.storage._TypedStorage torch.storage._UntypedStorage torch.UntypedStorage torch.TypedStorage
      torch.FloatStorage torch.DoubleStorage torch.HalfStorage torch.BFloat16Storage torch.LongStorage torch.IntStorage torch.ShortStorage
      torch.CharStorage torch.ByteStorage torch.BoolStorage torch.ComplexFloatStorage torch.ComplexDoubleStorage torch.QInt8Storage
      torch.QUInt8Storage torch.QInt32Storage torch.QUInt4x2Storage torch.QUInt2x4Storage torch.cuda.FloatStorage torch.cuda.HalfStorage
      torch.cuda.LongStorage torch.cuda.DoubleStorage torch.cuda.IntStorage torch.cuda.ByteStorage torch.cuda.BoolStorage torch.cuda.BFloat16Storage
      torch.FloatTensor torch.DoubleTensor torch.HalfTensor torch.LongTensor torch.IntTensor torch.ByteTensor torch.BoolTensor torch.BFloat16Tensor
      torch.cuda.FloatTensor torch.cuda.HalfTensor torch.cuda.LongTensor
      torch.float16 torch.float32 torch.float64 torch.bfloat16 torch.half torch.float torch.double torch.int8 torch.int16 torch.int32 torch.int64 torch.int torch.long
      torch.short torch.uint8 torch.uint16 torch.uint32 torch.uint64 torch.bool torch.complex64 torch.complex128 torch.complex32 torch.qint8 torch.quint8 torch.qint32 torch.quint4x2
      torch.float8_e4m3fn torch.float8_e5m2 torch.float8_e4m3fnuz torch.float8_e5m2fnuz torch.float8_e8m0fnu torch.per_tensor_affine torch.per_channel_affine
      torch.per_tensor_symmetric torch.per_channel_symmetric torch.per_channel_affine_float_qparams torch.strided torch.sparse_coo torch.contiguous_format
      torch.preserve_format torch.channels_last torch.serialization._get_layout torch.utils.serialization.config torch.cuda.amp.grad_scaler.GradScaler torch.amp.grad_scaler.GradScaler
      torch.cuda.amp.grad_scaler._refresh_per_optimizer_state torch.amp.grad_scaler._refresh_per_optimizer_state torch.torch_version.TorchVersion
      torch.utils.hooks.RemovableHandle torch.utils.hooks.BackwardHook torch.backends.cuda.SDPAParams torch._C._VariableFunctions torch._C.Generator torch._C._set_worker_signal_handlers_none
      torch.jit._pickle.build_intlist torch.jit._pickle.build_tensorlist torch.jit._pickle.build_doublelist torch.jit._pickle.build_boollist
      torch.jit._pickle.build_tensor_from_id torch.jit._pickle.restore_type_tag torch._C.ScriptModule torch.ScriptObject torch.distributed.tensor.DTensor
      torch._utils._rebuild_qtensor_v2 torch.nn.functional.relu torch.nn.functional.gelu torch.nn.functional.silu torch.nn.functional.softmax torch.nn.functional.leaky_relu
      torch.nn.functional.tanh torch.nn.functional.sigmoid torch.nn.functional.log_softmax torch.nn.functional.elu torch.nn.functional.selu torch.nn.functional.mish
      torch._C._nn.gelu torch._C._nn.silu torch.relu torch.tanh torch.sigmoid torch.softmax torch.zeros torch.ones torch.empty torch.full torch.arange torch.as_tensor torch.from_numpy`,
    classes: `torch.nn torch.optim torch.distributions torch.utils.data.dataset torch.utils.data.sampler torch.utils.data.dataloader
      torch.utils.data.distributed torch.ao.nn torch.ao.quantization torch.quantization torch.nn.quantized torch.cuda.amp torch.amp __torch__
      torch.distributed._tensor torch.distributed.tensor torch.autograd.variable torch.optim.lr_scheduler torch.distributed.checkpoint.metadata
      torch.distributed.fsdp torch.sparse torch.masked torch.ao.pruning torch.distributed._shard.sharded_tensor torch.distributed._shard.metadata
      torch.distributed._shard.sharding_spec torch.distributed.fsdp.sharded_grad_scaler`,
  },
  {
    effect: 'inert',
    reason: 'constructs an estimator or one of its parts',
    names: `sklearn.tree._tree.Tree sklearn.neighbors._kd_tree.newObj sklearn.neighbors._ball_tree.newObj sklearn.neighbors.kd_tree.newObj
      sklearn.neighbors.ball_tree.newObj sklearn.neighbors._dist_metrics.newObj sklearn.metrics._dist_metrics.newObj sklearn.neighbors.dist_metrics.newObj
      sklearn.utils.Bunch sklearn.utils._bunch.Bunch sklearn.utils.deprecation.DeprecationDict sklearn.neighbors._kd_tree.KDTree sklearn.neighbors._ball_tree.BallTree
      sklearn.compose._column_transformer.make_column_selector sklearn.compose.make_column_selector sklearn.utils.murmurhash.murmurhash3_32
      sklearn.feature_selection._univariate_selection.f_classif sklearn.feature_selection._univariate_selection.chi2
      sklearn.feature_selection._univariate_selection.f_regression sklearn.linear_model._logistic.LogisticRegression
      sklearn.feature_selection._mutual_info.mutual_info_classif sklearn.metrics._scorer._passthrough_scorer sklearn.datasets._base.Bunch sklearn.datasets.base.Bunch
      sklearn.metrics._classification.accuracy_score sklearn.metrics._classification.f1_score sklearn.metrics._regression.r2_score`,
    classes: `sklearn.base sklearn.linear_model sklearn.ensemble sklearn.tree sklearn.svm sklearn.neighbors sklearn.cluster sklearn.decomposition
      sklearn.preprocessing sklearn.pipeline sklearn.compose sklearn.impute sklearn.feature_extraction sklearn.feature_selection sklearn.naive_bayes
      sklearn.neural_network sklearn.gaussian_process sklearn.mixture sklearn.manifold sklearn.metrics sklearn.model_selection sklearn.multiclass
      sklearn.multioutput sklearn.calibration sklearn.covariance sklearn.cross_decomposition sklearn.discriminant_analysis sklearn.dummy
      sklearn.isotonic sklearn.kernel_approximation sklearn.kernel_ridge sklearn.random_projection sklearn.semi_supervised sklearn._loss
      sklearn.utils._metadata_requests sklearn.utils._encode sklearn.utils._set_output sklearn.utils._tags sklearn.utils._random sklearn.utils.validation
      sklearn.utils.metaestimators sklearn.frozen sklearn.exceptions sklearn.experimental sklearn.inspection sklearn.callback sklearn.utils.sparsefuncs
      sklearn.cross_validation sklearn.grid_search sklearn.qda sklearn.lda sklearn.hmm sklearn.utils._weight_vector sklearn.utils.arrayfuncs
      sklearn_crfsuite skops.utils imblearn category_encoders mlxtend.classifier mlxtend.preprocessing mlxtend.feature_selection sklearn_pandas hdbscan umap pynndescent
      feature_engine lifelines sktime pmdarima prophet shap lime interpret econml causalml ngboost skopt hyperopt optuna.trial optuna.distributions optuna.study
      skorch skmultilearn river pyod tslearn tsfresh darts neuralprophet surprise implicit lightfm hmmlearn xlearn`,
  },
  {
    effect: 'inert',
    reason: 'constructs a sparse matrix, a distribution, an interpolator or a tree of points',
    names: `scipy.sparse.csr_matrix scipy.sparse.csc_matrix scipy.sparse.coo_matrix scipy.sparse.lil_matrix scipy.sparse.dok_matrix scipy.sparse.dia_matrix
      scipy.sparse.bsr_matrix scipy.sparse.csr.csr_matrix scipy.sparse.csc.csc_matrix scipy.sparse.coo.coo_matrix scipy.sparse.lil.lil_matrix
      scipy.sparse.dok.dok_matrix scipy.sparse.dia.dia_matrix scipy.sparse.bsr.bsr_matrix scipy.sparse._csr.csr_matrix scipy.sparse._csc.csc_matrix
      scipy.sparse._coo.coo_matrix scipy.sparse._lil.lil_matrix scipy.sparse._dok.dok_matrix scipy.sparse._dia.dia_matrix scipy.sparse._bsr.bsr_matrix
      scipy.sparse._csr.csr_array scipy.sparse._csc.csc_array scipy.sparse._coo.coo_array scipy.sparse._lil.lil_array scipy.sparse._dok.dok_array
      scipy.sparse._dia.dia_array scipy.sparse._bsr.bsr_array scipy.interpolate.interpolate.interp1d scipy.interpolate._interpolate.interp1d
      scipy.interpolate.interp1d scipy.spatial.ckdtree.cKDTree scipy.spatial._ckdtree.cKDTree scipy.spatial.kdtree.KDTree scipy.spatial._kdtree.KDTree
      scipy.stats._distn_infrastructure.rv_frozen scipy.stats._distn_infrastructure.rv_continuous_frozen scipy.stats._distn_infrastructure.rv_discrete_frozen
      scipy.stats._distn_infrastructure.rv_sample scipy.stats._kde.gaussian_kde scipy.stats.kde.gaussian_kde scipy.stats._multivariate.multivariate_normal_frozen
      scipy.io.matlab._mio5_params.mat_struct scipy.io.matlab.mio5_params.mat_struct scipy.stats._multivariate.multivariate_normal_gen scipy.special._ufuncs.expit scipy.special.expit scipy.special._ufuncs.logit scipy.special.logit`,
    trees: 'scipy.stats._continuous_distns scipy.stats._discrete_distns',
    classes: 'scipy.interpolate scipy.optimize scipy.spatial scipy.stats scipy.sparse scipy.signal scipy.integrate scipy.fft',
  },
  {
    effect: 'inert',
    reason: 'rebuilds a data frame, an index or a time',
    names: `pandas._libs.internals._unpickle_block pandas.core.internals.blocks.new_block pandas.core.internals.blocks.make_block pandas.core.indexes.base._new_Index
      pandas.core.indexes.datetimes._new_DatetimeIndex pandas.core.indexes.period._new_PeriodIndex pandas.core.indexes.interval._new_IntervalIndex pandas.indexes.base._new_Index pandas.core.index._new_Index
      pandas.tseries.index._new_DatetimeIndex pandas._libs.tslibs.timestamps._unpickle_timestamp pandas._libs.tslibs.timedeltas._timedelta_unpickle
      pandas._libs.tslibs.timedeltas._unpickle_timedelta pandas._libs.tslibs.nattype._nat_unpickle pandas._libs.tslibs.nattype.__nat_unpickle pandas.tslib.__nat_unpickle
      pandas._libs.tslib.__nat_unpickle pandas._libs.tslibs.period._unpickle_period pandas._libs.missing._unpickle_na pandas._libs.tslibs.period.Period
      pandas.core.sparse.array._make_sparse pandas.DataFrame pandas.Series pandas.Index pandas.Timestamp pandas.Timedelta pandas.Categorical pandas.MultiIndex pandas.Interval
      pytz._UTC pytz._p pytz.UTC dateutil.tz.tz.tzutc dateutil.tz.tz.tzlocal dateutil.tz.tz.tzfile dateutil.tz.tz.tzoffset dateutil.tz.tzutc dateutil.tz._common.tzrangebase
      dateutil.relativedelta.relativedelta dateutil.rrule.rrule dateutil.zoneinfo.gettz pyarrow.lib._reconstruct_table pyarrow.lib.type_for_alias pyarrow.lib._restore_array pyarrow.lib.py_buffer
      pyarrow.lib.schema pyarrow.lib.field pyarrow.lib.list_ pyarrow.lib.struct pyarrow.lib.reconstruct_chunked_array pyarrow.lib.chunked_array pyarrow.lib._reconstruct_record_batch pyarrow.lib.string
      pyarrow.lib.int64 pyarrow.lib.float64 pyarrow.lib.timestamp pyarrow.lib.dictionary pyarrow.lib.large_string`,
    classes: `pandas.core.frame pandas.core.series pandas.core.indexes pandas.core.arrays pandas.core.internals pandas.core.dtypes pandas._libs pandas.core.index
      pandas.core.generic pandas.core.flags pandas.core.categorical pandas.tseries pandas.indexes pandas.core.groupby pandas.core.sparse pandas.errors pytz dateutil pyarrow.lib polars.dataframe
      polars.series polars.datatypes pendulum shapely geopandas`,
  },
  {
    effect: 'inert',
    reason: 'constructs a boosted model',
    names: `xgboost.core.Booster xgboost.core._unpickle_booster catboost.core._CatBoostBase lightgbm.basic.Booster lightgbm.basic._InnerPredictor
      catboost._catboost._CatBoost`,
    classes: 'xgboost.core xgboost.sklearn xgboost.callback lightgbm.basic lightgbm.sklearn lightgbm.callback lightgbm.compat catboost.core catboost._catboost',
  },
  {
    effect: 'inert',
    reason: 'constructs a configuration, an output, a tokenizer or a model class',
    names: `transformers.tokenization_utils_base.AddedToken tokenizers.AddedToken tokenizers.Tokenizer tokenizers.Encoding transformers.activations.gelu_new
      transformers.activations.gelu_python gymnasium.envs.registration.EnvSpec
      gymnasium.envs.registration.WrapperSpec gym.envs.registration.EnvSpec huggingface_hub.utils._typing.NoneType keras.src.saving.keras_saveable.KerasSaveable`,
    classes: `transformers transformers.pipelines tokenizers.models tokenizers.pre_tokenizers tokenizers.normalizers tokenizers.decoders tokenizers.processors tokenizers.trainers
      diffusers.configuration_utils diffusers.models diffusers.schedulers diffusers.utils.outputs diffusers.image_processor peft.tuners peft.config peft.utils.peft_types peft.peft_model peft.mapping
      accelerate.utils.dataclasses accelerate.state accelerate.optimizer accelerate.scheduler trl sentence_transformers.models sentence_transformers.losses setfit datasets.features datasets.info
      datasets.splits datasets.arrow_dataset datasets.table datasets.dataset_dict datasets.fingerprint datasets.builder bitsandbytes.nn bitsandbytes.optim optimum auto_gptq adapters keybert bertopic flair.data flair.models flair.embeddings
      simpletransformers fairseq.models fairseq.data.dictionary fairseq.dataclass esm open_clip clip.model whisper.model`,
  },
  {
    effect: 'inert',
    reason: 'constructs a vision model or one of its layers',
    names: `ultralytics.utils.loss.v8DetectionLoss ultralytics.utils.loss.v8SegmentationLoss ultralytics.utils.loss.v8PoseLoss ultralytics.utils.loss.v8ClassificationLoss
      ultralytics.utils.loss.v8OBBLoss ultralytics.utils.IterableSimpleNamespace ultralytics.yolo.utils.IterableSimpleNamespace torchvision.transforms.functional.to_tensor PIL.Image.Image`,
    classes: `torchvision.models torchvision.transforms torchvision.ops torchvision.tv_tensors ultralytics models.yolo models.common models.experimental timm.models timm.layers timm.data
      timm.optim timm.scheduler detectron2.modeling detectron2.layers detectron2.structures detectron2.config.config mmdet mmseg mmpretrain mmcls mmcv.cnn mmcv.ops mmengine.model mmengine.config.config
      mmengine.logging mmengine.structures segmentation_models_pytorch efficientnet_pytorch facenet_pytorch yolox effdet kornia albumentations monai.networks monai.transforms
      monai.data segment_anything sam2 groundingdino torchreid torchmetrics insightface face_recognition_models ignite.engine torch_geometric.nn torch_geometric.data dgl.nn`,
  },
  {
    effect: 'inert',
    reason: 'constructs a training state, a callback or a configuration',
    names: `omegaconf.dictconfig.DictConfig omegaconf.listconfig.ListConfig omegaconf.base.ContainerMetadata omegaconf.base.Metadata omegaconf.nodes.AnyNode
      pytorch_lightning.utilities.parsing.AttributeDict lightning.fabric.utilities.data.AttributeDict lightning_fabric.utilities.data.AttributeDict easydict.EasyDict munch.Munch addict.Dict
      addict.addict.Dict box.Box box.box.Box attrdict.AttrDict yacs.config.CfgNode fastai.imports.noop fastcore.imports.noop fastai.torch_core.TensorBase fastai.losses.CrossEntropyLossFlat`,
    classes: `omegaconf pytorch_lightning lightning lightning_fabric lightning_utilities.core fastai fastcore.foundation fastcore.transform fastcore.basics fastcore.dispatch fastprogress
      ml_collections allennlp.nn allennlp.data allennlp.modules stable_baselines3 sb3_contrib gym.spaces gymnasium.spaces ray.tune deepspeed.runtime deepspeed.utils.tensor_fragment megatron
      flax.core flax.linen optax jax._src.array haiku chex equinox keras.src.models keras.src.layers keras.layers keras.engine keras.optimizers keras.initializers keras.callbacks.History keras.src.callbacks.history
      tensorflow.python.keras.engine tensorflow.python.training.tracking tensorflow.python.trackable tensorflow.python.framework.dtypes tensorflow.python.framework.tensor_shape evaluate.module`,
  },
  {
    effect: 'inert',
    reason: 'is a data type of an array or language library',
    names: `jax._src.array._reconstruct_array spacy.util.raise_error shapely.io.from_wkb shapely.from_wkb shapely.lib.from_wkb spacy.vectors.unpickle_vectors spacy.morphology.unpickle_morphology spacy.strings.unpickle_string_store spacy.vocab.unpickle_vocab spacy.tokens.doc.unpickle_doc spacy.tokens.doc.pickle_doc spacy.tokens._serialize.DocBin spacy.lang.en.English
      srsly.msgpack.ExtType gensim.models.keyedvectors.CompatVocab gensim.models.keyedvectors.Vocab gensim.models.phrases.original_scorer statsmodels.tools.tools.Bunch patsy.eval.EvalEnvironment patsy.eval.EvalFactor
      patsy.eval.VarLookupDict patsy.state.Center patsy.state.Standardize tensorflow.python.framework.dtypes.as_dtype tensorflow.python.framework.ops.convert_to_tensor networkx.classes.graph.Graph
      spacy.util.SimpleFrozenDict spacy.util.SimpleFrozenList statsmodels.iolib.smpickle.Bunch nltk.data.FileSystemPathPointer nltk.data.GzipFileSystemPathPointer
      gensim.utils.SaveLoad gensim.utils.FakeDict gensim.interfaces.TransformedCorpus six.moves.builtins.object`,
    classes: `spacy.vocab spacy.tokens spacy.lang spacy.language spacy.pipeline spacy.strings spacy.tokenizer spacy.morphology spacy.vectors spacy.lookups spacy.matcher thinc.model thinc.config thinc.types
      gensim.models gensim.corpora gensim.similarities nltk.tokenize nltk.corpus nltk.stem nltk.probability nltk.tag nltk.classify nltk.collocations nltk.lm nltk.tree
      statsmodels.iolib statsmodels.regression statsmodels.genmod statsmodels.tsa statsmodels.discrete statsmodels.base statsmodels.stats statsmodels.robust statsmodels.nonparametric statsmodels.gam
      patsy networkx.classes anndata scanpy h5py._hl.base sentencepiece fasttext.FastText sympy.core sympy.functions symengine attr._make annoy faiss.swigfaiss`,
  },
  {
    effect: 'inert',
    reason: 'rebuilds what joblib, dill or cloudpickle stored beside the objects, without making code',
    names: `joblib.numpy_pickle.NumpyArrayWrapper joblib.numpy_pickle.NDArrayWrapper joblib.numpy_pickle.ZNDArrayWrapper joblib.numpy_pickle_compat.NDArrayWrapper
      joblib.numpy_pickle_compat.ZNDArrayWrapper joblib.numpy_pickle_compat.NumpyArrayWrapper joblib.memory.NotMemorizedResult
      dill._dill._load_type dill._dill._create_array dill._dill._create_stringi dill._dill._reconstruct_partial_none dill._dill.TypeType dill._dill._dict_from_dictproxy
      dill._dill._create_type dill._dill._create_namedtuple dill._dill._create_cell dill._dill._create_dtypemeta dill._dill._create_ftype dill._dill._get_attr_none dill._dill builtins.__main__
      cloudpickle.cloudpickle._builtin_type cloudpickle.cloudpickle._make_empty_cell cloudpickle.cloudpickle._make_cell cloudpickle.cloudpickle._empty_cell_value
      cloudpickle.cloudpickle._make_skeleton_class cloudpickle.cloudpickle._class_setstate cloudpickle.cloudpickle._make_typevar
      cloudpickle.cloudpickle._gen_ellipsis cloudpickle.cloudpickle._gen_not_implemented cloudpickle.cloudpickle._make_dict_keys
      cloudpickle.cloudpickle._make_dict_values cloudpickle.cloudpickle._make_dict_items cloudpickle.cloudpickle._make_skeleton_enum
      cloudpickle.cloudpickle._rehydrate_skeleton_class cloudpickle.cloudpickle_fast._class_setstate cloudpickle.cloudpickle._get_cell_contents`,
  },
];
