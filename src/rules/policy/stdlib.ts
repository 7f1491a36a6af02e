// SPDX-License-Identifier: Apache-2.0
import type { Group } from './effects.ts';

/**
 * The whole CPython standard library (3.8 to 3.14, and what Python 2 called otherwise). The longest matching path wins, so
 * a whole module stands for names that nobody listed; what is ordinary in models is listed in allow.ts.
 */
export const stdlib: readonly Group[] = [
  {
    effect: 'starts-process',
    reason: 'starts a program or a shell',
    trees: `os subprocess pty _posixsubprocess commands popen2 pipes mailcap multiprocessing _multiprocessing _osx_support
      _aix_support _bootsubprocess _pyrepl pydoc webbrowser antigravity turtledemo platform.popen platform._syscmd_ver
      platform._syscmd_file platform._Processor uuid._get_command_stdout uuid._find_mac imaplib.IMAP4_stream asyncio
      concurrent.interpreters ctypes.util curses._curses _winapi nturl2path.subprocess smtpd.run sysconfig._main
      tkinter _tkinter idlelib turtle cgi.test concurrent.futures.process msvcrt winreg msilib _msi _scproxy
      _overlapped socketserver.ForkingMixIn http.server.CGIHTTPRequestHandler logging.handlers.NTEventLogHandler`,
  },
  {
    effect: 'runs-code',
    reason: 'runs code that is given to it',
    trees: `code codeop bdb pdb trace profile cProfile _lsprof timeit doctest unittest test _testcapi _testinternalcapi
      _testbuffer _testimportmultiple _testmultiphase _testclinic _testlimitedcapi _testsinglephase xxlimited
      xxlimited_35 xxsubtype lib2to3 _interpreters _xxsubinterpreters _interpchannels _interpqueues _xxinterpchannels
      rlcompleter cgitb dataclasses._create_fn dataclasses._process_class dataclasses.make_dataclass collections._eval
      sys site sitecustomize usercustomize this __hello__ __phello__ _frozen_importlib _frozen_importlib_external
      typing._eval_type typing.get_type_hints typing.ForwardRef._evaluate inspect.getmembers inspect._signature_fromstr
      inspect.signature inspect.getfile annotationlib string.templatelib gettext.c2py symtable _symtable faulthandler
      gc _tracemalloc.start _sitebuiltins wsgiref xmlrpc.server readline.set_startup_hook smtpd rexec ihooks imputil
      nis htmllib compiler tabnanny modulefinder sunaudio _sysconfigdata sre_compile.dis profiling pyclbr
      importlib.simple tkinter.filedialog Bastion user parser symbol formatter`,
    names: `builtins.exec builtins.eval builtins.execfile builtins.apply builtins.breakpoint builtins.help`,
  },
  {
    effect: 'loads-code',
    reason: 'imports or loads code, or deserialises data that can run code',
    trees: `importlib imp runpy zipimport pkgutil pkg_resources marshal pickle shelve dbm ctypes _ctypes ensurepip venv
      distutils zipapp py_compile compileall logging.config sqlite3 _sqlite3 _dl dl builtins.__loader__
      builtins.__spec__ builtins.__build_class__ xml.sax.make_parser xml.sax.expatreader encodings.search_function _imp
      _opcode copyreg.pickle copyreg.constructor _pyrepl.main configparser._import warnings._getcategory
      email._policybase.import pyexpat.model gdbm bsddb anydbm dumbdbm dbhash whichdb _dbm _gdbm sysconfig
      _compat_pickle Cookie codecs.lookup codecs.register codecs.getreader codecs.getwriter codecs.getencoder codecs.getdecoder
      codecs.getincrementalencoder codecs.getincrementaldecoder xml.dom.domreg xml.dom.registerDOMImplementation xml.dom.getDOMImplementation idlelib.config`,
    names: `builtins.__import__ builtins.reload pydoc.locate pydoc.safeimport pydoc.importfile`,
  },
  {
    effect: 'network',
    reason: 'opens a network connection',
    trees: `socket _socket ssl _ssl socketserver select selectors http urllib urllib2 urlparse httplib robotparser ftplib
      smtplib poplib imaplib nntplib telnetlib xmlrpc xmlrpclib asyncore asynchat SocketServer BaseHTTPServer
      SimpleHTTPServer CGIHTTPServer SimpleXMLRPCServer DocXMLRPCServer logging.handlers cookielib gopherlib`,
  },
  {
    effect: 'file',
    reason: 'reads, writes or deletes files',
    trees: `io _io _pyio shutil tempfile fileinput linecache filecmp glob zipfile tarfile gzip bz2 lzma _bz2 _lzma
      _compression compression codecs.open codecs.StreamReaderWriter codecs.EncodedFile mailbox plistlib netrc
      mimetypes csv.reader wave aifc sunau sndhdr imghdr chunk ossaudiodev uu logging.FileHandler logging.basicConfig
      argparse tokenize.open tokenize._builtin_open genericpath posixpath ntpath os.path nturl2path macpath os2emxpath
      posixfile stat.filemode xml pyexpat _elementtree mmap fcntl dircache statvfs StringIO.file tomllib.load json.load
      configparser.RawConfigParser.read configparser.ConfigParser.read cgi _pydatetime.open optparse.open pathlib
      fnmatch.os random.seed hashlib.file_digest pickletools.genops audiodev toaiff xdrlib.open pstats robotparser.file
      _strptime.open trace.open quopri.main quopri.encode quopri.decode base64.main base64.encode base64.decode zoneinfo._tzpath zoneinfo.reset_tzpath
      zoneinfo.ZoneInfo.from_file binhex json.tool array.array.fromfile array.array.tofile array.array.read array.array.write
      keyword.main token.main _LWPCookieJar _MozillaCookieJar mhlib hotshot _hotshot email.message_from_file
      email.message_from_binary_file mimetools multifile rfc822`,
    names: 'builtins.open builtins.file',
  },
  {
    effect: 'environment',
    reason: 'changes or reads the state of the process, the user or the machine',
    trees: `os.environ os.getenv os.putenv os.umask os.chdir signal _signal resource syslog termios tty curses readline
      getpass grp pwd spwd crypt _crypt locale _locale platform threading _thread _threading_local thread
      dummy_threading _dummy_thread sched atexit tracemalloc _tracemalloc time.sleep time.clock_settime time.clock_settime_ns time.tzset
      logging.shutdown gettext warnings _warnings winsound ossaudiodev.openmixer _curses _curses_panel _posixshmem
      errno.os contextvars _contextvars queue _queue Queue mutex getopt optparse cmd ConfigParser
      uuid.getnode uuid.uuid1`,
    names: 'builtins.input builtins.raw_input builtins.print builtins.exit builtins.quit',
  },
  {
    effect: 'indirection',
    reason: 'reaches other callables or attributes by name or by value',
    trees: `operator functools itertools inspect contextlib types typing weakref _weakref _weakrefset concurrent copy copyreg
      abc _abc _py_abc traceback dis opcode _typing unittest.mock dataclasses enum.property enum.DynamicClassAttribute
      pprint reprlib logging _collections_abc collections.UserDict.get _functools future_builtins sched.scheduler
      UserDict UserList UserString collections._tuplegetter random.Random.shuffle heapq.merge heapq.nlargest
      heapq.nsmallest bisect.bisect statistics._convert _asyncio builtins.type.__call__ re.Scanner re.sub re._subx
      sre_parse.expand_template re.template ast`,
    names: `builtins.getattr builtins.setattr builtins.delattr builtins.hasattr builtins.vars builtins.globals
      builtins.locals builtins.dir builtins.map builtins.filter builtins.reduce builtins.iter builtins.next
      builtins.super builtins.property builtins.classmethod builtins.staticmethod builtins.anext builtins.aiter
      builtins.__dict__ builtins.sorted builtins.callable builtins.isinstance builtins.issubclass builtins.coerce
      builtins.type builtins.max builtins.min builtins.sum builtins.any builtins.all builtins.intern builtins.buffer`,
  },
  {
    effect: 'builds-code',
    reason: 'makes a function, a class or a code object out of data in the file',
    names: `builtins.compile types.FunctionType types.LambdaType types.CodeType builtins.code builtins.function
      types.new_class types.prepare_class types.CellType collections.namedtuple typing.NamedTuple typing.TypedDict
      typing.NewType enum.EnumMeta.__call__ enum.EnumType.__call__ types.coroutine types.ModuleType types.MethodType
      ast.parse ast.Interactive new.function new.code new.classobj new.instancemethod new.instance
      new.module`,
    trees: '_ast',
  },
  {
    effect: 'decodes',
    reason: 'turns a literal into another one, which hides what it is',
    trees: `zlib base64 binascii quopri.encodestring quopri.decodestring _multibytecodec _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp
      _codecs_kr _codecs_tw ast.literal_eval json.loads json.dumps json.decoder.scanstring json.decoder.py_scanstring _json
      string.Template.substitute codecs.encode codecs.decode codecs.utf_8_decode codecs.utf_8_encode
      codecs.latin_1_decode codecs.latin_1_encode codecs.ascii_decode codecs.ascii_encode codecs.escape_decode codecs.escape_encode
      codecs.unicode_escape_decode codecs.raw_unicode_escape_decode codecs.charmap_decode codecs.utf_16_decode codecs.utf_32_decode
      codecs.utf_7_decode codecs.readbuffer_encode tomllib.loads builtins.chr builtins.format`,
    names: 'builtins.unichr',
  },
  {
    effect: 'unreviewed',
    reason: 'belongs to the standard library, and no ordinary model calls it',
    trees: `__future__ _blake2 _collections _csv _datetime _decimal _dummy_threading _hashlib _heapq _markupbase _md5
      _operator _pickle _pydecimal _random _sha1 _sha2 _sha256 _sha3 _sha512 _hmac _sre _stat _statistics _string
      _struct _strptime _tokenize _uuid _zoneinfo _bisect _colorize _ios_support _android_support _apple_support
      _suggestions _types _zstd _remote_debugging _pydatetime _pylong audioop builtins codecs collections configparser csv difflib email encodings HTMLParser sgmllib htmlentitydefs html
      json tomllib xdrlib quopri MimeWriter mimify _abcoll _bootlocale dummy_thread fpformat macurl2path markupbase md5 sha sre repr
      stringold xmllib sets copy_reg random.main calendar.main pickletools
      pyexpat.errors re sre_constants sre_parse sre_compile pydoc_data shlex _sysconfig tokenize uuid zoneinfo enum
      os.path.join os.path.basename os.path.dirname os.path.splitext os.path.split os.path.normpath os.path.isabs
      os.path.commonprefix os.path.commonpath imghdr.what sndhdr.whathdr nturl2path.quote _py_warnings _opcode_metadata tracemalloc.Snapshot`,
  },
  {
    effect: 'inert',
    reason: 'computes a value and touches nothing else',
    trees: `math cmath statistics colorsys fractions numbers bisect heapq struct unicodedata stringprep textwrap
      calendar keyword token errno fnmatch graphlib ipaddress stat hmac hashlib secrets random time decimal datetime
      array string html.escape html.unescape shlex.quote`,
  },
];

/** Top-level modules of the standard library, whether classified above or only by the default. */
export const stdlibRoots: ReadonlySet<string> = new Set(stdlib.flatMap((group) =>
  [...(group.trees ?? '').split(/\s+/), ...(group.names ?? '').split(/\s+/)].map((path) => path.split('.')[0] ?? '')));
