// SPDX-License-Identifier: Apache-2.0
import type { Group } from './effects.ts';

/** Third-party families that run, load or fetch something. What is ordinary in models of the same packages is in allow.ts. */
export const libraries: readonly Group[] = [
  {
    effect: 'runs-code',
    reason: 'runs code that is given to it',
    trees: `torch._dynamo torch._inductor torch._functorch torch._export torch._C._jit_run torch.fx torch.jit
      torch.utils.bottleneck torch.utils._config_module torch.utils._sympy torch.testing torch.utils.benchmark
      torch.utils.data.datapipes torch.utils.throughput_benchmark torch._utils_internal torch._lobpcg torch._guards
      torch._higher_order_ops torch._library torch.library torch._custom_op torch.onnx.verification torch.compiler
      torch.ao.ns torch.ao.pruning._experimental torch._decomp torch._prims torch._refs torch._vmap_internals
      torch._classes torch.export torch.masked.maskedtensor.core.compile torch.utils.viz torch.utils.pytree
      torch.utils._traceback torch.utils._python_dispatch torch.utils._content_store torch._ops torch.multiprocessing
      torch.contrib torch.cuda.memory torch.autograd.profiler torch.autograd.function.traceable
      torchvision._meta_registrations functorch torch.distributed.launcher torch.distributed.run
      torch.distributed.launch numpy.f2py numpy.testing numpy.distutils numpy.core._internal._eval numpy.tests
      numpy.conftest numpy.lib.utils numpy.lib._utils_impl numpy.rec.format_parser numpy.core.defchararray.eval
      numpy.core.umath_tests numpy._pytesttester numpy.testing._private numpy.ma.testutils numpy.lib.npyio.eval
      pandas.eval pandas.core.computation pandas.DataFrame.eval pandas.DataFrame.query pandas.core.frame.DataFrame.eval
      pandas.core.frame.DataFrame.query pandas._testing pandas.util._tester pandas.testing pandas.util.testing
      pandas._config.config pandas.util._print_versions scipy.weave scipy._lib._testutils scipy._lib.decorator
      scipy._lib._ccallback scipy.io.matlab.eval scipy._lib.deprecation scipy.misc.doccer sklearn.utils._testing
      sklearn.conftest sklearn.utils.tests sklearn._build_utils sympy.utilities.lambdify sympy.parsing
      sympy.core.sympify sympy.sympify sympy.utilities.autowrap sympy.utilities.runtests sympy.utilities._compilation
      sympy.testing sympy.utilities.codegen sympy.lambdify sympy.interactive sympy.printing.preview
      sympy.core.basic.sympify sympy.parse_expr numexpr IPython ipykernel ipython_genutils nbconvert nbformat.execute
      notebook jupyter_client jupyter_core ipyparallel jinja2 mako chameleon genshi.template RestrictedPython asteval
      simpleeval pyparsing.eval mlflow execnet rpyc Pyro4 Pyro5 zerorpc celery.bin dask.utils.apply distributed.worker
      distributed.client distributed.utils_test ray._private ray.remote ray.cloudpickle pyspark.daemon pyspark.worker
      pyspark.shell pyspark.cloudpickle jax.experimental.host_callback jax.pure_callback jax.experimental.io_callback
      jax.debug tensorflow.python.ops.script_ops tensorflow.py_function tensorflow.numpy_function
      tensorflow.python.autograph tensorflow.autograph tensorflow.python.debug tensorflow.python.platform
      tensorflow.python.tools tensorflow.python.data.ops numba.cuda.simulator numba.pycc numba.core.runtime numba.jit
      numba.njit numba.vectorize numba.cfunc numba.core.ccallback llvmlite.binding cffi pycparser cython Cython
      pyximport pythran weave theano.gof theano.compile pytensor.compile pytensor.link theano.function triton
      torch.utils.model_dump torch.utils._freeze decorator.FunctionMaker wrapt.patches lark.tools
      attr._make._compile_and_eval attr._make._make_method attr._make._linecache_and_compile attrs._make flask.cli
      flask.config werkzeug.debug django.core.management django.template django.shortcuts gradio.cli streamlit.web
      streamlit.runtime pytest _pytest py.test nose py._code py.code hypothesis.internal coverage.execfile
      coverage.cmdline pylint flake8 mypy black.main isort.main setuptools.build_meta docutils sphinx tornado.template
      bottle cherrypy web.template pyflakes.api pdbpp ipdb pudb bpython ptpython absl.app hydra invoke.tasks luigi
      airflow prefect dagster streamz.core langchain_experimental langchain.chains langchain.agents.load_tools
      langchain.utilities.python langchain_community.utilities smolagents autogen pandasai
      ultralytics.nn.tasks.parse_model ultralytics.nn.tasks.yaml_model_load fastai.torch_core.eval
      fastcore.xtras.exec_new fastcore.basics.exec_new fastcore.basics.exec_eval fastcore.meta fastcore.script
      fastcore.parallel nltk.app nltk.toolbox nltk.internals nltk.draw vaex.functions patsy.eval patsy.state
      formulaic.utils statsmodels.tools.print_version statsmodels.tools._testing pyarrow.tests pyarrow.cffi
      polars.testing xgboost.testing xgboost.spark lightgbm.dask deepspeed.launcher deepspeed.ops.op_builder
      accelerate.commands accelerate.launchers apex bitsandbytes.cuda_setup timm.utils.jit ignite.distributed.launcher
      pytorch_lightning.cli lightning.pytorch.cli lightning_utilities.cli mmengine.config.Config.fromfile mmcv.Config
      mmengine.utils.import_modules_from_strings cloudpickle.cloudpickle._exec plumbum.cli`,
  },
  {
    effect: 'starts-process',
    reason: 'starts a program or a shell',
    trees: `torch.utils.collect_env torch.utils.cpp_extension torch.utils._cpp_extension_versioner torch.utils.hipify
      torch.distributed.elastic torch.distributed.rpc torch.distributed._shard torch.distributed.nn
      torch.distributed.pipeline torch._appdirs torch._inductor.codecache torch.utils.tensorboard torch.backends.xeon
      torch.cuda._utils pip pipenv poetry conda mamba uv setuptools distlib wheel virtualenv pkginfo hatchling
      flit_core sh plumbum fabric fabric2 fabric3 invoke pexpect ptyprocess delegator envoy sarge command_runner
      psutil.Popen psutil.test paramiko.ProxyCommand paramiko.proxy click.edit click.launch click.pager
      click._termui_impl click.termui click.testing daemon docker podman git.cmd git.Git git.repo.Repo.clone_from
      git.Repo.clone_from gitdb dulwich.client hgapi pygit2.clone_repository huggingface_hub.repository
      huggingface_hub.utils._subprocess datasets.utils._subprocess loky joblib.externals.loky
      joblib.parallel.Parallel.__call__ joblib._parallel_backends mpi4py.run mpi4py.futures torchrun horovod.run
      horovod.runner pyspark.java_gateway py4j.java_gateway pyspark.find_spark_home GPUtil gputil nvidia_smi pynvml.smi
      pyperclip xdg twisted.internet.process twisted.internet.utils twisted.internet.reactor gevent.subprocess
      gevent.os eventlet.green.subprocess eventlet.green.os trio.run_process trio._subprocess anyio.run_process
      anyio.open_process uvloop tornado.process waitress.runner gunicorn uwsgi uvicorn hypercorn supervisor circus
      ansible ansible_runner salt nox tox invoke.run pyinstaller PyInstaller cx_Freeze py2exe pexpect.run
      graphviz.backend graphviz.dot pydot pydotplus matplotlib.animation matplotlib.texmanager matplotlib.dviread
      moviepy ffmpeg ffmpegio imageio_ffmpeg pydub.utils wand.cli selenium.webdriver playwright pyppeteer
      gdown.cached_download.run wandb.cli wandb.util wandb.sdk.launch ultralytics.utils.checks
      ultralytics.utils.downloads ultralytics.utils.dist ultralytics.hub xformers.info detectron2.utils.collect_env
      detectron2.engine.launch mmengine.utils.dl_utils mmcv.utils.env spacy.cli spacy.util.run_command weasel
      weasel.util srsly.cli thinc.util.run_command rasa.cli gensim.scripts gensim.models.wrappers
      gensim.models.word2vec2tensor nltk.parse.malt nltk.tag.stanford nltk.tokenize.stanford nltk.classify.weka
      nltk.inference rpy2 oct2py matlab.engine pymatlab julia jnius jpype sagemaker.local azureml.core.runconfig
      google.cloud.storage._subprocess kaggle.cli keras.src.utils.model_visualization lightning.fabric.cli
      lightning.app streamlit.cli optuna.cli xonsh ipython_genutils.py3compat cmdstanpy pystan fbprophet.models
      h2o.backend jaydebeapi pytesseract pyttsx3 gtts.cli textract tika.tika camelot tabula.io
      botocore.credentials.ProcessProvider botocore.utils.compat botocore.compat google.auth.pluggable
      kubernetes.config.exec_provider`,
  },
  {
    effect: 'loads-code',
    reason: 'imports or loads code, or deserialises data that can run code',
    trees: `torch.hub torch.package torch.classes torch.ops torch.load torch.serialization torch.storage._load_from_bytes
      torch.jit.load torch.utils.model_zoo torch.utils._import_utils torch._C.import_ir_module torch._import_utils
      torch._load_global_deps torch._C.PyTorchFileReader torch.distributed.checkpoint torch.nativert torch.export.load
      torch._weights_only_unpickler torch.cuda.nvrtc torch.utils.backend_registration torch.utils.data._utils.worker
      torch.distributed.distributed_c10d torch.onnx.utils torch.compile torch._TorchCompileInductorWrapper
      torch.backends._coreml torch.contrib._tensorboard_vis numpy.load numpy.lib.npyio numpy.lib._npyio_impl
      numpy.lib.format numpy.lib._format_impl numpy.ctypeslib numpy.loads numpy.core.multiarray._load_from_bytes
      numpy.core.numeric.load numpy.compat.py3k numpy.lib.introspect numpy.compat numpy._core._methods.pickle
      numpy.ma.core.load numpy.ma.load numpy.ma.core.loads numpy.ma.loads numpy.core._methods.pickle pandas.read_pickle
      pandas.io.pickle pandas.compat.pickle_compat pandas.read_hdf pandas.io.pytables pandas.HDFStore
      pandas.compat._optional pandas.io.api.read_pickle pandas.plotting._core._load_backend pandas.read_msgpack
      scipy.io.loadmat.eval scipy._lib._uarray sklearn.externals sklearn.utils._show_versions sklearn.datasets
      joblib.load joblib.numpy_pickle.load joblib.numpy_pickle.load_temporary_memmap joblib.numpy_pickle._unpickle
      joblib.numpy_pickle_utils joblib.numpy_pickle_compat joblib.memory joblib._store_backends
      joblib.numpy_pickle_compat.load_compatibility joblib.Memory joblib.func_inspect joblib.testing joblib.hashing
      joblib.disk joblib.numpy_pickle.NumpyUnpickler dill dill._dill.loads dill.load_session dill.source dill.session
      cloudpickle.load cloudpickle.loads cloudpickle.cloudpickle.subimport cloudpickle.cloudpickle.dynamic_subimport
      cloudpickle.cloudpickle.loads cloudpickle.cloudpickle.load pathos multiprocess ppft pox klepto hickle jsonpickle
      compress_pickle zodbpickle serpent pickle5 pickleshare dill.temp pickleDB sqlitedict diskcache klepto.archives
      bson.code yaml ruamel.yaml oyaml yamlloader _yaml srsly.pickle_loads srsly._pickle_api srsly.cloudpickle
      catalogue._importlib_metadata importlib_metadata importlib_resources stevedore pluggy entrypoints pluginbase
      zope.dottedname six.moves.reload_module werkzeug.utils.import_string werkzeug.utils.find_modules werkzeug.local
      django.utils.module_loading django.utils.importlib celery.utils.imports celery.loaders celery.utils.serialization
      kombu.utils.imports kombu.serialization kombu.utils.compat billiard kombu.pickle pydantic.v1.utils.import_string
      pydantic._internal._validators.import_string pydantic.utils.import_string pydantic.types.PyObject
      pydantic.deprecated.parse pydantic.parse.load_str_bytes pydantic.v1.parse traitlets.utils.importstring
      traitlets.import_item traitlets.config rq.utils rq.job apscheduler.util dask.utils.import_required dask.delayed
      distributed.protocol distributed.deserialize ray.loads ray._private.serialization pyspark.serializers
      pyspark.ml.util pyspark.files tensorflow.keras.models.load_model tensorflow.saved_model tensorflow.load_library
      tensorflow.load_op_library tensorflow.python.framework.load_library tensorflow.python.saved_model
      tensorflow.python.keras.saving tensorflow.python.keras.models tensorflow.python.keras.engine.saving
      tensorflow.python.util.lazy_loader tensorflow.keras.utils keras.saving keras.src.saving keras.models.load_model
      keras.models.model_from_json keras.models.model_from_yaml keras.models.model_from_config keras.src.models.model
      keras.engine.saving keras.src.legacy keras.layers.deserialize keras.utils keras.src.utils tensorflow_hub
      keras.config keras.src.layers.core.lambda_layer keras.layers.Lambda keras.layers.TFSMLayer
      keras.layers.TorchModuleWrapper keras.saving.legacy tf_keras.saving tf_keras.src.saving keras_nlp.models
      keras_hub.models transformers.dynamic_module_utils transformers.pipeline transformers.pipelines
      transformers.utils.import_utils transformers.utils.hub transformers.file_utils
      transformers.modeling_utils.load_state_dict transformers.hf_argparser transformers.utils.versions
      transformers.modeling_utils.PreTrainedModel.from_pretrained transformers.tools transformers.agents
      transformers.commands transformers.onnx transformers.data.datasets
      transformers.models.deprecated.transfo_xl.tokenization_transfo_xl transformers.models.rag.retrieval_rag diffusers.utils.dynamic_modules_utils
      diffusers.pipelines.pipeline_utils diffusers.DiffusionPipeline diffusers.utils.hub_utils datasets.load
      datasets.load_dataset datasets.utils._dill datasets.packaged_modules.pickle datasets.load_from_disk
      datasets.arrow_dataset.Dataset.load_from_disk peft.utils.hotswap sentence_transformers.SentenceTransformer
      sentence_transformers.util.import_from_string timm.models.hub timm.models._hub timm.models.helpers
      timm.models._helpers timm.create_model timm.models._factory torchvision.models.get_model
      torchvision._internally_replaced_utils torchvision.io torchvision.extension torchaudio._extension torchaudio.hub
      torchtext.utils fairseq.checkpoint_utils fairseq.hub_utils fairseq.utils.import_user_module detectron2.utils.env
      detectron2.config.LazyConfig detectron2.config.lazy detectron2.checkpoint mmengine.config mmengine.fileio
      mmcv.fileio mmengine.runner.checkpoint omegaconf._utils hydra.utils.instantiate hydra._internal
      hydra.utils.get_method hydra.utils.get_class hydra.utils.call nemo.core.classes.common.safe_instantiate
      nemo.utils.model_utils.import_class_by_path lightning.pytorch.core.saving pytorch_lightning.core.saving
      lightning_fabric.utilities.cloud_io pytorch_lightning.utilities.cloud_io
      lightning.pytorch.utilities.parsing.import pytorch_lightning.core.module.LightningModule.load_from_checkpoint
      fastai.learner.load_learner fastai.basic_train.load_learner fastai.torch_core.load fastcore.xtras.load_pickle
      fastcore.xtras.import_file_path spacy.util spacy.load spacy.registry spacy.language.load thinc.registry
      confection.registry gensim.utils gensim.downloader gensim.interfaces.load gensim.models.base_any2vec.load
      flair.file_utils flair.load_torch_state flair.nn.Model.load nltk.data nltk.downloader nltk.download
      statsmodels.iolib.smpickle statsmodels.iolib.api.load_pickle statsmodels.api.load statsmodels.datasets
      xgboost.core._load_lib lightgbm.libpath lightgbm.basic._load_lib catboost.utils onnxruntime.InferenceSession
      onnxruntime.capi onnx.hub onnx.reference tvm.runtime.load_module tvm.runtime.module openvino.runtime.Core
      tensorrt.Runtime onnxruntime.SessionOptions skops.io stable_baselines3.common.save_util
      stable_baselines3.common.base_class rllib.policy.from_checkpoint ray.rllib.utils.from_config
      gym.envs.registration gymnasium.envs.registration gym.make gymnasium.make allennlp.common.util
      allennlp.common.from_params allennlp.models.archival paddle.load paddle.framework.io paddle.hub paddle.jit.load
      paddle.utils.cpp_extension mxnet.library mxnet.nd.load mxnet.operator jax.experimental.compilation_cache
      jax._src.lib flax.serialization.msgpack_restore flax.training.checkpoints orbax pyarrow.deserialize
      pyarrow.plasma pyarrow.serialization pyarrow.lib.deserialize polars.plugins polars.DataFrame.deserialize
      polars.LazyFrame.deserialize vaex.serialize mlflow.pyfunc mlflow.sklearn.load_model bentoml torchserve
      gradio.load gradio.Interface.load evaluate.load h5py._hl.files.loads tables.atom.ObjectAtom feather.read
      sklearn2pmml zstandard.loads anyconfig toml.decoder.load_module dynaconf configobj.load pkgutil_resolve_name
      lazy_loader lazy_import apipkg demandimport zope.interface.advice zope.configuration python_utils.import_
      import_from_string uvicorn.importer aiohttp.web_runner.load sacred neptune.integrations clearml.utilities.pickle
      comet_ml wandb.restore dvc.api pooch.core numba.core.caching numba.core.serialize._load`,
  },
  {
    effect: 'network',
    reason: 'opens a network connection or downloads',
    trees: `requests requests_toolbelt requests_futures httpx httpcore urllib3 aiohttp httplib2 treq grequests pycurl
      curl_cffi websocket websockets wsproto socketio socks PySocks asyncssh paramiko scp pysftp ftputil boto boto3
      botocore s3fs s3transfer aiobotocore gcsfs adlfs fsspec smart_open google.cloud google.auth googleapiclient azure
      msrest oss2 minio cos qcloud_cos huggingface_hub hf_transfer hf_xet gdown wget kaggle opendatasets redis pymongo
      psycopg2 psycopg mysql MySQLdb pymysql sqlalchemy pyodbc cx_Oracle oracledb asyncpg aiomysql aioredis cassandra
      elasticsearch opensearchpy kafka confluent_kafka pika stomp zmq nats grpc dns ldap ldap3 pysnmp scapy impacket
      twisted gevent eventlet trio anyio tornado wandb neptune comet_ml.Experiment clearml tensorboardX pooch
      torchvision.datasets torchaudio.datasets torchtext.datasets tensorflow.io.gfile tensorflow_datasets
      keras.datasets keras.utils.get_file keras.src.datasets tensorflow.keras.datasets openai anthropic cohere telegram
      slack_sdk discord sendgrid twilio mechanize scrapy selenium bs4.urlopen feedparser praw tweepy newspaper
      torch.distributed.TCPStore torch.distributed.init_process_group torch.distributed.rendezvous
      torch.distributed.FileStore torch.distributed.HashStore sklearn.datasets._openml sklearn.datasets.fetch_openml
      nbclient suds zeep pycares sshtunnel netmiko`,
  },
  {
    effect: 'file',
    reason: 'reads, writes or deletes files',
    trees: `numpy.save numpy.savez numpy.savez_compressed numpy.savetxt numpy.loadtxt numpy.genfromtxt numpy.fromfile
      numpy.memmap numpy.core.memmap numpy.core.records.fromfile numpy.rec.fromfile numpy.fromregex
      numpy.lib._datasource numpy.DataSource numpy.ndarray.tofile numpy.ndarray.dump numpy.lib.recfunctions.savetxt
      numpy.core.multiarray.fromfile numpy.core.multiarray._fromfile numpy.core.arrayprint.set_printoptions pandas.io
      pandas.read_csv pandas.read_table pandas.read_fwf pandas.read_excel pandas.read_json pandas.read_html
      pandas.read_xml pandas.read_parquet pandas.read_feather pandas.read_orc pandas.read_sas pandas.read_spss
      pandas.read_stata pandas.read_sql pandas.read_sql_query pandas.read_sql_table pandas.read_gbq
      pandas.read_clipboard pandas.ExcelFile pandas.ExcelWriter pandas.DataFrame.to_csv pandas.DataFrame.to_pickle
      pandas.DataFrame.to_json pandas.core.generic.NDFrame pandas.core.frame.DataFrame.to_csv scipy.io scipy.datasets
      scipy.misc torch.save torch.from_file torch.serialization.save torch._C._from_file torch.UntypedStorage.from_file
      torch.UntypedStorage._new_shared_filename torch.UntypedStorage._new_shared_filename_cpu
      torch.FloatStorage.from_file torch._C._open_file torch.profiler torch.autograd.profiler_util
      torchvision.utils.save_image torchaudio.save torchaudio.load torchaudio.backend joblib.dump
      joblib.numpy_pickle.dump skimage.io imageio PIL.Image.open PIL.Image.Image.save PIL.ImageFile PIL.ImageGrab
      PIL.ImageShow cv2 matplotlib.image matplotlib.pyplot matplotlib.font_manager soundfile librosa.load
      librosa.core.audio h5py.File h5py._hl.files tables zarr netCDF4 pyarrow.fs pyarrow.csv pyarrow.parquet
      pyarrow.feather pyarrow.memory_map pyarrow.OSFile pyarrow.lib.OSFile pyarrow.lib.memory_map pyarrow.ipc
      pyarrow.orc pyarrow.dataset pyarrow.json polars.read_csv polars.scan_csv polars.read_parquet polars.io openpyxl
      xlrd xlwt xlsxwriter dotenv environs decouple tomlkit toml tomli_w ujson.load simplejson.load orjson.load
      click.utils click.open_file click.File click.types.File watchdog py.path py._path send2trash filelock portalocker
      appdirs distro rarfile py7zr patoolib pyunpack lz4.frame.open zstandard.open blosc2.open aiofiles fs.open_fs
      lxml.etree.parse lxml.etree.XSLT lxml.etree.fromstring lxml.html.parse bs4 defusedxml safetensors.torch.load_file
      safetensors.torch.save_file safetensors.safe_open safetensors.numpy.load_file gguf
      sentencepiece.SentencePieceProcessor.Load tokenizers.Tokenizer.from_file tokenizers.Tokenizer.from_pretrained
      logzero loguru structlog.WriteLogger xgboost.DMatrix lightgbm.Dataset.save_binary catboost.core.Pool.save
      faiss.read_index faiss.write_index annoy.AnnoyIndex.load hnswlib.Index.load_index nmslib onnx.load onnx.save
      onnx.load_model onnx.external_data_helper tensorflow.io tensorflow.python.lib.io tensorflow.python.ops.io_ops
      tensorflow.python.training.saver tensorflow.train.Checkpoint tensorflow.python.checkpoint tensorflow.summary`,
  },
  {
    effect: 'environment',
    reason: 'changes or reads the state of the process, the user or the machine',
    trees: `psutil py_cpuinfo cpuinfo keyring pwntools pynput pyautogui mss pyscreenshot getmac netifaces setproctitle prctl
      pywin32 win32api win32com win32process pythoncom wmi numpy.seterr numpy.seterrcall numpy.setbufsize
      torch.set_default_device torch.manual_seed torch.set_default_tensor_type torch.utils.data.get_worker_info
      torch.overrides absl.flags absl.logging numpy.core._multiarray_umath._reload_guard threadpoolctl`,
  },
  {
    effect: 'indirection',
    reason: 'reaches other callables or attributes by name or by value',
    trees: `toolz cytoolz tlz funcy more_itertools wrapt decorator lazy_object_proxy tenacity retry backoff retrying boltons
      glom numpy.vectorize numpy.frompyfunc numpy.apply_along_axis numpy.apply_over_axes numpy.fromiter
      numpy.fromfunction numpy.piecewise numpy.lib.function_base.vectorize numpy.lib._function_base_impl.vectorize
      numpy.lib.shape_base.apply_along_axis pandas.DataFrame.apply pandas.Series.apply
      pandas.core.frame.DataFrame.apply pandas.core.series.Series.apply pandas.core.apply pandas.core.common.pipe
      pandas.DataFrame.pipe torch.utils.checkpoint torch.func torch.vmap torch.nn.Module.apply
      torch.nn.modules.module.Module.apply torch._tensor.Tensor.map_ torch.autograd.function.Function.apply
      torch.utils.hooks torch.nn.utils.parametrize torch.utils.data._utils.fetch jax.jit jax.vmap jax.pmap jax.lax
      joblib.delayed joblib.Parallel joblib.parallel dask.base dask.threaded dask.multiprocessing dask.local dask.core
      dask.bag dask.compute ray.util sklearn.utils.parallel sklearn.utils.fixes.delayed scipy.optimize.minimize
      scipy.optimize.fmin scipy.integrate.quad scipy.ndimage.generic_filter scipy.LowLevelCallable tensorflow.map_fn
      tensorflow.function tensorflow.while_loop numpy.testing.assert_raises attr.s six.add_metaclass six.exec_
      six.reraise six.get_unbound_function future.utils omegaconf.OmegaConf.register_resolver
      omegaconf.OmegaConf.register_new_resolver fastcore.foundation pydash returns.pipeline
      zope.proxy`,
  },
  {
    effect: 'builds-code',
    reason: 'makes a function, a class or a code object out of data in the file',
    names: `dill._dill._create_function dill._dill._create_code dill._dill._create_lock dill._dill._create_rlock
      dill._dill._create_weakref dill._dill._create_weakproxy dill._dill._create_typemap dill._dill._create_stringo
      dill._dill._get_attr dill._dill._getattribute dill._dill._setattr dill._dill._setitems dill._dill._eval_repr_
      dill._dill._reconstruct_partial cloudpickle.cloudpickle._make_function cloudpickle.cloudpickle._make_skel_func
      cloudpickle.cloudpickle._fill_function cloudpickle.cloudpickle._function_setstate
      cloudpickle.cloudpickle._modules_to_main cloudpickle.cloudpickle_fast._function_setstate
      cloudpickle.cloudpickle._restore_attr cloudpickle.cloudpickle._make_empty_cell_func
      numba.core.serialize._rebuild_function numba.core.serialize._numba_unpickle
      numba.core.serialize._unpickle__CustomPickled numba.core.serialize.custom_rebuild
      numba.core.serialize._rebuild_reduction numba.core.serialize.CustomPickle.rebuild
      numba.core.dispatcher.Dispatcher._rebuild numba.serialize._rebuild_function numba.serialize._rebuild_reduction`,
  },
];
